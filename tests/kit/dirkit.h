/* dirkit.h: directories that live as long as a test. */
#ifndef KIT_DIRKIT_H
#define KIT_DIRKIT_H

#include <stddef.h>

/* A new, empty directory under TMPDIR (or /tmp), 0700. Ends the program if it can't be made. */
char *kit_dir_new(void);
/* Removes it with all in it, and frees path. */
void kit_dir_free(char *path);
/* dir/name; free it. */
char *kit_path(const char *dir, const char *name);
/* Copies the file dir/name to to/name; false if there is none. */
int kit_copy_file(const char *dir, const char *to, const char *name);
/* How many files in dir contain these bytes. */
int kit_files_with(const char *dir, const void *bytes, size_t len);

#endif
