/* Bodies, digest, messages and beacons against the vectors (vectors_fixture.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/beacon.h"
#include "proto/body.h"
#include "proto/digest.h"
#include "proto/message.h"
#include "vectors_fixture.h"

/* Bodies: the acts that make_protocol.py writes out. */

/* name is a literal: the empty one before it does what parentheses can't here. */
#define ID(name)                                                                                   \
    {                                                                                              \
        .s = "" name                                                                               \
    }
#define CARD(name, nth)                                                                            \
    {                                                                                              \
        ID(name), nth                                                                              \
    }
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
#define FILLED(c)                                                                                  \
    {                                                                                              \
        {                                                                                          \
            c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c                                         \
        }                                                                                          \
    }
#define START_MARK                                                                                 \
    {                                                                                              \
        {7, 1, FLUIT_MARK_START, 1}, MESH + 3000000                                                \
    }
#define END_MARK                                                                                   \
    {                                                                                              \
        {7, 1, FLUIT_MARK_END, 1}, MESH + 903000000                                                \
    }

static const struct {
    const char *name;
    struct fluit_act act;
} acts[] = {
    {"hello",
     {.kind = FLUIT_KIND_HELLO, .hello = {TEXT("tcp://192.0.2.7:20001"), TEXT("vectors 1")}}},
    {"script", {.kind = FLUIT_KIND_SCRIPT, .script = {TEXT("id: tiny\n")}}},
    {"plan",
     {.kind = FLUIT_KIND_PLAN,
      .plan = {.term = 1,
               .revision = 9,
               .step = 7,
               .round = 1,
               .state = FLUIT_PLAN_RUNNING,
               .start_us = MESH + 3000000,
               .end_us = MESH + 903000000,
               .wrap_up_us = MESH + 1083000000,
               .mark_count = 2,
               .marks = {START_MARK, END_MARK}}}},
    {"message", {.kind = FLUIT_KIND_MESSAGE, .message = {0, TEXT("koffie \xe2\x98\x95")}}},
    {"release", {.kind = FLUIT_KIND_RELEASE, .release = {FILLED('n'), true}}},
    {"armed", {.kind = FLUIT_KIND_ARMED, .armed = {1, 9, 250, 2, {START_MARK, END_MARK}}}},
    {"fired",
     {.kind = FLUIT_KIND_FIRED, .fired = {{7, 1, FLUIT_MARK_START, 1}, MESH + 3000042, 250, 3}}},
    {"place", {.kind = FLUIT_KIND_PLACE, .place = {CARD("autonomy", 1), ID("stimulates"), 2}}},
    {"aside", {.kind = FLUIT_KIND_ASIDE, .aside = {CARD("autonomy", 2)}}},
    {"lift", {.kind = FLUIT_KIND_LIFT, .lift = {CARD("blank-1", 1)}}},
    {"why", {.kind = FLUIT_KIND_WHY, .why = {CARD("autonomy", 1), false, TEXT("zelf kiezen")}}},
    {"why-none", {.kind = FLUIT_KIND_WHY, .why = {CARD("autonomy", 1), true, {NULL, 0}}}},
    {"link",
     {.kind = FLUIT_KIND_LINK,
      .link = {CARD("autonomy", 1), CARD("health", 2), false, TEXT("door")}}},
    {"blank", {.kind = FLUIT_KIND_BLANK, .blank = {ID("blank-1"), TEXT("een eigen kaart")}}},
    {"heard", {.kind = FLUIT_KIND_HEARD, .heard = {true}}},
    {"heap", {.kind = FLUIT_KIND_HEAP, .heap = {FILLED('n'), TEXT("tijd en ruimte")}}},
    {"role", {.kind = FLUIT_KIND_ROLE, .role = {ID("interviewer"), 3}}},
    {"note",
     {.kind = FLUIT_KIND_NOTE,
      .note = {FILLED('n'),
               FILLED('r'),
               1,
               {FILLED('p')},
               ID("choose"),
               CARD("autonomy", 1),
               FLUIT_NOTE_QUOTE | FLUIT_NOTE_PLENARY,
               TEXT("regel 1\nregel 2")}}},
    {"note-bare",
     {.kind = FLUIT_KIND_NOTE, .note = {.note = FILLED('n'), .revision = FILLED('r')}}},
    {"answer", {.kind = FLUIT_KIND_ANSWER, .answer = {ID("expect"), 0, TEXT("veel")}}},
    {"photo", {.kind = FLUIT_KIND_PHOTO, .photo = {FILLED('f'), 1, 3, TEXT("\xff\xd8\xff\xd9")}}},
    {"photo-gone", {.kind = FLUIT_KIND_PHOTO, .photo = {.photo = FILLED('f')}}},
    {"next-board", {.kind = FLUIT_KIND_NEXT_BOARD, .next_board = {2}}},
    {"group", {.kind = FLUIT_KIND_GROUP, .group = {ID("growers")}}},
    {"group-none", {.kind = FLUIT_KIND_GROUP}},
    {"fired-early", {.kind = FLUIT_KIND_FIRED, .fired = {{0, 0, FLUIT_MARK_END, 255}, -1, 0, 0}}},
};

/* Written by us, and read and written again: the same bytes both times. */
static void check_body(const char *name, const struct fluit_act *act)
{
    char key[24];
    struct fluit_buf out = FLUIT_BUF_INIT;
    struct fluit_body read;
    snprintf(key, sizeof key, "body.%s", name);
    fluit_body_put(&out, act);
    assert_buf_vector(key, &out);
    struct fluit_buf theirs = vector(key);
    assert_int_equal(fluit_body_get(&read, fluit_buf_slice(&theirs)), FLUIT_OK);
    assert_int_equal(read.act.kind, act->kind);
    fluit_body_put(&out, &read.act);
    assert_buf_vector(key, &out);
    fluit_body_deinit(&read);
    fluit_buf_deinit(&theirs);
    fluit_buf_deinit(&out);
}

static void bodies_of_every_kind_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        check_body(acts[i].name, &acts[i].act);
    struct fluit_cut_head head = {.seq = 3};
    struct fluit_act cut = {.kind = FLUIT_KIND_CUT};
    fixed("feed", head.feed.b, 32);
    fixed("entry3.hash", head.hash.b, 32);
    cut.cut.round = 1;
    cut.cut.term = 1;
    cut.cut.closed_us = MESH + 1083000000;
    cut.cut.head_count = 1;
    cut.cut.heads = &head;
    check_body("cut", &cut);
}

/* Digest and messages. */

static void table_head(struct fluit_feed_info *head)
{
    *head = (struct fluit_feed_info){.author = identity_of('T').sign_pk, .seq = 3, .signed_seq = 3};
    incarnation_and_feed(head->incarnation, &head->id);
    fixed("entry3.hash", head->hash.b, 32);
    fixed("head.sig", head->sig.b, 64);
}

static void digests_agree(void **state)
{
    (void)state;
    struct fluit_identity hub = identity_of('H');
    struct fluit_feed_info infos[3] = {{.seq = 0}, {.seq = 258}};
    infos[1].id = fluit_feed_id(&hub.sign_pk, infos[1].incarnation);
    table_head(&infos[2]);
    infos[1].id = fluit_feed_id(&hub.sign_pk, infos[2].incarnation);
    memset(infos[1].hash.b, 'h', sizeof infos[1].hash.b);
    assert_vector("digest.none", fluit_heads_digest(infos, 1).b, 32);
    assert_vector("digest.two", fluit_heads_digest(infos, 3).b, 32);
}

static void messages_agree(void **state)
{
    (void)state;
    struct fluit_identity hub = identity_of('H');
    struct fluit_feed_info head;
    struct fluit_hash digest;
    struct fluit_buf out = FLUIT_BUF_INIT;
    table_head(&head);
    fixed("digest.two", digest.b, 32);
    fluit_put_heads(&out, &digest, true, &head, 1);
    assert_buf_vector("message.heads", &out);
    fluit_put_heads(&out, &digest, false, NULL, 0);
    assert_buf_vector("message.heartbeat", &out);
    struct fluit_want wants[] = {{head.id, 1},
                                 {fluit_feed_id(&hub.sign_pk, head.incarnation), 259}};
    fluit_put_want(&out, wants, 2);
    assert_buf_vector("message.want", &out);
    fluit_put_ask(&out, 123456789);
    assert_buf_vector("message.ask", &out);
    fluit_put_time(&out, 123456789, MESH, MESH + 17, 2);
    assert_buf_vector("message.time", &out);
    fluit_buf_deinit(&out);
}

static void batches_agree(void **state)
{
    (void)state;
    struct fluit_buf theirs = vector("message.entries"), out = FLUIT_BUF_INIT;
    struct fluit_message message;
    assert_int_equal(fluit_message_get(&message, fluit_buf_slice(&theirs)), FLUIT_OK);
    assert_int_equal(message.type, FLUIT_MESSAGE_ENTRIES);
    assert_int_equal(message.entries.count, 3);
    assert_vector("entry3.header", message.entries.entries[2].header, FLUIT_HEADER_LEN);
    fluit_put_entries(&out, &message.entries.author, message.entries.incarnation,
                      message.entries.entries, message.entries.count, &message.entries.sig);
    assert_buf_vector("message.entries", &out);
    fluit_message_deinit(&message);
    fluit_buf_deinit(&theirs);
    fluit_buf_deinit(&out);
}

/* Written by us, and theirs read and verified. */
static void check_beacon(const char *name, const struct fluit_beacon *beacon)
{
    struct fluit_identity hub = identity_of('H');
    struct fluit_buf out = FLUIT_BUF_INIT, theirs = vector(name);
    struct fluit_beacon read;
    fluit_beacon_put(beacon, &hub.sign_sk, &out);
    assert_buf_vector(name, &out);
    assert_int_equal(fluit_beacon_get(&read, fluit_buf_slice(&theirs)), FLUIT_OK);
    assert_true(fluit_beacon_verify(&read, fluit_buf_slice(&theirs)));
    assert_int_equal(read.term, beacon->term);
    assert_int_equal(read.mesh_us, beacon->mesh_us);
    assert_int_equal(read.address_count, beacon->address_count);
    fluit_buf_deinit(&theirs);
    fluit_buf_deinit(&out);
}

static void beacons_agree(void **state)
{
    (void)state;
    struct fluit_beacon beacon = {
        .workshop = workshop(),
        .sign = identity_of('H').sign_pk,
        .term = 1,
        .door_port = 7450,
        .mesh_us = MESH,
        .address_count = 2,
        .addresses = {{4, {192, 0, 2, 7}}, {6, {0x20, 0x01, 0x0d, 0xb8, [15] = 7}}},
    };
    check_beacon("beacon.leads", &beacon);
    beacon.term = 0;
    beacon.mesh_us = 0;
    beacon.address_count = 1;
    beacon.addresses[0] = (struct fluit_beacon_address){4, {127, 0, 0, 1}};
    check_beacon("beacon.waits", &beacon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_of_every_kind_agree),
        cmocka_unit_test(digests_agree),
        cmocka_unit_test(messages_agree),
        cmocka_unit_test(batches_agree),
        cmocka_unit_test(beacons_agree),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, load, unload);
}
