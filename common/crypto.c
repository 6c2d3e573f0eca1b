#include "common/crypto.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum fluit_err fluit_crypto_init(void)
{
    return sodium_init() < 0 ? FLUIT_E_IO : FLUIT_OK;
}

void fluit_os_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

void fluit_wipe(void *data, size_t len)
{
    sodium_memzero(data, len);
}

void fluit_buf_wipe(struct fluit_buf *buf)
{
    if (buf->data)
        fluit_wipe(buf->data, buf->cap);
    fluit_buf_deinit(buf);
}

bool fluit_same(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

static void hash_domain(crypto_generichash_state *state, const char *domain)
{
    size_t len = strlen(domain);
    assert(len < 256);
    uint8_t len_byte = (uint8_t)len;
    crypto_generichash_update(state, &len_byte, 1);
    crypto_generichash_update(state, (const uint8_t *)domain, len);
}

struct fluit_hash fluit_hash(const char *domain, const struct fluit_slice *parts, size_t part_count)
{
    struct fluit_hash out;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof out.b);
    hash_domain(&state, domain);
    for (size_t i = 0; i < part_count; i++)
        crypto_generichash_update(&state, parts[i].data, parts[i].len);
    crypto_generichash_final(&state, out.b, sizeof out.b);
    sodium_memzero(&state, sizeof state);
    return out;
}

struct fluit_hash fluit_hash1(const char *domain, const void *data, size_t len)
{
    struct fluit_slice part = fluit_slice(data, len);
    return fluit_hash(domain, &part, 1);
}

void fluit_rng_seed(struct fluit_rng *rng, const void *seed, size_t len)
{
    struct fluit_hash h = fluit_hash1("fluit rng seed", seed, len);
    memcpy(rng->key, h.b, sizeof rng->key);
    sodium_memzero(&h, sizeof h);
}

void fluit_rng_stir(struct fluit_rng *rng, const uint8_t entropy[static 32])
{
    struct fluit_slice parts[] = {fluit_slice(rng->key, 32), fluit_slice(entropy, 32)};
    struct fluit_hash h = fluit_hash("fluit rng stir", parts, 2);
    memcpy(rng->key, h.b, sizeof rng->key);
    sodium_memzero(&h, sizeof h);
}

void fluit_rng_bytes(struct fluit_rng *rng, void *out, size_t len)
{
    /* Fast key erasure: the first block of each draw replaces the key. */
    static const uint8_t nonce_key[crypto_stream_chacha20_ietf_NONCEBYTES] = "fluit key";
    static const uint8_t nonce_out[crypto_stream_chacha20_ietf_NONCEBYTES] = "fluit out";
    uint8_t next[32];
    crypto_stream_chacha20_ietf(next, sizeof next, nonce_key, rng->key);
    if (len > 0)
        crypto_stream_chacha20_ietf(out, len, nonce_out, rng->key);
    memcpy(rng->key, next, sizeof next);
    sodium_memzero(next, sizeof next);
}

uint64_t fluit_rng_u64(struct fluit_rng *rng)
{
    uint64_t value;
    fluit_rng_bytes(rng, &value, sizeof value);
    return value;
}

uint64_t fluit_rng_below(struct fluit_rng *rng, uint64_t bound)
{
    assert(bound > 0);
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t value;
    do
        value = fluit_rng_u64(rng);
    while (value >= limit);
    return value % bound;
}

struct fluit_hash fluit_mac(const struct fluit_secret *key, const char *domain,
                            const struct fluit_slice *parts, size_t part_count)
{
    struct fluit_hash out;
    crypto_generichash_state state;
    crypto_generichash_init(&state, key->b, sizeof key->b, sizeof out.b);
    hash_domain(&state, domain);
    for (size_t i = 0; i < part_count; i++)
        crypto_generichash_update(&state, parts[i].data, parts[i].len);
    crypto_generichash_final(&state, out.b, sizeof out.b);
    sodium_memzero(&state, sizeof state);
    return out;
}

struct fluit_secret fluit_derive(const struct fluit_secret *from, const char *domain)
{
    struct fluit_secret out;
    struct fluit_hash mac = fluit_mac(from, domain, NULL, 0);
    memcpy(out.b, mac.b, sizeof out.b);
    sodium_memzero(&mac, sizeof mac);
    return out;
}

void fluit_base64url(const void *data, size_t len, char *out)
{
    sodium_bin2base64(out, FLUIT_BASE64URL_LEN(len) + 1, data, len,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum fluit_err fluit_unbase64url(struct fluit_slice text, void *out, size_t len)
{
    size_t found = 0;
    if (text.len != FLUIT_BASE64URL_LEN(len) ||
        sodium_base642bin(out, len, (const char *)text.data, text.len, NULL, &found, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        found != len)
        return FLUIT_E_FORMAT;
    return FLUIT_OK;
}

void fluit_sign_keypair(const struct fluit_secret *seed, struct fluit_sign_pk *pk,
                        struct fluit_sign_sk *sk)
{
    crypto_sign_seed_keypair(pk->b, sk->b, seed->b);
}

void fluit_box_keypair(const struct fluit_secret *seed, struct fluit_box_pk *pk,
                       struct fluit_box_sk *sk)
{
    memcpy(sk->b, seed->b, sizeof sk->b);
    crypto_scalarmult_base(pk->b, sk->b);
}

/* The signed text: short and public in every use, so it is put together on the heap-free path. */
static struct fluit_buf signed_text(const char *domain, const struct fluit_slice *parts,
                                    size_t part_count)
{
    struct fluit_buf text = FLUIT_BUF_INIT;
    uint8_t len_byte = (uint8_t)strlen(domain);
    fluit_buf_put(&text, &len_byte, 1);
    fluit_buf_puts(&text, domain);
    for (size_t i = 0; i < part_count; i++)
        fluit_buf_put(&text, parts[i].data, parts[i].len);
    assert(!text.err);
    return text;
}

struct fluit_sig fluit_sign(const struct fluit_sign_sk *sk, const char *domain,
                            const struct fluit_slice *parts, size_t part_count)
{
    struct fluit_sig sig;
    struct fluit_buf text = signed_text(domain, parts, part_count);
    crypto_sign_detached(sig.b, NULL, text.data, text.len, sk->b);
    fluit_buf_deinit(&text);
    return sig;
}

bool fluit_verify(const struct fluit_sign_pk *pk, const struct fluit_sig *sig, const char *domain,
                  const struct fluit_slice *parts, size_t part_count)
{
    struct fluit_buf text = signed_text(domain, parts, part_count);
    bool good = crypto_sign_verify_detached(sig->b, text.data, text.len, pk->b) == 0;
    fluit_buf_deinit(&text);
    return good;
}

void fluit_aead_seal(const struct fluit_secret *key,
                     const uint8_t nonce[static FLUIT_SEAL_NONCE_LEN], struct fluit_slice ad,
                     const uint8_t *text, size_t text_len, uint8_t *out)
{
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, text, text_len, ad.data, ad.len, NULL,
                                               nonce, key->b);
}

enum fluit_err fluit_aead_open(const struct fluit_secret *key,
                               const uint8_t nonce[static FLUIT_SEAL_NONCE_LEN],
                               struct fluit_slice ad, const uint8_t *sealed, size_t sealed_len,
                               uint8_t *out)
{
    if (sealed_len < FLUIT_SEAL_TAG_LEN)
        return FLUIT_E_FORMAT;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed, sealed_len, ad.data,
                                                      ad.len, nonce, key->b)
               ? FLUIT_E_AUTH
               : FLUIT_OK;
}

static void box_seal_nonce(const uint8_t epk[static 32], const uint8_t to[static 32],
                           uint8_t nonce[static crypto_box_NONCEBYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, crypto_box_NONCEBYTES);
    crypto_generichash_update(&state, epk, 32);
    crypto_generichash_update(&state, to, 32);
    crypto_generichash_final(&state, nonce, crypto_box_NONCEBYTES);
}

/* crypto_box_seal itself draws from the system; this is its construction with our generator. */
enum fluit_err fluit_box_seal(struct fluit_rng *rng, const struct fluit_box_pk *to,
                              const uint8_t *text, size_t text_len, uint8_t *out)
{
    uint8_t esk[32], epk[32], nonce[crypto_box_NONCEBYTES];
    fluit_rng_bytes(rng, esk, sizeof esk);
    crypto_scalarmult_base(epk, esk);
    box_seal_nonce(epk, to->b, nonce);
    int failed = crypto_box_easy(out + 32, text, text_len, nonce, to->b, esk);
    memcpy(out, epk, 32);
    sodium_memzero(esk, sizeof esk);
    return failed ? FLUIT_E_AUTH : FLUIT_OK;
}

enum fluit_err fluit_box_open(const struct fluit_box_pk *pk, const struct fluit_box_sk *sk,
                              const uint8_t *sealed, size_t sealed_len, uint8_t *out)
{
    if (sealed_len < FLUIT_BOX_OVERHEAD)
        return FLUIT_E_FORMAT;
    return crypto_box_seal_open(out, sealed, sealed_len, pk->b, sk->b) ? FLUIT_E_AUTH : FLUIT_OK;
}

enum fluit_err fluit_dh(const struct fluit_box_sk *sk, const struct fluit_box_pk *pk,
                        uint8_t out[static 32])
{
    return crypto_scalarmult(out, sk->b, pk->b) ? FLUIT_E_AUTH : FLUIT_OK;
}

void fluit_chacha_seal(const uint8_t key[static 32], const uint8_t nonce[static 12],
                       struct fluit_slice ad, const uint8_t *text, size_t text_len, uint8_t *out)
{
    crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, text, text_len, ad.data, ad.len, NULL,
                                              nonce, key);
}

enum fluit_err fluit_chacha_open(const uint8_t key[static 32], const uint8_t nonce[static 12],
                                 struct fluit_slice ad, const uint8_t *sealed, size_t sealed_len,
                                 uint8_t *out)
{
    if (sealed_len < FLUIT_SEAL_TAG_LEN)
        return FLUIT_E_FORMAT;
    return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed, sealed_len, ad.data,
                                                     ad.len, nonce, key)
               ? FLUIT_E_AUTH
               : FLUIT_OK;
}

void fluit_blake2b512(const struct fluit_slice *parts, size_t part_count, uint8_t out[static 64])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 64);
    for (size_t i = 0; i < part_count; i++)
        crypto_generichash_update(&state, parts[i].data, parts[i].len);
    crypto_generichash_final(&state, out, 64);
    sodium_memzero(&state, sizeof state);
}
