/* What a hub passes on as live frames. PROTOCOL.md "Sync". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "small_workshop.h"

/* Table 1 lays so many cards in one turn; what of it does the hub pass on when it hears? */
static size_t passed_on(struct small *w, int first, int count, enum fluit_event_kind kind)
{
    struct fluit_node *table = small_node(w, 1);
    const struct fluit_feed_info *own = &table->replica.feeds[table->own.index]->info;
    struct fluit_buf batch = FLUIT_BUF_INIT;
    uint64_t next = own->signed_seq + 1, frames = 0;
    small_lay(w, 1, first, count);
    assert_int_equal(fluit_replica_batch(&table->replica, table->own.index, next, &batch, &next),
                     FLUIT_OK);
    assert_int_equal(next, own->signed_seq + 1);
    small_step(w, 0, kind, fluit_buf_slice(&batch), &table->self.link_pk);
    for (size_t i = 0; i < w->fx.count; i++) {
        if (w->fx.items[i].kind != FLUIT_EFFECT_PUBLISH)
            continue;
        frames++;
        assert_memory_equal(w->fx.items[i].topic.b, own->id.b, 32);
        assert_int_equal(fluit_effect_bytes(&w->fx, &w->fx.items[i]).len, batch.len);
    }
    fluit_buf_deinit(&batch);
    small_turn_end(w, 0);
    return frames;
}

static void what_came_live_goes_on_live_and_of_a_long_story_others_ask(void **state)
{
    struct small *w = small_new(5);
    (void)state;
    small_join(w, 0);
    small_tell_all(w);
    assert_int_equal(passed_on(w, 0, 1, FLUIT_EVENT_FRAME), 1);
    assert_int_equal(passed_on(w, 1, 9, FLUIT_EVENT_FRAME), 1);
    small_step(w, 0, FLUIT_EVENT_LINK_UP, fluit_slice(NULL, 0), &small_node(w, 1)->self.link_pk);
    assert_int_equal(passed_on(w, 10, 1, FLUIT_EVENT_MESSAGE), 1);
    assert_int_equal(passed_on(w, 11, 9, FLUIT_EVENT_MESSAGE), 0);
    small_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_live_goes_on_live_and_of_a_long_story_others_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
