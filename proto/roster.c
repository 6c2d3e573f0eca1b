#include "proto/roster.h"

#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"

#define ROSTER_VERSION 1

void fluit_roster_deinit(struct fluit_roster *roster)
{
    free(roster->members);
    *roster = (struct fluit_roster){0};
}

enum fluit_err fluit_roster_add(struct fluit_roster *roster, const struct fluit_member *member)
{
    if (roster->count >= FLUIT_NODES_MAX)
        return FLUIT_E_LIMIT;
    struct fluit_member *members = realloc(roster->members, (roster->count + 1) * sizeof *members);
    if (!members)
        return FLUIT_E_NOMEM;
    members[roster->count++] = *member;
    roster->members = members;
    return FLUIT_OK;
}

int fluit_roster_by_sign(const struct fluit_roster *roster, const struct fluit_sign_pk *sign)
{
    for (uint32_t i = 0; i < roster->count; i++)
        if (memcmp(roster->members[i].sign.b, sign->b, sizeof sign->b) == 0)
            return (int)i;
    return -1;
}

int fluit_roster_by_link(const struct fluit_roster *roster, const struct fluit_box_pk *link)
{
    for (uint32_t i = 0; i < roster->count; i++)
        if (memcmp(roster->members[i].link.b, link->b, sizeof link->b) == 0)
            return (int)i;
    return -1;
}

bool fluit_member_admitted(const struct fluit_member *member)
{
    return member->state != FLUIT_STATE_REPLACED && member->state != FLUIT_STATE_REVOKED;
}

bool fluit_member_may_lead(const struct fluit_member *member)
{
    return member->node_class == FLUIT_NODE_HUB || member->node_class == FLUIT_NODE_STANDBY;
}

uint32_t fluit_roster_place(const struct fluit_roster *roster, uint32_t index)
{
    uint32_t place = 0;
    for (uint32_t i = 0; i < index && i < roster->count; i++)
        place += fluit_member_may_lead(&roster->members[i]);
    return place;
}

bool fluit_roster_lacks(const struct fluit_roster *roster, const struct fluit_member *member)
{
    int at = fluit_roster_by_sign(roster, &member->sign);
    return at < 0 ||
           (fluit_member_admitted(&roster->members[at]) && !fluit_member_admitted(member));
}

enum fluit_err fluit_roster_bring(struct fluit_roster *roster, const struct fluit_member *member)
{
    int at = fluit_roster_by_sign(roster, &member->sign);
    if (at < 0)
        return fluit_roster_add(roster, member);
    roster->members[at].state = member->state;
    return FLUIT_OK;
}

bool fluit_roster_holds_all(const struct fluit_roster *roster)
{
    uint32_t admitted = 0;
    for (uint32_t i = 0; i < roster->count; i++)
        admitted += fluit_member_admitted(&roster->members[i]);
    return admitted <= FLUIT_HOLD_ALL_MAX;
}

/* How many admitted tables' nodes come after `from` in the ring, up to and with `to`. */
static uint32_t distance(const struct fluit_roster *roster, uint32_t from, uint32_t to)
{
    uint32_t steps = 0;
    for (uint32_t i = (from + 1) % roster->count; i != from; i = (i + 1) % roster->count) {
        steps += fluit_member_admitted(&roster->members[i]) &&
                 !fluit_member_may_lead(&roster->members[i]);
        if (i == to)
            return steps;
    }
    return 0;
}

bool fluit_roster_holds(const struct fluit_roster *roster, uint32_t holder, uint32_t author)
{
    const struct fluit_member *h = &roster->members[holder], *a = &roster->members[author];
    if (holder == author || fluit_member_may_lead(h) || fluit_member_may_lead(a) ||
        h->table == a->table)
        return true;
    return distance(roster, author, holder) <= FLUIT_HOLDERS_MAX;
}

bool fluit_member_reads(const struct fluit_member *reader, const struct fluit_member *author)
{
    if (!fluit_member_admitted(reader))
        return false;
    if (fluit_member_may_lead(reader))
        return true;
    return reader->table != 0 && reader->table == author->table;
}

void fluit_roster_put(const struct fluit_roster *roster, const struct fluit_workshop_id *workshop,
                      struct fluit_buf *out)
{
    fluit_pack_array(out, 4);
    fluit_pack_uint(out, ROSTER_VERSION);
    fluit_pack_bin(out, workshop->b, sizeof workshop->b);
    fluit_pack_uint(out, roster->revision);
    fluit_pack_array(out, roster->count);
    for (uint32_t i = 0; i < roster->count; i++) {
        const struct fluit_member *m = &roster->members[i];
        fluit_pack_array(out, 6);
        fluit_pack_bin(out, m->sign.b, 32);
        fluit_pack_bin(out, m->read.b, 32);
        fluit_pack_bin(out, m->link.b, 32);
        fluit_pack_uint(out, m->node_class);
        fluit_pack_uint(out, m->table);
        fluit_pack_uint(out, m->state);
    }
}

struct fluit_sig fluit_roster_sign(const struct fluit_sign_sk *root, struct fluit_slice bytes)
{
    return fluit_sign(root, "fluit roster", &bytes, 1);
}

static enum fluit_err read_member(struct fluit_reader *r, struct fluit_member *m)
{
    fluit_read_array_of(r, 6);
    fluit_read_fixed(r, m->sign.b, 32);
    fluit_read_fixed(r, m->read.b, 32);
    fluit_read_fixed(r, m->link.b, 32);
    m->node_class = (enum fluit_node_class)fluit_read_uint(r, FLUIT_NODE_RAPPORTEUR);
    m->table = (uint8_t)fluit_read_uint(r, FLUIT_TABLES_MAX);
    m->state = (enum fluit_node_state)fluit_read_uint(r, FLUIT_STATE_PAPER);
    fluit_read_array_end(r);
    if (!r->err && (m->node_class < FLUIT_NODE_HUB || m->state < FLUIT_STATE_ACTIVE))
        return FLUIT_E_FORMAT;
    return r->err;
}

static enum fluit_err read_roster(struct fluit_reader *r, const struct fluit_workshop_id *workshop,
                                  struct fluit_roster *out)
{
    struct fluit_workshop_id named;
    fluit_read_array_of(r, 4);
    if (fluit_read_uint(r, UINT32_MAX) != ROSTER_VERSION)
        return r->err ? r->err : FLUIT_E_VERSION;
    fluit_read_fixed(r, named.b, sizeof named.b);
    if (r->err)
        return r->err;
    if (memcmp(named.b, workshop->b, sizeof named.b) != 0)
        return FLUIT_E_WORKSHOP;
    out->revision = (uint32_t)fluit_read_uint(r, UINT32_MAX);
    uint32_t count = fluit_read_array(r);
    enum fluit_err err = count > FLUIT_NODES_MAX ? FLUIT_E_LIMIT : r->err;
    for (uint32_t i = 0; i < count && !err; i++) {
        struct fluit_member member = {0};
        err = read_member(r, &member);
        if (!err)
            err = fluit_roster_add(out, &member);
    }
    if (err)
        return err;
    fluit_read_array_end(r);
    fluit_read_array_end(r);
    return r->err;
}

enum fluit_err fluit_roster_get(struct fluit_roster *roster, const struct fluit_sign_pk *root,
                                const struct fluit_workshop_id *workshop, struct fluit_slice bytes,
                                const struct fluit_sig *sig)
{
    if (!fluit_verify(root, sig, "fluit roster", &bytes, 1))
        return FLUIT_E_AUTH;
    struct fluit_roster fresh = {0};
    struct fluit_reader r;
    enum fluit_err err = fluit_reader_init(&r, bytes);
    if (!err)
        err = read_roster(&r, workshop, &fresh);
    fluit_reader_deinit(&r);
    if (err) {
        fluit_roster_deinit(&fresh);
        return err;
    }
    fluit_roster_deinit(roster);
    *roster = fresh;
    return FLUIT_OK;
}

void fluit_roster_body_put(struct fluit_buf *out, struct fluit_slice bytes,
                           const struct fluit_sig *sig)
{
    fluit_pack_array(out, 3);
    fluit_pack_uint(out, FLUIT_KIND_ROSTER);
    fluit_pack_bin(out, bytes.data, bytes.len);
    fluit_pack_bin(out, sig->b, sizeof sig->b);
}

enum fluit_err fluit_roster_body_get(struct fluit_slice body, struct fluit_slice *bytes,
                                     struct fluit_sig *sig)
{
    struct fluit_reader r;
    enum fluit_err err = fluit_reader_init(&r, body);
    if (!err) {
        struct fluit_sig s = {0};
        fluit_read_array_of(&r, 3);
        if (fluit_read_uint(&r, FLUIT_KIND_ROSTER) != FLUIT_KIND_ROSTER && !r.err)
            r.err = FLUIT_E_FORMAT;
        struct fluit_slice b = fluit_read_bin(&r, FLUIT_ROSTER_LEN_MAX);
        fluit_read_fixed(&r, s.b, sizeof s.b);
        fluit_read_array_end(&r);
        err = r.err;
        if (!err) {
            *bytes = b;
            *sig = s;
        }
    }
    fluit_reader_deinit(&r);
    return err;
}
