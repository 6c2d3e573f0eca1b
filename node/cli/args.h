/* args.h: what commands have in common on their command lines. */
#ifndef FLUIT_ARGS_H
#define FLUIT_ARGS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* The end of an argp parser whose command takes a directory as its only argument: takes
 * ARGP_KEY_ARG into *dir, which points into argv, and at ARGP_KEY_END says `missing` if there was
 * none (NULL: it may be left out). Returns what the parser returns: 0, ARGP_ERR_UNKNOWN for all
 * other keys, and EINVAL after an argp_error that did not exit. */
error_t fluit_args_dir(int key, char *arg, struct argp_state *state, const char **dir,
                       const char *missing);

/* A port, 0 to 65535: decimal digits and nothing else. False if it is none, *port is as it was
 * then. */
bool fluit_args_port(const char *text, uint16_t *port);

#endif
