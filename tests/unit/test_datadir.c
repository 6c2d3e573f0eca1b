#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/io/datadir.h"
#include "tests/kit/dirkit.h"

static char *root;

static int setup(void **state)
{
    (void)state;
    root = kit_dir_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_dir_free(root);
    return 0;
}

/* Opens and closes; the reason must hold the words. */
static enum fluit_err try_open(const char *dir, bool create, const char *words)
{
    struct fluit_datadir datadir = FLUIT_DATADIR_NONE;
    struct fluit_buf why = FLUIT_BUF_INIT;
    enum fluit_err err = fluit_datadir_open(dir, create, &datadir, &why);
    const char *text = fluit_buf_text(&why);
    if (err)
        assert_int_equal(datadir.lock_fd, -1);
    if (!strstr(text, words) || strchr(text, '\n'))
        fail_msg("got \"%s\", not \"%s\"", text, words);
    fluit_datadir_close(&datadir);
    fluit_buf_deinit(&why);
    return err;
}

static mode_t mode_of(const char *dir, const char *name)
{
    struct stat st;
    char *path = kit_path(dir, name);
    assert_int_equal(stat(path, &st), 0);
    free(path);
    return st.st_mode & 0777;
}

static void makes_all_private_whatever_the_umask(void **state)
{
    (void)state;
    char *dir = kit_path(root, "data");
    mode_t old = umask(0);
    assert_int_equal(try_open(dir, true, ""), FLUIT_OK);
    umask(old);
    assert_int_equal(mode_of(dir, "."), 0700);
    assert_int_equal(mode_of(dir, "fluit.db"), 0600);
    assert_int_equal(mode_of(dir, "lock"), 0600);
    free(dir);
}

static void makes_an_open_database_private_again(void **state)
{
    (void)state;
    char *db = kit_path(root, "fluit.db");
    assert_int_equal(try_open(root, true, ""), FLUIT_OK);
    assert_int_equal(chmod(db, 0644), 0);
    assert_int_equal(try_open(root, false, ""), FLUIT_OK);
    assert_int_equal(mode_of(root, "fluit.db"), 0600);
    free(db);
}

static void makes_nothing_unless_told(void **state)
{
    (void)state;
    char *dir = kit_path(root, "data");
    assert_int_equal(try_open(dir, false, "does not exist"), FLUIT_E_MISSING);
    assert_int_equal(access(dir, F_OK), -1);
    assert_int_equal(try_open(root, false, "holds no fluit data"), FLUIT_E_MISSING);
    free(dir);
}

static void refuses_a_symlink(void **state)
{
    (void)state;
    char *real = kit_path(root, "real"), *link = kit_path(root, "link");
    char *slash = kit_path(link, "");
    assert_int_equal(try_open(real, true, ""), FLUIT_OK);
    assert_int_equal(symlink(real, link), 0);
    assert_int_equal(try_open(link, true, "symbolic link"), FLUIT_E_DENIED);
    assert_int_equal(try_open(slash, true, "symbolic link"), FLUIT_E_DENIED);
    assert_int_equal(try_open(link, false, "symbolic link"), FLUIT_E_DENIED);
    free(real);
    free(link);
    free(slash);
}

static void refuses_a_symlinked_database(void **state)
{
    (void)state;
    char *db = kit_path(root, "fluit.db");
    assert_int_equal(symlink("/dev/null", db), 0);
    assert_int_equal(try_open(root, true, "not a plain file"), FLUIT_E_DENIED);
    free(db);
}

static void refuses_what_everyone_can_write(void **state)
{
    (void)state;
    assert_int_equal(chmod(root, 0777), 0);
    assert_int_equal(try_open(root, true, "chmod go-w"), FLUIT_E_DENIED);
    assert_int_equal(chmod(root, 0755), 0);
    assert_int_equal(try_open(root, true, ""), FLUIT_OK);
}

static void refuses_a_file_and_a_missing_parent(void **state)
{
    (void)state;
    char *file = kit_path(root, "file"), *deep = kit_path(root, "no/data");
    close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(try_open(file, true, "not a directory"), FLUIT_E_DENIED);
    assert_int_equal(try_open(deep, true, "does not exist"), FLUIT_E_MISSING);
    free(file);
    free(deep);
}

static void a_second_process_is_told_to_wait(void **state)
{
    (void)state;
    struct fluit_datadir datadir = FLUIT_DATADIR_NONE;
    struct fluit_buf why = FLUIT_BUF_INIT;
    assert_int_equal(fluit_datadir_open(root, true, &datadir, &why), FLUIT_OK);
    pid_t child = fork();
    if (child == 0) {
        struct fluit_datadir mine = FLUIT_DATADIR_NONE;
        enum fluit_err err = fluit_datadir_open(root, true, &mine, &why);
        _exit(err == FLUIT_E_BUSY && strstr(fluit_buf_text(&why), "in use by another") ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fluit_datadir_close(&datadir);
    assert_int_equal(try_open(root, false, ""), FLUIT_OK);
    fluit_buf_deinit(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_all_private_whatever_the_umask, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_an_open_database_private_again, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_nothing_unless_told, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_symlink, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_symlinked_database, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_everyone_can_write, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_file_and_a_missing_parent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_process_is_told_to_wait, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
