/* script_file.h: a script by its built-in name or from a file. */
#ifndef FLUIT_SCRIPT_FILE_H
#define FLUIT_SCRIPT_FILE_H

#include "common/script.h"

/* Reads and parses a file: its YAML is appended to yaml, *script is new. Prints what is wrong, with
 * its place. Returns an exit status; *script only if that is 0. */
int fluit_script_read(const char *path, struct fluit_buf *yaml, struct fluit_script **script);
/* The YAML of a script that parses, by built-in name or else from a file. */
int fluit_script_load(const char *name_or_file, struct fluit_buf *yaml);
void fluit_script_complain(const char *path, enum fluit_err err,
                           const struct fluit_script_error *error);

#endif
