#include "proto/term.h"

#include "proto/codec.h"

static void signed_parts(const struct fluit_term *term, const struct fluit_workshop_id *workshop,
                         uint8_t number[static 4], struct fluit_slice parts[static 3])
{
    fluit_put_u32(number, term->number);
    parts[0] = fluit_slice(workshop->b, sizeof workshop->b);
    parts[1] = fluit_slice(number, 4);
    parts[2] = fluit_slice(term->hub.b, sizeof term->hub.b);
}

void fluit_term_sign(struct fluit_term *term, const struct fluit_sign_sk *root,
                     const struct fluit_workshop_id *workshop)
{
    uint8_t number[4];
    struct fluit_slice parts[3];
    signed_parts(term, workshop, number, parts);
    term->sig = fluit_sign(root, "fluit term", parts, 3);
}

bool fluit_term_verify(const struct fluit_term *term, const struct fluit_sign_pk *root,
                       const struct fluit_workshop_id *workshop)
{
    uint8_t number[4];
    struct fluit_slice parts[3];
    signed_parts(term, workshop, number, parts);
    return fluit_verify(root, &term->sig, "fluit term", parts, 3);
}

uint32_t fluit_term_generation(uint32_t number)
{
    return (number - 1) / FLUIT_NODES_MAX;
}

uint32_t fluit_term_after(uint32_t highest, uint32_t rank)
{
    uint64_t generation = highest ? (uint64_t)fluit_term_generation(highest) + 1 : 0;
    uint64_t number = generation * FLUIT_NODES_MAX + rank + 1;
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

void fluit_term_put(const struct fluit_term *term, struct fluit_buf *out)
{
    fluit_pack_array(out, 4);
    fluit_pack_uint(out, FLUIT_KIND_TERM);
    fluit_pack_uint(out, term->number);
    fluit_pack_bin(out, term->hub.b, sizeof term->hub.b);
    fluit_pack_bin(out, term->sig.b, sizeof term->sig.b);
}

enum fluit_err fluit_term_get(struct fluit_term *term, struct fluit_slice body)
{
    struct fluit_term fresh = {0};
    struct fluit_reader r;
    enum fluit_err err = fluit_reader_init(&r, body);
    if (!err) {
        fluit_read_array_of(&r, 4);
        bool is_term = fluit_read_uint(&r, UINT32_MAX) == FLUIT_KIND_TERM;
        fresh.number = (uint32_t)fluit_read_uint(&r, UINT32_MAX);
        fluit_read_fixed(&r, fresh.hub.b, sizeof fresh.hub.b);
        fluit_read_fixed(&r, fresh.sig.b, sizeof fresh.sig.b);
        fluit_read_array_end(&r);
        err = r.err ? r.err : is_term && fresh.number > 0 ? FLUIT_OK : FLUIT_E_FORMAT;
        if (!err)
            *term = fresh;
    }
    fluit_reader_deinit(&r);
    return err;
}
