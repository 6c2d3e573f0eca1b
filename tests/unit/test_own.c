/* A node's own feed after a start: it goes on with the longest copy that anyone holds, or begins a
 * new one, and never writes one seq twice. PROTOCOL.md "Feeds"; what it had armed: "Whistle". */
#include "tests/unit/hall.h"

static struct fluit_node *node_of(struct hall *h)
{
    return &h->guest.node;
}

static struct fluit_feed_info own(struct hall *h)
{
    assert_true(node_of(h)->own.ready);
    return node_of(h)->replica.feeds[node_of(h)->own.index]->info;
}

/* Appends entries of ours in one turn; saved only if the caller commits. */
static void write_some(struct hall *h, int count)
{
    struct fluit_effects fx = {0};
    struct fluit_act act = {.kind = FLUIT_KIND_HELLO};
    for (int i = 0; i < count; i++)
        assert_int_equal(fluit_node_append(node_of(h), &act, 0, NULL, &fx), FLUIT_OK);
    fluit_effects_deinit(&fx);
    hall_turn(h, (struct fluit_event){.kind = FLUIT_EVENT_TURN_END});
}

/* What the last turn published of our feed, as others hold it. */
static void published(struct hall *h, struct fluit_buf *out)
{
    for (size_t i = 0; i < h->fx.count; i++)
        if (h->fx.items[i].kind == FLUIT_EFFECT_PUBLISH) {
            struct fluit_slice bytes = fluit_effect_bytes(&h->fx, &h->fx.items[i]);
            fluit_buf_put(out, bytes.data, bytes.len);
            return;
        }
    fail_msg("nothing was published");
}

static void put_heads(struct fluit_buf *out, const struct fluit_feed_info *head)
{
    struct fluit_hash digest = {{1}};
    fluit_put_heads(out, &digest, true, head, head ? 1 : 0);
}

/* The hub tells that it holds this of our feed, and nothing else. */
static void hub_tells(struct hall *h, const struct fluit_feed_info *head)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    put_heads(&out, head);
    hall_hear(h, fluit_buf_slice(&out));
    fluit_buf_deinit(&out);
}

/* The same, and the turn goes on. */
static void hub_tells_in_this_turn(struct hall *h, const struct fluit_feed_info *head)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    struct fluit_effects fx = {0};
    put_heads(&out, head);
    struct fluit_event event = {.kind = FLUIT_EVENT_MESSAGE,
                                .now_us = h->now_us,
                                .boot_id = {1},
                                .link = HALL_LINK,
                                .peer = h->voices[HALL_HUB].self.link_pk,
                                .bytes = fluit_buf_slice(&out)};
    fluit_guest_step(&h->guest, &event, &fx);
    fluit_effects_deinit(&fx);
    fluit_buf_deinit(&out);
}

static void a_first_feed_begins_at_once(void **state)
{
    struct hall *h = hall_new(HALL_TABLE);
    (void)state;
    hall_start(h);
    struct fluit_feed_info feed = own(h);
    assert_int_equal(fluit_get_u64(feed.incarnation), 1);
    assert_int_equal(feed.seq, 1);
    hall_free(h);
}

static void a_lost_tail_is_fetched_from_who_holds_it(void **state)
{
    struct hall *h = hall_new(HALL_TABLE);
    struct fluit_buf tail = FLUIT_BUF_INIT;
    (void)state;
    hall_start(h);
    write_some(h, 2);
    hall_commit(h);
    write_some(h, 2);
    published(h, &tail);
    struct fluit_feed_info longest = own(h);
    hall_crash(h);
    hall_start(h);
    assert_false(node_of(h)->own.ready);
    hall_link_up(h);
    assert_false(node_of(h)->own.ready);
    hub_tells(h, &longest);
    assert_false(node_of(h)->own.ready);
    struct fluit_message want = hall_sent(h, FLUIT_MESSAGE_WANT);
    assert_int_equal(want.want.wants[0].from, longest.seq - 1);
    hall_hear(h, fluit_buf_slice(&tail));
    assert_false(node_of(h)->own.ready); /* somebody else may have more */
    hall_wait(h, FLUIT_OWN_COPY_GRACE_US);
    struct fluit_feed_info feed = own(h);
    assert_memory_equal(feed.id.b, longest.id.b, sizeof feed.id.b);
    assert_true(feed.seq >= longest.seq);
    fluit_buf_deinit(&tail);
    hall_free(h);
}

/* Returns the feed as it is on the disk. */
static struct fluit_feed_info write_and_start_again(struct hall *h)
{
    hall_start(h);
    write_some(h, 2);
    hall_commit(h);
    struct fluit_feed_info feed = own(h);
    hall_crash(h);
    hall_start(h);
    return feed;
}

static void a_feed_of_which_nobody_holds_more_goes_on(void **state)
{
    struct hall *h = hall_new(HALL_TABLE);
    (void)state;
    struct fluit_feed_info before = write_and_start_again(h);
    hall_link_up(h);
    assert_false(node_of(h)->own.ready);
    hub_tells(h, NULL);
    assert_false(node_of(h)->own.ready);
    hall_wait(h, FLUIT_OWN_COPY_GRACE_US);
    struct fluit_feed_info feed = own(h);
    assert_memory_equal(feed.id.b, before.id.b, sizeof feed.id.b);
    assert_true(feed.seq >= before.seq);
    hall_free(h);
}

static void without_an_answer_a_new_incarnation_begins(void **state)
{
    struct hall *h = hall_new(HALL_TABLE);
    (void)state;
    struct fluit_feed_info before = write_and_start_again(h);
    hall_wait(h, FLUIT_OWN_COPY_WAIT_US - 1);
    assert_false(node_of(h)->own.ready);
    hall_wait(h, 1);
    struct fluit_feed_info feed = own(h);
    assert_memory_not_equal(feed.id.b, before.id.b, sizeof feed.id.b);
    assert_int_equal(fluit_get_u64(feed.incarnation), 2);
    hall_free(h);
}

static void a_tail_that_nobody_gives_begins_a_new_incarnation(void **state)
{
    struct hall *h = hall_new(HALL_TABLE);
    (void)state;
    hall_start(h);
    write_some(h, 2);
    hall_commit(h);
    write_some(h, 2);
    struct fluit_feed_info longest = own(h);
    hall_crash(h);
    hall_start(h);
    hall_link_up(h);
    hub_tells(h, &longest);
    hall_wait(h, FLUIT_OWN_COPY_WAIT_US);
    struct fluit_feed_info feed = own(h);
    assert_int_equal(fluit_get_u64(feed.incarnation), 2);
    hall_free(h);
}

/* Its directory runs elsewhere, too: what comes after the other's entry is not written beside it.
 */
static void what_another_of_us_wrote_is_not_taken_for_ours(void **state)
{
    struct hall *h = hall_new(HALL_TABLE);
    (void)state;
    struct fluit_feed_info before = write_and_start_again(h);
    hall_link_up(h);
    hub_tells(h, NULL);
    hall_wait(h, FLUIT_OWN_COPY_GRACE_US);
    struct fluit_feed_info head = own(h);
    assert_memory_equal(head.id.b, before.id.b, sizeof head.id.b);
    head.signed_seq = ++head.seq;
    head.hash.b[0] ^= 1;
    head.sig =
        fluit_head_sign(&node_of(h)->self.sign_sk, &h->workshop, &head.id, head.seq, &head.hash);
    hub_tells_in_this_turn(h, &head);
    write_some(h, 1);
    struct fluit_feed_info feed = own(h);
    assert_int_equal(fluit_get_u64(feed.incarnation), 2);
    assert_int_equal(node_of(h)->own.safe_seq, 0);
    hall_free(h);
}

/* Is the entry the key of the story after it, sealed to these and nobody else? */
static void is_key_for(struct hall *h, const struct fluit_batch_entry *entry,
                       const struct fluit_header *story)
{
    static const int readers[] = {HALL_HUB, HALL_RAPPORTEUR};
    struct fluit_key_entry key;
    assert_int_equal(fluit_key_entry_get(&key, entry->payload), FLUIT_OK);
    assert_int_equal(key.purpose, FLUIT_KEY_STORY);
    assert_int_equal(key.round, story->round);
    assert_true(fluit_key_id_eq(&key.id, &story->key_id));
    assert_int_equal(key.stanza_count, 2);
    for (int i = 0; i < 2; i++) {
        const struct fluit_identity *reader = &h->voices[readers[i]].self;
        struct fluit_secret secret;
        assert_int_equal(
            fluit_key_entry_open(&key, &h->workshop, &reader->read_pk, &reader->read_sk, &secret),
            FLUIT_OK);
    }
}

static void a_story_comes_after_its_key_that_its_readers_can_open(void **state)
{
    struct hall *h = hall_new(HALL_TABLE);
    struct fluit_effects fx = {0};
    struct fluit_act act = {.kind = FLUIT_KIND_LIFT, .lift = {.card = {.copy = 1}}};
    struct fluit_header first, second;
    (void)state;
    assert_int_equal(fluit_id_set(&act.lift.card.card, fluit_slice_str("health")), FLUIT_OK);
    hall_start(h);
    assert_int_equal(fluit_node_append(node_of(h), &act, 2, NULL, &fx), FLUIT_OK);
    fluit_effects_deinit(&fx);
    hall_turn(h, (struct fluit_event){.kind = FLUIT_EVENT_TURN_END});
    struct fluit_message message = hall_sent(h, FLUIT_MESSAGE_ENTRIES);
    assert_int_equal(message.entries.count, 2);
    assert_int_equal(fluit_header_get(&first, message.entries.entries[0].header), FLUIT_OK);
    assert_int_equal(fluit_header_get(&second, message.entries.entries[1].header), FLUIT_OK);
    assert_int_equal(first.entry_class, FLUIT_CLASS_OPEN);
    assert_int_equal(second.entry_class, FLUIT_CLASS_STORY);
    is_key_for(h, &message.entries.entries[0], &second);
    hall_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_feed_begins_at_once),
        cmocka_unit_test(a_lost_tail_is_fetched_from_who_holds_it),
        cmocka_unit_test(a_feed_of_which_nobody_holds_more_goes_on),
        cmocka_unit_test(without_an_answer_a_new_incarnation_begins),
        cmocka_unit_test(a_tail_that_nobody_gives_begins_a_new_incarnation),
        cmocka_unit_test(what_another_of_us_wrote_is_not_taken_for_ours),
        cmocka_unit_test(a_story_comes_after_its_key_that_its_readers_can_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
