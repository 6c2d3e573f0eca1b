#include "proto/body.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define KIND_MAX 65535

/* Every kind's fields are listed once, by a function that goes through them in order and either
 * reads or writes each. Only one of in and out is set; both have a sticky error. Ranges are checked
 * in reading: fluit_body_put reads back what it wrote. */
struct coder {
    struct fluit_reader *in;
    struct fluit_buf *out;
    struct fluit_cut_head *heads; /* made in reading */
};

static void refuse(struct coder *c, enum fluit_err err)
{
    if (c->in && !c->in->err)
        c->in->err = err;
}

static uint64_t code_uint(struct coder *c, uint64_t value, uint64_t min, uint64_t max)
{
    if (c->out) {
        fluit_pack_uint(c->out, value);
        return value;
    }
    value = fluit_read_uint(c->in, max);
    if (value < min)
        refuse(c, FLUIT_E_FORMAT);
    return value;
}

static void code_u8(struct coder *c, uint8_t *value, uint8_t min, uint8_t max)
{
    *value = (uint8_t)code_uint(c, *value, min, max);
}

static void code_u32(struct coder *c, uint32_t *value)
{
    *value = (uint32_t)code_uint(c, *value, 0, UINT32_MAX);
}

static void code_time(struct coder *c, int64_t *us)
{
    if (c->out) {
        fluit_pack_int(c->out, *us);
        return;
    }
    *us = fluit_read_int(c->in);
    if (*us > FLUIT_TIME_MAX_US || *us < -FLUIT_TIME_MAX_US)
        refuse(c, FLUIT_E_FORMAT);
}

static void code_span(struct coder *c, int64_t *us)
{
    code_time(c, us);
    if (*us < 0)
        refuse(c, FLUIT_E_FORMAT);
}

static void code_bool(struct coder *c, bool *value)
{
    if (c->out)
        fluit_pack_bool(c->out, *value);
    else
        *value = fluit_read_bool(c->in);
}

/* True, and done, if the value is absent. */
static bool code_nil(struct coder *c, bool absent)
{
    if (c->in)
        return fluit_read_nil(c->in);
    if (absent)
        fluit_pack_nil(c->out);
    return absent;
}

static void code_fixed(struct coder *c, uint8_t *bytes, size_t len)
{
    if (c->out)
        fluit_pack_bin(c->out, bytes, len);
    else
        fluit_read_fixed(c->in, bytes, len);
}

static void code_str(struct coder *c, struct fluit_slice *text, size_t max_len)
{
    if (c->out)
        fluit_pack_str(c->out, *text);
    else
        *text = fluit_read_str(c->in, max_len);
}

static void code_text(struct coder *c, struct fluit_slice *text)
{
    code_str(c, text, FLUIT_TEXT_LEN_MAX);
}

static void code_array(struct coder *c, uint32_t count)
{
    if (c->out)
        fluit_pack_array(c->out, count);
    else
        fluit_read_array_of(c->in, count);
}

/* The count of an array that the writer chooses. */
static uint32_t code_list(struct coder *c, uint32_t count, uint32_t max)
{
    if (c->out) {
        fluit_pack_array(c->out, count);
        return count;
    }
    count = fluit_read_array(c->in);
    if (count <= max)
        return count;
    refuse(c, FLUIT_E_LIMIT);
    return 0;
}

static void code_end(struct coder *c)
{
    if (c->in)
        fluit_read_array_end(c->in);
}

static void code_id(struct coder *c, struct fluit_id *id)
{
    struct fluit_slice text = fluit_slice_str(id->s);
    code_str(c, &text, FLUIT_ID_LEN_MAX);
    if (c->in && fluit_id_set(id, text))
        refuse(c, FLUIT_E_FORMAT);
}

static void code_card(struct coder *c, struct fluit_card_ref *ref)
{
    code_array(c, 2);
    code_id(c, &ref->card);
    code_u8(c, &ref->copy, 1, FLUIT_COPIES_MAX);
    code_end(c);
}

static void code_round(struct coder *c, uint8_t *round)
{
    code_u8(c, round, 0, FLUIT_ROUNDS_MAX);
}

static void code_seat(struct coder *c, uint8_t *seat)
{
    code_u8(c, seat, 0, FLUIT_SEATS_MAX);
}

static void code_mark(struct coder *c, struct fluit_mark_id *id, int64_t *at_us)
{
    code_array(c, 5);
    code_u8(c, &id->step, 0, FLUIT_STEPS_MAX - 1);
    code_round(c, &id->round);
    code_u8(c, &id->kind, FLUIT_MARK_START, FLUIT_MARK_END);
    code_u8(c, &id->occurrence, 1, UINT8_MAX);
    code_time(c, at_us);
    code_end(c);
}

static void code_marks(struct coder *c, uint8_t *count, struct fluit_mark *marks)
{
    *count = (uint8_t)code_list(c, *count, FLUIT_MARKS_MAX);
    assert(*count <= FLUIT_MARKS_MAX);
    for (uint8_t i = 0; i < *count; i++)
        code_mark(c, &marks[i].id, &marks[i].at_us);
    code_end(c);
}

static void code_hello(struct coder *c, struct fluit_act *act)
{
    code_str(c, &act->hello.endpoint, FLUIT_ENDPOINT_LEN_MAX);
    code_str(c, &act->hello.software, FLUIT_SOFTWARE_LEN_MAX);
}

static void code_script(struct coder *c, struct fluit_act *act)
{
    struct fluit_slice *yaml = &act->script.yaml;
    if (c->out)
        fluit_pack_bin(c->out, yaml->data, yaml->len);
    else
        *yaml = fluit_read_bin(c->in, FLUIT_SCRIPT_LEN_MAX);
}

static void code_plan(struct coder *c, struct fluit_act *act)
{
    struct fluit_plan *plan = &act->plan;
    code_u32(c, &plan->term);
    code_u32(c, &plan->revision);
    code_u8(c, &plan->step, 0, FLUIT_STEPS_MAX - 1);
    code_round(c, &plan->round);
    code_u8(c, &plan->state, FLUIT_PLAN_READY, FLUIT_PLAN_ENDED);
    code_time(c, &plan->start_us);
    code_time(c, &plan->end_us);
    code_span(c, &plan->left_us);
    code_time(c, &plan->wrap_up_us);
    code_marks(c, &plan->mark_count, plan->marks);
}

static void code_head(struct coder *c, struct fluit_cut_head *head)
{
    code_array(c, 3);
    code_fixed(c, head->feed.b, sizeof head->feed.b);
    head->seq = code_uint(c, head->seq, 1, INT64_MAX);
    code_fixed(c, head->hash.b, sizeof head->hash.b);
    code_end(c);
}

static void code_heads(struct coder *c, struct fluit_act *act)
{
    uint32_t count = code_list(c, act->cut.head_count, FLUIT_FEEDS_MAX);
    if (c->in && count) {
        c->heads = calloc(count, sizeof *c->heads);
        if (!c->heads) {
            refuse(c, FLUIT_E_NOMEM);
            return;
        }
        act->cut.heads = c->heads;
        act->cut.head_count = count;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct fluit_cut_head head = act->cut.heads[i];
        code_head(c, &head);
        if (c->in)
            c->heads[i] = head;
    }
    code_end(c);
}

static void code_cut(struct coder *c, struct fluit_act *act)
{
    code_round(c, &act->cut.round);
    code_u32(c, &act->cut.term);
    code_time(c, &act->cut.closed_us);
    code_heads(c, act);
}

static void code_message(struct coder *c, struct fluit_act *act)
{
    code_u8(c, &act->message.table, 0, FLUIT_TABLES_MAX);
    code_text(c, &act->message.text);
}

static void code_release(struct coder *c, struct fluit_act *act)
{
    code_fixed(c, act->release.note.b, sizeof act->release.note.b);
    code_bool(c, &act->release.shown);
}

static void code_invite(struct coder *c, struct fluit_act *act)
{
    code_u8(c, &act->invite.node_class, FLUIT_NODE_STANDBY, FLUIT_NODE_RAPPORTEUR);
    code_u8(c, &act->invite.table, 0, FLUIT_TABLES_MAX);
    code_u32(c, &act->invite.revision);
    code_fixed(c, act->invite.code, sizeof act->invite.code);
    code_time(c, &act->invite.expires_s);
    code_bool(c, &act->invite.used);
    code_fixed(c, act->invite.by, sizeof act->invite.by);
}

static void code_armed(struct coder *c, struct fluit_act *act)
{
    code_u32(c, &act->armed.term);
    code_u32(c, &act->armed.revision);
    code_span(c, &act->armed.bound_us);
    code_marks(c, &act->armed.mark_count, act->armed.marks);
}

static void code_fired(struct coder *c, struct fluit_act *act)
{
    code_mark(c, &act->fired.mark, &act->fired.at_us);
    code_span(c, &act->fired.bound_us);
    code_u32(c, &act->fired.outputs);
}

static void code_heard(struct coder *c, struct fluit_act *act)
{
    code_bool(c, &act->heard.heard);
}

static void code_heap(struct coder *c, struct fluit_act *act)
{
    code_fixed(c, act->heap.note.b, sizeof act->heap.note.b);
    code_str(c, &act->heap.heap, FLUIT_HEAP_LEN_MAX);
}

static void code_place(struct coder *c, struct fluit_act *act)
{
    code_card(c, &act->place.card);
    code_id(c, &act->place.zone);
    code_u8(c, &act->place.degree, 0, FLUIT_DEGREES_MAX);
}

static void code_aside(struct coder *c, struct fluit_act *act)
{
    code_card(c, &act->aside.card);
}

static void code_lift(struct coder *c, struct fluit_act *act)
{
    code_card(c, &act->lift.card);
}

static void code_why(struct coder *c, struct fluit_act *act)
{
    code_card(c, &act->why.card);
    act->why.none = code_nil(c, act->why.none);
    if (!act->why.none)
        code_text(c, &act->why.text);
}

static void code_link(struct coder *c, struct fluit_act *act)
{
    code_card(c, &act->link.from);
    code_card(c, &act->link.to);
    code_bool(c, &act->link.gone);
    code_text(c, &act->link.word);
}

static void code_blank(struct coder *c, struct fluit_act *act)
{
    code_id(c, &act->blank.card);
    code_text(c, &act->blank.text);
}

static void code_role(struct coder *c, struct fluit_act *act)
{
    code_id(c, &act->role.role);
    code_seat(c, &act->role.seat);
}

static void code_parents(struct coder *c, struct fluit_act *act)
{
    uint32_t count = code_list(c, act->note.parent_count, FLUIT_NOTE_PARENTS_MAX);
    assert(count <= FLUIT_NOTE_PARENTS_MAX);
    act->note.parent_count = (uint8_t)count;
    for (uint32_t i = 0; i < count; i++)
        code_fixed(c, act->note.parents[i].b, sizeof act->note.parents[i].b);
    code_end(c);
}

static void code_note(struct coder *c, struct fluit_act *act)
{
    code_fixed(c, act->note.note.b, sizeof act->note.note.b);
    code_fixed(c, act->note.revision.b, sizeof act->note.revision.b);
    code_parents(c, act);
    if (!code_nil(c, act->note.question.s[0] == 0))
        code_id(c, &act->note.question);
    if (!code_nil(c, act->note.card.card.s[0] == 0))
        code_card(c, &act->note.card);
    code_u32(c, &act->note.flags);
    code_text(c, &act->note.text);
}

static void code_answer(struct coder *c, struct fluit_act *act)
{
    code_id(c, &act->answer.question);
    code_seat(c, &act->answer.seat);
    code_text(c, &act->answer.text);
}

static void code_photo(struct coder *c, struct fluit_act *act)
{
    struct fluit_slice *data = &act->photo.data;
    code_fixed(c, act->photo.photo.b, sizeof act->photo.photo.b);
    code_u8(c, &act->photo.part, 0, FLUIT_PHOTO_PARTS_MAX - 1);
    code_u8(c, &act->photo.parts, 0, FLUIT_PHOTO_PARTS_MAX);
    if (c->out)
        fluit_pack_bin(c->out, data->data, data->len);
    else
        *data = fluit_read_bin(c->in, FLUIT_PHOTO_PART_LEN_MAX);
}

static void code_next_board(struct coder *c, struct fluit_act *act)
{
    code_u8(c, &act->next_board.round, 1, FLUIT_ROUNDS_MAX);
}

static void code_group(struct coder *c, struct fluit_act *act)
{
    if (!code_nil(c, act->group.group.s[0] == 0))
        code_id(c, &act->group.group);
}

static const struct layout {
    enum fluit_kind kind;
    uint8_t field_count;
    void (*fields)(struct coder *c, struct fluit_act *act);
} layouts[] = {
    {FLUIT_KIND_HELLO, 2, code_hello},     {FLUIT_KIND_SCRIPT, 1, code_script},
    {FLUIT_KIND_PLAN, 10, code_plan},      {FLUIT_KIND_CUT, 4, code_cut},
    {FLUIT_KIND_MESSAGE, 2, code_message}, {FLUIT_KIND_RELEASE, 2, code_release},
    {FLUIT_KIND_INVITE, 7, code_invite},   {FLUIT_KIND_ARMED, 4, code_armed},
    {FLUIT_KIND_FIRED, 3, code_fired},     {FLUIT_KIND_HEARD, 1, code_heard},
    {FLUIT_KIND_HEAP, 2, code_heap},       {FLUIT_KIND_PLACE, 3, code_place},
    {FLUIT_KIND_ASIDE, 1, code_aside},     {FLUIT_KIND_LIFT, 1, code_lift},
    {FLUIT_KIND_WHY, 2, code_why},         {FLUIT_KIND_LINK, 4, code_link},
    {FLUIT_KIND_BLANK, 2, code_blank},     {FLUIT_KIND_ROLE, 2, code_role},
    {FLUIT_KIND_NOTE, 7, code_note},       {FLUIT_KIND_ANSWER, 3, code_answer},
    {FLUIT_KIND_PHOTO, 4, code_photo},     {FLUIT_KIND_NEXT_BOARD, 1, code_next_board},
    {FLUIT_KIND_GROUP, 1, code_group},
};

static const struct layout *layout_of(enum fluit_kind kind)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        if (layouts[i].kind == kind)
            return &layouts[i];
    return NULL;
}

static enum fluit_err written_well(struct fluit_slice bytes)
{
    struct fluit_body body;
    enum fluit_err err = fluit_body_get(&body, bytes);
    fluit_body_deinit(&body);
    return err;
}

void fluit_body_put(struct fluit_buf *out, const struct fluit_act *act)
{
    const struct layout *layout = layout_of(act->kind);
    assert(layout);
    struct fluit_act fields = *act; /* what reads and writes takes it writable */
    struct coder c = {.out = out};
    size_t start = out->len;
    fluit_pack_array(out, 1u + layout->field_count);
    fluit_pack_uint(out, act->kind);
    layout->fields(&c, &fields);
    if (!out->err)
        out->err = written_well(fluit_slice(out->data + start, out->len - start));
}

static void read_body(struct fluit_reader *r, struct fluit_body *body)
{
    uint32_t count = fluit_read_array(r);
    body->act.kind = (enum fluit_kind)fluit_read_uint(r, KIND_MAX);
    if (r->err)
        return;
    struct coder c = {.in = r};
    const struct layout *layout = layout_of(body->act.kind);
    if (!layout || count != 1u + layout->field_count) {
        refuse(&c, layout ? FLUIT_E_FORMAT : FLUIT_E_UNKNOWN);
        return;
    }
    layout->fields(&c, &body->act);
    fluit_read_array_end(r);
    body->heads = c.heads;
}

enum fluit_err fluit_body_get(struct fluit_body *body, struct fluit_slice bytes)
{
    memset(body, 0, sizeof *body);
    struct fluit_reader reader;
    enum fluit_err err = fluit_reader_init(&reader, bytes);
    if (!err) {
        read_body(&reader, body);
        err = reader.err;
    }
    fluit_reader_deinit(&reader);
    enum fluit_kind kind = body->act.kind;
    if (err) {
        fluit_body_deinit(body);
        memset(body, 0, sizeof *body);
        body->act.kind = kind;
    }
    return err;
}

void fluit_body_deinit(struct fluit_body *body)
{
    free(body->heads);
    body->heads = NULL;
}
