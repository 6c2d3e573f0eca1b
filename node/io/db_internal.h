/* db_internal.h: what db.c and db_open.c share. */
#ifndef FLUIT_DB_INTERNAL_H
#define FLUIT_DB_INTERNAL_H

#include <sqlite3.h>

#include "node/io/db.h"

#define FLUIT_DB_BUSY_MS 500 /* only another program's write can make us wait */

struct fluit_db {
    sqlite3 *sql;
    const struct fluit_db_plan *plan;
    sqlite3_stmt **kept; /* query_count; NULL until prepared */
    bool readonly;
    bool in_turn;
    enum fluit_err broken; /* sticky */
    int wal_pages;
};

/* What a code of SQLite means here. sql may be NULL. */
enum fluit_err fluit_db_err(sqlite3 *sql, int rc);

#endif
