/* vfs_crash.h: a SQLite VFS whose disk fails, fills up, or loses power.
 *
 * It stands over the default VFS and remembers of every file what was synced and what was written
 * since. After a power cut, vfs_crash_settle leaves on the disk one of the states that a real disk
 * could be in: each write since the last sync is kept, lost or torn by 512-byte sectors, in any
 * order; a file made or removed without a sync may be there or not. Nothing is really synced, so
 * it is fast. Locks and shared memory are the default VFS's. One thread. */
#ifndef TESTS_VFS_CRASH_H
#define TESTS_VFS_CRASH_H

#include <stdbool.h>
#include <stdint.h>

enum vfs_op {
    VFS_OP_WRITE,
    VFS_OP_SYNC,
    VFS_OP_TRUNCATE,
    VFS_OP_DELETE,
    VFS_OP_COUNT,
};

#define VFS_CRASH_NAME "crash"

struct vfs_crash;

/* Registers the VFS as VFS_CRASH_NAME. Ends the program if it can't. */
struct vfs_crash *vfs_crash_new(void);
/* All its files are closed by now. */
void vfs_crash_free(struct vfs_crash *v);

/* Forgets all files, counts and faults: what is on the disk counts as synced. */
void vfs_crash_reset(struct vfs_crash *v);
/* Operations of this kind since the reset; VFS_OP_COUNT: of all kinds. */
unsigned vfs_crash_count(const struct vfs_crash *v, enum vfs_op op);
/* The nth operation of this kind (from 1, counted from the reset) fails with the SQLite code, once;
 * a write will have done its first half. */
void vfs_crash_fail(struct vfs_crash *v, enum vfs_op op, unsigned nth, int code);
/* The power goes at the nth operation of all kinds: it and all later ones do nothing and fail. */
void vfs_crash_at(struct vfs_crash *v, unsigned nth);
bool vfs_crash_happened(const struct vfs_crash *v);
/* After all files are closed: writes what the disk holds after the power cut, by this seed. Every
 * fourth seed loses all that was not synced; every fourth keeps it. */
void vfs_crash_settle(struct vfs_crash *v, uint64_t seed);

#endif
