#include "node/cli/args.h"

#include <errno.h>
#include <stdlib.h>

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

bool fluit_args_port(const char *text, uint16_t *port)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || end == text || *end || value > UINT16_MAX || text[0] < '0' || text[0] > '9')
        return false;
    *port = (uint16_t)value;
    return true;
}
