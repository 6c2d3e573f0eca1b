#include "node/rehearse/hub_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *field(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    return at ? at + strlen(name) : "";
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

void fluit_hub_watch_hear(struct fluit_hub_watch *watch, const char *line)
{
    if (begins(line, "this hub leads now")) {
        watch->took_over = true;
    } else if (begins(line, "! another hub leads now") || begins(line, "ready: this standby")) {
        /* The second, if it heard of that before it began to lead again. */
        watch->stepped_down = true;
    } else if (begins(line, "status ")) {
        watch->leads = field(line, " leads=")[0] == '1';
        watch->standbys = (unsigned)strtoul(field(line, " standbys="), NULL, 10);
        snprintf(watch->digest, sizeof watch->digest, "%.16s", field(line, " digest="));
        memcpy(watch->digests[watch->statuses++ % FLUIT_DIGESTS_SEEN], watch->digest,
               sizeof watch->digest);
    }
}

bool fluit_hub_watch_showed(const struct fluit_hub_watch *watch, const char *digest)
{
    for (int i = 0; i < FLUIT_DIGESTS_SEEN && digest[0]; i++)
        if (strcmp(watch->digests[i], digest) == 0)
            return true;
    return false;
}

void fluit_hub_watch_forget_digests(struct fluit_hub_watch *watch)
{
    memset(watch->digests, 0, sizeof watch->digests);
}
