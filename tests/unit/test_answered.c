/* A page asks, the node is started again, the page asks the same again: done once, one answer. */
#include "node/view/page.h"
#include "tests/unit/small_workshop.h"

#define HUB   0
#define TABLE 1

struct asked {
    struct small *w;
    struct fluit_buf said;
};

static struct fluit_hash name_of(const char *key)
{
    struct fluit_slice parts[] = {fluit_slice_str(key)};
    return fluit_hash("test", parts, 1);
}

/* Asks in a turn of its own, which is not committed; the answer, until the next. */
static const char *ask(struct asked *a, int i, const char *key, const char *json)
{
    struct small *w = a->w;
    struct fluit_hash once = name_of(key);
    struct fluit_event event = {.kind = FLUIT_EVENT_REQUEST,
                                .now_us = ++w->now_us,
                                .wall_us = 1790000000000000,
                                .boot_id = {1},
                                .entropy = {9, (uint8_t)w->now_us},
                                .link = 7,
                                .session = {.id = {1}},
                                .once = key[0] ? &once : NULL,
                                .bytes = fluit_slice_str(json)};
    fluit_effects_reset(&w->fx);
    fluit_buf_reset(&a->said);
    if (i == HUB)
        fluit_page_hub_step(w->hub, &event, &w->fx);
    else
        fluit_page_guest_step(w->tables[i - 1], &event, &w->fx);
    assert_int_equal(small_node(w, i)->failed, FLUIT_OK);
    for (size_t at = 0; at < w->fx.count; at++)
        if (w->fx.items[at].kind == FLUIT_EFFECT_ANSWER) {
            struct fluit_slice json_said = fluit_effect_bytes(&w->fx, &w->fx.items[at]);
            fluit_buf_put(&a->said, json_said.data, json_said.len);
        }
    return fluit_buf_text(&a->said);
}

/* Asks what must be done; a copy of the answer. */
static char *does(struct asked *a, int i, const char *key, const char *json)
{
    char *said = strdup(ask(a, i, key, json));
    assert_non_null(said);
    if (strncmp(said, "{\"ok\":true", 10) != 0)
        fail_msg("%s was answered: %s", json, said);
    return said;
}

static void do_it(struct asked *a, int i, const char *key, const char *json)
{
    free(does(a, i, key, json));
    small_turn_end(a->w, i);
}

/* What is asked again gets that answer, and writes nothing. */
static void same_again(struct asked *a, int i, const char *key, const char *json, const char *said)
{
    const struct fluit_node *node = small_node(a->w, i);
    uint64_t before = node->replica.feeds[node->own.index]->info.seq;
    assert_string_equal(ask(a, i, key, json), said);
    assert_int_equal(node->replica.feeds[node->own.index]->info.seq, before);
}

/* A power cut: what was not committed is gone. */
static void restart(struct asked *a, int i)
{
    struct small *w = a->w;
    struct fluit_store port = store_memory_port(w->disks[i]);
    uint8_t entropy[32] = {8, (uint8_t)w->now_us};
    store_memory_crash(w->disks[i]);
    if (i == HUB) {
        struct fluit_hub_config config = {.speed = 1};
        fluit_hub_deinit(w->hub);
        assert_int_equal(fluit_hub_init(w->hub, port, &config, entropy), FLUIT_OK);
        w->hub->ports[0] = w->hub->ports[1] = w->hub->ports[2] = 7451;
    } else {
        struct fluit_guest_config config = {.node_class = FLUIT_NODE_TABLE};
        fluit_guest_deinit(w->tables[i - 1]);
        assert_int_equal(fluit_guest_init(w->tables[i - 1], port, &config, entropy), FLUIT_OK);
    }
    small_step(w, i, FLUIT_EVENT_START, fluit_slice(NULL, 0), NULL);
    small_turn_end(w, i);
    w->now_us += 2 * FLUIT_OWN_COPY_WAIT_US;
    small_step(w, i, FLUIT_EVENT_TICK, fluit_slice(NULL, 0), NULL);
    small_turn_end(w, i);
    assert_true(small_node(w, i)->own.ready);
}

static int up(void **state)
{
    struct asked *a = calloc(1, sizeof *a);
    assert_non_null(a);
    a->w = small_new(3);
    small_join(a->w, 0);
    small_tell_all(a->w);
    *state = a;
    return 0;
}

static int down(void **state)
{
    struct asked *a = *state;
    small_free(a->w);
    fluit_buf_deinit(&a->said);
    free(a);
    return 0;
}

#define EXTEND "{\"do\":\"line\",\"line\":\"extend 2m\"}"
#define UNDO   "{\"do\":\"undo\"}"
#define PLACE  "{\"do\":\"place\",\"card\":\"%s\",\"zone\":\"hinders\",\"degree\":2}"

static void extends_once_over_a_new_start(void **state)
{
    struct asked *a = *state;
    const struct fluit_plan *plan = &a->w->hub->node.plan;
    do_it(a, HUB, "start", "{\"do\":\"line\",\"line\":\"start\"}");
    int64_t end_us = plan->end_us;
    char *said = does(a, HUB, "more", EXTEND);
    small_turn_end(a->w, HUB);
    assert_int_equal(plan->end_us, end_us + 120000000);
    same_again(a, HUB, "more", EXTEND, said);
    restart(a, HUB);
    assert_int_equal(plan->end_us, end_us + 120000000);
    same_again(a, HUB, "more", EXTEND, said);
    assert_int_equal(plan->end_us, end_us + 120000000);
    do_it(a, HUB, "yet more", EXTEND); /* that is another one */
    assert_int_equal(plan->end_us, end_us + 240000000);
    free(said);
}

static void lay(struct asked *a, const char *card, const char *key)
{
    char json[128];
    snprintf(json, sizeof json, PLACE, card);
    do_it(a, TABLE, key, json);
}

static void undoes_once_over_a_new_start(void **state)
{
    struct asked *a = *state;
    struct fluit_card_ref health = {.copy = 1};
    assert_int_equal(fluit_id_set(&health.card, fluit_slice_str("health")), FLUIT_OK);
    lay(a, "health", "one");
    lay(a, "finances", "two");
    char *said = does(a, TABLE, "back", UNDO);
    small_turn_end(a->w, TABLE);
    same_again(a, TABLE, "back", UNDO, said);
    restart(a, TABLE);
    same_again(a, TABLE, "back", UNDO, said);
    lay(a, "finances", "three");
    same_again(a, TABLE, "back", UNDO, said); /* nor is what came later taken back */
    const struct fluit_node *node = small_node(a->w, TABLE);
    assert_int_equal(fluit_fold_place(node->fold, node->table, 1, &health).kind, FLUIT_PLACE_ZONE);
    free(said);
}

/* The answer and the entry are on the disk both, or neither is. */
static void what_was_not_committed_is_done_again(void **state)
{
    struct asked *a = *state;
    lay(a, "health", "one");
    free(does(a, TABLE, "note", "{\"do\":\"note\",\"text\":\"give people time\"}"));
    restart(a, TABLE);
    char *said = does(a, TABLE, "note", "{\"do\":\"note\",\"text\":\"give people time\"}");
    small_turn_end(a->w, TABLE);
    restart(a, TABLE);
    same_again(a, TABLE, "note", "{\"do\":\"note\",\"text\":\"give people time\"}", said);
    free(said);
}

static void what_was_refused_may_be_asked_again(void **state)
{
    struct asked *a = *state;
    assert_non_null(strstr(ask(a, TABLE, "back", UNDO), "nothing to undo"));
    small_turn_end(a->w, TABLE);
    lay(a, "health", "one");
    do_it(a, TABLE, "back", UNDO);
}

static enum fluit_err count_one(void *arg, const char *name, struct fluit_slice value)
{
    (void)name;
    (void)value;
    ++*(int *)arg;
    return FLUIT_OK;
}

static void the_newest_are_kept_and_no_more(void **state)
{
    struct asked *a = *state;
    struct fluit_store store = store_memory_port(a->w->disks[TABLE]);
    char key[16], *said = NULL;
    int count = 0;
    for (int i = 0; i <= FLUIT_ANSWERED_MAX; i++) {
        free(said);
        snprintf(key, sizeof key, "%d", i);
        said = does(a, TABLE, key, "{\"do\":\"heard\",\"heard\":true}");
        small_turn_end(a->w, TABLE);
    }
    restart(a, TABLE);
    assert_int_equal(store.ops->values(store.self, "answer/", count_one, &count), FLUIT_OK);
    assert_int_equal(count, FLUIT_ANSWERED_MAX);
    same_again(a, TABLE, key, "{\"do\":\"heard\",\"heard\":true}", said);
    same_again(a, TABLE, key, "{\"do\":\"heard\",\"heard\":true}", said);
    char *other = does(a, TABLE, "0", "{\"do\":\"heard\",\"heard\":true}"); /* long ago */
    assert_string_not_equal(other, said);
    free(other);
    free(said);
}

static void a_damaged_value_is_passed_over(void **state)
{
    struct asked *a = *state;
    struct fluit_store store = store_memory_port(a->w->disks[TABLE]);
    uint8_t bytes[64];
    memset(bytes, 0xff, sizeof bytes);
    lay(a, "health", "one");
    assert_int_equal(store.ops->put(store.self, "answer/05", fluit_slice_str("x")), FLUIT_OK);
    assert_int_equal(store.ops->put(store.self, "answer/06", fluit_slice(bytes, sizeof bytes)),
                     FLUIT_OK);
    assert_int_equal(store_memory_commit(a->w->disks[TABLE]), FLUIT_OK);
    restart(a, TABLE);
    for (int i = 0; i < 2 * FLUIT_ANSWERED_MAX; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        do_it(a, TABLE, key, "{\"do\":\"heard\",\"heard\":true}");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(extends_once_over_a_new_start, up, down),
        cmocka_unit_test_setup_teardown(undoes_once_over_a_new_start, up, down),
        cmocka_unit_test_setup_teardown(what_was_not_committed_is_done_again, up, down),
        cmocka_unit_test_setup_teardown(what_was_refused_may_be_asked_again, up, down),
        cmocka_unit_test_setup_teardown(the_newest_are_kept_and_no_more, up, down),
        cmocka_unit_test_setup_teardown(a_damaged_value_is_passed_over, up, down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
