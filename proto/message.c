#include "proto/message.h"

#include <stdlib.h>

static void read_heads(struct fluit_reader *r, struct fluit_message *m)
{
    fluit_read_fixed(r, m->heads.digest.b, 32);
    m->heads.full = fluit_read_bool(r);
    uint32_t count = fluit_read_array(r);
    if (count > FLUIT_HEADS_MAX)
        r->err = FLUIT_E_LIMIT;
    if (r->err)
        return;
    m->heads.heads = calloc(count ? count : 1, sizeof *m->heads.heads);
    if (!m->heads.heads) {
        r->err = FLUIT_E_NOMEM;
        return;
    }
    m->heads.count = count;
    for (uint32_t i = 0; i < count && !r->err; i++) {
        struct fluit_feed_info *head = &m->heads.heads[i];
        fluit_read_array_of(r, 5);
        fluit_read_fixed(r, head->author.b, 32);
        fluit_read_fixed(r, head->incarnation, 16);
        head->seq = fluit_read_uint(r, INT64_MAX);
        fluit_read_fixed(r, head->hash.b, 32);
        fluit_read_fixed(r, head->sig.b, 64);
        fluit_read_array_end(r);
        if (!r->err && head->seq == 0)
            r->err = FLUIT_E_FORMAT;
        head->signed_seq = head->seq;
        head->id = fluit_feed_id(&head->author, head->incarnation);
    }
    fluit_read_array_end(r);
}

static void read_want(struct fluit_reader *r, struct fluit_message *m)
{
    uint32_t count = fluit_read_array(r);
    if (count > FLUIT_WANTS_MAX)
        r->err = FLUIT_E_LIMIT;
    for (uint32_t i = 0; i < count && !r->err; i++) {
        fluit_read_array_of(r, 2);
        fluit_read_fixed(r, m->want.wants[i].feed.b, 32);
        m->want.wants[i].from = fluit_read_uint(r, INT64_MAX);
        fluit_read_array_end(r);
        if (!r->err && m->want.wants[i].from == 0)
            r->err = FLUIT_E_FORMAT;
    }
    fluit_read_array_end(r);
    m->want.count = r->err ? 0 : count;
}

static void read_entries(struct fluit_reader *r, struct fluit_message *m)
{
    fluit_read_fixed(r, m->entries.author.b, 32);
    fluit_read_fixed(r, m->entries.incarnation, 16);
    uint32_t count = fluit_read_array(r);
    if (!r->err && (count == 0 || count > FLUIT_BATCH_ENTRIES_MAX))
        r->err = FLUIT_E_LIMIT;
    for (uint32_t i = 0; i < count && !r->err; i++) {
        struct fluit_batch_entry *entry = &m->entries.entries[i];
        fluit_read_array_of(r, 2);
        struct fluit_slice header = fluit_read_bin(r, FLUIT_HEADER_LEN);
        entry->payload = fluit_read_bin(r, FLUIT_PAYLOAD_MAX);
        fluit_read_array_end(r);
        if (!r->err && header.len != FLUIT_HEADER_LEN)
            r->err = FLUIT_E_FORMAT;
        entry->header = header.data;
    }
    fluit_read_array_end(r);
    fluit_read_fixed(r, m->entries.sig.b, 64);
    m->entries.count = r->err ? 0 : count;
}

static void read_message(struct fluit_reader *r, struct fluit_message *m)
{
    uint32_t fields = fluit_read_array(r);
    uint64_t type = fluit_read_uint(r, UINT32_MAX);
    static const uint32_t fields_of[] = {0, 4, 2, 5, 2, 5, 1, 3};
    if (r->err)
        return;
    if (type == 0 || type >= sizeof fields_of / sizeof fields_of[0]) {
        r->err = FLUIT_E_UNKNOWN;
        return;
    }
    if (fields != fields_of[type]) {
        r->err = FLUIT_E_FORMAT;
        return;
    }
    m->type = (enum fluit_message_type)type;
    switch (m->type) {
    case FLUIT_MESSAGE_HEADS:
        read_heads(r, m);
        break;
    case FLUIT_MESSAGE_WANT:
        read_want(r, m);
        break;
    case FLUIT_MESSAGE_ENTRIES:
        read_entries(r, m);
        break;
    case FLUIT_MESSAGE_ASK:
        m->ask.t1 = fluit_read_int(r);
        break;
    case FLUIT_MESSAGE_TIME:
        m->time.t1 = fluit_read_int(r);
        m->time.t2 = fluit_read_int(r);
        m->time.t3 = fluit_read_int(r);
        m->time.bound_us = fluit_read_int(r);
        break;
    case FLUIT_MESSAGE_ASK_ROSTER:
        break;
    case FLUIT_MESSAGE_ROSTER:
        m->roster.bytes = fluit_read_bin(r, FLUIT_ROSTER_LEN_MAX);
        fluit_read_fixed(r, m->roster.sig.b, sizeof m->roster.sig.b);
        break;
    }
    fluit_read_array_end(r);
}

enum fluit_err fluit_message_get(struct fluit_message *message, struct fluit_slice bytes)
{
    struct fluit_reader r;
    *message = (struct fluit_message){0};
    if (bytes.len > FLUIT_MESSAGE_MAX)
        return FLUIT_E_LIMIT;
    enum fluit_err err = fluit_reader_init(&r, bytes);
    if (!err) {
        read_message(&r, message);
        err = r.err;
    }
    fluit_reader_deinit(&r);
    return err;
}

void fluit_message_deinit(struct fluit_message *message)
{
    if (message->type == FLUIT_MESSAGE_HEADS)
        free(message->heads.heads);
    message->type = 0;
}

void fluit_put_heads(struct fluit_buf *out, const struct fluit_hash *digest, bool full,
                     const struct fluit_feed_info *heads, uint32_t count)
{
    fluit_pack_array(out, 4);
    fluit_pack_uint(out, FLUIT_MESSAGE_HEADS);
    fluit_pack_bin(out, digest->b, 32);
    fluit_pack_bool(out, full);
    fluit_pack_array(out, count);
    for (uint32_t i = 0; i < count; i++) {
        fluit_pack_array(out, 5);
        fluit_pack_bin(out, heads[i].author.b, 32);
        fluit_pack_bin(out, heads[i].incarnation, 16);
        fluit_pack_uint(out, heads[i].seq);
        fluit_pack_bin(out, heads[i].hash.b, 32);
        fluit_pack_bin(out, heads[i].sig.b, 64);
    }
}

void fluit_put_want(struct fluit_buf *out, const struct fluit_want *wants, uint32_t count)
{
    fluit_pack_array(out, 2);
    fluit_pack_uint(out, FLUIT_MESSAGE_WANT);
    fluit_pack_array(out, count);
    for (uint32_t i = 0; i < count; i++) {
        fluit_pack_array(out, 2);
        fluit_pack_bin(out, wants[i].feed.b, 32);
        fluit_pack_uint(out, wants[i].from);
    }
}

void fluit_put_entries(struct fluit_buf *out, const struct fluit_sign_pk *author,
                       const uint8_t incarnation[static 16],
                       const struct fluit_batch_entry *entries, uint32_t count,
                       const struct fluit_sig *sig)
{
    fluit_pack_array(out, 5);
    fluit_pack_uint(out, FLUIT_MESSAGE_ENTRIES);
    fluit_pack_bin(out, author->b, 32);
    fluit_pack_bin(out, incarnation, 16);
    fluit_pack_array(out, count);
    for (uint32_t i = 0; i < count; i++) {
        fluit_pack_array(out, 2);
        fluit_pack_bin(out, entries[i].header, FLUIT_HEADER_LEN);
        fluit_pack_bin(out, entries[i].payload.data, entries[i].payload.len);
    }
    fluit_pack_bin(out, sig->b, 64);
}

void fluit_put_ask(struct fluit_buf *out, int64_t t1)
{
    fluit_pack_array(out, 2);
    fluit_pack_uint(out, FLUIT_MESSAGE_ASK);
    fluit_pack_int(out, t1);
}

void fluit_put_time(struct fluit_buf *out, int64_t t1, int64_t t2, int64_t t3, int64_t bound_us)
{
    fluit_pack_array(out, 5);
    fluit_pack_uint(out, FLUIT_MESSAGE_TIME);
    fluit_pack_int(out, t1);
    fluit_pack_int(out, t2);
    fluit_pack_int(out, t3);
    fluit_pack_int(out, bound_us);
}

void fluit_put_ask_roster(struct fluit_buf *out)
{
    fluit_pack_array(out, 1);
    fluit_pack_uint(out, FLUIT_MESSAGE_ASK_ROSTER);
}

void fluit_put_roster(struct fluit_buf *out, struct fluit_slice bytes, const struct fluit_sig *sig)
{
    fluit_pack_array(out, 3);
    fluit_pack_uint(out, FLUIT_MESSAGE_ROSTER);
    fluit_pack_bin(out, bytes.data, bytes.len);
    fluit_pack_bin(out, sig->b, sizeof sig->b);
}
