#include "tests/faults/vfs_crash.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR    512
#define FILES_MAX 8

struct bytes {
    uint8_t *data;
    size_t len, cap;
};

/* A write, or, with data NULL, a truncate to off. */
struct change {
    size_t off, len;
    uint8_t *data;
};

/* One path, over all the times it is opened. */
struct record {
    char *path;
    bool exists;          /* now */
    bool durable_exists;  /* after a power cut, for certain, unless changed since */
    bool fresh;           /* removed or made anew since: changes start from an empty file */
    struct bytes durable; /* what was synced */
    struct change *changes;
    size_t count, cap;
};

struct vfs_crash {
    sqlite3_vfs vfs; /* its pAppData is this struct */
    sqlite3_vfs *real;
    struct record files[FILES_MAX];
    size_t file_count;
    unsigned counts[VFS_OP_COUNT + 1];
    unsigned fail_at[VFS_OP_COUNT];
    int fail_code[VFS_OP_COUNT];
    unsigned power_at;
    bool dead;
};

struct crash_file {
    sqlite3_file base;
    struct vfs_crash *v;
    struct record *record; /* NULL: a file whose loss does not matter */
    sqlite3_file *real;    /* behind this struct */
};

static void *need(void *p)
{
    if (!p)
        abort();
    return p;
}

/* ---- what is remembered ---- */

static void bytes_set_len(struct bytes *b, size_t len)
{
    if (len > b->cap) {
        b->cap = 2 * len;
        b->data = need(realloc(b->data, b->cap));
    }
    if (len > b->len)
        memset(b->data + b->len, 0, len - b->len);
    b->len = len;
}

static void bytes_write(struct bytes *b, size_t off, const uint8_t *data, size_t len)
{
    if (len == 0)
        return;
    if (off + len > b->len)
        bytes_set_len(b, off + len);
    if (len > 0) {
        assert(b->data); /* off + len <= b->len */
        memcpy(b->data + off, data, len);
    }
}

static void apply(struct bytes *b, const struct change *change)
{
    if (change->data)
        bytes_write(b, change->off, change->data, change->len);
    else if (change->off < b->len)
        bytes_set_len(b, change->off);
}

static void forget_changes(struct record *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->changes[i].data);
    r->count = 0;
}

static void add_change(struct record *r, size_t off, const void *data, size_t len)
{
    if (r->count == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 64;
        r->changes = need(realloc(r->changes, r->cap * sizeof *r->changes));
    }
    struct change *change = &r->changes[r->count++];
    *change = (struct change){.off = off, .len = len};
    if (data) {
        change->data = need(malloc(len + 1));
        memcpy(change->data, data, len);
    }
}

static struct record *find(struct vfs_crash *v, const char *path)
{
    for (size_t i = 0; i < v->file_count; i++)
        if (strcmp(v->files[i].path, path) == 0)
            return &v->files[i];
    return NULL;
}

/* What stands on the disk when a path is first met was there before the test. */
static struct record *meet(struct vfs_crash *v, const char *path)
{
    struct record *r = find(v, path);
    if (r)
        return r;
    assert(v->file_count < FILES_MAX);
    r = &v->files[v->file_count++];
    *r = (struct record){.path = need(strdup(path))};
    FILE *file = fopen(path, "rb");
    r->exists = r->durable_exists = file != NULL;
    uint8_t part[4096];
    for (size_t n; file && (n = fread(part, 1, sizeof part, file)) > 0;)
        bytes_write(&r->durable, r->durable.len, part, n);
    if (file)
        fclose(file);
    return r;
}

static void synced(struct vfs_crash *v, struct record *r)
{
    bool made = r->fresh || !r->durable_exists;
    if (r->fresh)
        bytes_set_len(&r->durable, 0);
    for (size_t i = 0; i < r->count; i++)
        apply(&r->durable, &r->changes[i]);
    forget_changes(r);
    r->fresh = false;
    r->durable_exists = true;
    /* For a new file SQLite syncs the directory, and that settles what was removed from it. */
    for (size_t i = 0; made && i < v->file_count; i++)
        if (!v->files[i].exists)
            v->files[i].durable_exists = false;
}

static void removed(struct record *r, bool durably)
{
    forget_changes(r);
    r->exists = false;
    r->fresh = true;
    if (durably)
        r->durable_exists = false;
}

/* ---- faults ---- */

/* Counts the operation; the code it fails with, or SQLITE_OK. */
static int fault(struct vfs_crash *v, enum vfs_op op)
{
    unsigned n = ++v->counts[op], total = ++v->counts[VFS_OP_COUNT];
    if (total == v->power_at)
        v->dead = true;
    if (v->dead)
        return SQLITE_IOERR;
    return n == v->fail_at[op] ? v->fail_code[op] : SQLITE_OK;
}

/* ---- file methods ---- */

static struct crash_file *self(sqlite3_file *file)
{
    return (struct crash_file *)file;
}

static sqlite3_file *real(sqlite3_file *file)
{
    return self(file)->real;
}

static int file_close(sqlite3_file *file)
{
    return real(file)->pMethods->xClose(real(file));
}

static int file_read(sqlite3_file *file, void *data, int len, sqlite3_int64 off)
{
    return real(file)->pMethods->xRead(real(file), data, len, off);
}

static int file_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 off)
{
    struct crash_file *f = self(file);
    int code = f->record ? fault(f->v, VFS_OP_WRITE) : SQLITE_OK;
    if (code && f->v->dead)
        return code;
    int done = code ? len / 2 : len;
    int rc = done ? f->real->pMethods->xWrite(f->real, data, done, off) : SQLITE_OK;
    if (!rc && f->record && done)
        add_change(f->record, (size_t)off, data, (size_t)done);
    return code ? code : rc;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct crash_file *f = self(file);
    int code = f->record ? fault(f->v, VFS_OP_TRUNCATE) : SQLITE_OK;
    if (code)
        return code;
    int rc = f->real->pMethods->xTruncate(f->real, size);
    if (!rc && f->record)
        add_change(f->record, (size_t)size, NULL, 0);
    return rc;
}

static int file_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    struct crash_file *f = self(file);
    int code = f->record ? fault(f->v, VFS_OP_SYNC) : SQLITE_OK;
    if (!code && f->record)
        synced(f->v, f->record);
    return code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int file_reserved(sqlite3_file *file, int *out)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    return real(file)->pMethods->xFileControl(real(file), op, arg);
}

static int file_sector(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int file_traits(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int file_shm_map(sqlite3_file *file, int page, int len, int extend, void volatile **out)
{
    return real(file)->pMethods->xShmMap(real(file), page, len, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int off, int n, int flags)
{
    return real(file)->pMethods->xShmLock(real(file), off, n, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* ---- VFS methods: the default's, but for opening and removing ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
    struct vfs_crash *v = vfs->pAppData;
    struct crash_file *f = self(file);
    *f = (struct crash_file){.v = v, .real = (sqlite3_file *)(f + 1)};
    if (path && flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL))
        f->record = meet(v, path);
    int rc = v->dead ? SQLITE_CANTOPEN : v->real->xOpen(v->real, path, f->real, flags, out);
    if (rc)
        return rc; /* base.pMethods stays NULL: SQLite will not close it */
    f->base.pMethods = &methods;
    if (f->record && !f->record->exists) {
        f->record->exists = true;
        f->record->fresh = true;
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
    struct vfs_crash *v = vfs->pAppData;
    struct record *r = find(v, path);
    int code = r ? fault(v, VFS_OP_DELETE) : SQLITE_OK;
    if (code)
        return code;
    int rc = v->real->xDelete(v->real, path, 0);
    if (!rc && r)
        removed(r, sync_dir != 0);
    return rc;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    struct vfs_crash *v = vfs->pAppData;
    return v->real->xAccess(v->real, path, flags, out);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int len, char *out)
{
    struct vfs_crash *v = vfs->pAppData;
    return v->real->xFullPathname(v->real, path, len, out);
}

struct vfs_crash *vfs_crash_new(void)
{
    struct vfs_crash *v = need(calloc(1, sizeof *v));
    v->real = need(sqlite3_vfs_find(NULL));
    v->vfs = *v->real;
    v->vfs.iVersion = 2;
    v->vfs.szOsFile = (int)sizeof(struct crash_file) + v->real->szOsFile;
    v->vfs.pNext = NULL;
    v->vfs.zName = VFS_CRASH_NAME;
    v->vfs.pAppData = v;
    v->vfs.xOpen = vfs_open;
    v->vfs.xDelete = vfs_delete;
    v->vfs.xAccess = vfs_access;
    v->vfs.xFullPathname = vfs_full_path;
    if (sqlite3_vfs_register(&v->vfs, 0))
        abort();
    return v;
}

void vfs_crash_free(struct vfs_crash *v)
{
    sqlite3_vfs_unregister(&v->vfs);
    vfs_crash_reset(v);
    free(v);
}

void vfs_crash_reset(struct vfs_crash *v)
{
    for (size_t i = 0; i < v->file_count; i++) {
        forget_changes(&v->files[i]);
        free(v->files[i].changes);
        free(v->files[i].durable.data);
        free(v->files[i].path);
    }
    v->file_count = 0;
    memset(v->counts, 0, sizeof v->counts);
    memset(v->fail_at, 0, sizeof v->fail_at);
    v->power_at = 0;
    v->dead = false;
}

unsigned vfs_crash_count(const struct vfs_crash *v, enum vfs_op op)
{
    return v->counts[op];
}

void vfs_crash_fail(struct vfs_crash *v, enum vfs_op op, unsigned nth, int code)
{
    v->fail_at[op] = nth;
    v->fail_code[op] = code;
}

void vfs_crash_at(struct vfs_crash *v, unsigned nth)
{
    v->power_at = nth;
}

bool vfs_crash_happened(const struct vfs_crash *v)
{
    return v->dead;
}

/* ---- after the power cut ---- */

/* splitmix64 */
static uint64_t draw(uint64_t *seed)
{
    uint64_t x = *seed += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

enum fate {
    LOSE_ALL,
    KEEP_ALL,
    IN_ORDER,
    SHUFFLED
};

static void shuffle(struct change *changes, size_t count, uint64_t *seed)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = draw(seed) % i;
        struct change swap = changes[i - 1];
        changes[i - 1] = changes[j];
        changes[j] = swap;
    }
}

/* Some of the sectors that the write touches. */
static void apply_torn(struct bytes *b, const struct change *change, uint64_t *seed)
{
    for (size_t done = 0; done < change->len;) {
        size_t part = SECTOR - (change->off + done) % SECTOR;
        if (part > change->len - done)
            part = change->len - done;
        if (draw(seed) % 2)
            bytes_write(b, change->off + done, change->data + done, part);
        done += part;
    }
}

static void apply_some(struct bytes *b, struct record *r, enum fate fate, uint64_t *seed)
{
    if (fate == SHUFFLED)
        shuffle(r->changes, r->count, seed);
    for (size_t i = 0; i < r->count; i++) {
        unsigned luck = fate == KEEP_ALL ? 0 : (unsigned)(draw(seed) % 3);
        if (luck == 0)
            apply(b, &r->changes[i]);
        else if (luck == 1 && r->changes[i].data)
            apply_torn(b, &r->changes[i], seed);
    }
}

static void put_file(const char *path, const struct bytes *content)
{
    FILE *file = need(fopen(path, "wb"));
    if (content->len && fwrite(content->data, 1, content->len, file) != content->len)
        abort();
    fclose(file);
}

static void settle_file(struct record *r, enum fate fate, uint64_t *seed)
{
    bool unsure = r->fresh || r->exists != r->durable_exists;
    bool old = fate == LOSE_ALL || (unsure && fate != KEEP_ALL && draw(seed) % 2);
    bool there = old ? r->durable_exists : r->exists;
    if (!there) {
        unlink(r->path);
        return;
    }
    struct bytes content = {0};
    if (old || !r->fresh)
        bytes_write(&content, 0, r->durable.data, r->durable.len);
    if (!old)
        apply_some(&content, r, fate, seed);
    put_file(r->path, &content);
    free(content.data);
}

void vfs_crash_settle(struct vfs_crash *v, uint64_t seed)
{
    enum fate fate = (enum fate)(seed % 4);
    for (size_t i = 0; i < v->file_count; i++) {
        struct record *r = &v->files[i];
        settle_file(r, fate, &seed);
        /* Shared memory does not outlive the power. */
        char *shm = NULL;
        if (asprintf(&shm, "%s-shm", r->path) < 0)
            abort();
        unlink(shm);
        free(shm);
    }
    vfs_crash_reset(v);
}
