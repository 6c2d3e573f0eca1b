/* sample_acts.h: one act of each kind that proto/body.h writes, and a few of its other faces. */
#ifndef FLUIT_SAMPLE_ACTS_H
#define FLUIT_SAMPLE_ACTS_H

#include "common/act.h"

#define TEXT(s)                                                                                    \
    {                                                                                              \
        (const uint8_t *)(s), sizeof(s) - 1                                                        \
    }
#define CARD(id, n)                                                                                \
    {                                                                                              \
        .card = {id}, .copy = (n)                                                                  \
    }
#define MARK(step_, round_, kind_, occurrence_)                                                    \
    {                                                                                              \
        .step = (step_), .round = (round_), .kind = (kind_), .occurrence = (occurrence_)           \
    }

static const struct fluit_cut_head sample_heads[] = {
    {.feed = {{1, 2, 3}}, .seq = 1, .hash = {{4, 5, 6}}},
    {.feed = {{7, 8, 9}}, .seq = 300, .hash = {{10, 11, 12}}},
};

static const struct fluit_act sample_acts[] = {
    {.kind = FLUIT_KIND_HELLO,
     .hello = {.endpoint = TEXT("tcp://10.0.0.7:7401"), .software = TEXT("fluit 0.1.0")}},
    {.kind = FLUIT_KIND_SCRIPT, .script = {.yaml = TEXT("title: Leren\r\n")}},
    {.kind = FLUIT_KIND_PLAN,
     .plan = {.term = 1,
              .revision = 7,
              .step = 5,
              .round = 1,
              .state = FLUIT_PLAN_RUNNING,
              .start_us = 1000000,
              .end_us = 901000000,
              .left_us = 0,
              .wrap_up_us = 1081000000,
              .mark_count = 2,
              .marks = {{MARK(5, 1, FLUIT_MARK_START, 1), 1000000},
                        {MARK(5, 1, FLUIT_MARK_END, 2), 901000000}}}},
    {.kind = FLUIT_KIND_CUT,
     .cut = {.round = 2, .term = 1, .closed_us = -5, .head_count = 2, .heads = sample_heads}},
    {.kind = FLUIT_KIND_MESSAGE, .message = {.table = 12, .text = TEXT("nog twee minuten")}},
    {.kind = FLUIT_KIND_RELEASE, .release = {.note = {{0xaa, 0xbb}}, .shown = true}},
    {.kind = FLUIT_KIND_INVITE,
     .invite = {.node_class = FLUIT_NODE_RAPPORTEUR,
                .table = 7,
                .revision = 2,
                .code = "3AHRZ6DMV29GQY5",
                .expires_s = 1790000000,
                .used = true,
                .by = {0xcc, 0xdd}}},
    {.kind = FLUIT_KIND_ARMED,
     .armed = {.term = 1,
               .revision = 7,
               .bound_us = 350,
               .mark_count = 1,
               .marks = {{MARK(5, 1, FLUIT_MARK_END, 1), 901000000}}}},
    {.kind = FLUIT_KIND_FIRED,
     .fired = {.mark = MARK(5, 1, FLUIT_MARK_END, 1),
               .at_us = 901000012,
               .bound_us = 350,
               .outputs = FLUIT_OUTPUT_BELL | FLUIT_OUTPUT_LINE}},
    {.kind = FLUIT_KIND_HEARD, .heard = {.heard = true}},
    {.kind = FLUIT_KIND_HEAP, .heap = {.note = {{0xaa, 0xbb}}, .heap = TEXT("tijd")}},
    {.kind = FLUIT_KIND_PLACE,
     .place = {.card = CARD("zelfvertrouwen", 2), .zone = {"stimuleert"}, .degree = 1}},
    {.kind = FLUIT_KIND_ASIDE, .aside = {.card = CARD("economie", 1)}},
    {.kind = FLUIT_KIND_LIFT, .lift = {.card = CARD("economie", 4)}},
    {.kind = FLUIT_KIND_WHY,
     .why = {.card = CARD("gezondheid", 1), .text = TEXT("caf\xc3\xa9,\nelke dag")}},
    {.kind = FLUIT_KIND_LINK,
     .link = {.from = CARD("overheid", 1), .to = CARD("blank-1", 1), .word = TEXT("dus")}},
    {.kind = FLUIT_KIND_BLANK, .blank = {.card = {"blank-1"}, .text = TEXT("de fiets")}},
    {.kind = FLUIT_KIND_ROLE, .role = {.role = {"observant"}, .seat = 5}},
    {.kind = FLUIT_KIND_NOTE,
     .note = {.note = {{1}},
              .revision = {{2}},
              .parent_count = 2,
              .parents = {{{3}}, {{4}}},
              .question = {"verhaal"},
              .card = CARD("economie", 1),
              .flags = FLUIT_NOTE_QUOTE | FLUIT_NOTE_PLENARY,
              .text = TEXT("het ging vanzelf")}},
    {.kind = FLUIT_KIND_ANSWER, .answer = {.question = {"herkent"}, .seat = 3, .text = TEXT("ja")}},
    {.kind = FLUIT_KIND_PHOTO,
     .photo = {.photo = {{5}}, .part = 1, .parts = 3, .data = TEXT("\xff\xd8\xff")}},
    {.kind = FLUIT_KIND_NEXT_BOARD, .next_board = {.round = 2}},
    {.kind = FLUIT_KIND_GROUP, .group = {.group = {"zoekers"}}},
    /* Other faces: what may be absent is. */
    {.kind = FLUIT_KIND_WHY, .why = {.card = CARD("gezondheid", 1), .none = true}},
    {.kind = FLUIT_KIND_NOTE, .note = {.text = TEXT("kort")}},
    {.kind = FLUIT_KIND_GROUP},
    {.kind = FLUIT_KIND_CUT, .cut = {.round = 1}},
};
#define SAMPLE_ACT_COUNT  (sizeof sample_acts / sizeof sample_acts[0])
#define SAMPLE_KIND_COUNT 23 /* the first so many are each of another kind */

#undef TEXT
#undef CARD
#undef MARK

#endif
