/* db_open.c: opens a database, and looks through it first. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node/io/db_internal.h"

static const char settings_sql[] = "PRAGMA synchronous=FULL;"
                                   "PRAGMA secure_delete=ON;"
                                   "PRAGMA foreign_keys=ON;"
                                   "PRAGMA cache_size=-512;"
                                   "PRAGMA mmap_size=0;"
                                   "PRAGMA temp_store=MEMORY;"
                                   "PRAGMA cell_size_check=ON;";

/* A URI, because only that way SQLite takes "immutable". */
static void put_uri(struct fluit_buf *uri, const char *path, bool immutable)
{
    fluit_buf_puts(uri, "file:");
    for (const char *p = path; *p; p++) {
        if (strchr("%?#", *p))
            fluit_buf_printf(uri, "%%%02x", (unsigned char)*p);
        else
            fluit_buf_put(uri, p, 1);
    }
    if (immutable)
        fluit_buf_puts(uri, "?immutable=1");
}

/* The file may be anybody's: nothing in its schema is trusted to run. */
static void guard(sqlite3 *sql, size_t row_len_max)
{
    sqlite3_extended_result_codes(sql, 1);
    sqlite3_busy_timeout(sql, FLUIT_DB_BUSY_MS);
    sqlite3_limit(sql, SQLITE_LIMIT_LENGTH, (int)row_len_max);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

static int read_int(sqlite3 *sql, const char *query, int *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(sql, query, -1, &stmt, NULL);
    if (!rc && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        *out = sqlite3_column_int(stmt, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc;
}

struct identity {
    int application, version, tables;
};

/* Connects and reads enough to know that it works: SQLite opens files late. */
static int connect_db(struct fluit_db *db, const char *path, const char *vfs, bool immutable,
                      struct identity *id)
{
    struct fluit_buf uri = FLUIT_BUF_INIT;
    put_uri(&uri, path, immutable);
    const char *name = fluit_buf_text(&uri);
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                (db->readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    int rc = uri.err ? SQLITE_NOMEM : sqlite3_open_v2(name, &db->sql, flags, vfs);
    fluit_buf_deinit(&uri);
    if (!rc) {
        guard(db->sql, db->plan->row_len_max);
        rc = sqlite3_exec(db->sql, settings_sql, NULL, NULL, NULL);
    }
    /* A reader sees one moment, so that what it lists and what it reads agree. */
    if (!rc && db->readonly)
        rc = sqlite3_exec(db->sql, "BEGIN", NULL, NULL, NULL);
    if (!rc)
        rc = read_int(db->sql, "PRAGMA application_id", &id->application);
    if (!rc)
        rc = read_int(db->sql, "PRAGMA user_version", &id->version);
    if (!rc)
        rc = read_int(db->sql, "SELECT count(*) FROM sqlite_schema", &id->tables);
    return rc;
}

/* What SQLite says may quote the damaged file: only what is harmless on a screen, and one line. */
static void put_harmless(struct fluit_buf *out, const char *text)
{
    for (const char *p = text; *p; p++)
        fluit_buf_put(out, *p >= ' ' && *p <= '~' ? p : "?", 1);
}

static enum fluit_err say_damaged(const struct fluit_db *db, const char *path, const char *detail,
                                  struct fluit_buf *why)
{
    fluit_buf_printf(why, "%s is damaged or not a database (", path);
    put_harmless(why, detail);
    fluit_buf_puts(why, db->readonly
                            ? "); use a good copy of it"
                            : "); set its directory aside and join again in a new one with a "
                              "renewed code (a hub: see 'fluit recover'): what was safe is "
                              "with the others");
    return FLUIT_E_FORMAT;
}

static enum fluit_err explain(struct fluit_db *db, const char *path, int rc, struct fluit_buf *why)
{
    enum fluit_err err = fluit_db_err(db->sql, rc);
    const char *detail = db->sql ? sqlite3_errmsg(db->sql) : sqlite3_errstr(rc);
    if (err == FLUIT_E_FORMAT)
        say_damaged(db, path, detail, why);
    else if (err == FLUIT_E_FULL)
        fluit_buf_printf(why, "no room to write beside %s; free some disk space", path);
    else if (err == FLUIT_E_BUSY)
        fluit_buf_printf(why, "%s is locked by another program; close that first", path);
    else if (err)
        fluit_buf_printf(why, "%s can't be opened: %s", path, detail);
    return err;
}

static enum fluit_err check_identity(const struct fluit_db_plan *plan, const struct identity *id,
                                     const char *path, bool create, struct fluit_buf *why)
{
    if (id->application == plan->application_id && id->version == plan->version)
        return FLUIT_OK;
    if (id->application == plan->application_id && id->version > plan->version) {
        fluit_buf_printf(why, "%s was made by a newer fluit; use that one", path);
        return FLUIT_E_VERSION;
    }
    if (id->application != 0 || id->version != 0 || id->tables != 0) {
        fluit_buf_printf(why, "%s is another program's database; give another directory", path);
        return FLUIT_E_FORMAT;
    }
    if (create)
        return FLUIT_OK;
    fluit_buf_printf(why, "%s is empty; check the path", path);
    return FLUIT_E_MISSING;
}

/* The mode lasts in the file; a copy made by other tools may have lost it. */
static int use_wal(sqlite3 *sql)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(sql, "PRAGMA journal_mode=WAL", -1, &stmt, NULL);
    if (!rc && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *mode = (const char *)sqlite3_column_text(stmt, 0);
        rc = mode && strcmp(mode, "wal") == 0 ? SQLITE_OK : SQLITE_CANTOPEN;
    }
    /* The change is synced only when the statement ends. */
    int end_rc = sqlite3_finalize(stmt);
    return rc ? rc : end_rc;
}

/* What SQLite finds when it looks through the whole file. */
struct findings {
    bool index;      /* one that can be made anew from its table */
    char other[128]; /* what nobody can mend; "": nothing */
};

static void note_finding(const struct fluit_db *db, const char *text, struct findings *found)
{
    char of_proved[64];
    snprintf(of_proved, sizeof of_proved, " value in %s.",
             db->plan->proved_table ? db->plan->proved_table : "");
    const char *line = strncmp(text, "***", 3) == 0 ? strchr(text, '\n') : text;
    if (strcmp(text, "ok") == 0 || (db->plan->proved_table && strstr(text, of_proved)))
        return;
    if (strstr(text, " index "))
        found->index = true;
    else if (!found->other[0])
        snprintf(found->other, sizeof found->other, "%s", line ? line + (*line == '\n') : text);
}

static int look_through(struct fluit_db *db, struct findings *found)
{
    sqlite3_stmt *stmt = NULL;
    *found = (struct findings){0};
    int rc = sqlite3_prepare_v2(db->sql, "PRAGMA integrity_check", -1, &stmt, NULL);
    while (!rc && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        rc = SQLITE_OK;
        note_finding(db, text ? text : "", found);
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int check_structure(struct fluit_db *db, const char *path, struct fluit_buf *why,
                           enum fluit_err *err)
{
    struct findings found;
    int rc = look_through(db, &found);
    if (!rc && found.index && !found.other[0]) {
        rc = sqlite3_exec(db->sql, "REINDEX", NULL, NULL, NULL);
        if (!rc)
            rc = look_through(db, &found);
    }
    if (!rc && (found.other[0] || found.index))
        *err = say_damaged(db, path, found.other[0] ? found.other : "its index", why);
    return rc;
}

static int on_wal(void *arg, sqlite3 *sql, const char *name, int pages)
{
    (void)sql, (void)name;
    struct fluit_db *db = arg;
    db->wal_pages = pages;
    return SQLITE_OK;
}

static int connect_writer(struct fluit_db *db, const char *path, const char *vfs, unsigned flags,
                          struct fluit_buf *why, enum fluit_err *err)
{
    struct identity id = {0};
    int rc = connect_db(db, path, vfs, false, &id);
    if (rc)
        return rc;
    *err = check_identity(db->plan, &id, path, (flags & FLUIT_DB_CREATE) != 0, why);
    if (*err)
        return SQLITE_OK;
    rc = use_wal(db->sql);
    if (!rc && id.application == 0)
        rc = sqlite3_exec(db->sql, db->plan->schema_sql, NULL, NULL, NULL);
    else if (!rc)
        rc = check_structure(db, path, why, err);
    sqlite3_wal_hook(db->sql, on_wal, db);
    return rc;
}

/* A WAL that is not empty must be read, or what is newest would be missing. */
static bool has_wal(const char *path)
{
    struct fluit_buf wal = FLUIT_BUF_INIT;
    struct stat st;
    fluit_buf_printf(&wal, "%s-wal", path);
    bool has = stat(fluit_buf_text(&wal), &st) == 0 && st.st_size > 0;
    fluit_buf_deinit(&wal);
    return has;
}

/* A reader needs SQLite's files beside the database, or room to make them. On a read-only medium
 * there is no writer either, so the database can be read as a file that never changes. */
static int connect_reader(struct fluit_db *db, const char *path, const char *vfs,
                          struct fluit_buf *why, enum fluit_err *err)
{
    struct identity id = {0};
    int rc = connect_db(db, path, vfs, false, &id);
    enum fluit_err first = fluit_db_err(db->sql, rc);
    if (first == FLUIT_E_IO || first == FLUIT_E_DENIED || first == FLUIT_E_FULL) {
        if (has_wal(path)) {
            fluit_buf_printf(why,
                             "%s was not closed in good order, so reading it needs room to write "
                             "beside it; copy its directory and use the copy",
                             path);
            *err = first;
            return SQLITE_OK;
        }
        sqlite3_close(db->sql);
        db->sql = NULL;
        rc = connect_db(db, path, vfs, true, &id);
    }
    if (!rc)
        *err = check_identity(db->plan, &id, path, false, why);
    return rc;
}

static int prepare_queries(struct fluit_db *db)
{
    int rc = SQLITE_OK;
    for (unsigned i = 0; i < db->plan->query_count && !rc; i++)
        rc = sqlite3_prepare_v3(db->sql, db->plan->queries[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &db->kept[i], NULL);
    return rc;
}

static enum fluit_err open_at(struct fluit_db *db, const char *path, const char *vfs,
                              unsigned flags, struct fluit_buf *why)
{
    struct stat st;
    if (stat(path, &st)) { /* SQLite would say only "unable to open" */
        fluit_buf_printf(why, "%s is not there or can't be read; check the path", path);
        return FLUIT_E_MISSING;
    }
    enum fluit_err err = FLUIT_OK;
    int rc = db->readonly ? connect_reader(db, path, vfs, why, &err)
                          : connect_writer(db, path, vfs, flags, why, &err);
    if (!rc && !err)
        rc = prepare_queries(db);
    return rc ? explain(db, path, rc, why) : err;
}

enum fluit_err fluit_db_open(const struct fluit_db_plan *plan, const char *dir, const char *vfs,
                             unsigned flags, struct fluit_db **out, struct fluit_buf *why)
{
    enum fluit_err err = FLUIT_E_NOMEM;
    struct fluit_buf path = FLUIT_BUF_INIT;
    struct fluit_db *db = calloc(1, sizeof *db);
    if (!db)
        goto out;
    db->plan = plan;
    db->readonly = (flags & FLUIT_DB_READONLY) != 0;
    db->kept = calloc(plan->query_count, sizeof(sqlite3_stmt *));
    fluit_buf_printf(&path, "%s/%s", dir, plan->file);
    fluit_buf_text(&path);
    if (!db->kept || path.err)
        goto out;
    err = open_at(db, fluit_buf_text(&path), vfs, flags, why);
    if (!err) {
        *out = db;
        db = NULL;
    }
out:
    fluit_db_close(db);
    fluit_buf_deinit(&path);
    return err;
}

void fluit_db_close(struct fluit_db *db)
{
    if (!db)
        return;
    for (unsigned i = 0; db->kept && i < db->plan->query_count; i++)
        sqlite3_finalize(db->kept[i]);
    free(db->kept);
    if (db->sql) {
        /* After a failure the disk is left as it is, for the next start to recover from. */
        if (db->broken)
            sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        if (!sqlite3_get_autocommit(db->sql))
            sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
        int rc = sqlite3_close(db->sql);
        assert(rc == SQLITE_OK);
        (void)rc;
    }
    free(db);
}
