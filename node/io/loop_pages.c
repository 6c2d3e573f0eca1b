#include "node/io/loop_pages.h"

void fluit_loop_pages_deinit(struct fluit_loop_pages *pages)
{
    for (int page = 0; page < FLUIT_PAGES; page++)
        fluit_buf_wipe(&pages->views[page]);
}

void fluit_loop_pages_changed(struct fluit_loop_pages *pages)
{
    for (int page = 0; page < FLUIT_PAGES; page++)
        pages->stale[page] = true;
}

static bool is_awaited(const struct fluit_loop_pages *pages, enum fluit_page page)
{
    return pages->stale[page] && fluit_http_is_watched(pages->config->http, page);
}

int64_t fluit_loop_pages_due_us(const struct fluit_loop_pages *pages)
{
    for (enum fluit_page page = 0; page < FLUIT_PAGES; page++)
        if (is_awaited(pages, page))
            return pages->shown_us + FLUIT_HTTP_VIEW_GAP_US;
    return INT64_MAX;
}

static void show_page(struct fluit_loop_pages *pages, enum fluit_page page)
{
    const struct fluit_loop_config *config = pages->config;
    struct fluit_buf view = FLUIT_BUF_INIT, *shown = &pages->views[page];
    if (config->ops->view(config->node, page, &view) ||
        config->ops->same_view(fluit_buf_slice(&view), fluit_buf_slice(shown))) {
        fluit_buf_wipe(&view);
        return;
    }
    fluit_http_show(config->http, page, fluit_buf_slice(&view));
    fluit_buf_wipe(shown);
    *shown = view;
}

static void show_script(struct fluit_loop_pages *pages)
{
    const struct fluit_loop_config *config = pages->config;
    struct fluit_buf script = FLUIT_BUF_INIT;
    if (!config->ops->script(config->node, &script)) {
        fluit_http_set_script(config->http, fluit_buf_slice(&script));
        pages->has_script = true;
    }
    fluit_buf_deinit(&script);
}

void fluit_loop_pages_show(struct fluit_loop_pages *pages, int64_t now_us)
{
    pages->shown_us = now_us;
    if (!pages->has_script)
        show_script(pages);
    for (enum fluit_page page = 0; page < FLUIT_PAGES; page++) {
        if (!is_awaited(pages, page))
            continue;
        pages->stale[page] = false;
        show_page(pages, page);
    }
}
