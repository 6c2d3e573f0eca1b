/* Who may ask: one-time links, and the tokens that they are given for.
 *
 * A token says page and kind and an id, and has a MAC by the node's secret: nothing of it is kept,
 * so that it is good as long as the secret is, also when the node was started again. */
#include <stdio.h>
#include <string.h>

#include "node/web/http_internal.h"

struct token {
    uint8_t page, kind;
    uint8_t id[sizeof((struct fluit_session *)0)->id];
    uint8_t mac[30];
};
_Static_assert(FLUIT_BASE64URL_LEN(sizeof(struct token)) == FLUIT_HTTP_TOKEN_LEN,
               "a token's length");

/* A phone's is of the page key by which it came, too. */
static void sign(const struct fluit_http *http, struct token *token)
{
    uint8_t number[4];
    fluit_put_u32(number, token->kind == FLUIT_SESSION_PHONE ? http->phones_config.key_number : 0);
    struct fluit_slice said[] = {fluit_slice(number, sizeof number),
                                 fluit_slice(token, offsetof(struct token, mac))};
    struct fluit_hash mac = fluit_mac(&http->secret, "fluit page token", said, 2);
    memcpy(token->mac, mac.b, sizeof token->mac);
    fluit_wipe(&mac, sizeof mac);
}

void fluit_http_token(const struct fluit_http *http, const struct caller *caller,
                      char out[static FLUIT_HTTP_TOKEN_LEN + 1])
{
    struct token token = {.page = (uint8_t)caller->page, .kind = (uint8_t)caller->session.kind};
    memcpy(token.id, caller->session.id, sizeof token.id);
    sign(http, &token);
    fluit_base64url(&token, sizeof token, out);
    fluit_wipe(&token, sizeof token);
}

bool fluit_http_caller(const struct listener *listener, struct MHD_Connection *connection,
                       struct caller *out)
{
    static const char scheme[] = "Bearer ";
    const char *given = fluit_http_header(connection, "Authorization");
    struct token token, own;
    if (!given || strncmp(given, scheme, sizeof scheme - 1) != 0 ||
        fluit_unbase64url(fluit_slice_str(given + sizeof scheme - 1), &token, sizeof token))
        return false;
    own = token;
    sign(listener->http, &own);
    bool good = fluit_same(own.mac, token.mac, sizeof own.mac) && token.kind == listener->kind;
    if (good) {
        out->page = token.page;
        out->session.kind = token.kind;
        memcpy(out->session.id, token.id, sizeof token.id);
    }
    fluit_wipe(&own, sizeof own);
    return good;
}

void fluit_http_link(struct fluit_http *http, enum fluit_page page,
                     char out[static FLUIT_HTTP_LINK_LEN])
{
    struct link_key *key = &http->links[http->link_turn++ % FLUIT_HTTP_LINKS_MAX];
    struct fluit_secret random;
    fluit_os_random(&random, sizeof random);
    fluit_base64url(&random, sizeof random, key->text);
    fluit_wipe(&random, sizeof random);
    key->page = page;
    snprintf(out, FLUIT_HTTP_LINK_LEN, "http://127.0.0.1:%u/#k=%s", (unsigned)http->here.port,
             key->text);
}

/* {"key":"..."}, as our page writes it, and nothing else. */
bool fluit_http_take_link(struct fluit_http *http, struct fluit_slice body, enum fluit_page *page)
{
    static const char before[] = "{\"key\":\"", after[] = "\"}";
    struct link_key *used = NULL;
    if (body.len != sizeof before - 1 + FLUIT_HTTP_KEY_LEN + sizeof after - 1)
        return false;
    const uint8_t *text = body.data + sizeof before - 1;
    if (memcmp(body.data, before, sizeof before - 1) != 0 ||
        memcmp(text + FLUIT_HTTP_KEY_LEN, after, sizeof after - 1) != 0)
        return false;
    for (size_t i = 0; i < FLUIT_HTTP_LINKS_MAX; i++)
        if (http->links[i].text[0] && fluit_same(http->links[i].text, text, FLUIT_HTTP_KEY_LEN))
            used = &http->links[i];
    if (!used)
        return false;
    *page = used->page;
    fluit_wipe(used, sizeof *used);
    return true;
}
