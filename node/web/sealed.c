#include "node/web/sealed.h"

#include <string.h>

/* What stands beside the sealed text: a domain, as in proto/PROTOCOL.md, and where it belongs. */
static void put_place(struct fluit_buf *out, const char *word, struct fluit_slice where)
{
    static const char domain[] = "fluit phone ";
    uint8_t len = (uint8_t)(sizeof domain - 1 + strlen(word));
    fluit_buf_put(out, &len, 1);
    fluit_buf_puts(out, domain);
    fluit_buf_puts(out, word);
    fluit_buf_put(out, where.data, where.len);
}

static void seal(const struct fluit_secret *key, const struct fluit_buf *place,
                 struct fluit_slice text, struct fluit_buf *out)
{
    uint8_t nonce[FLUIT_SEAL_NONCE_LEN];
    if (place->err)
        out->err = place->err;
    fluit_os_random(nonce, sizeof nonce);
    fluit_buf_put(out, nonce, sizeof nonce);
    uint8_t *sealed = fluit_buf_extend(out, text.len + FLUIT_SEAL_TAG_LEN);
    if (sealed)
        fluit_aead_seal(key, nonce, fluit_buf_slice(place), text.data, text.len, sealed);
}

/* Appends what was sealed in bytes to out. */
static enum fluit_err unseal(const struct fluit_secret *key, const struct fluit_buf *place,
                             struct fluit_slice bytes, struct fluit_buf *out)
{
    if (bytes.len < FLUIT_SEALED_OVERHEAD)
        return FLUIT_E_FORMAT;
    const uint8_t *sealed = bytes.data + FLUIT_SEAL_NONCE_LEN;
    size_t sealed_len = bytes.len - FLUIT_SEAL_NONCE_LEN;
    uint8_t *text = fluit_buf_extend(out, sealed_len - FLUIT_SEAL_TAG_LEN + 1);
    if (!text || place->err)
        return FLUIT_E_NOMEM;
    out->len--; /* one more, so that there are bytes of an empty text, too */
    return fluit_aead_open(key, bytes.data, fluit_buf_slice(place), sealed, sealed_len, text);
}

enum fluit_err fluit_sealed_hello(const struct fluit_secret *page_key, struct fluit_slice bytes,
                                  struct fluit_sealed_nonce *nonce)
{
    struct fluit_buf place = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    put_place(&place, "hello", fluit_slice(NULL, 0));
    enum fluit_err err = bytes.len == FLUIT_SEALED_OVERHEAD ? unseal(page_key, &place, bytes, &text)
                                                            : FLUIT_E_FORMAT;
    if (!err)
        memcpy(nonce->b, bytes.data, sizeof nonce->b);
    fluit_buf_deinit(&place);
    fluit_buf_wipe(&text);
    return err;
}

enum fluit_err fluit_sealed_run(struct fluit_slice bytes, uint8_t run[static FLUIT_SEALED_RUN_LEN],
                                struct fluit_sealed_nonce *nonce)
{
    if (bytes.len < FLUIT_SEALED_ASK_OVERHEAD)
        return FLUIT_E_FORMAT;
    memcpy(run, bytes.data, FLUIT_SEALED_RUN_LEN);
    memcpy(nonce->b, bytes.data + FLUIT_SEALED_RUN_LEN, sizeof nonce->b);
    return FLUIT_OK;
}

enum fluit_err fluit_sealed_open(const struct fluit_secret *session_key, const char *path,
                                 struct fluit_slice bytes, struct fluit_sealed_ask *ask)
{
    struct fluit_buf place = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    uint8_t run[FLUIT_SEALED_RUN_LEN];
    struct fluit_sealed_nonce nonce;
    enum fluit_err err = fluit_sealed_run(bytes, run, &nonce);
    if (err)
        return err;
    put_place(&place, "ask", fluit_slice(run, sizeof run));
    fluit_buf_puts(&place, path);
    err = unseal(session_key, &place, fluit_slice(bytes.data + sizeof run, bytes.len - sizeof run),
                 &text);
    if (!err) {
        *ask = (struct fluit_sealed_ask){.nonce = nonce, .counter = fluit_get_u64(text.data)};
        memcpy(ask->once, text.data + 8, sizeof ask->once);
        fluit_buf_put(&ask->body, text.data + 8 + sizeof ask->once,
                      text.len - 8 - sizeof ask->once);
        err = ask->body.err;
    }
    fluit_buf_deinit(&place);
    fluit_buf_wipe(&text);
    return err;
}

void fluit_sealed_put(const struct fluit_secret *key, const char *word,
                      const struct fluit_sealed_nonce *ask, struct fluit_slice text,
                      struct fluit_buf *out)
{
    struct fluit_buf place = FLUIT_BUF_INIT;
    put_place(&place, word, fluit_slice(ask->b, sizeof ask->b));
    seal(key, &place, text, out);
    fluit_buf_deinit(&place);
}

void fluit_sealed_put_view(const struct fluit_secret *key, const struct fluit_sealed_nonce *ask,
                           uint64_t number, const char *id, struct fluit_slice view,
                           struct fluit_buf *out)
{
    struct fluit_buf place = FLUIT_BUF_INIT, sealed = FLUIT_BUF_INIT;
    uint8_t number_bytes[8];
    fluit_put_u64(number_bytes, number);
    put_place(&place, "view", fluit_slice(ask->b, sizeof ask->b));
    fluit_buf_put(&place, number_bytes, sizeof number_bytes);
    fluit_buf_puts(&place, id);
    seal(key, &place, view, &sealed);
    if (sealed.err)
        out->err = sealed.err;
    uint8_t *text = sealed.err ? NULL : fluit_buf_extend(out, FLUIT_BASE64URL_LEN(sealed.len) + 1);
    if (text) {
        fluit_base64url(sealed.data, sealed.len, (char *)text);
        out->len--; /* its NUL */
    }
    fluit_buf_deinit(&place);
    fluit_buf_deinit(&sealed);
}
