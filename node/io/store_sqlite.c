#include "node/io/store_sqlite.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "node/io/datadir.h"
#include "node/io/db.h"

static const char schema_sql[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE feeds("
    " num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, author BLOB NOT NULL,"
    " incarnation BLOB NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
    " signed_seq INTEGER NOT NULL, sig BLOB) STRICT;"
    "CREATE TABLE entries("
    " feed INTEGER NOT NULL REFERENCES feeds(num), seq INTEGER NOT NULL, header BLOB NOT NULL,"
    " payload BLOB NOT NULL, sig BLOB, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE named(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "PRAGMA application_id=0x666c7574;"
    "PRAGMA user_version=1;"
    "COMMIT;";

enum query {
    Q_FEED,
    Q_FEED_ADD,
    Q_FEED_APPENDED,
    Q_FEED_SIGNED,
    Q_FEED_RESTATE,
    Q_ENTRY,
    Q_ENTRY_ADD,
    Q_ENTRY_SIGN,
    Q_ENTRY_SIGN_ANEW,
    Q_ENTRY_REPLACE,
    Q_ENTRIES_FROM,
    Q_ENTRIES_CUT,
    Q_NAMED,
    Q_NAMED_PUT,
    Q_NAMED_DROP,
    Q_FEEDS,
    Q_NAMED_FROM,
    Q_COUNT,
};

static const char *const query_sql[Q_COUNT] = {
    [Q_FEED] = "SELECT num, seq, hash FROM feeds WHERE id = ?1",
    [Q_FEED_ADD] = "INSERT INTO feeds(id, author, incarnation, seq, hash, signed_seq)"
                   " VALUES(?1, ?2, ?3, 0, zeroblob(32), 0)",
    [Q_FEED_APPENDED] = "UPDATE feeds SET seq = ?2, hash = ?3 WHERE num = ?1",
    [Q_FEED_SIGNED] = "UPDATE feeds SET signed_seq = ?2, sig = ?3"
                      " WHERE num = ?1 AND signed_seq < ?2",
    [Q_FEED_RESTATE] = "UPDATE feeds SET author = ?2, incarnation = ?3, seq = ?4, hash = ?5,"
                       " signed_seq = ?6, sig = ?7 WHERE id = ?1",
    [Q_ENTRY] = "SELECT header, payload, entries.sig FROM entries JOIN feeds ON feed = num"
                " WHERE id = ?1 AND entries.seq = ?2",
    /* A row that is there already can only be one whose own seq rotted. */
    [Q_ENTRY_ADD] = "INSERT OR REPLACE INTO entries(feed, seq, header, payload, sig)"
                    " VALUES(?1, ?2, ?3, ?4, ?5)",
    [Q_ENTRY_SIGN] = "UPDATE entries SET sig = ?3 WHERE feed = ?1 AND seq = ?2 AND sig IS NULL",
    [Q_ENTRY_SIGN_ANEW] = "UPDATE entries SET sig = ?3 WHERE feed = ?1 AND seq = ?2",
    [Q_ENTRY_REPLACE] = "INSERT OR REPLACE INTO entries(feed, seq, header, payload, sig)"
                        " SELECT num, ?2, ?3, ?4, ?5 FROM feeds WHERE id = ?1 AND seq >= ?2",
    [Q_ENTRIES_FROM] = "SELECT header, payload, entries.sig, entries.seq"
                       " FROM feeds CROSS JOIN entries ON feed = num"
                       " WHERE id = ?1 AND entries.seq >= ?2 ORDER BY entries.seq",
    [Q_ENTRIES_CUT] = "DELETE FROM entries WHERE feed = ?1 AND seq > ?2",
    [Q_NAMED] = "SELECT value FROM named WHERE name = ?1",
    [Q_NAMED_PUT] = "INSERT INTO named(name, value) VALUES(?1, ?2)"
                    " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
    [Q_NAMED_DROP] = "DELETE FROM named WHERE name = ?1",
    [Q_FEEDS] = "SELECT id, author, incarnation, seq, hash, signed_seq, sig FROM feeds",
    [Q_NAMED_FROM] = "SELECT name, value FROM named WHERE name >= ?1 ORDER BY name",
};

static const struct fluit_db_plan plan = {
    .file = FLUIT_DATADIR_DB,
    .application_id = 0x666c7574, /* "flut" */
    .version = 1,
    .schema_sql = schema_sql,
    .queries = query_sql,
    .query_count = Q_COUNT,
    .proved_table = "entries", /* by proto/damage.h */
    .row_len_max = FLUIT_PAYLOAD_MAX + 4096,
};

struct fluit_store_sqlite {
    struct fluit_db *db;
    struct fluit_datadir datadir;
};

static void arg_sig(struct fluit_call *c, const struct fluit_sig *sig)
{
    if (sig)
        fluit_call_blob(c, sig->b, sizeof sig->b);
    else
        fluit_call_null(c);
}

/* An absent signature is NULL. */
static bool col_sig(const struct fluit_call *c, int col, bool *has, struct fluit_sig *out)
{
    *has = !fluit_col_null(c, col);
    return !*has || fluit_col_fixed(c, col, out->b, sizeof out->b);
}

static enum fluit_err copy(struct fluit_buf *out, struct fluit_slice bytes)
{
    fluit_buf_reset(out);
    fluit_buf_put(out, bytes.data, bytes.len);
    return out->err;
}

struct held {
    uint64_t num; /* 0: the feed is not known */
    uint64_t seq;
    struct fluit_hash hash;
};

static enum fluit_err find_feed(struct fluit_store_sqlite *s, const struct fluit_feed_id *id,
                                struct held *held)
{
    bool good = true;
    *held = (struct held){0};
    struct fluit_call c = fluit_call(s->db, Q_FEED);
    fluit_call_blob(&c, id->b, sizeof id->b);
    if (fluit_call_step(&c)) {
        good = fluit_col_int(&c, 0, &held->num) && fluit_col_int(&c, 1, &held->seq) &&
               held->seq < INT64_MAX && fluit_col_fixed(&c, 2, held->hash.b, sizeof held->hash.b);
    }
    enum fluit_err err = fluit_call_end(&c);
    return err ? err : good ? FLUIT_OK : FLUIT_E_FORMAT;
}

static enum fluit_err add_feed(struct fluit_store_sqlite *s, const struct fluit_feed_info *info,
                               uint64_t *num)
{
    struct fluit_call c = fluit_call(s->db, Q_FEED_ADD);
    fluit_call_blob(&c, info->id.b, sizeof info->id.b);
    fluit_call_blob(&c, info->author.b, sizeof info->author.b);
    fluit_call_blob(&c, info->incarnation, sizeof info->incarnation);
    enum fluit_err err = fluit_call_run(&c);
    *num = fluit_db_last_row(s->db);
    return err;
}

static enum fluit_err add_entry(struct fluit_store_sqlite *s, uint64_t num, uint64_t seq,
                                const uint8_t header[FLUIT_HEADER_LEN], struct fluit_slice payload,
                                const struct fluit_sig *sig)
{
    struct fluit_call c = fluit_call(s->db, Q_ENTRY_ADD);
    fluit_call_int(&c, num);
    fluit_call_int(&c, seq);
    fluit_call_blob(&c, header, FLUIT_HEADER_LEN);
    fluit_call_blob(&c, payload.data, payload.len);
    arg_sig(&c, sig);
    return fluit_call_run(&c);
}

static enum fluit_err feed_appended(struct fluit_store_sqlite *s, uint64_t num, uint64_t seq,
                                    const struct fluit_hash *hash)
{
    struct fluit_call c = fluit_call(s->db, Q_FEED_APPENDED);
    fluit_call_int(&c, num);
    fluit_call_int(&c, seq);
    fluit_call_blob(&c, hash->b, sizeof hash->b);
    return fluit_call_run(&c);
}

static enum fluit_err sign_with(struct fluit_store_sqlite *s, enum query query, uint64_t num,
                                uint64_t seq, const struct fluit_sig *sig)
{
    struct fluit_call c = fluit_call(s->db, query);
    fluit_call_int(&c, num);
    fluit_call_int(&c, seq);
    arg_sig(&c, sig);
    return fluit_call_run(&c);
}

static enum fluit_err store_append(void *self, const struct fluit_feed_info *info,
                                   const uint8_t header[FLUIT_HEADER_LEN],
                                   struct fluit_slice payload, const struct fluit_sig *sig)
{
    struct fluit_store_sqlite *s = self;
    struct fluit_header h;
    struct held held;
    enum fluit_err err = fluit_header_get(&h, header);
    if (err)
        return err;
    if (memcmp(h.feed.b, info->id.b, sizeof h.feed.b) != 0 || h.payload_len != payload.len)
        return FLUIT_E_FORMAT;
    err = find_feed(s, &info->id, &held);
    if (err)
        return err;
    if (h.seq != held.seq + 1 || memcmp(h.prev.b, held.hash.b, sizeof h.prev.b) != 0)
        return FLUIT_E_CHAIN;
    err = fluit_db_begin(s->db);
    if (!err && held.num == 0)
        err = add_feed(s, info, &held.num);
    if (!err)
        err = add_entry(s, held.num, h.seq, header, payload, sig);
    if (!err) {
        struct fluit_hash hash = fluit_header_hash(header);
        err = feed_appended(s, held.num, h.seq, &hash);
    }
    if (!err && sig)
        err = sign_with(s, Q_FEED_SIGNED, held.num, h.seq, sig);
    return err;
}

static enum fluit_err store_sign(void *self, const struct fluit_feed_id *feed, uint64_t seq,
                                 const struct fluit_sig *sig)
{
    struct fluit_store_sqlite *s = self;
    struct held held;
    enum fluit_err err = find_feed(s, feed, &held);
    if (err)
        return err;
    if (seq == 0 || seq > held.seq)
        return FLUIT_E_MISSING;
    err = fluit_db_begin(s->db);
    if (!err)
        err = sign_with(s, Q_ENTRY_SIGN, held.num, seq, sig);
    /* Signed before: the first signature stays, in both tables. */
    if (!err && fluit_db_changes(s->db) > 0)
        err = sign_with(s, Q_FEED_SIGNED, held.num, seq, sig);
    return err;
}

static enum fluit_err store_replace(void *self, const struct fluit_feed_id *feed,
                                    const uint8_t header[FLUIT_HEADER_LEN],
                                    struct fluit_slice payload, const struct fluit_sig *sig)
{
    struct fluit_store_sqlite *s = self;
    struct fluit_header h;
    enum fluit_err err = fluit_header_get(&h, header);
    if (err)
        return err;
    if (memcmp(h.feed.b, feed->b, sizeof h.feed.b) != 0 || h.payload_len != payload.len)
        return FLUIT_E_FORMAT;
    err = fluit_db_begin(s->db);
    if (err)
        return err;
    struct fluit_call c = fluit_call(s->db, Q_ENTRY_REPLACE);
    fluit_call_blob(&c, feed->b, sizeof feed->b);
    fluit_call_int(&c, h.seq);
    fluit_call_blob(&c, header, FLUIT_HEADER_LEN);
    fluit_call_blob(&c, payload.data, payload.len);
    arg_sig(&c, sig);
    err = fluit_call_run(&c);
    return err || fluit_db_changes(s->db) > 0 ? err : FLUIT_E_MISSING;
}

static enum fluit_err restate_feed(struct fluit_store_sqlite *s, const struct fluit_feed_info *info)
{
    struct fluit_call c = fluit_call(s->db, Q_FEED_RESTATE);
    fluit_call_blob(&c, info->id.b, sizeof info->id.b);
    fluit_call_blob(&c, info->author.b, sizeof info->author.b);
    fluit_call_blob(&c, info->incarnation, sizeof info->incarnation);
    fluit_call_int(&c, info->seq);
    fluit_call_blob(&c, info->hash.b, sizeof info->hash.b);
    fluit_call_int(&c, info->signed_seq);
    arg_sig(&c, info->signed_seq > 0 ? &info->sig : NULL);
    return fluit_call_run(&c);
}

static enum fluit_err cut_entries(struct fluit_store_sqlite *s, uint64_t num, uint64_t seq)
{
    struct fluit_call c = fluit_call(s->db, Q_ENTRIES_CUT);
    fluit_call_int(&c, num);
    fluit_call_int(&c, seq);
    return fluit_call_run(&c);
}

static enum fluit_err store_restate(void *self, const struct fluit_feed_info *info)
{
    struct fluit_store_sqlite *s = self;
    struct held held = {0};
    enum fluit_err err = fluit_db_begin(s->db);
    if (!err)
        err = restate_feed(s, info);
    if (!err)
        err = find_feed(s, &info->id, &held);
    if (!err && held.num > 0)
        err = cut_entries(s, held.num, info->seq);
    if (!err && held.num > 0 && info->signed_seq > 0)
        err = sign_with(s, Q_ENTRY_SIGN_ANEW, held.num, info->signed_seq, &info->sig);
    return err;
}

/* The columns of Q_ENTRY; the payload is borrowed. */
static bool read_entry(const struct fluit_call *c, struct fluit_stored *out)
{
    return fluit_col_fixed(c, 0, out->header, sizeof out->header) &&
           fluit_col_blob(c, 1, &out->payload) && out->payload.len <= FLUIT_PAYLOAD_MAX &&
           col_sig(c, 2, &out->has_sig, &out->sig);
}

static enum fluit_err store_get(void *self, const struct fluit_feed_id *feed, uint64_t seq,
                                struct fluit_stored *out, struct fluit_buf *scratch)
{
    struct fluit_store_sqlite *s = self;
    if (seq > INT64_MAX)
        return FLUIT_E_MISSING;
    enum fluit_err row_err = FLUIT_E_MISSING;
    struct fluit_stored got = {0};
    struct fluit_call c = fluit_call(s->db, Q_ENTRY);
    fluit_call_blob(&c, feed->b, sizeof feed->b);
    fluit_call_int(&c, seq);
    if (fluit_call_step(&c))
        row_err = read_entry(&c, &got) ? copy(scratch, got.payload) : FLUIT_E_FORMAT;
    enum fluit_err err = fluit_call_end(&c);
    if (err || row_err)
        return err ? err : row_err;
    *out = got;
    out->payload = fluit_buf_slice(scratch);
    return FLUIT_OK;
}

static enum fluit_err store_each(void *self, const struct fluit_feed_id *feed, uint64_t from,
                                 enum fluit_err (*each)(void *arg, uint64_t seq,
                                                        const struct fluit_stored *entry),
                                 void *arg)
{
    struct fluit_store_sqlite *s = self;
    enum fluit_err err = FLUIT_OK;
    struct fluit_call c = fluit_call_walk(s->db, Q_ENTRIES_FROM);
    fluit_call_blob(&c, feed->b, sizeof feed->b);
    fluit_call_int(&c, from);
    while (!err && fluit_call_step(&c)) {
        struct fluit_stored entry = {0};
        uint64_t seq;
        if (read_entry(&c, &entry) && fluit_col_int(&c, 3, &seq))
            err = each(arg, seq, &entry);
    }
    enum fluit_err call_err = fluit_call_end(&c);
    return err ? err : call_err;
}

/* What the row says may contradict itself and the entries (a number below 0 reads as 0); whoever
 * uses it looks whether the head is signed. */
static bool read_feed(const struct fluit_call *c, struct fluit_feed_info *info)
{
    bool has_sig = false;
    *info = (struct fluit_feed_info){0};
    (void)fluit_col_int(c, 3, &info->seq);
    (void)fluit_col_int(c, 5, &info->signed_seq);
    return fluit_col_fixed(c, 0, info->id.b, sizeof info->id.b) &&
           fluit_col_fixed(c, 1, info->author.b, sizeof info->author.b) &&
           fluit_col_fixed(c, 2, info->incarnation, sizeof info->incarnation) &&
           fluit_col_fixed(c, 4, info->hash.b, sizeof info->hash.b) &&
           col_sig(c, 6, &has_sig, &info->sig);
}

static enum fluit_err
store_feeds(void *self, enum fluit_err (*each)(void *arg, const struct fluit_feed_info *info),
            void *arg)
{
    struct fluit_store_sqlite *s = self;
    enum fluit_err err = FLUIT_OK;
    struct fluit_call c = fluit_call_walk(s->db, Q_FEEDS);
    while (!err && fluit_call_step(&c)) {
        struct fluit_feed_info info;
        err = read_feed(&c, &info) ? each(arg, &info) : FLUIT_E_FORMAT;
    }
    enum fluit_err call_err = fluit_call_end(&c);
    return err ? err : call_err;
}

static enum fluit_err store_put(void *self, const char *name, struct fluit_slice value)
{
    struct fluit_store_sqlite *s = self;
    if (value.len > FLUIT_PAYLOAD_MAX)
        return FLUIT_E_LIMIT;
    enum fluit_err err = fluit_db_begin(s->db);
    if (err)
        return err;
    struct fluit_call c = fluit_call(s->db, Q_NAMED_PUT);
    fluit_call_text(&c, name);
    fluit_call_blob(&c, value.data, value.len);
    return fluit_call_run(&c);
}

static enum fluit_err store_value(void *self, const char *name, struct fluit_buf *out)
{
    struct fluit_store_sqlite *s = self;
    enum fluit_err row_err = FLUIT_E_MISSING;
    struct fluit_call c = fluit_call(s->db, Q_NAMED);
    fluit_call_text(&c, name);
    if (fluit_call_step(&c)) {
        struct fluit_slice value;
        row_err = fluit_col_blob(&c, 0, &value) ? copy(out, value) : FLUIT_E_FORMAT;
    }
    enum fluit_err err = fluit_call_end(&c);
    return err ? err : row_err;
}

static enum fluit_err store_values(void *self, const char *prefix,
                                   enum fluit_err (*each)(void *arg, const char *name,
                                                          struct fluit_slice value),
                                   void *arg)
{
    struct fluit_store_sqlite *s = self;
    enum fluit_err err = FLUIT_OK;
    struct fluit_call c = fluit_call_walk(s->db, Q_NAMED_FROM);
    fluit_call_text(&c, prefix);
    while (!err && fluit_call_step(&c)) {
        const char *name = fluit_col_text(&c, 0);
        struct fluit_slice value;
        if (!name || !fluit_col_blob(&c, 1, &value))
            err = FLUIT_E_FORMAT;
        else if (strncmp(name, prefix, strlen(prefix)) != 0)
            break;
        else
            err = each(arg, name, value);
    }
    enum fluit_err call_err = fluit_call_end(&c);
    return err ? err : call_err;
}

static enum fluit_err store_drop(void *self, const char *name)
{
    struct fluit_store_sqlite *s = self;
    enum fluit_err err = fluit_db_begin(s->db);
    if (err)
        return err;
    struct fluit_call c = fluit_call(s->db, Q_NAMED_DROP);
    fluit_call_text(&c, name);
    return fluit_call_run(&c);
}

struct fluit_store fluit_store_port(struct fluit_store_sqlite *s)
{
    static const struct fluit_store_ops ops = {
        .append = store_append,
        .sign = store_sign,
        .replace = store_replace,
        .restate = store_restate,
        .get = store_get,
        .each = store_each,
        .feeds = store_feeds,
        .put = store_put,
        .value = store_value,
        .values = store_values,
        .drop = store_drop,
    };
    return (struct fluit_store){.ops = &ops, .self = s};
}

enum fluit_err fluit_store_commit(struct fluit_store_sqlite *s)
{
    return fluit_db_commit(s->db);
}

enum fluit_err fluit_store_checkpoint_truncate(struct fluit_store_sqlite *s)
{
    return fluit_db_truncate_wal(s->db);
}

enum fluit_err fluit_store_open_vfs(const char *dir, const char *vfs, unsigned flags,
                                    struct fluit_store_sqlite **out, struct fluit_buf *why)
{
    bool readonly = (flags & FLUIT_STORE_READONLY) != 0;
    bool create = (flags & FLUIT_STORE_CREATE) != 0;
    assert(!(readonly && create));
    struct fluit_store_sqlite *s = calloc(1, sizeof *s);
    if (!s)
        return FLUIT_E_NOMEM;
    s->datadir = FLUIT_DATADIR_NONE;
    enum fluit_err err = FLUIT_OK;
    if (!readonly)
        err = fluit_datadir_open(dir, create, &s->datadir, why);
    if (!err)
        err = fluit_db_open(&plan, dir, vfs,
                            (readonly ? FLUIT_DB_READONLY : 0) | (create ? FLUIT_DB_CREATE : 0),
                            &s->db, why);
    if (err)
        fluit_store_close(s);
    else
        *out = s;
    return err;
}

enum fluit_err fluit_store_open(const char *dir, unsigned flags, struct fluit_store_sqlite **out,
                                struct fluit_buf *why)
{
    return fluit_store_open_vfs(dir, NULL, flags, out, why);
}

void fluit_store_close(struct fluit_store_sqlite *s)
{
    if (!s)
        return;
    fluit_db_close(s->db);
    fluit_datadir_close(&s->datadir);
    free(s);
}
