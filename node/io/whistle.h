/* whistle.h: how a mark is heard at this node, and the witness that measures it.
 *
 * Called from the loop's thread at the very moment of a mark: neither blocks. */
#ifndef FLUIT_WHISTLE_H
#define FLUIT_WHISTLE_H

#include "common/act.h"

/* Sounds the mark on a terminal or pipe: one line, "whistle start round 1" (or "... step 3" outside
 * the card rounds, steps counted from 1), that ends in the terminal's bell, in one write. A reader
 * that does not read, or fd -1, hears nothing. Returns the FLUIT_OUTPUT_* that sounded. */
uint32_t fluit_whistle_sound(int fd, const struct fluit_mark *mark);

/* Opens a witness, made if it does not exist: a file to which all nodes of a rehearsal append. IO
 * if it can't be opened. The caller closes *fd. */
FLUIT_MUST_CHECK enum fluit_err fluit_witness_open(const char *path, int *fd);
/* Appends "STEP ROUND KIND OCCURRENCE REAL_US" in one write; fd -1 does nothing. real_us is
 * CLOCK_MONOTONIC when the sound began. */
void fluit_witness_record(int fd, const struct fluit_mark *mark, int64_t real_us);

#endif
