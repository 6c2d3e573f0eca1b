/* body.h: an act as the msgpack body of an entry, and back. PROTOCOL.md "Entry kinds".
 *
 * A body is an array [kind, fields...], each kind with exactly these fields in this order:
 *
 *    1 HELLO       endpoint:str  software:str
 *    4 SCRIPT      yaml:bin (the file as it is)
 *    5 PLAN        term:u32  revision:u32  step  round  state:1..4  start:time  end:time
 *                  left:span  wrap_up:time  marks
 *    6 CUT         round  term:u32  closed:time  [[feed:bin32, seq:1.., hash:bin32]...]
 *    8 MESSAGE     table:0..100 (0: all)  text
 *    9 RELEASE     note:bin16  shown:bool
 *   12 ARMED       term:u32  revision:u32  bound:span  marks
 *   13 FIRED       mark  bound:span  outputs:u32
 *   14 HEARD       heard:bool
 *   15 HEAP        note:bin16  heap:str (up to 200 bytes)
 *   20 PLACE       card  zone:id  degree:0..5
 *   21 ASIDE       card
 *   22 LIFT        card
 *   23 WHY         card  text, or nil: none given
 *   24 LINK        from:card  to:card  gone:bool  word:text
 *   25 BLANK       card:id  text
 *   26 ROLE        role:id  seat
 *   27 NOTE        note:bin16  revision:bin16  [parent:bin16...] (up to 8)
 *                  question:id or nil  card or nil  flags:u32  text
 *   28 ANSWER      question:id  seat  text
 *   29 PHOTO       photo:bin16  part:0..17  parts:0..18  data:bin (up to 32700)
 *   30 NEXT_BOARD  round:1..8
 *   31 GROUP       group:id or nil
 *
 *   card = [id, copy:1..4]     id = str, 1..40 of a-z 0-9 -     text = str, up to 8000 bytes
 *   mark = [step, round, kind:1..2, occurrence:1..255, at:time]     marks = [mark...] (up to 8)
 *   step = 0..63     round = 0..8     seat = 0..12     seq = up to 2^63-1
 *   time = int, us of mesh time, at most 2^53-1 either side of 0     span = the same, 0..
 *
 * str is UTF-8 without control characters but newline and tab. Bits of outputs and flags that are
 * not known are kept and ignored. */
#ifndef FLUIT_BODY_H
#define FLUIT_BODY_H

#include "common/act.h"
#include "proto/codec.h"

/* A decoded act: its slices borrow from the body's bytes, its cut heads are owned here. */
struct fluit_body {
    struct fluit_act act;
    struct fluit_cut_head *heads;
};

/* Appends the act's body. An act that no reader would take (a text too long, an id missing) gives
 * the buffer that error: a node never writes what its peers can't read. FLUIT_KIND_KEY, ROSTER and
 * TERM have modules of their own and are not written here. */
void fluit_body_put(struct fluit_buf *out, const struct fluit_act *act);
/* FORMAT, LIMIT, NOMEM, or UNKNOWN for a kind this version does not know (hold it, fold nothing),
 * and for FLUIT_KIND_KEY, ROSTER and TERM; act.kind is then set. After an error all else is zero.
 * Always pair with deinit. bytes must outlive the body. */
FLUIT_MUST_CHECK enum fluit_err fluit_body_get(struct fluit_body *body, struct fluit_slice bytes);
void fluit_body_deinit(struct fluit_body *body);

#endif
