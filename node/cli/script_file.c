#include "node/cli/script_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One byte more than a script may have, so that the parser sees that it is too large. */
static enum fluit_err read_file(const char *path, struct fluit_buf *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return FLUIT_E_IO;
    size_t before = out->len;
    uint8_t *room = fluit_buf_extend(out, FLUIT_SCRIPT_LEN_MAX + 1);
    if (room)
        out->len = before + fread(room, 1, FLUIT_SCRIPT_LEN_MAX + 1, file);
    enum fluit_err err = out->err ? out->err : ferror(file) ? FLUIT_E_IO : FLUIT_OK;
    int why = errno;
    fclose(file);
    errno = why;
    return err;
}

void fluit_script_complain(const char *path, enum fluit_err err,
                           const struct fluit_script_error *error)
{
    if (err == FLUIT_E_NOMEM)
        fprintf(stderr, "%s: %s\n", path, fluit_err_text(err));
    else if (error->line == 0)
        fprintf(stderr, "%s: %s\n", path, error->text);
    else
        fprintf(stderr, "%s:%d:%d: %s\n", path, error->line, error->column, error->text);
}

int fluit_script_read(const char *path, struct fluit_buf *yaml, struct fluit_script **script)
{
    struct fluit_script_error error = {0};
    enum fluit_err err = read_file(path, yaml);
    if (err) {
        fprintf(stderr, "%s: cannot read it: %s\n", path,
                err == FLUIT_E_IO ? strerror(errno) : fluit_err_text(err));
        return 1;
    }
    err = fluit_script_parse(fluit_buf_slice(yaml), script, &error);
    if (err)
        fluit_script_complain(path, err, &error);
    return err ? 1 : 0;
}

int fluit_script_load(const char *name_or_file, struct fluit_buf *yaml)
{
    struct fluit_script *script;
    struct fluit_slice builtin = fluit_script_builtin(name_or_file);
    if (builtin.len > 0) {
        fluit_buf_put(yaml, builtin.data, builtin.len);
        return yaml->err ? 1 : 0;
    }
    int status = fluit_script_read(name_or_file, yaml, &script);
    if (status && access(name_or_file, R_OK))
        fputs("a script is a built-in name ('fluit script list') or a YAML file\n", stderr);
    if (!status)
        fluit_script_free(script);
    return status;
}
