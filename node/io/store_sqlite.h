/* store_sqlite.h: the storage port (proto/store.h) on SQLite: DIR/fluit.db.
 *
 * The first write of a turn begins a transaction; fluit_store_commit ends it and returns only when
 * it is on the disk (WAL, synchronous=FULL). What was not committed is gone after a close or crash.
 * After a write or commit has failed nobody knows what the disk holds, so the store is broken:
 * every later call returns that error, and the node should end. One thread at a time. One store a
 * process on a directory. Port errors beside those in proto/store.h: FULL, IO, NOMEM, BUSY (another
 * program holds the database; nothing is broken), DENIED (READONLY). A file in which SQLite can't
 * find its way any more is IO, breaks the store, and is refused with advice at the next open; to a
 * READONLY store it is FORMAT where it was met, and the rest can be read. */
#ifndef FLUIT_STORE_SQLITE_H
#define FLUIT_STORE_SQLITE_H

#include "proto/store.h"

#define FLUIT_STORE_CREATE 1u /* make what is not there */
#define FLUIT_STORE_READONLY                                                                       \
    2u /* no lock, no change: one moment's view, also of a running node's */

struct fluit_store_sqlite;

/* Opens the store in dir and, unless READONLY, locks dir (datadir.h) until close. A READONLY store
 * also works on a copied directory and on a read-only medium. Errors, each with one line in why
 * that says what to do: those of fluit_datadir_open; FORMAT: damaged or another program's; VERSION:
 * made by a newer fluit. Unless READONLY the file is looked through first (0.5 us an entry): only
 * what the entries say may be damaged, which proto/damage.h finds. */
FLUIT_MUST_CHECK enum fluit_err fluit_store_open(const char *dir, unsigned flags,
                                                 struct fluit_store_sqlite **out,
                                                 struct fluit_buf *why);
/* The same through the SQLite VFS of that name (NULL: the default one). For tests. */
FLUIT_MUST_CHECK enum fluit_err fluit_store_open_vfs(const char *dir, const char *vfs,
                                                     unsigned flags,
                                                     struct fluit_store_sqlite **out,
                                                     struct fluit_buf *why);
/* Drops what was not committed. NULL is allowed. */
void fluit_store_close(struct fluit_store_sqlite *s);

/* The port onto s, which must outlive it. append gives CHAIN for all but the next entry of a feed
 * (one already held, too: only replace replaces) and FORMAT if header, info and payload do not
 * belong together, as does replace; they do not check the payload's hash or the signature. Inside a
 * feeds or values callback every operation may be used; whether the walk sees what it changed is
 * not said. */
struct fluit_store fluit_store_port(struct fluit_store_sqlite *s);

/* Makes all since the last commit durable. Free of cost if nothing was written. */
FLUIT_MUST_CHECK enum fluit_err fluit_store_commit(struct fluit_store_sqlite *s);

/* Moves all into fluit.db and empties the WAL, so that no dropped key stays in it. Call it after
 * a commit, not inside a turn. BUSY while somebody reads: nothing is wrong, try again later. */
FLUIT_MUST_CHECK enum fluit_err fluit_store_checkpoint_truncate(struct fluit_store_sqlite *s);

#endif
