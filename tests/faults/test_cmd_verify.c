/* What `fluit verify` says of good and damaged data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/cli/commands.h"
#include "node/io/store_sqlite.h"
#include "tests/kit/dirkit.h"
#include "tests/kit/feedkit.h"

struct fixture {
    char *dir;
    struct fluit_store_sqlite *s; /* stays open: a node runs */
    struct kit_feed feed;
    int status;
    char out[1000], err[1000];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct fluit_buf why = FLUIT_BUF_INIT;
    *state = f;
    f->dir = kit_dir_new();
    if (fluit_store_open(f->dir, FLUIT_STORE_CREATE, &f->s, &why))
        return -1;
    struct fluit_store store = fluit_store_port(f->s);
    kit_feed_init(&f->feed, 1);
    return kit_put_workshop(&store) ||
           kit_feed_append(&f->feed, &store, fluit_slice_str("one"), false) ||
           kit_feed_append(&f->feed, &store, fluit_slice_str("two"), true) ||
           fluit_store_commit(f->s);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_store_close(f->s);
    kit_dir_free(f->dir);
    free(f);
    return 0;
}

/* Sends one of our streams into a file; returns where it went before. */
static int divert(FILE *stream, FILE *to)
{
    fflush(stream);
    int old = dup(fileno(stream));
    dup2(fileno(to), fileno(stream));
    return old;
}

static void restore(FILE *stream, int old, FILE *from, char *text, size_t size)
{
    fflush(stream);
    dup2(old, fileno(stream));
    close(old);
    rewind(from);
    text[fread(text, 1, size - 1, from)] = 0;
    fclose(from);
}

static void run(struct fixture *f, char *arg)
{
    char name[] = "verify";
    char *argv[] = {name, arg, NULL};
    FILE *out = tmpfile(), *err = tmpfile();
    int old_out = divert(stdout, out), old_err = divert(stderr, err);
    f->status = fluit_cmd_verify(arg ? 2 : 1, argv);
    restore(stdout, old_out, out, f->out, sizeof f->out);
    restore(stderr, old_err, err, f->err, sizeof f->err);
}

static void sql(struct fixture *f, const char *text)
{
    char *path = kit_path(f->dir, "fluit.db");
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    free(path);
}

static void prints_a_line_a_feed_and_the_digest(void **state)
{
    struct fixture *f = *state;
    char id[17], want[100];
    fluit_hex(f->feed.info.id.b, 8, id);
    snprintf(want, sizeof want, "%s  2 entries  signed head ok\ndigest ", id);
    run(f, f->dir);
    assert_int_equal(f->status, 0);
    assert_string_equal(f->err, "");
    assert_memory_equal(f->out, want, strlen(want));
    assert_int_equal(strlen(f->out), strlen(want) + 65);
}

static void names_the_exact_place_of_a_break(void **state)
{
    struct fixture *f = *state;
    char id[17], want[100];
    fluit_hex(f->feed.info.id.b, 8, id);
    sql(f, "UPDATE entries SET payload = CAST('oNe' AS BLOB) WHERE seq = 1");
    run(f, f->dir);
    snprintf(want, sizeof want, "fluit verify: feed %s, entry 1: payload does not match its hash\n",
             id);
    assert_int_equal(f->status, 1);
    assert_string_equal(f->err, want);
    assert_string_equal(f->out, "");
}

static void says_when_the_workshop_is_not_known(void **state)
{
    struct fixture *f = *state;
    sql(f, "DELETE FROM named");
    run(f, f->dir);
    assert_int_equal(f->status, 1);
    assert_non_null(strstr(f->err, "does not say which workshop"));
}

static void says_what_is_wrong_with_the_directory(void **state)
{
    struct fixture *f = *state;
    char none[] = "/nonexistent";
    run(f, none);
    assert_int_equal(f->status, 1);
    assert_non_null(strstr(f->err, "/nonexistent/fluit.db is not there"));
    run(f, NULL);
    assert_int_equal(f->status, 2);
    assert_non_null(strstr(f->err, "usage"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(prints_a_line_a_feed_and_the_digest),
        TEST(names_the_exact_place_of_a_break),
        TEST(says_when_the_workshop_is_not_known),
        TEST(says_what_is_wrong_with_the_directory),
    };
    return fluit_crypto_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
