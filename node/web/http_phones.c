/* Phones: who scanned the node's code, and what they say sealed. */
#include <stdio.h>
#include <string.h>

#include "node/web/http_internal.h"

#define SEALED_TYPE "application/octet-stream"

uint16_t fluit_http_phones_port(const struct fluit_http *http)
{
    return http->phones.port;
}

static void page_key(const struct fluit_http *http, struct fluit_secret *out)
{
    uint8_t number[4];
    fluit_put_u32(number, http->phones_config.key_number);
    struct fluit_slice part = fluit_slice(number, sizeof number);
    struct fluit_hash mac = fluit_mac(&http->secret, "fluit phone key", &part, 1);
    memcpy(out->b, mac.b, sizeof out->b);
    fluit_wipe(&mac, sizeof mac);
}

void fluit_http_session_key(const struct fluit_http *http, const struct fluit_session *session,
                            struct fluit_secret *out)
{
    uint8_t number[4];
    fluit_put_u32(number, http->phones_config.key_number);
    struct fluit_slice parts[] = {fluit_slice(number, sizeof number),
                                  fluit_slice(session->id, sizeof session->id)};
    struct fluit_hash mac = fluit_mac(&http->secret, "fluit phone session key", parts, 2);
    memcpy(out->b, mac.b, sizeof out->b);
    fluit_wipe(&mac, sizeof mac);
}

enum fluit_err fluit_http_phones_link(struct fluit_http *http,
                                      char out[static FLUIT_HTTP_PHONES_LINK_LEN])
{
    char host[FLUIT_HTTP_HOST_LEN], text[FLUIT_HTTP_KEY_LEN + 1];
    struct fluit_secret key;
    const struct fluit_http_phones *config = &http->phones_config;
    if (!http->phones.port)
        return FLUIT_E_MISSING;
    if (http->tls_names.count > 0)
        snprintf(host, sizeof host, "%s", http->tls_names.name[0]);
    else if (config->host(config->arg, host, sizeof host))
        return FLUIT_E_MISSING;
    page_key(http, &key);
    fluit_base64url(&key, sizeof key, text);
    bool is_ipv6 = strchr(host, ':') != NULL;
    snprintf(out, FLUIT_HTTP_PHONES_LINK_LEN, "%s://%s%s%s:%u/#p=%s",
             http->phones.is_tls ? "https" : "http", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "",
             (unsigned)http->phones.port, text);
    fluit_wipe(&key, sizeof key);
    fluit_wipe(text, sizeof text);
    return FLUIT_OK;
}

enum fluit_err fluit_http_phones_renew(struct fluit_http *http)
{
    struct fluit_http_phones *config = &http->phones_config;
    if (!http->phones.port)
        return FLUIT_E_MISSING;
    enum fluit_err err = config->keep(config->arg, config->key_number + 1);
    if (err)
        return err;
    config->key_number++;
    memset(http->phone, 0, sizeof http->phone);
    fluit_http_end_phones(http);
    return FLUIT_OK;
}

enum MHD_Result fluit_http_tell_phones(struct fluit_http *http, struct MHD_Connection *connection)
{
    char link[FLUIT_HTTP_PHONES_LINK_LEN], answer[FLUIT_HTTP_PHONES_LINK_LEN + 16];
    if (fluit_http_phones_link(http, link))
        snprintf(answer, sizeof answer, "{\"url\":null}");
    else
        snprintf(answer, sizeof answer, "{\"url\":\"%s\"}", link);
    enum MHD_Result result =
        fluit_http_reply(connection, MHD_HTTP_OK, "application/json", fluit_slice_str(answer));
    fluit_wipe(link, sizeof link);
    fluit_wipe(answer, sizeof answer);
    return result;
}

/* A session that was not heard for longest gives way; when it is heard again its run is new. */
static struct phone *find_phone(struct fluit_http *http, const struct fluit_session *session)
{
    struct phone *phone = &http->phone[0];
    for (size_t i = 0; i < FLUIT_HTTP_PHONES_MAX; i++) {
        struct phone *at = &http->phone[i];
        if (at->used && memcmp(at->session.id, session->id, sizeof session->id) == 0) {
            at->used = ++http->phone_used;
            return at;
        }
        if (at->used < phone->used)
            phone = at;
    }
    *phone = (struct phone){.session = *session, .used = ++http->phone_used};
    fluit_os_random(phone->run, sizeof phone->run);
    return phone;
}

static enum MHD_Result queue_sealed(const struct request *request, unsigned status,
                                    const struct fluit_secret *key, const char *word,
                                    struct fluit_slice text)
{
    struct fluit_buf sealed = FLUIT_BUF_INIT;
    fluit_sealed_put(key, word, &request->asked, text, &sealed);
    enum MHD_Result result = sealed.err ? MHD_NO
                                        : fluit_http_reply(request->connection, status, SEALED_TYPE,
                                                           fluit_buf_slice(&sealed));
    fluit_buf_deinit(&sealed);
    return result;
}

enum MHD_Result fluit_http_reply_sealed(const struct request *request, unsigned status,
                                        const char *word, struct fluit_slice text)
{
    struct fluit_secret key;
    fluit_http_session_key(request->http, &request->caller.session, &key);
    enum MHD_Result result = queue_sealed(request, status, &key, word, text);
    fluit_wipe(&key, sizeof key);
    return result;
}

/* What it gets: its token and its session key. Nothing is kept: who repeats a hello costs nothing.
 */
enum MHD_Result fluit_http_greet(struct request *request)
{
    struct fluit_http *http = request->http;
    struct fluit_session *session = &request->caller.session;
    struct fluit_secret page, own;
    char token[FLUIT_HTTP_TOKEN_LEN + 1] = "";
    struct fluit_buf answer = FLUIT_BUF_INIT;
    page_key(http, &page);
    enum MHD_Result result;
    if (fluit_sealed_hello(&page, fluit_buf_slice(&request->body), &request->asked)) {
        result = fluit_http_refuse(request->connection, MHD_HTTP_FORBIDDEN,
                                   "scan the code on the screen again\n");
    } else {
        fluit_os_random(session->id, sizeof session->id);
        fluit_http_session_key(http, session, &own);
        fluit_http_token(http, &request->caller, token);
        fluit_buf_put(&answer, token, FLUIT_HTTP_TOKEN_LEN);
        fluit_buf_put(&answer, own.b, sizeof own.b);
        result = queue_sealed(request, MHD_HTTP_OK, &page, "session", fluit_buf_slice(&answer));
        fluit_wipe(&own, sizeof own);
    }
    fluit_wipe(&page, sizeof page);
    fluit_wipe(token, sizeof token);
    fluit_buf_wipe(&answer);
    return result;
}

/* Tells the run, and how far its counter is. */
static enum MHD_Result tell_run(const struct request *request, const struct phone *phone)
{
    uint8_t text[FLUIT_SEALED_RUN_LEN + 8];
    memcpy(text, phone->run, FLUIT_SEALED_RUN_LEN);
    fluit_put_u64(text + FLUIT_SEALED_RUN_LEN, phone->counter);
    return fluit_http_reply_sealed(request, MHD_HTTP_CONFLICT, "run",
                                   fluit_slice(text, sizeof text));
}

bool fluit_http_unseal(struct request *request, const char *path, enum MHD_Result *result)
{
    struct fluit_http *http = request->http;
    struct fluit_slice bytes = fluit_buf_slice(&request->body);
    struct fluit_sealed_ask ask;
    struct fluit_secret key;
    uint8_t run[FLUIT_SEALED_RUN_LEN];
    if (fluit_sealed_run(bytes, run, &request->asked)) {
        *result = fluit_http_refuse(request->connection, MHD_HTTP_BAD_REQUEST,
                                    "that is not a request of this page\n");
        return false;
    }
    struct phone *phone = find_phone(http, &request->caller.session);
    if (!fluit_same(run, phone->run, sizeof run)) {
        *result = tell_run(request, phone);
        return false;
    }
    fluit_http_session_key(http, &request->caller.session, &key);
    enum fluit_err err = fluit_sealed_open(&key, path, bytes, &ask);
    fluit_wipe(&key, sizeof key);
    if (err) {
        *result = fluit_http_refuse(request->connection, MHD_HTTP_FORBIDDEN,
                                    "that is not from a phone that scanned the code\n");
        return false;
    }
    if (ask.counter <= phone->counter) {
        fluit_buf_wipe(&ask.body);
        *result = tell_run(request, phone);
        return false;
    }
    phone->counter = ask.counter;
    fluit_buf_wipe(&request->body);
    request->body = ask.body;
    static const uint8_t none[FLUIT_SEALED_ONCE_LEN];
    request->is_once = memcmp(ask.once, none, sizeof none) != 0;
    memcpy(request->once_key, ask.once, sizeof ask.once);
    return true;
}
