#include "tests/kit/dirkit.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *kit_path(const char *dir, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        abort();
    return path;
}

char *kit_dir_new(void)
{
    const char *tmp = getenv("TMPDIR");
    char *path = kit_path(tmp ? tmp : "/tmp", "fluit-test-XXXXXX");
    if (!mkdtemp(path)) {
        perror(path);
        abort();
    }
    return path;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

void kit_dir_free(char *path)
{
    if (!path)
        return;
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}

static char *slurp(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *data = NULL;
    FILE *out = open_memstream(&data, len);
    for (int c; (c = getc(file)) != EOF;)
        putc(c, out);
    fclose(out);
    fclose(file);
    return data;
}

int kit_copy_file(const char *dir, const char *to, const char *name)
{
    char *from_path = kit_path(dir, name), *to_path = kit_path(to, name);
    size_t len = 0;
    char *data = slurp(from_path, &len);
    FILE *file = data ? fopen(to_path, "wb") : NULL;
    int good = file && fwrite(data, 1, len, file) == len;
    if (file)
        fclose(file);
    free(data);
    free(from_path);
    free(to_path);
    return good;
}

int kit_files_with(const char *dir, const void *bytes, size_t len)
{
    int found = 0;
    DIR *list = opendir(dir);
    for (struct dirent *item; list && (item = readdir(list));) {
        char *path = kit_path(dir, item->d_name);
        struct stat st;
        size_t size = 0;
        char *data = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? slurp(path, &size) : NULL;
        found += data && memmem(data, size, bytes, len);
        free(data);
        free(path);
    }
    if (list)
        closedir(list);
    return found;
}
