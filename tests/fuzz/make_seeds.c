/* make_seeds DIR: writes the fuzzers' first inputs to DIR/body, codec, header, message, roster,
 * keys, door and beacon, which exist. Run it again, and commit what it writes, when an encoding
 * changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/beacon.h"
#include "proto/body.h"
#include "proto/door.h"
#include "proto/entry.h"
#include "proto/keys.h"
#include "proto/message.h"
#include "tests/kit/feedkit.h"
#include "tests/sample_acts.h"

static void save(const char *dir, const char *folder, const char *name, const struct fluit_buf *buf)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s", dir, folder, name);
    for (char *c = path + strlen(dir); *c; c++)
        if (*c == ' ')
            *c = '-';
    FILE *file = buf->err ? NULL : fopen(path, "wb");
    if (!file || fwrite(buf->data, 1, buf->len, file) != buf->len || fclose(file)) {
        perror(path);
        exit(1);
    }
}

static void save_bodies(const char *dir)
{
    struct fluit_buf buf = FLUIT_BUF_INIT;
    for (size_t i = 0; i < SAMPLE_KIND_COUNT; i++) {
        fluit_buf_reset(&buf);
        fluit_body_put(&buf, &sample_acts[i]);
        save(dir, "body", fluit_kind_name(sample_acts[i].kind), &buf);
    }
    fluit_buf_deinit(&buf);
}

/* A count of reads, the reads (see fuzz_codec.c), and the value they fit. */
static void save_codec(const char *dir)
{
    static const uint8_t reads[] = {9, 0, 2, 3, 4, 5, 6, 7, 8, 1};
    static const uint8_t key[16] = {1};
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_buf_put(&buf, reads, sizeof reads);
    fluit_pack_array(&buf, 7);
    fluit_pack_uint(&buf, 2);
    fluit_pack_int(&buf, -3);
    fluit_pack_bool(&buf, true);
    fluit_pack_nil(&buf);
    fluit_pack_bin(&buf, "\0\xff", 2);
    fluit_pack_str(&buf, fluit_slice_str("caf\xc3\xa9"));
    fluit_pack_bin(&buf, key, sizeof key);
    save(dir, "codec", "one-of-each", &buf);
    fluit_buf_reset(&buf);
    fluit_buf_put(&buf, "\4\0\0\1\1\x91\x90", 7);
    save(dir, "codec", "nested", &buf);
    fluit_buf_deinit(&buf);
}

static void save_header(const char *dir, const char *name, struct fluit_header header)
{
    struct fluit_buf buf = FLUIT_BUF_INIT;
    uint8_t *out = fluit_buf_extend(&buf, FLUIT_HEADER_LEN);
    if (out)
        fluit_header_put(&header, out);
    save(dir, "header", name, &buf);
    fluit_buf_deinit(&buf);
}

/* Two signed entries of the kit's author 1: a batch that is taken in. */
static void put_batch(struct fluit_buf *buf)
{
    struct kit_feed feed;
    uint8_t headers[2][FLUIT_HEADER_LEN];
    struct fluit_batch_entry entries[2];
    kit_feed_init(&feed, 1);
    for (int i = 0; i < 2; i++) {
        kit_feed_make(&feed, fluit_slice_str("hello"), headers[i]);
        entries[i] = (struct fluit_batch_entry){headers[i], fluit_slice_str("hello")};
        feed.info.seq++;
        feed.info.hash = fluit_header_hash(headers[i]);
    }
    struct fluit_sig sig =
        fluit_head_sign(&feed.sk, &feed.workshop, &feed.info.id, 2, &feed.info.hash);
    fluit_put_entries(buf, &feed.info.author, feed.info.incarnation, entries, 2, &sig);
}

static void save_messages(const char *dir)
{
    static const struct fluit_hash digest = {{1}};
    static const struct fluit_feed_info head = {.author = {{2}}, .seq = 300};
    static const struct fluit_want want = {.feed = {{3}}, .from = 4};
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_put_heads(&buf, &digest, true, &head, 1);
    save(dir, "message", "heads", &buf);
    fluit_buf_reset(&buf);
    fluit_put_want(&buf, &want, 1);
    save(dir, "message", "want", &buf);
    fluit_buf_reset(&buf);
    put_batch(&buf);
    save(dir, "message", "entries", &buf);
    fluit_buf_reset(&buf);
    fluit_put_ask(&buf, -5);
    save(dir, "message", "ask", &buf);
    fluit_buf_reset(&buf);
    fluit_put_time(&buf, 1, 2, 3, 4);
    save(dir, "message", "time", &buf);
    fluit_buf_deinit(&buf);
}

static void save_roster(const char *dir)
{
    struct fluit_member members[] = {
        {.sign = {{1}}, .node_class = FLUIT_NODE_HUB, .state = FLUIT_STATE_ACTIVE},
        {.sign = {{2}}, .node_class = FLUIT_NODE_TABLE, .table = 12, .state = FLUIT_STATE_ASIDE},
    };
    struct fluit_roster roster = {.revision = 3, .count = 2, .members = members};
    struct fluit_workshop_id workshop;
    struct fluit_buf buf = FLUIT_BUF_INIT, body = FLUIT_BUF_INIT;
    struct fluit_sig sig = {{4}};
    memset(workshop.b, 7, sizeof workshop.b);
    fluit_roster_put(&roster, &workshop, &buf);
    save(dir, "roster", "roster", &buf);
    fluit_roster_body_put(&body, fluit_buf_slice(&buf), &sig);
    save(dir, "roster", "body", &body);
    fluit_buf_deinit(&body);
    fluit_buf_deinit(&buf);
}

/* Sealed to the reader that fuzz_keys.c is. */
static void save_keys(const char *dir)
{
    static const struct fluit_secret seed = {{1}}, secret = {{2}};
    static const struct fluit_workshop_id workshop = {{7}};
    struct fluit_held_key held = {.key = secret, .purpose = FLUIT_KEY_STORY, .round = 1};
    struct fluit_key_entry entry = {.purpose = FLUIT_KEY_STORY, .round = 1};
    struct fluit_identity reader;
    struct fluit_rng rng;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_rng_seed(&rng, "seeds", 5);
    fluit_identity_from_seed(&seed, &reader);
    entry.id = fluit_key_id(&secret);
    if (!fluit_key_entry_add(&entry, &rng, &workshop, &reader.read_pk, &secret))
        fluit_key_entry_put(&entry, &buf);
    save(dir, "keys", "entry", &buf);
    fluit_buf_reset(&buf);
    uint8_t *out = fluit_buf_extend(&buf, FLUIT_HELD_KEY_LEN);
    if (out)
        fluit_held_key_put(&held, out);
    save(dir, "keys", "held", &buf);
    fluit_buf_deinit(&buf);
}

/* See fuzz_door.c: a byte that says what the rest is. */
static void save_door(const char *dir)
{
    static const uint8_t bytes[64] = {1};
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_buf_put(&buf, "\1\0\2", 3);
    save(dir, "door", "stranger", &buf);
    fluit_buf_reset(&buf);
    fluit_buf_put(&buf, "\2", 1);
    fluit_pack_array(&buf, 5);
    fluit_pack_uint(&buf, FLUIT_NODE_TABLE);
    for (int i = 0; i < 3; i++)
        fluit_pack_bin(&buf, bytes, 32);
    fluit_pack_bin(&buf, bytes, 64);
    save(dir, "door", "join", &buf);
    fluit_buf_reset(&buf);
    fluit_buf_put(&buf, "\3", 1);
    fluit_pack_array(&buf, 10);
    fluit_pack_uint(&buf, 1);
    fluit_pack_bin(&buf, bytes, 16);
    fluit_pack_bin(&buf, bytes, 32);
    fluit_pack_bin(&buf, bytes, 32);
    for (uint64_t port = 1; port <= 3; port++)
        fluit_pack_uint(&buf, port);
    fluit_pack_bin(&buf, bytes, 32);
    fluit_pack_bin(&buf, bytes, 20);
    fluit_pack_bin(&buf, bytes, 64);
    save(dir, "door", "welcome", &buf);
    fluit_buf_reset(&buf);
    fluit_buf_put(&buf, "\3", 1);
    fluit_pack_array(&buf, 2);
    fluit_pack_uint(&buf, 2);
    fluit_pack_uint(&buf, FLUIT_REFUSED_USED);
    save(dir, "door", "refuse", &buf);
    fluit_buf_deinit(&buf);
}

/* Of the sender that fuzz_beacon.c is. */
static void save_beacon(const char *dir)
{
    static const struct fluit_secret seed = {{1}};
    struct fluit_beacon beacon = {.workshop = {{7}},
                                  .term = 1,
                                  .door_port = 7450,
                                  .mesh_us = 1700000000000000,
                                  .address_count = FLUIT_BEACON_ADDRESSES_MAX};
    struct fluit_sign_sk sk;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_sign_keypair(&seed, &beacon.sign, &sk);
    for (uint8_t i = 0; i < FLUIT_BEACON_ADDRESSES_MAX; i++)
        beacon.addresses[i] = i % 2
                                  ? (struct fluit_beacon_address){6, {0x20, 1, 13, 0xb8, [15] = i}}
                                  : (struct fluit_beacon_address){4, {192, 0, 2, i}};
    fluit_beacon_put(&beacon, &sk, &buf);
    save(dir, "beacon", "leads", &buf);
    fluit_buf_reset(&buf);
    beacon.term = 0;
    beacon.mesh_us = 0;
    beacon.address_count = 1;
    fluit_beacon_put(&beacon, &sk, &buf);
    save(dir, "beacon", "waits", &buf);
    fluit_buf_deinit(&buf);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: make_seeds DIR\n", stderr);
        return 1;
    }
    if (fluit_crypto_init())
        return 1;
    save_bodies(argv[1]);
    save_messages(argv[1]);
    save_roster(argv[1]);
    save_keys(argv[1]);
    save_door(argv[1]);
    save_beacon(argv[1]);
    save_codec(argv[1]);
    save_header(argv[1], "first", (struct fluit_header){.seq = 1, .payload_len = 40});
    save_header(argv[1], "later",
                (struct fluit_header){.entry_class = FLUIT_CLASS_STORY,
                                      .round = 2,
                                      .seq = 300,
                                      .mesh_us = -1,
                                      .prev = {{1}},
                                      .key_id = {{2}},
                                      .payload_len = FLUIT_PAYLOAD_MAX});
    return 0;
}
