/* What comes to a phones' listener is a stranger's, or a phone's that has the key and means harm: a
 * first byte that says whose. Nothing is read beyond its end, and what opens is what was sealed. */
#include <stdlib.h>
#include <string.h>

#include "node/web/sealed.h"
#include "tests/fuzz/fuzz.h"

static const struct fluit_secret key = {{1}};

static void from_a_stranger(struct fluit_slice bytes)
{
    struct fluit_sealed_nonce nonce;
    struct fluit_sealed_ask ask;
    uint8_t run[FLUIT_SEALED_RUN_LEN];
    must(fluit_sealed_hello(&key, bytes, &nonce) != FLUIT_OK);
    must((fluit_sealed_run(bytes, run, &nonce) == FLUIT_OK) ==
         (bytes.len >= FLUIT_SEALED_ASK_OVERHEAD));
    must(fluit_sealed_open(&key, "/api/do", bytes, &ask) != FLUIT_OK);
}

/* text: what it seals. */
static void from_a_phone(struct fluit_slice text)
{
    static const char place[] = "\017fluit phone ask\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0/api/do";
    const size_t head_len = 8 + FLUIT_SEALED_ONCE_LEN;
    size_t len = FLUIT_SEALED_RUN_LEN + FLUIT_SEALED_OVERHEAD + text.len;
    struct fluit_sealed_ask ask;
    uint8_t *bytes = calloc(1, len);
    must(bytes != NULL);
    fluit_aead_seal(&key, bytes + FLUIT_SEALED_RUN_LEN, fluit_slice(place, sizeof place - 1),
                    text.data, text.len, bytes + FLUIT_SEALED_RUN_LEN + FLUIT_SEAL_NONCE_LEN);
    enum fluit_err err = fluit_sealed_open(&key, "/api/do", fluit_slice(bytes, len), &ask);
    must((err == FLUIT_OK) == (text.len >= head_len));
    if (!err) {
        must(fluit_slice_eq(fluit_buf_slice(&ask.body),
                            fluit_slice(text.data + head_len, text.len - head_len)));
        fluit_buf_wipe(&ask.body);
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0)
        return 0;
    uint8_t *exact = malloc(len > 1 ? len - 1 : 1);
    must(exact != NULL);
    memcpy(exact, data + 1, len - 1);
    if (data[0] % 2)
        from_a_phone(fluit_slice(exact, len - 1));
    else
        from_a_stranger(fluit_slice(exact, len - 1));
    free(exact);
    return 0;
}
