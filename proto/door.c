#include "proto/door.h"

#include <string.h>

#include "proto/codec.h"

#define PROLOGUE       "fluit door 1"
#define INVITE_ID_LEN  sizeof(struct fluit_invite_id)
#define SAY_WELCOME    1u
#define SAY_REFUSE     2u
#define SAY_WHO        3u
#define WHO            "fluit who 1"
#define ANSWER_WHO     2
#define ROSTER_LEN_MAX 60000

const char *fluit_refusal_text(unsigned reason)
{
    switch (reason) {
    case FLUIT_REFUSED_UNKNOWN:
        return "the hub does not know this code; check what you typed, or ask the facilitator for "
               "a new one";
    case FLUIT_REFUSED_USED:
        return "another device has used this code; ask the facilitator to renew it";
    case FLUIT_REFUSED_EXPIRED:
        return "this code has expired; ask the facilitator to renew it";
    case FLUIT_REFUSED_CLASS:
        return "this code is for another kind of device; a table's code goes with 'fluit table', a "
               "rapporteur's with 'fluit rapporteur', a standby's with 'fluit standby'";
    case FLUIT_REFUSED_WAIT:
        return "too many wrong codes were tried; wait a minute and try again";
    case FLUIT_REFUSED_MALFORMED:
        return "the hub does not understand this device; both need the same version of fluit";
    }
    return "the hub refuses; ask the facilitator";
}

static void noise_start(struct fluit_noise *noise, bool initiator,
                        const struct fluit_invite_code *code)
{
    struct fluit_secret psk = fluit_invite_psk(code);
    fluit_noise_init(noise, initiator, &psk, fluit_slice_str(PROLOGUE));
    fluit_wipe(&psk, sizeof psk);
}

/* The joiner signs the handshake and its other keys, so that nobody can bring a key that is not
 * his. */
static void signed_parts(const uint8_t *hash, const struct fluit_box_pk *read,
                         const struct fluit_box_pk *link, struct fluit_slice parts[static 3])
{
    parts[0] = fluit_slice(hash, FLUIT_NOISE_HASH_LEN);
    parts[1] = fluit_slice(read->b, sizeof read->b);
    parts[2] = fluit_slice(link->b, sizeof link->b);
}

enum fluit_err fluit_join_write(struct fluit_noise *noise, struct fluit_rng *rng,
                                const struct fluit_invite_code *code,
                                const struct fluit_identity *self, enum fluit_node_class wants,
                                struct fluit_buf *out)
{
    struct fluit_invite_id id = fluit_invite_id(code);
    fluit_buf_put(out, id.b, sizeof id.b);
    noise_start(noise, true, code);
    enum fluit_err err = fluit_noise_begin_write(noise, rng, out);
    if (err)
        return err;
    struct fluit_slice parts[3];
    signed_parts(fluit_noise_payload_hash(noise), &self->read_pk, &self->link_pk, parts);
    struct fluit_sig sig = fluit_sign(&self->sign_sk, "fluit join", parts, 3);

    struct fluit_buf payload = FLUIT_BUF_INIT;
    fluit_pack_array(&payload, 5);
    fluit_pack_uint(&payload, wants);
    fluit_pack_bin(&payload, self->sign_pk.b, 32);
    fluit_pack_bin(&payload, self->read_pk.b, 32);
    fluit_pack_bin(&payload, self->link_pk.b, 32);
    fluit_pack_bin(&payload, sig.b, sizeof sig.b);
    err = payload.err;
    if (!err)
        err = fluit_noise_finish_write(noise, fluit_buf_slice(&payload), out);
    fluit_buf_deinit(&payload);
    return err;
}

enum fluit_err fluit_join_invite(struct fluit_slice message, struct fluit_invite_id *id)
{
    if (message.len < INVITE_ID_LEN)
        return FLUIT_E_FORMAT;
    memcpy(id->b, message.data, INVITE_ID_LEN);
    return FLUIT_OK;
}

static enum fluit_err read_join(struct fluit_slice payload, struct fluit_join *out,
                                struct fluit_sig *sig)
{
    struct fluit_reader r;
    enum fluit_err err = fluit_reader_init(&r, payload);
    if (!err) {
        fluit_read_array_of(&r, 5);
        out->wants = (enum fluit_node_class)fluit_read_uint(&r, FLUIT_NODE_RAPPORTEUR);
        if (!r.err && out->wants < FLUIT_NODE_HUB)
            r.err = FLUIT_E_FORMAT;
        fluit_read_fixed(&r, out->sign.b, 32);
        fluit_read_fixed(&r, out->read.b, 32);
        fluit_read_fixed(&r, out->link.b, 32);
        fluit_read_fixed(&r, sig->b, sizeof sig->b);
        fluit_read_array_end(&r);
        err = r.err;
    }
    fluit_reader_deinit(&r);
    return err;
}

/* Nothing can be sealed to a key of small order, and no connection made. */
static bool is_useful(const struct fluit_box_pk *pk)
{
    static const struct fluit_box_sk any = {{8}};
    uint8_t shared[32];
    return fluit_dh(&any, pk, shared) == FLUIT_OK;
}

enum fluit_err fluit_join_read(struct fluit_noise *noise, const struct fluit_invite_code *code,
                               struct fluit_slice message, struct fluit_join *out)
{
    if (message.len < INVITE_ID_LEN)
        return FLUIT_E_FORMAT;
    noise_start(noise, false, code);
    struct fluit_buf payload = FLUIT_BUF_INIT;
    struct fluit_join join;
    struct fluit_sig sig;
    enum fluit_err err = fluit_noise_read(
        noise, fluit_slice(message.data + INVITE_ID_LEN, message.len - INVITE_ID_LEN), &payload);
    if (!err)
        err = read_join(fluit_buf_slice(&payload), &join, &sig);
    fluit_buf_deinit(&payload);
    if (err)
        return err;
    struct fluit_slice parts[3];
    signed_parts(fluit_noise_payload_hash(noise), &join.read, &join.link, parts);
    if (!fluit_verify(&join.sign, &sig, "fluit join", parts, 3) || !is_useful(&join.read) ||
        !is_useful(&join.link))
        return FLUIT_E_AUTH;
    *out = join;
    return FLUIT_OK;
}

static enum fluit_err answer(struct fluit_noise *noise, struct fluit_rng *rng,
                             struct fluit_buf *payload, struct fluit_buf *out)
{
    uint8_t proven = 1;
    fluit_buf_put(out, &proven, 1);
    enum fluit_err err = payload->err;
    if (!err)
        err = fluit_noise_write(noise, rng, fluit_buf_slice(payload), out);
    if (payload->data)
        fluit_wipe(payload->data, payload->cap);
    fluit_buf_deinit(payload);
    return err ? err : out->err;
}

enum fluit_err fluit_welcome_write(struct fluit_noise *noise, struct fluit_rng *rng,
                                   const struct fluit_welcome *w, struct fluit_buf *out)
{
    struct fluit_buf payload = FLUIT_BUF_INIT;
    fluit_pack_array(&payload, 10);
    fluit_pack_uint(&payload, SAY_WELCOME);
    fluit_pack_bin(&payload, w->workshop.b, sizeof w->workshop.b);
    fluit_pack_bin(&payload, w->root.b, sizeof w->root.b);
    fluit_pack_bin(&payload, w->hub_link.b, sizeof w->hub_link.b);
    fluit_pack_uint(&payload, w->sync_port);
    fluit_pack_uint(&payload, w->control_port);
    fluit_pack_uint(&payload, w->collect_port);
    fluit_pack_bin(&payload, w->room_key.b, sizeof w->room_key.b);
    fluit_pack_bin(&payload, w->roster.data, w->roster.len);
    fluit_pack_bin(&payload, w->roster_sig.b, sizeof w->roster_sig.b);
    return answer(noise, rng, &payload, out);
}

enum fluit_err fluit_refuse_write(struct fluit_noise *noise, struct fluit_rng *rng,
                                  enum fluit_refusal reason, struct fluit_buf *out)
{
    struct fluit_buf payload = FLUIT_BUF_INIT;
    fluit_pack_array(&payload, 2);
    fluit_pack_uint(&payload, SAY_REFUSE);
    fluit_pack_uint(&payload, reason);
    return answer(noise, rng, &payload, out);
}

void fluit_refuse_stranger(enum fluit_refusal reason, struct fluit_buf *out)
{
    uint8_t bytes[2] = {0, (uint8_t)reason};
    fluit_buf_put(out, bytes, sizeof bytes);
}

static void read_welcome(struct fluit_reader *r, struct fluit_welcome *w)
{
    fluit_read_fixed(r, w->workshop.b, sizeof w->workshop.b);
    fluit_read_fixed(r, w->root.b, sizeof w->root.b);
    fluit_read_fixed(r, w->hub_link.b, sizeof w->hub_link.b);
    w->sync_port = (uint16_t)fluit_read_uint(r, UINT16_MAX);
    w->control_port = (uint16_t)fluit_read_uint(r, UINT16_MAX);
    w->collect_port = (uint16_t)fluit_read_uint(r, UINT16_MAX);
    fluit_read_fixed(r, w->room_key.b, sizeof w->room_key.b);
    w->roster = fluit_read_bin(r, ROSTER_LEN_MAX);
    fluit_read_fixed(r, w->roster_sig.b, sizeof w->roster_sig.b);
    if (!r->err && (!w->sync_port || !w->control_port || !w->collect_port))
        r->err = FLUIT_E_FORMAT;
}

static enum fluit_err read_answer(struct fluit_slice payload, struct fluit_welcome *w,
                                  unsigned *reason)
{
    struct fluit_reader r;
    enum fluit_err err = fluit_reader_init(&r, payload);
    if (!err) {
        struct fluit_welcome welcome = {0};
        unsigned why = 0;
        uint32_t fields = fluit_read_array(&r);
        uint64_t say = fluit_read_uint(&r, SAY_REFUSE);
        bool refused = say == SAY_REFUSE && fields == 2;
        if (refused)
            why = (unsigned)fluit_read_uint(&r, 255);
        else if (say == SAY_WELCOME && fields == 10)
            read_welcome(&r, &welcome);
        else if (!r.err)
            r.err = FLUIT_E_FORMAT;
        fluit_read_array_end(&r);
        err = r.err ? r.err : refused ? FLUIT_E_DENIED : FLUIT_OK;
        if (!err)
            *w = welcome;
        else if (err == FLUIT_E_DENIED)
            *reason = why;
        fluit_wipe(&welcome, sizeof welcome);
    }
    fluit_reader_deinit(&r);
    return err;
}

enum fluit_err fluit_welcome_read(struct fluit_noise *noise, struct fluit_slice message,
                                  struct fluit_buf *text, struct fluit_welcome *welcome,
                                  unsigned *reason, bool *proven)
{
    if (message.len < 2 || message.data[0] > 1)
        return FLUIT_E_FORMAT;
    if (message.data[0] == 0) {
        if (message.len != 2)
            return FLUIT_E_FORMAT;
        *reason = message.data[1];
        *proven = false;
        return FLUIT_E_DENIED;
    }
    fluit_buf_reset(text);
    enum fluit_err err =
        fluit_noise_read(noise, fluit_slice(message.data + 1, message.len - 1), text);
    if (!err)
        err = read_answer(fluit_buf_slice(text), welcome, reason);
    if (!err || err == FLUIT_E_DENIED)
        *proven = true;
    return err;
}

void fluit_who_ask(struct fluit_buf *out)
{
    fluit_buf_puts(out, WHO);
}

bool fluit_who_is_asked(struct fluit_slice message)
{
    return fluit_slice_is(message, WHO);
}

void fluit_who_answer(const struct fluit_who *who, struct fluit_buf *out)
{
    static const uint8_t first = ANSWER_WHO;
    fluit_buf_put(out, &first, 1);
    fluit_pack_array(out, 5);
    fluit_pack_uint(out, SAY_WHO);
    fluit_pack_bin(out, who->workshop.b, sizeof who->workshop.b);
    fluit_pack_bin(out, who->root.b, sizeof who->root.b);
    fluit_pack_bin(out, who->link.b, sizeof who->link.b);
    fluit_pack_uint(out, who->sync_port);
}

enum fluit_err fluit_who_read(struct fluit_slice message, struct fluit_who *who)
{
    struct fluit_who fresh = {0};
    struct fluit_reader r;
    if (message.len < 1 || message.data[0] != ANSWER_WHO)
        return FLUIT_E_FORMAT;
    enum fluit_err err = fluit_reader_init(&r, fluit_slice(message.data + 1, message.len - 1));
    if (!err) {
        fluit_read_array_of(&r, 5);
        bool is_who = fluit_read_uint(&r, UINT32_MAX) == SAY_WHO;
        fluit_read_fixed(&r, fresh.workshop.b, sizeof fresh.workshop.b);
        fluit_read_fixed(&r, fresh.root.b, sizeof fresh.root.b);
        fluit_read_fixed(&r, fresh.link.b, sizeof fresh.link.b);
        fresh.sync_port = (uint16_t)fluit_read_uint(&r, UINT16_MAX);
        fluit_read_array_end(&r);
        err = r.err ? r.err : is_who && fresh.sync_port > 0 ? FLUIT_OK : FLUIT_E_FORMAT;
        if (!err)
            *who = fresh;
    }
    fluit_reader_deinit(&r);
    return err;
}
