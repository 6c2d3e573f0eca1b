/* script_data.h: the built-in scripts' bytes, made from common/scripts at build time by
 * cmake/embed.cmake. Reach them by fluit_script_builtin. */
#ifndef FLUIT_SCRIPT_DATA_H
#define FLUIT_SCRIPT_DATA_H

#include "common/script.h"

/* In the order of fluit_script_builtins. */
extern const struct fluit_slice fluit_script_data[];

#endif
