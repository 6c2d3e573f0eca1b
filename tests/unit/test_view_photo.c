/* Photos of the paper board, as a table's page sends them and gets them back. */
#include "tests/unit/jpeg_fixture.h"
#include "tests/unit/page_desk.h"

#define ONE   "00112233445566778899aabbccddeeff"
#define OTHER "10112233445566778899aabbccddeeff"

static void wait_us(struct desk *d, int64_t us)
{
    struct fluit_event event = {.now_us = d->guest.node.now_us + us};
    fluit_node_begin(&d->guest.node, &event);
}

/* The request that sends bytes as that part. */
static char *part_json(const char *id, int part, int parts, struct fluit_slice bytes)
{
    struct fluit_buf text = FLUIT_BUF_INIT, json = FLUIT_BUF_INIT;
    fluit_base64_put(&text, bytes);
    fluit_buf_printf(&json, "{\"do\":\"photo\",\"photo\":\"%s\",\"part\":%d,\"parts\":%d,", id,
                     part, parts);
    fluit_buf_puts(&json, "\"data\":\"");
    fluit_buf_puts(&json, fluit_buf_text(&text));
    fluit_buf_puts(&json, "\"}");
    char *copy = strdup(fluit_buf_text(&json));
    assert_non_null(copy);
    fluit_buf_deinit(&text);
    fluit_buf_deinit(&json);
    return copy;
}

static void send_part(struct desk *d, const char *id, int part, int parts, struct fluit_slice bytes)
{
    char *json = part_json(id, part, parts, bytes);
    wait_us(d, FLUIT_PHOTO_GAP_US);
    desk_does(d, json);
    free(json);
}

static void refuse_part(struct desk *d, const char *id, int part, int parts,
                        struct fluit_slice bytes, const char *why)
{
    char *json = part_json(id, part, parts, bytes);
    wait_us(d, FLUIT_PHOTO_GAP_US);
    desk_denies(d, json, why);
    free(json);
}

static struct fluit_slice cut(const struct fluit_buf *file, size_t from, size_t len)
{
    return fluit_slice(file->data + from, len);
}

static void send_whole(struct desk *d, const char *id)
{
    struct fluit_buf file = FLUIT_BUF_INIT;
    fixture_jpeg(&file, 20);
    send_part(d, id, 0, 1, fluit_buf_slice(&file));
    fluit_buf_deinit(&file);
}

static void gets_back_what_was_sent(struct desk *d, const char *id, int part, int parts,
                                    struct fluit_slice bytes)
{
    struct fluit_buf wanted = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    char json[128];
    snprintf(json, sizeof json, "{\"do\":\"photo_data\",\"photo\":\"%s\",\"part\":%d}", id, part);
    fluit_base64_put(&text, bytes);
    fluit_buf_printf(&wanted, "{\"ok\":true,\"parts\":%d,\"data\":\"", parts);
    fluit_buf_puts(&wanted, fluit_buf_text(&text));
    fluit_buf_puts(&wanted, "\"}");
    uint64_t before = desk_seq(d);
    assert_string_equal(desk_ask(d, json), fluit_buf_text(&wanted));
    assert_int_equal(desk_seq(d), before);
    fluit_buf_deinit(&text);
    fluit_buf_deinit(&wanted);
}

/* As long as one may be. */
static void the_longest_photo_goes_there_and_back(void **state)
{
    struct desk *d = *state;
    struct fluit_buf file = FLUIT_BUF_INIT;
    const size_t len = FLUIT_PHOTO_PART_LEN_MAX;
    const int parts = FLUIT_PHOTO_PARTS_MAX;
    fixture_jpeg(&file, 0);
    size_t rest = file.len;
    fluit_buf_reset(&file);
    fixture_jpeg(&file, len * (size_t)parts - rest);
    for (int i = 0; i < parts; i++)
        send_part(d, ONE, i, parts, cut(&file, len * (size_t)i, len));
    desk_shows(d, "\"photos\":[{\"id\":\"" ONE "\",\"round\":1,\"parts\":18,\"have\":18,\"bytes\":"
                  "588600,\"seq\":");
    for (int i = 0; i < parts; i++)
        gets_back_what_was_sent(d, ONE, i, parts, cut(&file, len * (size_t)i, len));
    desk_denies(d, "{\"do\":\"photo_data\",\"photo\":\"" ONE "\",\"part\":18}", "no such part");
    desk_denies(d, "{\"do\":\"photo_data\",\"photo\":\"" OTHER "\",\"part\":0}", "no such photo");
    fluit_buf_deinit(&file);
}

static void a_part_that_is_sent_again_is_saved_once(void **state)
{
    struct desk *d = *state;
    struct fluit_buf file = FLUIT_BUF_INIT;
    fixture_jpeg(&file, 20);
    send_part(d, ONE, 0, 2, cut(&file, 0, 9));
    uint64_t seq = desk_seq(d);
    char *json = part_json(ONE, 0, 2, cut(&file, 0, 9)), answer[40];
    snprintf(answer, sizeof answer, "{\"ok\":true,\"seq\":%llu}", (unsigned long long)seq);
    assert_string_equal(desk_ask(d, json), answer); /* at once: nothing has to wait for it */
    assert_int_equal(desk_seq(d), seq);
    free(json);
    desk_denies(d, "{\"do\":\"photo_data\",\"photo\":\"" ONE "\",\"part\":0}", "not all here");
    desk_shows(d, "\"parts\":2,\"have\":1,\"bytes\":9,");
    send_part(d, ONE, 1, 2, cut(&file, 9, file.len - 9));
    gets_back_what_was_sent(d, ONE, 1, 2, cut(&file, 9, file.len - 9));
    fluit_buf_deinit(&file);
}

static void parts_come_in_order_and_belong_together(void **state)
{
    struct desk *d = *state;
    struct fluit_buf file = FLUIT_BUF_INIT;
    fixture_jpeg(&file, 20);
    refuse_part(d, ONE, 1, 2, cut(&file, 0, 9), "part 0 is next");
    send_part(d, ONE, 0, 3, cut(&file, 0, 9));
    refuse_part(d, ONE, 2, 3, cut(&file, 9, 9), "part 1 is next");
    refuse_part(d, ONE, 1, 2, cut(&file, 9, 9), "another photo");
    refuse_part(d, ONE, 2, 2, cut(&file, 9, 9), "counted from 0");
    refuse_part(d, OTHER, 0, 19, cut(&file, 0, 9), "at most 18");
    refuse_part(d, OTHER, 0, 0, cut(&file, 0, 9), "at most 18");
    refuse_part(d, "xyz", 0, 1, fluit_buf_slice(&file), "32 hex digits");
    refuse_part(d, ONE, 1, 3, fluit_slice(NULL, 0), "1 to 32700 bytes");
    desk_denies(d, "{\"do\":\"photo\",\"photo\":\"" OTHER "\",\"parts\":1,\"data\":\"/9j\"}",
                "in base64");
    desk_denies(d,
                "{\"do\":\"photo\",\"photo\":\"" OTHER "\",\"round\":9,\"parts\":1,\"data\":"
                "\"/9j/\"}",
                "no such round");
    fluit_buf_deinit(&file);
}

/* Exif in the second part, as in the first; what ends too soon, or not at all. */
static void what_is_no_plain_jpeg_is_refused(void **state)
{
    struct desk *d = *state;
    struct fluit_buf file = FLUIT_BUF_INIT;
    fixture_jpeg_begin(&file);
    size_t first = file.len;
    PUT_BYTES(&file, "\xff\xe1\0\x0a"
                     "Exif\0\0xx");
    fixture_jpeg_end(&file, 20);
    refuse_part(d, ONE, 0, 1, fluit_buf_slice(&file), "no plain JPEG");
    send_part(d, ONE, 0, 2, cut(&file, 0, first + 1));
    refuse_part(d, ONE, 1, 2, cut(&file, first + 1, file.len - first - 1), "no plain JPEG");
    fluit_buf_reset(&file);
    fixture_jpeg(&file, 20);
    refuse_part(d, OTHER, 0, 1, cut(&file, 0, file.len - 1), "no plain JPEG");
    refuse_part(d, OTHER, 0, 2, fluit_buf_slice(&file), "no plain JPEG");
    refuse_part(d, OTHER, 0, 1, fluit_slice_str("<svg/>"), "no plain JPEG");
    fluit_buf_deinit(&file);
}

static void a_round_has_four_and_one_taken_back_makes_room(void **state)
{
    struct desk *d = *state;
    char id[33];
    struct fluit_buf file = FLUIT_BUF_INIT;
    fixture_jpeg(&file, 20);
    for (int i = 0; i < FLUIT_PHOTOS_MAX; i++) {
        snprintf(id, sizeof id, "%032d", i);
        send_whole(d, id);
    }
    refuse_part(d, ONE, 0, 1, fluit_buf_slice(&file), "at most 4 photos");
    desk_does(d, "{\"do\":\"photo\",\"photo\":\"00000000000000000000000000000001\",\"gone\":true}");
    desk_shows_not(d, "\"id\":\"00000000000000000000000000000001\"");
    desk_denies(d,
                "{\"do\":\"photo\",\"photo\":\"00000000000000000000000000000001\",\"gone\":true}",
                "no such photo");
    refuse_part(d, "00000000000000000000000000000001", 0, 1, fluit_buf_slice(&file), "taken back");
    send_whole(d, ONE);
    desk_does(d, "{\"do\":\"undo\"}");
    desk_shows_not(d, ONE);
    fluit_buf_deinit(&file);
}

static void a_photo_waits_for_the_whistle_and_for_others(void **state)
{
    struct desk *d = *state;
    struct fluit_buf file = FLUIT_BUF_INIT;
    fixture_jpeg(&file, 20);
    char *json = part_json(ONE, 0, 1, fluit_buf_slice(&file));
    struct fluit_node *node = &d->guest.node;
    struct fluit_alarm_marks marks = {1, 1, 1, {{{1, 0, FLUIT_MARK_END, 1}, 0}}};
    d->guest.photo_us = node->now_us;
    wait_us(d, FLUIT_PHOTO_GAP_US - 1);
    desk_denies(d, json, "one moment");
    wait_us(d, 1);
    marks.marks[0].at_us = node->now_us + FLUIT_PHOTO_QUIET_US - 1;
    node->alarm = (struct fluit_alarm){.wanted = marks, .armed = marks, .started = true};
    desk_denies(d, json, "one moment");
    marks.marks[0].at_us++;
    node->alarm = (struct fluit_alarm){.wanted = marks, .armed = marks, .started = true};
    desk_does(d, json);
    free(json);
    fluit_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_longest_photo_goes_there_and_back, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(a_part_that_is_sent_again_is_saved_once, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(parts_come_in_order_and_belong_together, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(what_is_no_plain_jpeg_is_refused, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(a_round_has_four_and_one_taken_back_makes_room,
                                        desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(a_photo_waits_for_the_whistle_and_for_others, desk_table_up,
                                        desk_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
