/* error.h: every error a fluit function can return, as one list.
 *
 * Peer input gives an error; an assert is for our own bugs. Only main exits. */
#ifndef FLUIT_ERROR_H
#define FLUIT_ERROR_H

#define FLUIT_ERRORS(X)                                                                            \
    X(OK, "ok")                                                                                    \
    X(NOMEM, "out of memory")                                                                      \
    X(IO, "the disk or the network failed")                                                        \
    X(FULL, "the disk is full")                                                                    \
    X(FORMAT, "malformed")                                                                         \
    X(LIMIT, "larger than the limit")                                                              \
    X(AUTH, "a signature, key or code is wrong")                                                   \
    X(CHAIN, "does not follow what is held")                                                       \
    X(FORK, "contradicts what is held")                                                            \
    X(UNKNOWN, "not known here")                                                                   \
    X(DENIED, "not allowed")                                                                       \
    X(EXPIRED, "has expired")                                                                      \
    X(USED, "has been used already")                                                               \
    X(BUSY, "in use by another process")                                                           \
    X(MISSING, "missing")                                                                          \
    X(VERSION, "of another version")                                                               \
    X(WORKSHOP, "of another workshop")                                                             \
    X(NOKEY, "sealed with a key that is not held")

enum fluit_err {
#define X(name, text) FLUIT_E_##name,
    FLUIT_ERRORS(X)
#undef X
};
#define FLUIT_OK FLUIT_E_OK

#define FLUIT_MUST_CHECK __attribute__((warn_unused_result))

/* Short English text of an error; never NULL. */
const char *fluit_err_text(enum fluit_err err);

#endif
