#include "common/arena.h"

#include <stdlib.h>

#define CHUNK_LEN 8192
#define ALIGN     _Alignof(max_align_t)

struct fluit_arena_chunk {
    struct fluit_arena_chunk *next;
    size_t used, cap;
    max_align_t data[];
};

static struct fluit_arena_chunk *add_chunk(struct fluit_arena *arena, size_t size)
{
    size_t cap = size > CHUNK_LEN ? size : CHUNK_LEN;
    struct fluit_arena_chunk *chunk = calloc(1, sizeof *chunk + cap);
    if (!chunk)
        return NULL;
    chunk->cap = cap;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

void *fluit_arena_get(struct fluit_arena *arena, size_t size)
{
    if (size > (size_t)-1 / 2)
        return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    struct fluit_arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->cap - chunk->used < size)
        chunk = add_chunk(arena, size);
    if (!chunk)
        return NULL;
    void *p = (char *)chunk->data + chunk->used;
    chunk->used += size;
    return p;
}

void fluit_arena_deinit(struct fluit_arena *arena)
{
    while (arena->chunks) {
        struct fluit_arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        free(chunk);
    }
}
