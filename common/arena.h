/* arena.h: many small allocations that are freed together.
 *
 * Zero-initialise; free with fluit_arena_deinit. Not thread-safe while it grows. */
#ifndef FLUIT_ARENA_H
#define FLUIT_ARENA_H

#include <stddef.h>

struct fluit_arena {
    struct fluit_arena_chunk *chunks;
};

/* Zeroed storage for any type, at a place that stays; NULL if out of memory. */
void *fluit_arena_get(struct fluit_arena *arena, size_t size);
void fluit_arena_deinit(struct fluit_arena *arena);

#endif
