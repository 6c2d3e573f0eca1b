#include "node/cli/args.h"

#include <errno.h>

error_t fluit_args_dir(int key, char *arg, struct argp_state *state, const char **dir,
                       const char *missing)
{
    if (key == ARGP_KEY_ARG && !*dir) {
        *dir = arg;
        return 0;
    }
    if (key == ARGP_KEY_ARG)
        argp_error(state, "one directory only");
    else if (key != ARGP_KEY_END)
        return ARGP_ERR_UNKNOWN;
    else if (*dir || !missing)
        return 0;
    else
        argp_error(state, "%s", missing);
    return EINVAL;
}
