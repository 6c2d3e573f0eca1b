/* make_seeds DIR: writes the fuzzers' first inputs to DIR/body, DIR/codec and DIR/header, which
 * exist. Run it again, and commit what it writes, when an encoding changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/body.h"
#include "proto/entry.h"
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

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: make_seeds DIR\n", stderr);
        return 1;
    }
    save_bodies(argv[1]);
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
