/* What is a plain JPEG, and base64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/jpeg.h"
#include "tests/unit/jpeg_fixture.h"

/* The same in whatever pieces it comes. */
static bool is_plain(const struct fluit_buf *file)
{
    struct fluit_jpeg whole = {0}, bytewise = {0};
    fluit_jpeg_next(&whole, fluit_buf_slice(file));
    for (size_t i = 0; i < file->len; i++)
        fluit_jpeg_next(&bytewise, fluit_slice(file->data + i, 1));
    assert_int_equal(fluit_jpeg_ended(&whole), fluit_jpeg_ended(&bytewise));
    return fluit_jpeg_ended(&whole);
}

static void takes_a_plain_one(void **state)
{
    struct fluit_buf file = FLUIT_BUF_INIT;
    (void)state;
    fixture_jpeg(&file, 100);
    assert_true(is_plain(&file));
    fluit_buf_deinit(&file);
}

static void a_beginning_is_no_picture_yet(void **state)
{
    struct fluit_buf file = FLUIT_BUF_INIT;
    (void)state;
    fixture_jpeg(&file, 10);
    for (size_t len = 0; len < file.len; len++) {
        struct fluit_jpeg jpeg = {0};
        assert_true(fluit_jpeg_next(&jpeg, fluit_slice(file.data, len)));
        assert_false(fluit_jpeg_ended(&jpeg));
    }
    fluit_buf_deinit(&file);
}

static void refuses_what_comes_after_the_end(void **state)
{
    struct fluit_buf file = FLUIT_BUF_INIT;
    (void)state;
    fixture_jpeg(&file, 10);
    fixture_jpeg(&file, 10);
    assert_false(is_plain(&file));
    fluit_buf_deinit(&file);
}

/* With these bytes between its first segments, or in the middle of its scan. */
static bool takes(const char *bytes, size_t len, bool in_scan)
{
    struct fluit_buf file = FLUIT_BUF_INIT;
    fixture_jpeg_begin(&file);
    if (!in_scan)
        fluit_buf_put(&file, bytes, len);
    PUT_BYTES(&file, FIXTURE_SOF FIXTURE_SOS "scan");
    if (in_scan)
        fluit_buf_put(&file, bytes, len);
    PUT_BYTES(&file, "\xff\xd9");
    bool plain = is_plain(&file);
    fluit_buf_deinit(&file);
    return plain;
}

static void refuses_all_that_is_not_the_picture(void **state)
{
    (void)state;
    for (unsigned marker = 0; marker < 256; marker++) {
        char segment[] = {'\xff', (char)marker, 0, 6, 'E', 'x', 'i', 'f'};
        bool table = marker == 0xc4 || marker == 0xdb || marker == 0xdd;
        bool plain = table || marker == 0xe0 || marker == 0xee;
        if (marker == 0xff || marker == 0xc0 || marker == 0xda)
            continue; /* fill, a second frame and a second scan: below */
        assert_int_equal(takes(segment, sizeof segment, false), plain);
        /* In a scan 0 and restarts are data, and the end ends it: there is more after it here. */
        bool data = marker == 0 || (marker >= 0xd0 && marker <= 0xd7);
        segment[7] = 'f';
        if (data)
            assert_true(takes(segment, 2, true));
        else if (!plain)
            assert_false(takes(segment, sizeof segment, true));
    }
}

static void knows_fill_bytes_frames_and_scans(void **state)
{
    (void)state;
    assert_true(takes("\xff\xff\xff\xdb\0\x04\0\1", 8, false));
    assert_false(takes(FIXTURE_SOF, sizeof FIXTURE_SOF - 1, false));        /* two frames */
    assert_false(takes(FIXTURE_SOS "scan", sizeof FIXTURE_SOS + 3, false)); /* before its frame */
    assert_true(takes(FIXTURE_SOS "scan", sizeof FIXTURE_SOS + 3, true));   /* progressive */
    assert_true(takes("\xff\xc4\0\x04\1\xe1" FIXTURE_SOS, 6 + sizeof FIXTURE_SOS - 1, true));
    assert_false(takes("\xff\xdb\0\x01", 4, false)); /* a length that can't be */
    assert_false(takes("Exif", 4, false));           /* no segment */
}

/* SOF with these height and width. */
static bool takes_size(unsigned height, unsigned width)
{
    struct fluit_buf file = FLUIT_BUF_INIT;
    char frame[] = FIXTURE_SOF;
    fixture_jpeg_begin(&file);
    frame[5] = (char)(height >> 8);
    frame[6] = (char)height;
    frame[7] = (char)(width >> 8);
    frame[8] = (char)width;
    fluit_buf_put(&file, frame, sizeof frame - 1);
    PUT_BYTES(&file, FIXTURE_SOS "x\xff\xd9");
    bool plain = is_plain(&file);
    fluit_buf_deinit(&file);
    return plain;
}

static void refuses_sizes_that_would_burst_a_page(void **state)
{
    (void)state;
    assert_true(takes_size(1, FLUIT_PHOTO_SIDE_MAX));
    assert_true(takes_size(FLUIT_PHOTO_SIDE_MAX, 1));
    assert_false(takes_size(1, FLUIT_PHOTO_SIDE_MAX + 1));
    assert_false(takes_size(FLUIT_PHOTO_SIDE_MAX + 1, 1));
    assert_false(takes_size(0, 5));
    assert_false(takes_size(5, 0));
    struct fluit_jpeg jpeg = {0};
    static const uint8_t too_short[] = {0xff, 0xd8, 0xff, 0xc0, 0, 6, 8, 0, 1, 0};
    assert_false(fluit_jpeg_next(&jpeg, fluit_slice(too_short, sizeof too_short)));
}

static void base64_goes_there_and_back(void **state)
{
    static const char *const texts[] = {
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}; /* RFC 4648, section 10 */
    (void)state;
    for (size_t len = 0; len <= 6; len++) {
        struct fluit_buf text = FLUIT_BUF_INIT, bytes = FLUIT_BUF_INIT;
        fluit_base64_put(&text, fluit_slice((const uint8_t *)"foobar", len));
        assert_string_equal(fluit_buf_text(&text), texts[len]);
        assert_int_equal(fluit_base64_get(&bytes, fluit_buf_slice(&text)), FLUIT_OK);
        assert_true(
            fluit_slice_eq(fluit_buf_slice(&bytes), fluit_slice((const uint8_t *)"foobar", len)));
        fluit_buf_deinit(&bytes);
        fluit_buf_deinit(&text);
    }
}

static void base64_takes_nothing_else(void **state)
{
    static const char *const wrong[] = {"Z",    "Zg=",  "Zg",       "Zg==Zg==", "=",    "====",
                                        "Z===", "Zh==", "Zm9=",     "Zm 9",     "Zm-_", "Zm9v\n",
                                        "=m9v", "Zg=v", "Zm9vZm9*", "Z\xff=="};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fluit_buf bytes = FLUIT_BUF_INIT;
        if (fluit_base64_get(&bytes, fluit_slice_str(wrong[i])) != FLUIT_E_FORMAT)
            fail_msg("%s was taken", wrong[i]);
        fluit_buf_deinit(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_plain_one),
        cmocka_unit_test(a_beginning_is_no_picture_yet),
        cmocka_unit_test(refuses_what_comes_after_the_end),
        cmocka_unit_test(refuses_all_that_is_not_the_picture),
        cmocka_unit_test(knows_fill_bytes_frames_and_scans),
        cmocka_unit_test(refuses_sizes_that_would_burst_a_page),
        cmocka_unit_test(base64_goes_there_and_back),
        cmocka_unit_test(base64_takes_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
