/* fetch.h: takes all that a living node holds, by the recovery key. PROTOCOL.md "Takeover".
 *
 *   ASKING WHO --answer--> CONNECTING --link up--> ASKING ROSTER --ROSTER--> SYNCING --in step-->
 * end
 *
 * The recovery key is a member of every roster, so any member lets it connect. What comes is
 * checked as always; the store it fills is then one more source for fluit recover. It writes no
 * entry. */
#ifndef FLUIT_FETCH_H
#define FLUIT_FETCH_H

#include "node/core/links.h"

/* Exit statuses, beside the loop's. */
#define FLUIT_FETCH_DONE   0
#define FLUIT_FETCH_FAILED 1

struct fluit_fetch {
    struct fluit_node node; /* first: hooks get from it to us */
    char host[FLUIT_HOST_LEN_MAX + 1];
    uint16_t door_port;
    bool connecting;
    int64_t next_us;    /* when to ask again */
    int64_t give_up_us; /* nothing new came for too long */
    uint64_t held;      /* entries, when last counted */
    bool ended;
};

/* store is empty. Errors: the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_fetch_init(struct fluit_fetch *fetch,
                                                 struct fluit_store store,
                                                 const struct fluit_secret *recovery,
                                                 const char *host, uint16_t door_port,
                                                 const uint8_t entropy[static 32]);
void fluit_fetch_deinit(struct fluit_fetch *fetch);

/* The core's face to the loop (struct fluit_node_ops); self is a struct fluit_fetch. */
void fluit_fetch_step(void *self, const struct fluit_event *event, struct fluit_effects *fx);
int64_t fluit_fetch_deadline(void *self);
bool fluit_fetch_alarm(void *self, struct fluit_mark *mark, int64_t *local_us);
bool fluit_fetch_admits(void *self, const struct fluit_box_pk *key);

#endif
