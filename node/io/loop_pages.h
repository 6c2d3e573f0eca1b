/* loop_pages.h: the loop's part in its pages: shows each what changed, when someone looks.
 *
 * A view is made only for a page that is watched, and not oftener than eyes follow. When it is
 * safe to, a mark being far enough, is the loop's to say. One thread; nothing blocks. */
#ifndef FLUIT_LOOP_PAGES_H
#define FLUIT_LOOP_PAGES_H

#include "node/io/loop.h"

/* Zero-initialise all but config, which is the owner's. */
struct fluit_loop_pages {
    const struct fluit_loop_config *config;
    struct fluit_buf views[FLUIT_PAGES]; /* what pages show now */
    bool stale[FLUIT_PAGES], has_script;
    int64_t shown_us; /* when one was made, on the node's clock */
};

/* Wipes what was shown. */
void fluit_loop_pages_deinit(struct fluit_loop_pages *pages);
/* The core was stepped: what any page shows may be out of date. */
void fluit_loop_pages_changed(struct fluit_loop_pages *pages);
/* When to show, on the node's clock; INT64_MAX: nobody looks at what is out of date. Only with
 * config->http. */
int64_t fluit_loop_pages_due_us(const struct fluit_loop_pages *pages);
/* Shows each page that is watched and out of date its view, if it differs; before that the script,
 * until it was. A view that can't be made is left as it was. Only with config->http. */
void fluit_loop_pages_show(struct fluit_loop_pages *pages, int64_t now_us);

#endif
