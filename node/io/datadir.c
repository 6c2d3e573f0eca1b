#include "node/io/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The error for errno, with a line about path. */
static enum fluit_err system_error(const char *path, struct fluit_buf *why)
{
    int code = errno;
    switch (code) {
    case ENOENT:
        fluit_buf_printf(why, "%s does not exist; check the path", path);
        return FLUIT_E_MISSING;
    case ENOTDIR:
        fluit_buf_printf(why, "%s is not a directory; give another path", path);
        return FLUIT_E_DENIED;
    case ELOOP:
        fluit_buf_printf(why, "%s is a symbolic link; give the directory itself", path);
        return FLUIT_E_DENIED;
    case EACCES:
    case EPERM:
    case EROFS:
        fluit_buf_printf(why, "%s can't be written by this user (%s); give another directory", path,
                         strerror(code));
        return FLUIT_E_DENIED;
    case ENOSPC:
    case EDQUOT:
        fluit_buf_printf(why, "no room to write in %s; free some disk space", path);
        return FLUIT_E_FULL;
    default:
        fluit_buf_printf(why, "%s: %s", path, strerror(code));
        return FLUIT_E_IO;
    }
}

/* An open descriptor of the directory that holds path (which has no slash at its end), or -1. */
static int open_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    struct fluit_buf parent = FLUIT_BUF_INIT;
    fluit_buf_put(&parent, path, len);
    int fd = open(fluit_buf_text(&parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fluit_buf_deinit(&parent);
    return fd;
}

/* Makes path, and makes sure that a power cut does not unmake it. */
static enum fluit_err make_dir(const char *path, struct fluit_buf *why)
{
    if (mkdir(path, 0700))
        return errno == EEXIST ? FLUIT_OK : system_error(path, why);
    int fd = open_parent(path);
    enum fluit_err err = fd < 0 || fsync(fd) ? system_error(path, why) : FLUIT_OK;
    if (fd >= 0)
        close(fd);
    return err;
}

static enum fluit_err check_dir(int fd, const char *path, struct fluit_buf *why)
{
    struct stat st;
    if (fstat(fd, &st))
        return system_error(path, why);
    if (st.st_mode & S_IWOTH) {
        fluit_buf_printf(why, "%s can be written by everyone; run: chmod go-w '%s'", path, path);
        return FLUIT_E_DENIED;
    }
    return FLUIT_OK;
}

/* Says who has it, for fluit_datadir_user; without it nothing is worse but that. */
static void sign_lock(int fd)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)len, 0) != len)
        return;
}

static enum fluit_err take_lock(int dir_fd, const char *path, int *lock_fd, struct fluit_buf *why)
{
    int fd = openat(dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return system_error(path, why);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        sign_lock(fd);
        *lock_fd = fd;
        return FLUIT_OK;
    }
    enum fluit_err err = FLUIT_E_BUSY;
    if (errno == EWOULDBLOCK)
        fluit_buf_printf(why,
                         "%s is in use by another fluit; stop that one first, or give this one "
                         "a directory of its own",
                         path);
    else
        err = system_error(path, why);
    close(fd);
    return err;
}

/* The database is made here, by hand, because SQLite would make it readable for others. Its
 * descriptor must not be opened when SQLite may have it open: closing would drop SQLite's locks. */
static enum fluit_err prepare_db(int dir_fd, const char *path, bool create, struct fluit_buf *why)
{
    struct stat st;
    if (fstatat(dir_fd, FLUIT_DATADIR_DB, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISREG(st.st_mode)) {
            fluit_buf_printf(why, "%s/%s is not a plain file; remove it", path, FLUIT_DATADIR_DB);
            return FLUIT_E_DENIED;
        }
        if ((st.st_mode & 0777) == 0600 || fchmodat(dir_fd, FLUIT_DATADIR_DB, 0600, 0) == 0)
            return FLUIT_OK;
        return system_error(path, why);
    }
    if (errno != ENOENT)
        return system_error(path, why);
    if (!create) {
        fluit_buf_printf(why, "%s holds no fluit data; check the path", path);
        return FLUIT_E_MISSING;
    }
    int fd = openat(dir_fd, FLUIT_DATADIR_DB, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return system_error(path, why);
    enum fluit_err err = fsync(fd) || fsync(dir_fd) ? system_error(path, why) : FLUIT_OK;
    close(fd);
    return err;
}

enum fluit_err fluit_datadir_open(const char *dir, bool create, struct fluit_datadir *out,
                                  struct fluit_buf *why)
{
    struct fluit_datadir opened = FLUIT_DATADIR_NONE;
    enum fluit_err err = FLUIT_OK;
    int dir_fd = -1;
    /* "link/" would be followed where "link" is refused. */
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/')
        len--;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_buf_put(&buf, dir, len);
    const char *path = fluit_buf_text(&buf);

    if (buf.err)
        err = buf.err;
    if (!err && create)
        err = make_dir(path, why);
    if (err)
        goto out;
    dir_fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (dir_fd < 0) {
        err = system_error(path, why);
        goto out;
    }
    err = check_dir(dir_fd, path, why);
    if (!err)
        err = take_lock(dir_fd, path, &opened.lock_fd, why);
    if (!err)
        err = prepare_db(dir_fd, path, create, why);
    if (!err) {
        *out = opened;
        opened = FLUIT_DATADIR_NONE;
    }
out:
    fluit_datadir_close(&opened);
    if (dir_fd >= 0)
        close(dir_fd);
    fluit_buf_deinit(&buf);
    return err;
}

void fluit_datadir_close(struct fluit_datadir *datadir)
{
    if (datadir->lock_fd >= 0)
        close(datadir->lock_fd);
    *datadir = FLUIT_DATADIR_NONE;
}

pid_t fluit_datadir_user(const char *dir)
{
    char text[24] = "";
    struct fluit_buf path = FLUIT_BUF_INIT;
    fluit_buf_printf(&path, "%s/lock", dir);
    int fd = path.err ? -1 : open(fluit_buf_text(&path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    bool used = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    fluit_buf_deinit(&path);
    long pid = used && len > 0 ? strtol(text, NULL, 10) : 0;
    return pid > 1 ? (pid_t)pid : 0;
}
