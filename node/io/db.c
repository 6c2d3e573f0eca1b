/* db.c: queries and turns; db_open.c opens. */
#include "node/io/db_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define CHECKPOINT_PAGES 1000 /* WAL pages after which a commit moves them into the file */

enum fluit_err fluit_db_err(sqlite3 *sql, int rc)
{
    int system_errno = sqlite3_system_errno(sql);
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return FLUIT_OK;
    case SQLITE_NOMEM:
        return FLUIT_E_NOMEM;
    case SQLITE_FULL:
        return FLUIT_E_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return FLUIT_E_BUSY;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return system_errno == ENOSPC || system_errno == EDQUOT ? FLUIT_E_FULL : FLUIT_E_IO;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return FLUIT_E_DENIED;
    default: /* CORRUPT, NOTADB, TOOBIG, CONSTRAINT, ERROR: not as we wrote it */
        return FLUIT_E_FORMAT;
    }
}

static bool is_damage(int rc)
{
    return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

/* SQLite may have rolled the turn back by itself: what was written is gone. And where it lost its
 * way nothing should be written any more. */
static enum fluit_err failed(struct fluit_db *db, int rc)
{
    enum fluit_err err = fluit_db_err(db->sql, rc);
    if (is_damage(rc) && !db->readonly)
        db->broken = err = FLUIT_E_IO;
    else if (err && db->in_turn && (rc & 0xff) != SQLITE_TOOBIG) /* that is one row's matter */
        db->broken = err;
    return err;
}

/* ---- calls ---- */

struct fluit_call fluit_call(struct fluit_db *db, unsigned query)
{
    assert(query < db->plan->query_count);
    return (struct fluit_call){.db = db, .stmt = db->kept[query], .err = db->broken, .kept = true};
}

struct fluit_call fluit_call_walk(struct fluit_db *db, unsigned query)
{
    assert(query < db->plan->query_count);
    struct fluit_call c = {.db = db, .err = db->broken};
    sqlite3_stmt *stmt = NULL;
    if (!c.err)
        c.rc = sqlite3_prepare_v3(db->sql, db->plan->queries[query], -1, 0, &stmt, NULL);
    c.stmt = stmt;
    return c;
}

static bool arg_ready(struct fluit_call *c)
{
    c->args++;
    return !c->err && !c->rc;
}

void fluit_call_int(struct fluit_call *c, uint64_t value)
{
    assert(value <= INT64_MAX);
    if (arg_ready(c))
        c->rc = sqlite3_bind_int64(c->stmt, c->args, (int64_t)value);
}

void fluit_call_blob(struct fluit_call *c, const void *data, size_t len)
{
    if (arg_ready(c))
        c->rc = sqlite3_bind_blob64(c->stmt, c->args, len ? data : "", len, SQLITE_STATIC);
}

void fluit_call_text(struct fluit_call *c, const char *text)
{
    if (arg_ready(c))
        c->rc = sqlite3_bind_text(c->stmt, c->args, text, -1, SQLITE_STATIC);
}

void fluit_call_null(struct fluit_call *c)
{
    if (arg_ready(c))
        c->rc = sqlite3_bind_null(c->stmt, c->args);
}

bool fluit_call_step(struct fluit_call *c)
{
    if (!c->err && (!c->rc || c->rc == SQLITE_ROW))
        c->rc = sqlite3_step(c->stmt);
    return !c->err && c->rc == SQLITE_ROW;
}

enum fluit_err fluit_call_end(struct fluit_call *c)
{
    if (!c->err)
        c->err = failed(c->db, c->rc);
    if (c->kept) {
        sqlite3_reset(c->stmt);
        sqlite3_clear_bindings(c->stmt);
    } else {
        sqlite3_finalize(c->stmt);
    }
    c->stmt = NULL;
    return c->err;
}

enum fluit_err fluit_call_run(struct fluit_call *c)
{
    fluit_call_step(c);
    return fluit_call_end(c);
}

bool fluit_col_null(const struct fluit_call *c, int col)
{
    return sqlite3_column_type(c->stmt, col) == SQLITE_NULL;
}

bool fluit_col_int(const struct fluit_call *c, int col, uint64_t *out)
{
    int64_t value = sqlite3_column_int64(c->stmt, col);
    if (sqlite3_column_type(c->stmt, col) != SQLITE_INTEGER || value < 0)
        return false;
    *out = (uint64_t)value;
    return true;
}

bool fluit_col_blob(const struct fluit_call *c, int col, struct fluit_slice *out)
{
    if (sqlite3_column_type(c->stmt, col) != SQLITE_BLOB)
        return false;
    const void *data = sqlite3_column_blob(c->stmt, col);
    *out = fluit_slice(data, data ? (size_t)sqlite3_column_bytes(c->stmt, col) : 0);
    return true;
}

bool fluit_col_fixed(const struct fluit_call *c, int col, void *out, size_t len)
{
    struct fluit_slice blob;
    if (!fluit_col_blob(c, col, &blob) || blob.len != len)
        return false;
    if (len > 0)
        memcpy(out, blob.data, len);
    return true;
}

const char *fluit_col_text(const struct fluit_call *c, int col)
{
    return (const char *)sqlite3_column_text(c->stmt, col);
}

uint64_t fluit_db_last_row(const struct fluit_db *db)
{
    return (uint64_t)sqlite3_last_insert_rowid(db->sql);
}

int fluit_db_changes(const struct fluit_db *db)
{
    return sqlite3_changes(db->sql);
}

/* ---- turns ---- */

enum fluit_err fluit_db_begin(struct fluit_db *db)
{
    if (db->broken)
        return db->broken;
    if (db->readonly)
        return FLUIT_E_DENIED;
    if (db->in_turn)
        return FLUIT_OK;
    enum fluit_err err = failed(db, sqlite3_exec(db->sql, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    db->in_turn = !err;
    return err;
}

/* SQLite's own automatic checkpoint would hide a failed fsync. */
static enum fluit_err checkpoint(struct fluit_db *db, int mode)
{
    int rc = sqlite3_wal_checkpoint_v2(db->sql, NULL, mode, NULL, NULL);
    enum fluit_err err = fluit_db_err(db->sql, rc);
    if (err != FLUIT_E_BUSY)
        db->broken = err;
    return err;
}

enum fluit_err fluit_db_commit(struct fluit_db *db)
{
    if (db->broken || !db->in_turn)
        return db->broken;
    enum fluit_err err = failed(db, sqlite3_exec(db->sql, "COMMIT", NULL, NULL, NULL));
    if (err)
        return err;
    db->in_turn = false;
    if (db->wal_pages >= CHECKPOINT_PAGES)
        err = checkpoint(db, SQLITE_CHECKPOINT_PASSIVE);
    /* Somebody else checkpoints: the turn is safe, and the next commit tries again. */
    return err == FLUIT_E_BUSY ? FLUIT_OK : err;
}

enum fluit_err fluit_db_truncate_wal(struct fluit_db *db)
{
    if (db->broken)
        return db->broken;
    assert(!db->in_turn && !db->readonly);
    sqlite3_busy_timeout(db->sql, 0); /* a reader must not hold up the loop */
    enum fluit_err err = checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE);
    sqlite3_busy_timeout(db->sql, FLUIT_DB_BUSY_MS);
    return err;
}
