/* fluit report: the merged rounds. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/cli/args.h"
#include "node/cli/commands.h"
#include "node/cli/opened.h"
#include "node/cli/run.h"

enum {
    OPT_FORMAT = 'f',
    OPT_OUT = 'o',
    OPT_FULL = 256,
    OPT_LANGUAGE,
    OPT_PHOTOS
};

static const struct argp_option options[] = {
    {"format", OPT_FORMAT, "json|csv|text", 0, "how to write it (text)", 0},
    {"full", OPT_FULL, NULL, 0, "everything, with the stories: for researchers only", 0},
    {"language", OPT_LANGUAGE, "CODE", 0, "one of the script's languages (its first)", 0},
    {"photos", OPT_PHOTOS, "DIR", 0, "with --full: write the photos of paper boards there, too", 0},
    {"output", OPT_OUT, "PATH", 0, "write to a file, readable by you only", 0},
    {0},
};

struct args {
    const char *dir, *format, *out, *language, *photos;
    bool full;
};

typedef enum fluit_err write_report(const struct fluit_report_input *in, bool full,
                                    struct fluit_buf *out);

static const struct {
    const char *name;
    write_report *write;
} formats[] = {{"text", fluit_report_text}, {"json", fluit_report_json}, {"csv", fluit_report_csv}};

static write_report *format_of(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(name, formats[i].name) == 0)
            return formats[i].write;
    return NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case OPT_FORMAT:
        if (!format_of(arg))
            argp_error(state, "--format takes json, csv or text");
        args->format = arg;
        return 0;
    case OPT_OUT:
        args->out = arg;
        return 0;
    case OPT_FULL:
        args->full = true;
        return 0;
    case OPT_LANGUAGE:
        args->language = arg;
        return 0;
    case OPT_PHOTOS:
        args->photos = arg;
        return 0;
    case ARGP_KEY_END:
        if (args->dir && args->photos && !args->full)
            argp_error(state, "photos are for researchers only: --photos goes with --full");
        break;
    }
    return fluit_args_dir(key, arg, state, &args->dir, "say of which workshop: fluit report DIR");
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "DIR",
    .doc = "The merged rounds of the workshop whose hub kept its data in DIR. Without --full: the "
           "participants' edition, with figures over all tables and released quotes only.",
};

static int write_out(const char *path, const struct fluit_buf *report)
{
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : STDOUT_FILENO;
    size_t done = 0;
    while (fd >= 0 && done < report->len) {
        ssize_t len = write(fd, report->data + done, report->len - done);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            break;
        done += (size_t)len;
    }
    bool ok = fd >= 0 && done == report->len && (!path || fsync(fd) == 0);
    if (!ok)
        fluit_complain("the report could not be written to %s: %s", path ? path : "the output",
                       strerror(errno));
    if (path && fd >= 0)
        close(fd);
    return ok ? 0 : 1;
}

/* Where photos go. */
struct album {
    const char *dir;
    int fd;
};

static enum fluit_err write_photo(void *arg, const char *name, struct fluit_slice jpeg)
{
    struct album *album = arg;
    int fd = openat(album->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    size_t done = 0;
    while (fd >= 0 && done < jpeg.len) {
        ssize_t len = write(fd, jpeg.data + done, jpeg.len - done);
        if (len < 0 && errno != EINTR)
            break;
        done += len < 0 ? 0 : (size_t)len;
    }
    bool ok = fd >= 0 && done == jpeg.len && fsync(fd) == 0;
    if (!ok)
        fluit_complain("%s could not be written to %s: %s", name, album->dir, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok ? FLUIT_OK : FLUIT_E_IO;
}

static int write_photos(const struct fluit_report_input *in, const char *dir)
{
    bool made = mkdir(dir, 0700) == 0 || errno == EEXIST;
    struct album album = {dir, made ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1};
    if (album.fd < 0) {
        fluit_complain("the photos can't be written to %s: %s", dir, strerror(errno));
        return 1;
    }
    enum fluit_err err = fluit_report_each_photo(in, write_photo, &album);
    close(album.fd);
    if (err && err != FLUIT_E_IO)
        fluit_complain("the photos could not be read: %s", fluit_err_text(err));
    return err ? 1 : 0;
}

int fluit_cmd_report(int argc, char **argv)
{
    struct args args = {.format = "text"};
    struct fluit_opened opened = {0};
    struct fluit_buf report = FLUIT_BUF_INIT;
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    int status = fluit_opened_open(&opened, args.dir);
    int language = 0;
    if (status == 0 && args.language) {
        language = fluit_script_language(opened.node.script, args.language);
        if (language < 0) {
            fluit_complain("the script has no language '%s'; its first is '%s'", args.language,
                           opened.node.script->languages[0]);
            status = 2;
        }
    }
    if (status == 0) {
        struct fluit_report_input in = fluit_opened_input(&opened, language);
        enum fluit_err err = format_of(args.format)(&in, args.full, &report);
        if (err) {
            fluit_complain("the report could not be made: %s", fluit_err_text(err));
            status = 1;
        }
        if (status == 0 && args.photos)
            status = write_photos(&in, args.photos);
    }
    if (status == 0)
        status = write_out(args.out, &report);
    if (report.data)
        fluit_wipe(report.data, report.cap);
    fluit_buf_deinit(&report);
    fluit_opened_close(&opened);
    return status;
}
