#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/replica.h"
#include "proto/verify.h"
#include "tests/kit/feedkit.h"
#include "tests/kit/store_memory.h"

#define COUNT_MAX 200

/* Ours and a peer's disk with the same feed on it; ours rots. */
struct fixture {
    struct store_memory *s, *peer_s;
    struct fluit_replica replica, peer; /* read from the disks by start */
    struct kit_feed feed;
    uint32_t count;
    uint8_t headers[COUNT_MAX][FLUIT_HEADER_LEN];
    char payloads[COUNT_MAX][16];
    struct fluit_buf bytes;
    uint64_t from, to; /* of the last batch taken in */
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->s = store_memory_new();
    f->peer_s = store_memory_new();
    kit_feed_init(&f->feed, 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_replica_deinit(&f->replica);
    fluit_replica_deinit(&f->peer);
    store_memory_free(f->s);
    store_memory_free(f->peer_s);
    fluit_buf_deinit(&f->bytes);
    free(f);
    return 0;
}

/* count entries on both disks; signed are, with us and with the peer, those whose number is a
 * multiple of this, and the last. */
static void write_feeds(struct fixture *f, uint32_t count, uint32_t every, uint32_t peers_every)
{
    struct fluit_store store = store_memory_port(f->s), peer = store_memory_port(f->peer_s);
    for (uint32_t i = 0; i < count; i++) {
        struct kit_feed copy = f->feed;
        bool sign = (i + 1) % every == 0 || i + 1 == count;
        bool peer_signs = (i + 1) % peers_every == 0 || i + 1 == count;
        snprintf(f->payloads[i], sizeof f->payloads[i], "entry %u", i + 1);
        struct fluit_slice payload = fluit_slice_str(f->payloads[i]);
        assert_int_equal(kit_feed_append(&copy, &peer, payload, peer_signs), FLUIT_OK);
        assert_int_equal(kit_feed_append(&f->feed, &store, payload, sign), FLUIT_OK);
        memcpy(f->headers[i], f->feed.header, FLUIT_HEADER_LEN);
    }
    f->count = count;
    assert_int_equal(kit_put_workshop(&store), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->peer_s), FLUIT_OK);
}

static void write_feed(struct fixture *f, uint32_t count, uint32_t every)
{
    write_feeds(f, count, every, every);
}

static void restart(struct fluit_replica *replica, struct store_memory *s)
{
    struct fluit_workshop_id workshop;
    memset(workshop.b, 7, sizeof workshop.b);
    fluit_replica_deinit(replica);
    store_memory_crash(s);
    assert_int_equal(fluit_replica_init(replica, store_memory_port(s), &workshop), FLUIT_OK);
}

static void start(struct fixture *f)
{
    restart(&f->replica, f->s);
    restart(&f->peer, f->peer_s);
}

/* Two bits, which a node can't put right by itself. */
static void flip(struct fixture *f, uint64_t seq, bool header, size_t offset)
{
    assert_true((header ? store_memory_flip_header
                        : store_memory_flip_payload)(f->s, &f->feed.info.id, seq, offset, 0x14));
}

static const struct fluit_damage *damage(const struct fixture *f)
{
    return f->replica.feeds[0]->damage;
}

static uint32_t damage_count(const struct fixture *f)
{
    return damage(f) ? damage(f)->count : 0;
}

/* Is what we read at seq what was written, or nothing? */
static bool reads(struct fixture *f, uint64_t seq)
{
    struct fluit_stored got;
    enum fluit_err err = fluit_replica_get(&f->replica, 0, seq, &got, &f->bytes);
    if (err == FLUIT_E_MISSING)
        return false;
    assert_int_equal(err, FLUIT_OK);
    assert_memory_equal(got.header, f->headers[seq - 1], FLUIT_HEADER_LEN);
    assert_true(fluit_slice_is(got.payload, f->payloads[seq - 1]));
    return true;
}

static enum fluit_err pass(struct fluit_replica *from, struct fluit_replica *to, uint64_t seq,
                           struct fixture *f)
{
    struct fluit_message batch;
    struct fluit_buf bytes = FLUIT_BUF_INIT;
    uint32_t index;
    uint64_t next;
    enum fluit_err err = fluit_replica_batch(from, 0, seq, &bytes, &next);
    if (!err) {
        assert_int_equal(fluit_message_get(&batch, fluit_buf_slice(&bytes)), FLUIT_OK);
        err = fluit_replica_ingest(to, &batch, &index, &f->from, &f->to);
        fluit_message_deinit(&batch);
    }
    fluit_buf_deinit(&bytes);
    return err;
}

/* A batch of the peer's from that seq on. */
static enum fluit_err peer_sends(struct fixture *f, uint64_t seq)
{
    return pass(&f->peer, &f->replica, seq, f);
}

/* What we pass on, from wherever it is asked, others take, and it is what was written. */
static void serves_only_what_is_good(struct fixture *f)
{
    for (uint64_t seq = 1; seq <= f->count; seq++) {
        struct fluit_message batch;
        uint64_t next;
        fluit_buf_reset(&f->bytes);
        enum fluit_err err = fluit_replica_batch(&f->replica, 0, seq, &f->bytes, &next);
        if (err == FLUIT_E_MISSING)
            continue;
        assert_int_equal(err, FLUIT_OK);
        assert_int_equal(fluit_message_get(&batch, fluit_buf_slice(&f->bytes)), FLUIT_OK);
        for (uint32_t i = 0; i < batch.entries.count; i++) {
            const struct fluit_batch_entry *entry = &batch.entries.entries[i];
            assert_memory_equal(entry->header, f->headers[seq + i - 1], FLUIT_HEADER_LEN);
            assert_true(fluit_slice_is(entry->payload, f->payloads[seq + i - 1]));
        }
        struct fluit_hash hash = fluit_header_hash(f->headers[next - 2]);
        assert_true(fluit_head_verify(&f->feed.info.author, &batch.entries.sig, &f->feed.workshop,
                                      &f->feed.info.id, next - 1, &hash));
        fluit_message_deinit(&batch);
    }
}

static void ignore_verified(void *arg, const struct fluit_verified *feed)
{
    (void)arg, (void)feed;
}

/* All is as it was written, on the disk too. */
static void assert_mended(struct fixture *f)
{
    struct fluit_store store = store_memory_port(f->s);
    struct fluit_hash digest, peers = fluit_replica_digest(&f->peer);
    assert_null(damage(f));
    assert_false(fluit_replica_damaged(&f->replica, 0));
    for (uint64_t seq = 1; seq <= f->count; seq++)
        assert_true(reads(f, seq));
    assert_int_equal(fluit_verify_store(&store, ignore_verified, NULL, &digest), FLUIT_OK);
    assert_memory_equal(digest.b, peers.b, sizeof peers.b);
    digest = fluit_replica_digest(&f->replica);
    assert_memory_equal(digest.b, peers.b, sizeof peers.b);
}

static void a_sound_disk_has_no_damage(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 7, 3);
    start(f);
    assert_false(f->replica.feeds[0]->restate);
    assert_mended(f);
    serves_only_what_is_good(f);
}

/* Flips a bit, starts, and mends from the peer. Not more than the entry before may be doubted with
 * it, and that only where its own header is no longer told by the next. */
static void rots_and_is_mended(struct fixture *f, uint64_t seq, bool header, size_t offset)
{
    flip(f, seq, header, offset);
    start(f);
    assert_non_null(fluit_damage_at(damage(f), seq));
    assert_false(reads(f, seq));
    for (uint64_t other = 1; other <= f->count; other++)
        if (other != seq && (other != seq - 1 || !header))
            assert_true(reads(f, other));
    assert_true(damage_count(f) <= 2);
    serves_only_what_is_good(f);
    for (int n = 0; n < 2 && damage(f); n++)
        assert_int_equal(peer_sends(f, damage(f)->items[0].from), FLUIT_OK);
    assert_true(f->from <= seq && seq <= f->to);
    assert_mended(f);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    start(f);
    assert_mended(f);
}

/* Of one entry all bytes, of the others some. */
static size_t step_of(uint64_t seq)
{
    return seq == 4 ? 1 : 7;
}

static void every_flipped_byte_is_found_and_mended(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 7, 3);
    for (uint64_t seq = 1; seq <= f->count; seq++) {
        for (size_t offset = 0; offset < FLUIT_HEADER_LEN; offset += step_of(seq))
            rots_and_is_mended(f, seq, true, offset);
        for (size_t offset = 0; offset < strlen(f->payloads[seq - 1]); offset++)
            rots_and_is_mended(f, seq, false, offset);
    }
}

static void two_damaged_entries_are_mended_by_one_batch(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 9, 9);
    flip(f, 3, true, 20);
    flip(f, 6, false, 0);
    start(f);
    assert_int_equal(damage_count(f), 2);
    assert_int_equal(peer_sends(f, 3), FLUIT_OK);
    assert_true(f->from == 3 && f->to == 6); /* nothing else is read again */
    assert_mended(f);
}

static void what_the_peer_lost_too_stays_marked_and_the_rest_is_mended(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 9, 3);
    flip(f, 2, false, 0);
    flip(f, 5, false, 0);
    assert_true(store_memory_flip_header(f->peer_s, &f->feed.info.id, 2, 20, 3));
    start(f);
    assert_int_equal(peer_sends(f, 2), FLUIT_E_MISSING);
    assert_int_equal(peer_sends(f, 5), FLUIT_OK);
    assert_int_equal(damage_count(f), 1);
    assert_false(reads(f, 2));
    assert_true(reads(f, 5));
    serves_only_what_is_good(f);
}

static void a_head_is_told_only_up_to_the_first_damaged_entry(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info head;
    write_feed(f, 9, 3);
    flip(f, 5, false, 0);
    flip(f, 8, false, 0);
    start(f);
    assert_true(fluit_replica_damaged(&f->replica, 0));
    assert_true(fluit_replica_head(&f->replica, 0, &head));
    assert_int_equal(head.seq, 3);
    assert_true(
        fluit_head_verify(&head.author, &head.sig, &f->replica.workshop, &head.id, 3, &head.hash));
    struct fluit_hash digest = fluit_replica_digest(&f->replica);
    struct fluit_hash peers = fluit_replica_digest(&f->peer);
    assert_memory_not_equal(digest.b, peers.b, sizeof peers.b);
    assert_int_equal(peer_sends(f, 5), FLUIT_OK);
    assert_true(fluit_replica_head(&f->replica, 0, &head));
    assert_int_equal(head.seq, 9);
    assert_mended(f);
}

static void without_a_signed_head_before_the_damage_none_is_told(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info head;
    write_feed(f, 6, 3);
    flip(f, 2, false, 0);
    start(f);
    assert_false(fluit_replica_head(&f->replica, 0, &head));
    /* Nor one whose own signature rotted. */
    flip(f, 2, false, 0);
    flip(f, 5, false, 0);
    assert_true(store_memory_flip_sig(f->s, &f->feed.info.id, 3, 9, 1));
    start(f);
    assert_false(fluit_replica_head(&f->replica, 0, &head));
}

static void a_damaged_feed_grows_and_its_head_is_mended_afterwards(void **state)
{
    struct fixture *f = *state;
    struct fluit_store peer = store_memory_port(f->peer_s);
    write_feed(f, 6, 3);
    flip(f, 6, true, 70);
    snprintf(f->payloads[6], sizeof f->payloads[6], "entry 7");
    assert_int_equal(kit_feed_append(&f->feed, &peer, fluit_slice_str("entry 7"), true), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->peer_s), FLUIT_OK);
    memcpy(f->headers[6], f->feed.header, FLUIT_HEADER_LEN);
    f->count = 7;
    start(f);
    assert_int_equal(peer_sends(f, 7), FLUIT_OK);
    assert_true(f->from == 7 && f->to == 7);
    assert_int_equal(damage_count(f), 2); /* what 5 has to be only 6 told */
    assert_int_equal(peer_sends(f, 5), FLUIT_OK);
    assert_true(f->from == 5 && f->to == 6);
    assert_mended(f);
}

static void mending_that_was_not_committed_is_done_again(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 6, 3);
    flip(f, 4, false, 0);
    start(f);
    assert_int_equal(peer_sends(f, 4), FLUIT_OK);
    assert_mended(f);
    start(f); /* a power cut */
    assert_int_equal(damage_count(f), 1);
    assert_int_equal(peer_sends(f, 4), FLUIT_OK);
    assert_mended(f);
}

static void a_store_that_fails_while_mending_is_told(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 6, 3);
    flip(f, 4, false, 0);
    start(f);
    store_memory_fail(f->s, STORE_MEMORY_APPEND, 1, FLUIT_E_FULL);
    assert_int_equal(peer_sends(f, 4), FLUIT_E_FULL);
}

/* Rot while the node runs. */

static void a_payload_that_rots_later_is_found_when_it_is_read(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info head;
    write_feed(f, 7, 3);
    start(f);
    flip(f, 4, false, 2);
    assert_false(reads(f, 4));
    assert_int_equal(damage_count(f), 1);
    assert_true(fluit_replica_head(&f->replica, 0, &head));
    assert_int_equal(head.seq, 3);
    assert_int_equal(peer_sends(f, damage(f)->items[0].from), FLUIT_OK);
    assert_mended(f);
}

static void whatever_rots_later_is_never_passed_on(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 7, 3);
    for (uint64_t seq = 1; seq <= f->count; seq++)
        for (size_t offset = 0; offset < FLUIT_HEADER_LEN; offset += step_of(seq)) {
            start(f);
            flip(f, seq, true, offset);
            serves_only_what_is_good(f);
            assert_non_null(fluit_damage_at(damage(f), seq));
            assert_false(reads(f, seq));
            flip(f, seq, true, offset);
        }
}

/* A batch from the peer's disk that ends at the signed entry `to`, whatever it holds more. */
static enum fluit_err peer_sends_up_to(struct fixture *f, uint64_t from, uint64_t to)
{
    struct fluit_batch_entry entries[FLUIT_BATCH_ENTRIES_MAX];
    struct fluit_store store = store_memory_port(f->peer_s);
    struct fluit_stored last;
    struct fluit_message batch;
    uint32_t index;
    for (uint64_t seq = from; seq <= to; seq++)
        entries[seq - from] =
            (struct fluit_batch_entry){f->headers[seq - 1], fluit_slice_str(f->payloads[seq - 1])};
    assert_int_equal(store.ops->get(store.self, &f->feed.info.id, to, &last, &f->bytes), FLUIT_OK);
    assert_true(last.has_sig);
    fluit_buf_reset(&f->bytes);
    fluit_put_entries(&f->bytes, &f->feed.info.author, f->feed.info.incarnation, entries,
                      (uint32_t)(to - from + 1), &last.sig);
    assert_int_equal(fluit_message_get(&batch, fluit_buf_slice(&f->bytes)), FLUIT_OK);
    enum fluit_err err = fluit_replica_ingest(&f->replica, &batch, &index, &f->from, &f->to);
    fluit_message_deinit(&batch);
    return err;
}

static void our_own_rot_is_not_taken_for_a_fork(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 7, 3);
    start(f);
    flip(f, 3, true, 20); /* the mesh time: still a good header in itself */
    assert_int_equal(peer_sends_up_to(f, 2, 3), FLUIT_OK);
    assert_true(f->from == 3 && f->to == 3); /* and is mended on the spot */
    assert_false(f->replica.feeds[0]->forked);
    assert_mended(f);
}

static void who_claims_another_hash_without_the_author_costs_us_no_walk(void **state)
{
    struct fixture *f = *state;
    bool agrees;
    write_feed(f, 7, 3);
    start(f);
    flip(f, 3, true, 20);
    struct fluit_hash hash = fluit_header_hash(f->headers[2]);
    assert_int_equal(fluit_replica_agrees(&f->replica, 0, 3, &hash, false, &agrees), FLUIT_OK);
    assert_false(agrees);
    assert_null(damage(f));
    assert_int_equal(fluit_replica_agrees(&f->replica, 0, 3, &hash, true, &agrees), FLUIT_OK);
    assert_true(agrees);
    assert_non_null(fluit_damage_at(damage(f), 3));
    hash.b[0] ^= 1;
    assert_int_equal(fluit_replica_agrees(&f->replica, 0, 3, &hash, true, &agrees), FLUIT_OK);
    assert_false(agrees); /* the next header tells what it has to be */
}

static void another_branch_mends_nothing(void **state)
{
    struct fixture *f = *state;
    struct kit_feed branch;
    struct fluit_store peer = store_memory_port(f->peer_s);
    write_feed(f, 6, 3);
    store_memory_free(f->peer_s);
    f->peer_s = store_memory_new();
    peer = store_memory_port(f->peer_s);
    kit_feed_init(&branch, 1);
    for (int i = 0; i < 6; i++)
        assert_int_equal(kit_feed_append(&branch, &peer, fluit_slice_str("other"), i == 2),
                         FLUIT_OK);
    assert_int_equal(store_memory_commit(f->peer_s), FLUIT_OK);
    flip(f, 2, false, 0);
    start(f);
    assert_int_equal(peer_sends(f, 1), FLUIT_E_FORK);
    assert_false(reads(f, 2));
    assert_int_equal(damage_count(f), 1);
    assert_true(f->replica.feeds[0]->forked);
}

/* Signatures. */

static void a_signature_that_rotted_ends_no_batch_and_comes_back(void **state)
{
    struct fixture *f = *state;
    uint64_t next;
    write_feed(f, 9, 3);
    assert_true(store_memory_flip_sig(f->s, &f->feed.info.id, 6, 1, 1));
    start(f);
    serves_only_what_is_good(f);
    assert_null(damage(f)); /* another was in reach each time */
    flip(f, 8, false, 0);
    start(f);
    serves_only_what_is_good(f);
    assert_int_equal(damage_count(f), 2);
    assert_true(damage(f)->items[0].only_sig);
    assert_int_equal(damage(f)->items[0].seq, 6);
    assert_int_equal(damage(f)->items[0].from, 4);
    assert_true(reads(f, 6)); /* it is good itself */
    fluit_buf_reset(&f->bytes);
    assert_int_equal(fluit_replica_batch(&f->replica, 0, 4, &f->bytes, &next), FLUIT_E_MISSING);
    assert_int_equal(peer_sends(f, 4), FLUIT_OK);
    assert_mended(f);
    fluit_buf_reset(&f->bytes);
    assert_int_equal(fluit_replica_batch(&f->replica, 0, 4, &f->bytes, &next), FLUIT_OK);
}

static void the_signature_of_the_head_is_known_twice(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info head;
    write_feed(f, 7, 3);
    assert_true(store_memory_flip_sig(f->s, &f->feed.info.id, 7, 1, 1));
    start(f);
    assert_true(f->replica.feeds[0]->restate);
    assert_true(fluit_replica_head(&f->replica, 0, &head));
    assert_int_equal(head.seq, 7);
    serves_only_what_is_good(f);
    flip(f, 2, false, 0);
    start(f);
    assert_int_equal(peer_sends(f, 2), FLUIT_OK); /* the first write puts it right */
    assert_mended(f);
}

static void entry_and_signature_rot_together_and_both_come_back(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 9, 3);
    flip(f, 6, false, 1);
    assert_true(store_memory_flip_sig(f->s, &f->feed.info.id, 6, 1, 1));
    start(f);
    assert_int_equal(peer_sends(f, 5), FLUIT_OK); /* ends at 9, as the peer holds 7 and 8, too */
    assert_int_equal(damage_count(f), 1);
    assert_true(damage(f)->items[0].only_sig);
    assert_true(reads(f, 6));
    assert_int_equal(peer_sends(f, damage(f)->items[0].from), FLUIT_OK);
    assert_null(damage(f));
}

static void where_a_signature_is_lost_for_good_another_ends_the_batch(void **state)
{
    struct fixture *f = *state;
    uint64_t next;
    write_feeds(f, 120, 60, 1);
    flip(f, 60, false, 1);
    assert_true(store_memory_flip_sig(f->s, &f->feed.info.id, 60, 1, 1));
    start(f);
    assert_int_equal(peer_sends(f, 60), FLUIT_OK); /* to 120, as the peer goes on to the end */
    assert_true(damage(f)->items[0].only_sig);
    assert_int_equal(damage(f)->items[0].from, 1);
    assert_int_equal(peer_sends(f, 1), FLUIT_OK); /* to 64 */
    assert_null(damage(f));
    fluit_buf_reset(&f->bytes);
    assert_int_equal(fluit_replica_batch(&f->replica, 0, 1, &f->bytes, &next), FLUIT_OK);
    assert_int_equal(next, 65);
}

/* Much damage. */

/* Every entry that is not signed: payloads and mesh times, in turn. */
static void much_rots(struct fixture *f)
{
    write_feed(f, COUNT_MAX, 4);
    for (uint64_t seq = 1; seq <= COUNT_MAX; seq++)
        if (seq % 4 != 0)
            flip(f, seq, seq % 2, seq % 2 ? 20 : 1);
    start(f);
    assert_int_equal(damage_count(f), FLUIT_DAMAGED_MAX);
    assert_true(damage(f)->more);
}

static void more_damage_than_fits_is_not_read_either(void **state)
{
    struct fixture *f = *state;
    much_rots(f);
    for (uint64_t seq = 1; seq <= COUNT_MAX; seq++)
        assert_int_equal(reads(f, seq), seq % 4 == 0);
    serves_only_what_is_good(f);
    /* Nor when the list has room again: what it says ends where it ended. */
    assert_int_equal(peer_sends_up_to(f, 1, 4), FLUIT_OK);
    assert_int_equal(damage_count(f), FLUIT_DAMAGED_MAX - 3);
    for (uint64_t seq = COUNT_MAX; seq > 4; seq--)
        assert_int_equal(reads(f, seq), seq % 4 == 0);
}

static void more_damage_than_fits_is_mended_bit_by_bit(void **state)
{
    struct fixture *f = *state;
    much_rots(f);
    for (int batches = 0; damage(f); batches++) {
        assert_true(batches < 20);
        assert_int_equal(peer_sends(f, damage(f)->items[0].from), FLUIT_OK);
    }
    for (uint64_t seq = 1; seq <= COUNT_MAX; seq++)
        assert_true(reads(f, seq));
    assert_mended(f);
}

/* Flips anywhere, sometimes two in an entry, at rest or under way: what a node can't put right by
 * itself is mended from one who has all. */
static void random_rot_is_mended(void **state)
{
    struct fixture *f = *state;
    struct fluit_rng rng;
    int by_itself = 0, by_peer = 0;
    fluit_rng_seed(&rng, "rot", 3);
    write_feed(f, 60, 7);
    for (int turn = 0; turn < 150; turn++) {
        struct store_memory_flipped flipped;
        bool running = fluit_rng_below(&rng, 2);
        if (running)
            start(f);
        for (uint64_t n = 1 + fluit_rng_below(&rng, 5); n > 0; n--) {
            uint64_t entry = fluit_rng_below(&rng, f->count);
            for (uint64_t flips = 1 + fluit_rng_below(&rng, 3); flips > 0; flips--) {
                uint64_t bit = fluit_rng_below(&rng, 10000);
                assert_true(store_memory_flip(f->s, entry + f->count * bit, &flipped));
                assert_memory_equal(flipped.feed.b, f->feed.info.id.b, 32);
                assert_int_equal(flipped.seq, entry + 1);
            }
        }
        if (!running)
            start(f);
        serves_only_what_is_good(f);
        for (uint64_t seq = 1; seq <= f->count; seq++)
            assert_true(reads(f, seq) || fluit_damage_at(damage(f), seq));
        *(damage(f) ? &by_peer : &by_itself) += 1;
        for (int batches = 0; damage(f); batches++) {
            assert_true(batches < 20);
            assert_int_equal(peer_sends(f, damage(f)->items[0].from), FLUIT_OK);
        }
        assert_mended(f);
        assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    }
    assert_true(by_itself > 0 && by_peer > 0);
}

/* One wrong bit. */

static void a_wrong_bit_is_put_right_without_a_peer(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 7, 3);
    for (uint64_t seq = 1; seq <= f->count; seq++)
        for (size_t at = 0; at < FLUIT_HEADER_LEN + strlen(f->payloads[seq - 1]);
             at += step_of(seq)) {
            const struct fluit_feed_id *id = &f->feed.info.id;
            uint8_t mask = (uint8_t)(1u << at % 8);
            bool running = at % 2;
            if (running)
                start(f);
            assert_true(at < FLUIT_HEADER_LEN ? store_memory_flip_header(f->s, id, seq, at, mask)
                                              : store_memory_flip_payload(
                                                    f->s, id, seq, at - FLUIT_HEADER_LEN, mask));
            if (!running)
                start(f);
            serves_only_what_is_good(f);
            assert_mended(f);
            assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
        }
}

static void a_bit_of_each_part_of_neighbours_is_put_right(void **state)
{
    struct fixture *f = *state;
    write_feed(f, 9, 9);
    for (uint64_t seq = 3; seq <= 6; seq++) {
        assert_true(store_memory_flip_header(f->s, &f->feed.info.id, seq, 60, 1));
        assert_true(store_memory_flip_payload(f->s, &f->feed.info.id, seq, 2, 8));
    }
    start(f);
    assert_mended(f);
}

static void a_store_too_busy_to_be_put_right_is_no_error(void **state)
{
    struct fixture *f = *state;
    struct fluit_workshop_id workshop = f->feed.workshop;
    write_feed(f, 7, 3);
    assert_true(store_memory_flip_payload(f->s, &f->feed.info.id, 4, 2, 8));
    store_memory_fail(f->s, STORE_MEMORY_APPEND, 1, FLUIT_E_BUSY);
    assert_int_equal(fluit_replica_init(&f->replica, store_memory_port(f->s), &workshop), FLUIT_OK);
    assert_int_equal(damage_count(f), 1);
    assert_false(reads(f, 4));
    fluit_replica_deinit(&f->replica);
    store_memory_fail(f->s, STORE_MEMORY_APPEND, 1, FLUIT_E_FULL);
    assert_int_equal(fluit_replica_init(&f->replica, store_memory_port(f->s), &workshop),
                     FLUIT_E_FULL);
}

static void a_bit_is_looked_for_in_so_many_bytes_only(void **state)
{
    struct fixture *f = *state;
    struct fluit_store store = store_memory_port(f->s);
    static uint8_t payload[FLUIT_UNFLIP_LEN_MAX + 1];
    assert_int_equal(
        kit_feed_append(&f->feed, &store, fluit_slice(payload, sizeof payload - 1), true),
        FLUIT_OK);
    assert_int_equal(kit_feed_append(&f->feed, &store, fluit_slice(payload, sizeof payload), true),
                     FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    assert_true(
        store_memory_flip_payload(f->s, &f->feed.info.id, 1, FLUIT_UNFLIP_LEN_MAX - 1, 128));
    assert_true(store_memory_flip_payload(f->s, &f->feed.info.id, 2, 0, 1));
    restart(&f->replica, f->s);
    assert_int_equal(damage_count(f), 1);
    assert_non_null(fluit_damage_at(damage(f), 2));
}

static void an_unsigned_end_that_agrees_stays(void **state)
{
    struct fixture *f = *state;
    struct fluit_store store = store_memory_port(f->s);
    struct fluit_feed_info head;
    write_feed(f, 3, 3);
    assert_int_equal(kit_feed_append(&f->feed, &store, fluit_slice_str("unsigned"), false),
                     FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    restart(&f->replica, f->s);
    assert_int_equal(f->replica.feeds[0]->info.seq, 4);
    assert_false(f->replica.feeds[0]->restate);
    assert_false(fluit_replica_head(&f->replica, 0, &head));
    /* One that does not is nobody's word: the feed ends at its newest signed head. */
    flip(f, 4, true, 20);
    restart(&f->replica, f->s);
    assert_int_equal(f->replica.feeds[0]->info.seq, 3);
    assert_null(damage(f));
    assert_true(fluit_replica_head(&f->replica, 0, &head));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_sound_disk_has_no_damage),
        TEST(every_flipped_byte_is_found_and_mended),
        TEST(two_damaged_entries_are_mended_by_one_batch),
        TEST(what_the_peer_lost_too_stays_marked_and_the_rest_is_mended),
        TEST(a_head_is_told_only_up_to_the_first_damaged_entry),
        TEST(without_a_signed_head_before_the_damage_none_is_told),
        TEST(a_damaged_feed_grows_and_its_head_is_mended_afterwards),
        TEST(mending_that_was_not_committed_is_done_again),
        TEST(a_store_that_fails_while_mending_is_told),
        TEST(a_payload_that_rots_later_is_found_when_it_is_read),
        TEST(whatever_rots_later_is_never_passed_on),
        TEST(our_own_rot_is_not_taken_for_a_fork),
        TEST(who_claims_another_hash_without_the_author_costs_us_no_walk),
        TEST(another_branch_mends_nothing),
        TEST(a_signature_that_rotted_ends_no_batch_and_comes_back),
        TEST(the_signature_of_the_head_is_known_twice),
        TEST(entry_and_signature_rot_together_and_both_come_back),
        TEST(where_a_signature_is_lost_for_good_another_ends_the_batch),
        TEST(more_damage_than_fits_is_not_read_either),
        TEST(more_damage_than_fits_is_mended_bit_by_bit),
        TEST(random_rot_is_mended),
        TEST(a_wrong_bit_is_put_right_without_a_peer),
        TEST(a_bit_of_each_part_of_neighbours_is_put_right),
        TEST(a_store_too_busy_to_be_put_right_is_no_error),
        TEST(a_bit_is_looked_for_in_so_many_bytes_only),
        TEST(an_unsigned_end_that_agrees_stays),
    };
    return fluit_crypto_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
