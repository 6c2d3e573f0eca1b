#include "common/fold.h"

#include <stdlib.h>
#include <string.h>

static int heard_cmp(const void *a, const void *b)
{
    const struct fluit_heard *x = a, *y = b;
    return x->origin.rank != y->origin.rank ? (x->origin.rank < y->origin.rank ? -1 : 1) : 0;
}

static const struct fluit_kept_type heard_type = {heard_cmp, free, FLUIT_NODES_MAX, false};

struct fluit_fold *fluit_fold_new(const struct fluit_script *script)
{
    struct fluit_fold *fold = calloc(1, sizeof *fold);
    if (fold)
        fold->script = script;
    return fold;
}

static void table_free(struct fluit_table_fold *table)
{
    if (!table)
        return;
    for (int round = 0; round <= FLUIT_ROUNDS_MAX; round++) {
        if (table->boards[round])
            fluit_board_deinit(table->boards[round]);
        free(table->boards[round]);
    }
    fluit_notes_deinit(&table->notes);
    fluit_photos_deinit(&table->photos);
    free(table);
}

void fluit_fold_free(struct fluit_fold *fold)
{
    if (!fold)
        return;
    for (int table = 0; table <= FLUIT_TABLES_MAX; table++)
        table_free(fold->tables[table]);
    fluit_lead_deinit(&fold->lead);
    fluit_kept_deinit(&fold->heard, &heard_type);
    fluit_stamps_deinit(&fold->ignored);
    free(fold);
}

/* Whether an act of the kind belongs to a board, and outside the rounds or only in one. */
enum field {
    FIELD_NONE,
    FIELD_LEAD,
    FIELD_HEARD,
    FIELD_BOARD,
    FIELD_ROLE,
    FIELD_NOTES,
    FIELD_PHOTO,
    FIELD_NEXT
};

static enum field field_of(enum fluit_kind kind)
{
    switch (kind) {
    case FLUIT_KIND_PLAN:
    case FLUIT_KIND_CUT:
    case FLUIT_KIND_MESSAGE:
    case FLUIT_KIND_RELEASE:
    case FLUIT_KIND_HEAP:
        return FIELD_LEAD;
    case FLUIT_KIND_HEARD:
        return FIELD_HEARD;
    case FLUIT_KIND_PLACE:
    case FLUIT_KIND_ASIDE:
    case FLUIT_KIND_LIFT:
    case FLUIT_KIND_WHY:
    case FLUIT_KIND_LINK:
    case FLUIT_KIND_BLANK:
    case FLUIT_KIND_GROUP:
        return FIELD_BOARD;
    case FLUIT_KIND_ROLE:
        return FIELD_ROLE;
    case FLUIT_KIND_NOTE:
    case FLUIT_KIND_ANSWER:
        return FIELD_NOTES;
    case FLUIT_KIND_PHOTO:
        return FIELD_PHOTO;
    case FLUIT_KIND_NEXT_BOARD:
        return FIELD_NEXT;
    default:
        return FIELD_NONE;
    }
}

static enum fluit_err apply_board(struct fluit_fold *fold, struct fluit_table_fold *table,
                                  const struct fluit_origin *origin, const struct fluit_act *act)
{
    struct fluit_board **board = &table->boards[origin->round];
    if (!*board)
        *board = calloc(1, sizeof **board);
    if (!*board)
        return FLUIT_E_NOMEM;
    return fluit_board_apply(*board, fold->script, origin, act);
}

static enum fluit_err apply_next(const struct fluit_fold *fold, struct fluit_table_fold *table,
                                 const struct fluit_act *act)
{
    uint8_t round = act->next_board.round;
    if (round < 1 || round > fold->script->round_count)
        return FLUIT_E_UNKNOWN;
    if (round > table->board_round)
        table->board_round = round;
    return FLUIT_OK;
}

static enum fluit_err apply_table(struct fluit_fold *fold, enum field field,
                                  const struct fluit_origin *origin, const struct fluit_act *act)
{
    if (origin->table < 1 || origin->table > FLUIT_TABLES_MAX ||
        origin->round > fold->script->round_count ||
        ((field == FIELD_BOARD || field == FIELD_PHOTO) && origin->round < 1))
        return FLUIT_E_DENIED;
    struct fluit_table_fold **table = &fold->tables[origin->table];
    if (!*table)
        *table = calloc(1, sizeof **table);
    if (!*table)
        return FLUIT_E_NOMEM;
    enum fluit_err err = field == FIELD_NOTES
                             ? fluit_notes_apply(&(*table)->notes, fold->script, origin, act)
                         : field == FIELD_PHOTO ? fluit_photos_apply(&(*table)->photos, origin, act)
                         : field == FIELD_NEXT  ? apply_next(fold, *table, act)
                                                : apply_board(fold, *table, origin, act);
    int64_t *active_us = &(*table)->active_us[origin->round];
    if (!err && origin->mesh_us > *active_us)
        *active_us = origin->mesh_us;
    return err;
}

static enum fluit_err apply_heard(struct fluit_fold *fold, const struct fluit_origin *origin,
                                  const struct fluit_act *act)
{
    struct fluit_heard *heard = malloc(sizeof *heard);
    if (!heard)
        return FLUIT_E_NOMEM;
    *heard = (struct fluit_heard){*origin, act->heard.heard};
    return fluit_kept_put(&fold->heard, &heard_type, heard);
}

static enum fluit_err apply(struct fluit_fold *fold, const struct fluit_origin *origin,
                            const struct fluit_act *act)
{
    if (!fluit_kind_allowed(act->kind, origin->author))
        return FLUIT_E_DENIED;
    enum field field = field_of(act->kind);
    if (field == FIELD_NONE)
        return FLUIT_OK;
    if (field == FIELD_LEAD)
        return fluit_lead_apply(&fold->lead, fold->script, origin, act);
    if (field == FIELD_HEARD)
        return apply_heard(fold, origin, act);
    return apply_table(fold, field, origin, act);
}

enum fluit_err fluit_fold_apply(struct fluit_fold *fold, const struct fluit_origin *origin,
                                const struct fluit_act *act)
{
    enum fluit_err err = apply(fold, origin, act);
    if (err == FLUIT_OK || err == FLUIT_E_NOMEM)
        return err;
    return fluit_stamps_add(&fold->ignored, origin, FLUIT_IGNORED_MAX);
}

const struct fluit_table_fold *fluit_fold_table(const struct fluit_fold *fold, uint8_t table)
{
    return table <= FLUIT_TABLES_MAX ? fold->tables[table] : NULL;
}

const struct fluit_board *fluit_fold_board(const struct fluit_fold *fold, uint8_t table,
                                           uint8_t round)
{
    const struct fluit_table_fold *at = fluit_fold_table(fold, table);
    return at && round <= FLUIT_ROUNDS_MAX ? at->boards[round] : NULL;
}

const struct fluit_board_card *fluit_fold_card(const struct fluit_fold *fold, uint8_t table,
                                               uint8_t round, const struct fluit_card_ref *ref)
{
    const struct fluit_board *board = fluit_fold_board(fold, table, round);
    return board ? fluit_board_card(board, ref) : NULL;
}

struct fluit_place fluit_fold_place(const struct fluit_fold *fold, uint8_t table, uint8_t round,
                                    const struct fluit_card_ref *ref)
{
    const struct fluit_board_card *card = fluit_fold_card(fold, table, round, ref);
    return card ? card->place : (struct fluit_place){FLUIT_PLACE_HAND, 0, 0};
}

uint8_t fluit_fold_board_round(const struct fluit_fold *fold, uint8_t table)
{
    const struct fluit_table_fold *at = fluit_fold_table(fold, table);
    return at && at->board_round ? at->board_round : 1;
}

uint8_t fluit_fold_seat(const struct fluit_fold *fold, uint8_t table, uint8_t round, int role)
{
    if (role < 0 || role >= FLUIT_ROLES_MAX)
        return 0;
    const struct fluit_board *board = fluit_fold_board(fold, table, round);
    if (!board || !board->roles[role].set)
        board = fluit_fold_board(fold, table, 0);
    return board && board->roles[role].set ? board->roles[role].seat : 0;
}

const struct fluit_answer *fluit_fold_answer(const struct fluit_fold *fold, uint8_t table,
                                             uint8_t round, const struct fluit_id *question,
                                             uint8_t seat)
{
    const struct fluit_table_fold *at = fluit_fold_table(fold, table);
    return at ? fluit_notes_answer(&at->notes, round, question, seat) : NULL;
}

bool fluit_fold_note_next(const struct fluit_fold *fold, uint8_t table, size_t *cursor,
                          struct fluit_note *out)
{
    const struct fluit_table_fold *at = fluit_fold_table(fold, table);
    return at && fluit_notes_next(&at->notes, fold->script, cursor, out);
}

struct fluit_fold_counts fluit_fold_counts(const struct fluit_fold *fold, uint8_t table,
                                           uint8_t round)
{
    struct fluit_fold_counts counts = {0};
    const struct fluit_table_fold *at = fluit_fold_table(fold, table);
    if (!at || round > FLUIT_ROUNDS_MAX)
        return counts;
    counts.active_us = at->active_us[round];
    const struct fluit_board *board = at->boards[round];
    if (board) {
        counts.cards = fluit_board_lying(board);
        for (size_t i = 0; i < fluit_board_link_count(board); i++)
            counts.links += !fluit_board_link_at(board, i)->gone;
    }
    struct fluit_note note;
    for (size_t cursor = 0; fluit_fold_note_next(fold, table, &cursor, &note);)
        counts.notes += note.first->origin.round == round && !note.gone;
    struct fluit_photo photos[FLUIT_PHOTOS_MAX];
    size_t count = fluit_photos_of(&at->photos, round, photos);
    for (size_t i = 0; i < count; i++)
        counts.photos += photos[i].have == photos[i].parts;
    return counts;
}

const struct fluit_heard *fluit_fold_heard(const struct fluit_fold *fold, uint32_t rank)
{
    struct fluit_heard key = {.origin = {.rank = rank}};
    return fluit_kept_find(&fold->heard, &heard_type, &key);
}

const struct fluit_plan *fluit_fold_plan(const struct fluit_fold *fold)
{
    return fold->lead.has_plan ? &fold->lead.plan : NULL;
}

const struct fluit_cut *fluit_fold_cut(const struct fluit_fold *fold, uint8_t round)
{
    return round <= FLUIT_ROUNDS_MAX ? fold->lead.cuts[round] : NULL;
}

enum fluit_late fluit_fold_late(const struct fluit_fold *fold, const struct fluit_origin *origin)
{
    const struct fluit_cut *cut = fluit_fold_cut(fold, origin->round);
    if (!cut)
        return FLUIT_LATE_NOT;
    for (uint32_t i = 0; i < cut->head_count; i++)
        if (memcmp(cut->heads[i].feed.b, origin->feed.b, sizeof origin->feed.b) == 0 &&
            origin->seq <= cut->heads[i].seq)
            return FLUIT_LATE_NOT;
    return origin->mesh_us > cut->closed_us ? FLUIT_LATE_MADE : FLUIT_LATE_ARRIVED;
}

const char *fluit_late_name(enum fluit_late late)
{
    return late == FLUIT_LATE_MADE ? "made" : late == FLUIT_LATE_ARRIVED ? "arrived" : "";
}

bool fluit_fold_entered_after(const struct fluit_fold *fold, uint8_t table, uint8_t round)
{
    const struct fluit_board *board = fluit_fold_board(fold, table, round);
    bool any = false;
    for (size_t i = 0; board && i < fluit_board_card_count(board); i++) {
        const struct fluit_board_card *card = fluit_board_card_at(board, i);
        if (card->laid && fluit_fold_late(fold, &card->first_origin) != FLUIT_LATE_MADE)
            return false;
        any |= card->laid;
    }
    return any;
}

static bool same(const struct fluit_note_id *a, const struct fluit_note_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* True if id also names something that is not this note of this table. */
static bool ambiguous(const struct fluit_fold *fold, uint8_t table, const struct fluit_note *note,
                      const struct fluit_note_id *id)
{
    for (int t = 1; t <= FLUIT_TABLES_MAX; t++)
        for (size_t i = 0; fold->tables[t] && i < fold->tables[t]->notes.revisions.count; i++) {
            const struct fluit_revision *other = fold->tables[t]->notes.revisions.items[i];
            bool itself = t == table && same(&other->note, &note->id);
            if (!itself && (same(&other->note, id) || same(&other->id, id)))
                return true;
        }
    return false;
}

bool fluit_fold_quotable(const struct fluit_fold *fold, uint8_t table,
                         const struct fluit_note *note, size_t revision)
{
    const struct fluit_revision *words = fluit_note_revision(note, revision);
    if (note->gone || words->flags & FLUIT_NOTE_GONE ||
        !(words->flags & (FLUIT_NOTE_QUOTE | FLUIT_NOTE_PLENARY)))
        return false;
    bool by_note = fluit_lead_released(&fold->lead, &note->id) &&
                   fluit_note_is_head(note, revision) && !ambiguous(fold, table, note, &note->id);
    return by_note || (fluit_lead_released(&fold->lead, &words->id) &&
                       !ambiguous(fold, table, note, &words->id));
}
