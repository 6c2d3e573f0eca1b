#include "node/io/conns.h"

#include <stdlib.h>
#include <string.h>

void fluit_conns_init(struct fluit_conns *links, uint32_t first_id, size_t max)
{
    *links = (struct fluit_conns){.next_id = first_id, .max = max};
}

void fluit_conns_deinit(struct fluit_conns *links)
{
    free(links->items);
    *links = (struct fluit_conns){0};
}

static bool is_from(const struct fluit_conn *link, const void *socket,
                    struct fluit_slice routing_id, const struct fluit_box_pk *peer)
{
    return link->socket == socket && link->routing_id_len == routing_id.len &&
           memcmp(link->routing_id, routing_id.data, routing_id.len) == 0 &&
           memcmp(&link->peer, peer, sizeof *peer) == 0;
}

struct fluit_conn *fluit_conns_heard(struct fluit_conns *links, const void *socket,
                                     struct fluit_slice routing_id, const struct fluit_box_pk *peer)
{
    for (size_t i = 0; i < links->count; i++) {
        struct fluit_conn *link = &links->items[i];
        if (!link->gone && is_from(link, socket, routing_id, peer)) {
            link->heard = ++links->heard;
            return link;
        }
    }
    return NULL;
}

struct fluit_conn *fluit_conns_find(struct fluit_conns *links, uint32_t id)
{
    for (size_t i = 0; i < links->count; i++)
        if (links->items[i].id == id)
            return &links->items[i];
    return NULL;
}

static struct fluit_conn *longest_silent(struct fluit_conns *links)
{
    struct fluit_conn *oldest = &links->items[0];
    for (size_t i = 1; i < links->count; i++)
        if (links->items[i].heard < oldest->heard)
            oldest = &links->items[i];
    return oldest;
}

static enum fluit_err grow(struct fluit_conns *links)
{
    if (links->count < links->cap)
        return FLUIT_OK;
    size_t cap = links->cap ? links->cap * 2 : 16;
    struct fluit_conn *items = realloc(links->items, cap * sizeof *items);
    if (!items)
        return FLUIT_E_NOMEM;
    links->items = items;
    links->cap = cap;
    return FLUIT_OK;
}

enum fluit_err fluit_conns_add(struct fluit_conns *links, void *socket,
                               struct fluit_slice routing_id, const struct fluit_box_pk *peer,
                               struct fluit_conn **out, uint32_t *evicted_id)
{
    uint32_t evicted = 0;
    if (routing_id.len > FLUIT_ROUTING_ID_MAX)
        return FLUIT_E_LIMIT;
    if (links->count == links->max) {
        evicted = longest_silent(links)->id;
        fluit_conns_drop(links, evicted);
    }
    enum fluit_err err = grow(links);
    if (err)
        return err;
    struct fluit_conn *link = &links->items[links->count++];
    *link = (struct fluit_conn){.id = links->next_id++,
                                .socket = socket,
                                .routing_id_len = (uint8_t)routing_id.len,
                                .peer = *peer,
                                .heard = ++links->heard};
    memcpy(link->routing_id, routing_id.data, routing_id.len);
    *out = link;
    *evicted_id = evicted;
    return FLUIT_OK;
}

void fluit_conns_drop(struct fluit_conns *links, uint32_t id)
{
    struct fluit_conn *link = fluit_conns_find(links, id);
    if (link)
        *link = links->items[--links->count];
}
