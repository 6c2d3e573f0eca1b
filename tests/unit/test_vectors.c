/* Keys, codes, entries, roster and door against the vectors (vectors_fixture.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/base32.h"
#include "proto/door.h"
#include "proto/keys.h"
#include "proto/paper.h"
#include "proto/term.h"
#include "vectors_fixture.h"

/* Primitives, names and codes. */

static void hashes_and_derived_keys_agree(void **state)
{
    (void)state;
    struct fluit_slice parts[] = {text("one"), text(""), text("two")};
    struct fluit_secret key;
    assert_vector("hash.empty", fluit_hash("fluit test", NULL, 0).b, 32);
    assert_vector("hash.parts", fluit_hash("fluit test", parts, 3).b, 32);
    fixed("derive.key", key.b, sizeof key.b);
    assert_vector("derive.out", fluit_derive(&key, "fluit test").b, 32);
    struct fluit_rng rng = rng_of("vectors");
    uint8_t drawn[64];
    fluit_rng_bytes(&rng, drawn, 64);
    assert_vector("rng.first", drawn, 64);
    fluit_rng_bytes(&rng, drawn, 32);
    assert_vector("rng.second", drawn, 32);
}

static void identities_and_signatures_agree(void **state)
{
    (void)state;
    static const char *const names[] = {"hub", "recovery", "table"};
    char name[24];
    for (size_t i = 0; i < 3; i++) {
        struct fluit_identity who = identity_of("HPT"[i]);
        snprintf(name, sizeof name, "%s.sign_pk", names[i]);
        assert_vector(name, who.sign_pk.b, 32);
        snprintf(name, sizeof name, "%s.read_pk", names[i]);
        assert_vector(name, who.read_pk.b, 32);
        snprintf(name, sizeof name, "%s.link_pk", names[i]);
        assert_vector(name, who.link_pk.b, 32);
        snprintf(name, sizeof name, "%s.link_sk", names[i]);
        assert_vector(name, who.link_sk.b, 32);
    }
    struct fluit_identity table = identity_of('T');
    struct fluit_slice parts[] = {text("one"), text("two")};
    struct fluit_sig sig = fluit_sign(&table.sign_sk, "fluit test", parts, 2);
    assert_vector("sign.sig", sig.b, sizeof sig.b);
    struct fluit_sign_pk root;
    struct fluit_sign_sk root_sk;
    root_of(&root, &root_sk);
    assert_vector("root.pk", root.b, sizeof root.b);
}

static void names_of_keys_and_readers_agree(void **state)
{
    (void)state;
    struct fluit_secret room = secret_of('k'), story = secret_of('s');
    struct fluit_identity hub = identity_of('H');
    uint8_t tag[FLUIT_READER_TAG_LEN];
    assert_vector("room_key.id", fluit_key_id(&room).b, 32);
    assert_vector("story_key.id", fluit_key_id(&story).b, 32);
    fluit_reader_tag(&hub.read_pk, tag);
    assert_vector("reader_tag.hub", tag, sizeof tag);
}

static void typed_codes_agree(void **state)
{
    (void)state;
    uint8_t digits[15];
    struct fluit_invite_code code, read;
    fixed("invite.digits", digits, sizeof digits);
    assert_vector("invite.check", &(uint8_t){fluit_base32_check(digits, 15)}, 1);
    fixed("invite.code", code.s, FLUIT_INVITE_LEN);
    code.s[FLUIT_INVITE_LEN] = 0;
    assert_int_equal(fluit_invite_parse(code.s, &read, NULL), FLUIT_OK);
    assert_vector("invite.psk", fluit_invite_psk(&read).b, 32);
    assert_vector("invite.id", fluit_invite_id(&read).b, 8);

    struct fluit_secret secret, again;
    char shown[FLUIT_PAPER_SHOW_LEN + 1];
    fixed("paper.secret", secret.b, sizeof secret.b);
    fluit_paper_put(&secret, shown);
    assert_vector("paper.text", shown, strlen(shown));
    assert_int_equal(fluit_paper_get(shown, &again, NULL), FLUIT_OK);
    assert_memory_equal(again.b, secret.b, sizeof again.b);
}

/* The table's three entries. */

/* Seals the numbered entry's body anew and compares; *prev goes from the one before to this one. */
static void check_entry(int number, enum fluit_class entry_class, uint8_t round,
                        const struct fluit_secret *key, const char *seed, struct fluit_hash *prev)
{
    char name[24];
    uint8_t incarnation[16], bytes[FLUIT_HEADER_LEN];
    struct fluit_header header = {.entry_class = entry_class, .round = round, .prev = *prev};
    struct fluit_rng rng = rng_of(seed);
    struct fluit_buf payload = FLUIT_BUF_INIT;
    header.seq = (uint64_t)number;
    header.mesh_us = MESH + 1000 * number;
    incarnation_and_feed(incarnation, &header.feed);
    snprintf(name, sizeof name, "entry%d.body", number);
    struct fluit_buf body = vector(name);
    assert_int_equal(fluit_seal(&rng, key, &header, fluit_buf_slice(&body), &payload), FLUIT_OK);
    fluit_header_put(&header, bytes);
    snprintf(name, sizeof name, "entry%d.payload", number);
    assert_buf_vector(name, &payload);
    snprintf(name, sizeof name, "entry%d.header", number);
    assert_vector(name, bytes, sizeof bytes);
    *prev = fluit_header_hash(bytes);
    snprintf(name, sizeof name, "entry%d.hash", number);
    assert_vector(name, prev->b, 32);
    fluit_buf_deinit(&payload);
    fluit_buf_deinit(&body);
}

static void sealed_entries_and_their_chain_agree(void **state)
{
    (void)state;
    struct fluit_secret room = secret_of('k'), story = secret_of('s');
    struct fluit_identity table = identity_of('T');
    struct fluit_workshop_id id = workshop();
    struct fluit_hash hash = {{0}};
    struct fluit_feed_id feed;
    uint8_t incarnation[16];
    check_entry(1, FLUIT_CLASS_CONTROL, 0, &room, "hello", &hash);
    check_entry(2, FLUIT_CLASS_OPEN, 1, NULL, "", &hash);
    check_entry(3, FLUIT_CLASS_STORY, 1, &story, "place", &hash);
    incarnation_and_feed(incarnation, &feed);
    assert_vector("feed", feed.b, sizeof feed.b);
    struct fluit_sig sig = fluit_head_sign(&table.sign_sk, &id, &feed, 3, &hash);
    assert_vector("head.sig", sig.b, sizeof sig.b);
    assert_true(fluit_head_verify(&table.sign_pk, &sig, &id, &feed, 3, &hash));
}

static void opens_what_the_other_sealed(void **state)
{
    (void)state;
    struct fluit_secret story = secret_of('s');
    struct fluit_buf header = vector("entry3.header"), payload = vector("entry3.payload");
    struct fluit_buf opened = FLUIT_BUF_INIT;
    struct fluit_slice body;
    assert_int_equal(fluit_unseal(&story, header.data, fluit_buf_slice(&payload), &opened, &body),
                     FLUIT_OK);
    assert_vector("entry3.body", body.data, body.len);
    payload.data[payload.len - 1] ^= 1;
    assert_int_equal(fluit_unseal(&story, header.data, fluit_buf_slice(&payload), &opened, &body),
                     FLUIT_E_AUTH);
    fluit_buf_deinit(&header);
    fluit_buf_deinit(&payload);
    fluit_buf_deinit(&opened);
}

static void buckets_agree(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 60, 61, 4092, 4093, 9000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char name[24];
        uint8_t size[4];
        snprintf(name, sizeof name, "bucket.%zu", sizes[i]);
        fluit_put_u32(size, (uint32_t)fluit_seal_bucket(sizes[i]));
        assert_vector(name, size, sizeof size);
    }
}

static void key_entries_agree_and_open(void **state)
{
    (void)state;
    struct fluit_identity hub = identity_of('H'), recovery = identity_of('P');
    struct fluit_secret story = secret_of('s'), found;
    struct fluit_workshop_id id = workshop();
    struct fluit_rng rng = rng_of("key entry");
    struct fluit_key_entry entry = {.purpose = FLUIT_KEY_STORY, .round = 1}, read;
    struct fluit_buf body = FLUIT_BUF_INIT;
    uint8_t incarnation[16];
    incarnation_and_feed(incarnation, &entry.feed);
    entry.id = fluit_key_id(&story);
    assert_int_equal(fluit_key_entry_add(&entry, &rng, &id, &hub.read_pk, &story), FLUIT_OK);
    assert_int_equal(fluit_key_entry_add(&entry, &rng, &id, &recovery.read_pk, &story), FLUIT_OK);
    fluit_key_entry_put(&entry, &body);
    assert_buf_vector("entry2.body", &body);
    fluit_buf_deinit(&body);

    body = vector("entry2.payload");
    assert_int_equal(fluit_key_entry_get(&read, fluit_buf_slice(&body)), FLUIT_OK);
    assert_int_equal(fluit_key_entry_open(&read, &id, &recovery.read_pk, &recovery.read_sk, &found),
                     FLUIT_OK);
    assert_memory_equal(found.b, story.b, sizeof found.b);
    fluit_buf_deinit(&body);
}

/* Roster and term. */

static struct fluit_member member_of(char letter, enum fluit_node_class node_class, uint8_t table,
                                     enum fluit_node_state state)
{
    struct fluit_identity who = identity_of(letter);
    return (struct fluit_member){.sign = who.sign_pk,
                                 .read = who.read_pk,
                                 .link = who.link_pk,
                                 .node_class = node_class,
                                 .table = table,
                                 .state = state};
}

static void rosters_agree(void **state)
{
    (void)state;
    struct fluit_member members[] = {member_of('H', FLUIT_NODE_HUB, 0, FLUIT_STATE_ACTIVE),
                                     member_of('P', FLUIT_NODE_STANDBY, 0, FLUIT_STATE_PAPER),
                                     member_of('T', FLUIT_NODE_TABLE, 7, FLUIT_STATE_ACTIVE)};
    struct fluit_roster roster = {.revision = 2}, read = {0};
    struct fluit_buf bytes = FLUIT_BUF_INIT, body = FLUIT_BUF_INIT;
    struct fluit_workshop_id id = workshop();
    struct fluit_sign_pk root;
    struct fluit_sign_sk root_sk;
    root_of(&root, &root_sk);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fluit_roster_add(&roster, &members[i]), FLUIT_OK);
    fluit_roster_put(&roster, &id, &bytes);
    struct fluit_sig sig = fluit_roster_sign(&root_sk, fluit_buf_slice(&bytes));
    fluit_roster_body_put(&body, fluit_buf_slice(&bytes), &sig);
    assert_vector("roster.sig", sig.b, sizeof sig.b);
    assert_buf_vector("roster.body", &body);
    assert_buf_vector("roster.bytes", &bytes);
    fluit_roster_deinit(&roster);
    fluit_buf_deinit(&bytes);
    fluit_buf_deinit(&body);

    bytes = vector("roster.bytes");
    assert_int_equal(fluit_roster_get(&read, &root, &id, fluit_buf_slice(&bytes), &sig), FLUIT_OK);
    assert_int_equal(read.count, 3);
    assert_memory_equal(read.members[2].link.b, members[2].link.b, 32);
    fluit_roster_deinit(&read);
    fluit_buf_deinit(&bytes);
}

static void terms_agree(void **state)
{
    (void)state;
    struct fluit_identity hub = identity_of('H');
    struct fluit_term term = {.number = 1, .hub = hub.sign_pk}, read;
    struct fluit_workshop_id id = workshop();
    struct fluit_buf body = FLUIT_BUF_INIT;
    struct fluit_sign_pk root;
    struct fluit_sign_sk root_sk;
    root_of(&root, &root_sk);
    fluit_term_sign(&term, &root_sk, &id);
    fluit_term_put(&term, &body);
    assert_vector("term.sig", term.sig.b, sizeof term.sig.b);
    assert_buf_vector("term.body", &body);
    fluit_buf_deinit(&body);
    body = vector("term.body");
    assert_int_equal(fluit_term_get(&read, fluit_buf_slice(&body)), FLUIT_OK);
    assert_true(fluit_term_verify(&read, &root, &id));
    fluit_buf_deinit(&body);
}

/* The door. */

struct door {
    struct fluit_noise joiner, hub;
    struct fluit_rng rng;
    struct fluit_buf out, text;
    struct fluit_buf roster;
};

static void door_join(struct door *d)
{
    struct fluit_invite_code code;
    struct fluit_identity table = identity_of('T');
    struct fluit_rng rng = rng_of("joiner");
    struct fluit_join join;
    *d = (struct door){.rng = rng_of("doorkeeper"), .roster = vector("roster.bytes")};
    struct fluit_buf shown = vector("invite.code");
    assert_int_equal(fluit_invite_parse(fluit_buf_text(&shown), &code, NULL), FLUIT_OK);
    fluit_buf_deinit(&shown);
    assert_int_equal(fluit_join_write(&d->joiner, &rng, &code, &table, FLUIT_NODE_TABLE, &d->out),
                     FLUIT_OK);
    assert_vector("door.signed_hash", fluit_noise_payload_hash(&d->joiner), 64);
    assert_buf_vector("door.join", &d->out);
    struct fluit_buf theirs = vector("door.join");
    assert_int_equal(fluit_join_read(&d->hub, &code, fluit_buf_slice(&theirs), &join), FLUIT_OK);
    assert_memory_equal(join.link.b, table.link_pk.b, 32);
    assert_int_equal(join.wants, FLUIT_NODE_TABLE);
    fluit_buf_deinit(&theirs);
}

static void door_close(struct door *d)
{
    fluit_noise_deinit(&d->joiner);
    fluit_noise_deinit(&d->hub);
    fluit_buf_deinit(&d->out);
    fluit_buf_deinit(&d->text);
    fluit_buf_deinit(&d->roster);
}

static void the_door_welcomes_alike(void **state)
{
    (void)state;
    struct door d;
    struct fluit_sign_sk root_sk;
    struct fluit_welcome w = {.workshop = workshop(),
                              .hub_link = identity_of('H').link_pk,
                              .sync_port = 20001,
                              .control_port = 20002,
                              .collect_port = 20003,
                              .room_key = secret_of('k')},
                         got;
    unsigned reason;
    bool proven;
    door_join(&d);
    root_of(&w.root, &root_sk);
    w.roster = fluit_buf_slice(&d.roster);
    fixed("roster.sig", w.roster_sig.b, sizeof w.roster_sig.b);
    assert_int_equal(fluit_welcome_write(&d.hub, &d.rng, &w, &d.out), FLUIT_OK);
    assert_buf_vector("door.welcome", &d.out);
    struct fluit_buf theirs = vector("door.welcome");
    assert_int_equal(
        fluit_welcome_read(&d.joiner, fluit_buf_slice(&theirs), &d.text, &got, &reason, &proven),
        FLUIT_OK);
    assert_memory_equal(got.room_key.b, w.room_key.b, 32);
    assert_int_equal(got.collect_port, 20003);
    fluit_buf_deinit(&theirs);
    door_close(&d);
}

static void the_door_refuses_alike(void **state)
{
    (void)state;
    struct door d;
    struct fluit_welcome got;
    unsigned reason = 0;
    bool proven = false;
    door_join(&d);
    fluit_refuse_stranger(FLUIT_REFUSED_UNKNOWN, &d.out);
    assert_buf_vector("door.stranger", &d.out);
    assert_int_equal(fluit_refuse_write(&d.hub, &d.rng, FLUIT_REFUSED_USED, &d.out), FLUIT_OK);
    assert_buf_vector("door.refuse", &d.out);
    struct fluit_buf theirs = vector("door.refuse");
    assert_int_equal(
        fluit_welcome_read(&d.joiner, fluit_buf_slice(&theirs), &d.text, &got, &reason, &proven),
        FLUIT_E_DENIED);
    assert_int_equal(reason, FLUIT_REFUSED_USED);
    assert_true(proven);
    fluit_buf_deinit(&theirs);
    door_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_and_derived_keys_agree),
        cmocka_unit_test(identities_and_signatures_agree),
        cmocka_unit_test(names_of_keys_and_readers_agree),
        cmocka_unit_test(typed_codes_agree),
        cmocka_unit_test(sealed_entries_and_their_chain_agree),
        cmocka_unit_test(opens_what_the_other_sealed),
        cmocka_unit_test(buckets_agree),
        cmocka_unit_test(key_entries_agree_and_open),
        cmocka_unit_test(rosters_agree),
        cmocka_unit_test(terms_agree),
        cmocka_unit_test(the_door_welcomes_alike),
        cmocka_unit_test(the_door_refuses_alike),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, load, unload);
}
