/* hub_watch.h: what the console of a hub or standby says of who leads. Pure: lines in. */
#ifndef FLUIT_HUB_WATCH_H
#define FLUIT_HUB_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define FLUIT_DIGESTS_SEEN 64

struct fluit_hub_watch {
    bool took_over;    /* said that it leads now, where it did not before */
    bool stepped_down; /* said that another leads, or that it is a standby */
    /* As its status last said; leads is false before. */
    uint64_t statuses;
    bool leads;
    unsigned standbys;
    char digest[17];
    char digests[FLUIT_DIGESTS_SEEN][17]; /* the last ones, in turn */
};

void fluit_hub_watch_hear(struct fluit_hub_watch *watch, const char *line);
/* Did it ever show that digest, as far as it is remembered? */
bool fluit_hub_watch_showed(const struct fluit_hub_watch *watch, const char *digest);
/* The digests shown until now say nothing any more. */
void fluit_hub_watch_forget_digests(struct fluit_hub_watch *watch);

#endif
