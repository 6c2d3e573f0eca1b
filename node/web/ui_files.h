/* ui_files.h: the pages' files, embedded at build (node/ui, CMakeLists.txt). */
#ifndef FLUIT_UI_FILES_H
#define FLUIT_UI_FILES_H

#include <stddef.h>

struct fluit_ui_file {
    const char *path; /* "/app.js"; "/" is index.html */
    const char *type; /* its Content-Type */
    const char *etag; /* quoted, weak: the same for both */
    const unsigned char *data;
    size_t len;
    const unsigned char *gzip; /* NULL: it is no smaller so */
    size_t gzip_len;
};

/* Ends with one whose path is NULL. */
extern const struct fluit_ui_file fluit_ui_files[];

#endif
