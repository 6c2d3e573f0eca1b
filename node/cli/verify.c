/* fluit verify DIR: a line a feed, then the digest; each break in full on standard error. */
#include <inttypes.h>
#include <stdio.h>

#include "node/cli/commands.h"
#include "node/io/store_sqlite.h"
#include "proto/verify.h"

struct tally {
    size_t broken;
};

static void print_feed(void *arg, const struct fluit_verified *feed)
{
    struct tally *tally = arg;
    char id[2 * 8 + 1];
    fluit_hex(feed->feed.b, 8, id);
    if (!feed->err) {
        printf("%s  %" PRIu64 " entries  signed head ok\n", id, feed->entries);
        return;
    }
    tally->broken++;
    if (feed->bad_seq)
        fprintf(stderr, "fluit verify: feed %s, entry %" PRIu64 ": %s\n", id, feed->bad_seq,
                feed->what);
    else
        fprintf(stderr, "fluit verify: feed %s: %s\n", id, feed->what);
}

static int fail(const char *dir, enum fluit_err err)
{
    if (err == FLUIT_E_MISSING)
        fprintf(stderr, "fluit verify: %s does not say which workshop it is of\n", dir);
    else
        fprintf(stderr, "fluit verify: %s: %s\n", dir, fluit_err_text(err));
    return 1;
}

int fluit_cmd_verify(int argc, char **argv)
{
    if (argc != 2 || argv[1][0] == '-') {
        fputs("usage: fluit verify DIR\n", stderr);
        return 2;
    }
    const char *dir = argv[1];
    struct fluit_store_sqlite *s = NULL;
    struct fluit_buf why = FLUIT_BUF_INIT;
    enum fluit_err err = fluit_store_open(dir, FLUIT_STORE_READONLY, &s, &why);
    if (err) {
        fprintf(stderr, "fluit verify: %s\n", why.len ? fluit_buf_text(&why) : fluit_err_text(err));
        fluit_buf_deinit(&why);
        return 1;
    }
    fluit_buf_deinit(&why);
    struct fluit_store store = fluit_store_port(s);
    struct fluit_hash digest;
    struct tally tally = {0};
    err = fluit_verify_store(&store, print_feed, &tally, &digest);
    fluit_store_close(s);
    if (err)
        return tally.broken ? 1 : fail(dir, err);
    char hex[2 * sizeof digest.b + 1];
    fluit_hex(digest.b, sizeof digest.b, hex);
    printf("digest %s\n", hex);
    return 0;
}
