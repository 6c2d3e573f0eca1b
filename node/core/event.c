#include "node/core/event.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void fluit_effects_reset(struct fluit_effects *fx)
{
    fx->count = 0;
    fx->err = FLUIT_OK;
    fluit_buf_reset(&fx->data);
}

void fluit_effects_deinit(struct fluit_effects *fx)
{
    free(fx->items);
    fluit_buf_deinit(&fx->data);
    *fx = (struct fluit_effects){0};
}

struct fluit_slice fluit_effect_bytes(const struct fluit_effects *fx,
                                      const struct fluit_effect *effect)
{
    return fluit_slice(effect->len ? fx->data.data + effect->offset : NULL, effect->len);
}

struct fluit_effect *fluit_effects_add(struct fluit_effects *fx, enum fluit_effect_kind kind,
                                       struct fluit_slice bytes)
{
    static _Thread_local struct fluit_effect scratch;
    if (fx->count == fx->cap) {
        size_t cap = fx->cap ? fx->cap * 2 : 32;
        struct fluit_effect *items = realloc(fx->items, cap * sizeof *items);
        if (!items) {
            fx->err = FLUIT_E_NOMEM;
            return &scratch;
        }
        fx->items = items;
        fx->cap = cap;
    }
    size_t offset = fx->data.len;
    fluit_buf_put(&fx->data, bytes.data, bytes.len);
    if (fx->data.err) {
        fx->err = fx->data.err;
        return &scratch;
    }
    struct fluit_effect *effect = &fx->items[fx->count++];
    *effect = (struct fluit_effect){.kind = kind, .offset = offset, .len = bytes.len};
    return effect;
}

void fluit_effects_print(struct fluit_effects *fx, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0)
        return;
    size_t kept = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    fluit_effects_add(fx, FLUIT_EFFECT_PRINT, fluit_slice(text, kept));
}

void fluit_effects_say(struct fluit_effects *fx, const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        fx->err = FLUIT_E_NOMEM;
        return;
    }
    for (char *c = text; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    fluit_effects_add(fx, FLUIT_EFFECT_PRINT, fluit_slice(text, (size_t)len));
    fluit_wipe(text, (size_t)len);
    free(text);
}
