#include "node/web/http_internal.h"

const struct fluit_buf *fluit_http_kept(const struct kept_answers *kept,
                                        const struct fluit_hash *once)
{
    for (size_t i = 0; i < FLUIT_HTTP_ANSWERS_MAX; i++)
        if (kept->items[i].json.len > 0 && fluit_same(&kept->items[i].once, once, sizeof *once))
            return &kept->items[i].json;
    return NULL;
}

static void forget(struct kept_answers *kept, struct kept_answer *item)
{
    kept->len -= item->json.len;
    fluit_buf_wipe(&item->json); /* it may tell a code or a quote */
}

void fluit_http_keep(struct kept_answers *kept, const struct fluit_hash *once,
                     struct fluit_slice json)
{
    /* One longer than all may be, such as all quotes, was only looked up. */
    if (json.len > FLUIT_HTTP_ANSWERS_LEN_MAX)
        return;
    struct kept_answer *item = &kept->items[kept->next++ % FLUIT_HTTP_ANSWERS_MAX];
    forget(kept, item);
    /* The oldest make room. */
    for (unsigned i = 0; i < FLUIT_HTTP_ANSWERS_MAX; i++)
        if (kept->len + json.len > FLUIT_HTTP_ANSWERS_LEN_MAX)
            forget(kept, &kept->items[(kept->next + i) % FLUIT_HTTP_ANSWERS_MAX]);
    item->once = *once;
    fluit_buf_put(&item->json, json.data, json.len);
    if (item->json.err)
        fluit_buf_wipe(&item->json);
    kept->len += item->json.len;
}

void fluit_http_free_kept(struct kept_answers *kept)
{
    for (size_t i = 0; i < FLUIT_HTTP_ANSWERS_MAX; i++)
        forget(kept, &kept->items[i]);
}
