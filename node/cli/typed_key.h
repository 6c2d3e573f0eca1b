/* typed_key.h: the recovery key as a person types it off the paper. */
#ifndef FLUIT_TYPED_KEY_H
#define FLUIT_TYPED_KEY_H

#include "proto/paper.h"

/* Reads the key from standard input. On a terminal it asks line by line, without showing what is
 * typed, and again until it fits; else it reads lines until they make a key or there are no more.
 * Prints what is wrong. Returns an exit status; *key only if that is 0. Secret: wipe it. */
int fluit_typed_key(struct fluit_secret *key);

#endif
