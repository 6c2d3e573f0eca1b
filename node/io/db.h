/* db.h: a SQLite database as the store needs it; db.c and db_open.c alone know SQLite.
 *
 * Durable (WAL, synchronous=FULL), small (512 KiB of cache, no mmap), wary of the file's contents
 * (rows are bounded, nothing in the schema runs), deletions overwritten. Writes happen in a turn:
 * begin opens it, commit ends it. An error inside a turn, or of a commit or checkpoint, breaks the
 * database, as does a file in which SQLite can't find its way (IO; only FORMAT, and nothing broken,
 * in a READONLY one): all later calls return that error. One thread at a time. */
#ifndef FLUIT_DB_H
#define FLUIT_DB_H

#include "common/bytes.h"

struct fluit_db;

/* What the owner of a database decides; all of it outlives the database. */
struct fluit_db_plan {
    const char *file; /* name in the directory */
    int application_id, version;
    const char *schema_sql; /* makes a new database, application_id and user_version included */
    const char *const *queries;
    unsigned query_count;
    const char
        *proved_table;  /* whose rows may rot: the owner proves each that it reads. NULL: none */
    size_t row_len_max; /* longer rows count as damage */
};

#define FLUIT_DB_CREATE   1u /* an empty file becomes a new database */
#define FLUIT_DB_READONLY 2u /* see one moment, change nothing */

/* Opens dir/file, which must exist. Unless READONLY all of it is looked through: a damaged index is
 * made anew, other damage is FORMAT. Errors with a line in why: MISSING, FORMAT, VERSION, BUSY,
 * DENIED, FULL, IO, NOMEM. vfs: SQLite's name of one, or NULL. */
FLUIT_MUST_CHECK enum fluit_err fluit_db_open(const struct fluit_db_plan *plan, const char *dir,
                                              const char *vfs, unsigned flags,
                                              struct fluit_db **out, struct fluit_buf *why);
/* Rolls an open turn back. NULL is allowed. All walks have ended. */
void fluit_db_close(struct fluit_db *db);

/* Begins a turn if none is open. BUSY if another program writes (nothing is broken by that). */
FLUIT_MUST_CHECK enum fluit_err fluit_db_begin(struct fluit_db *db);
/* Makes the turn durable; nothing to do if none is open. */
FLUIT_MUST_CHECK enum fluit_err fluit_db_commit(struct fluit_db *db);
/* Outside a turn: moves all into the file and empties the WAL. BUSY while somebody reads. */
FLUIT_MUST_CHECK enum fluit_err fluit_db_truncate_wal(struct fluit_db *db);

/* One use of a query: start, arguments in their order, steps, end. Errors stick until the end. */
struct fluit_call {
    struct fluit_db *db;
    void *stmt;
    enum fluit_err err;
    int args, rc;
    bool kept;
};

/* Uses the prepared statement: not while another call of the same query has not ended. */
struct fluit_call fluit_call(struct fluit_db *db, unsigned query);
/* Prepares a statement of its own, so that walks over rows may nest. */
struct fluit_call fluit_call_walk(struct fluit_db *db, unsigned query);
void fluit_call_int(struct fluit_call *c, uint64_t value); /* at most INT64_MAX */
void fluit_call_blob(struct fluit_call *c, const void *data,
                     size_t len);                             /* borrowed till the end */
void fluit_call_text(struct fluit_call *c, const char *text); /* borrowed till the end */
void fluit_call_null(struct fluit_call *c);
/* True if there is a (further) row. */
bool fluit_call_step(struct fluit_call *c);
/* The first error of the call. */
FLUIT_MUST_CHECK enum fluit_err fluit_call_end(struct fluit_call *c);
/* Step and end, for what gives no rows. */
FLUIT_MUST_CHECK enum fluit_err fluit_call_run(struct fluit_call *c);

/* Columns of the row just stepped to. False if it is not of that type (and length). */
bool fluit_col_null(const struct fluit_call *c, int col);
bool fluit_col_int(const struct fluit_call *c, int col, uint64_t *out); /* not negative */
bool fluit_col_fixed(const struct fluit_call *c, int col, void *out, size_t len);
bool fluit_col_blob(const struct fluit_call *c, int col, struct fluit_slice *out); /* borrowed */
const char *fluit_col_text(const struct fluit_call *c, int col); /* borrowed; NULL if none */

/* Of the last statement that wrote. */
uint64_t fluit_db_last_row(const struct fluit_db *db);
int fluit_db_changes(const struct fluit_db *db);

#endif
