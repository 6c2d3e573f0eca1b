#include "node/cli/run_page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cli/browser.h"
#include "node/io/clocksource.h"

#define PEM_LEN_MAX 65536

/* What is kept under that name, of just that length; false: nothing. */
static bool get_kept(struct fluit_store store, const char *name, void *out, size_t len)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    bool held = !store.ops->value(store.self, name, &value) && value.len == len;
    if (held)
        memcpy(out, value.data, len);
    fluit_buf_wipe(&value);
    return held;
}

/* A kept port makes links and open tabs good after a new start. */
static uint16_t kept_port(struct fluit_store store, const char *name)
{
    uint8_t bytes[2];
    return get_kept(store, name, bytes, sizeof bytes) ? fluit_get_u16(bytes) : 0;
}

static enum fluit_err keep_port(struct fluit_store store, const char *name, uint16_t port)
{
    uint8_t bytes[sizeof port];
    fluit_put_u16(bytes, port);
    return store.ops->put(store.self, name, fluit_slice(bytes, sizeof bytes));
}

/* Makes open pages go on after a new start. */
static enum fluit_err page_secret(struct fluit_store store, struct fluit_secret *out)
{
    if (get_kept(store, "page-secret", out, sizeof *out))
        return FLUIT_OK;
    fluit_os_random(out, sizeof *out);
    return store.ops->put(store.self, "page-secret", fluit_slice(out, sizeof *out));
}

static enum fluit_err open_page(struct fluit_run *run, uint16_t asked)
{
    struct fluit_store store = fluit_store_port(run->store);
    struct fluit_http_config config = {.port = asked ? asked : kept_port(store, "page-port")};
    enum fluit_err err = page_secret(store, &config.secret);
    if (!err)
        err = fluit_http_new(&config, &run->http);
    if (err == FLUIT_E_BUSY && !asked) {
        config.port = 0;
        err = fluit_http_new(&config, &run->http);
    }
    fluit_wipe(&config, sizeof config);
    return err ? err : keep_port(store, "page-port", fluit_http_port(run->http));
}

/* Phones. */

static enum fluit_err own_host(void *arg, char *out, size_t cap)
{
    return fluit_run_phones_host(arg, out, cap);
}

static enum fluit_err keep_number(void *arg, uint32_t number)
{
    struct fluit_run *run = arg;
    struct fluit_store store = fluit_store_port(run->store);
    uint8_t bytes[sizeof number];
    fluit_put_u32(bytes, number);
    enum fluit_err err = store.ops->put(store.self, "phones-number", fluit_slice(bytes, 4));
    return err ? err : fluit_store_commit(run->store);
}

static enum fluit_err open_phones(struct fluit_run *run, const struct fluit_buf *cert,
                                  const struct fluit_buf *key, const struct fluit_tls_names *names)
{
    struct fluit_store store = fluit_store_port(run->store);
    uint8_t number[4];
    struct fluit_http_phones config = {
        .port = kept_port(store, "phones-port"),
        .tls_cert = cert->len ? (const char *)cert->data : NULL,
        .tls_key = (const char *)key->data,
        .tls_names = names,
        .arg = run,
        .host = own_host,
        .keep = keep_number,
    };
    if (get_kept(store, "phones-number", number, sizeof number))
        config.key_number = fluit_get_u32(number);
    enum fluit_err err = fluit_http_phones_open(run->http, &config);
    if (err == FLUIT_E_BUSY) {
        config.port = 0;
        err = fluit_http_phones_open(run->http, &config);
    }
    return err ? err : keep_port(store, "phones-port", fluit_http_phones_port(run->http));
}

/* Its text, NUL-terminated; false, with one line, if there is none. */
static bool read_pem(const char *path, struct fluit_buf *out)
{
    FILE *file = path ? fopen(path, "re") : NULL;
    if (path && !file)
        fluit_complain("no phones: can't read %s: %s", path, strerror(errno));
    if (!file)
        return !path;
    uint8_t *text = fluit_buf_extend(out, PEM_LEN_MAX);
    if (text)
        out->len = fread(text, 1, PEM_LEN_MAX - 1, file);
    bool good = text && !ferror(file) && feof(file) && !memchr(text, 0, out->len) &&
                fluit_buf_text(out)[0] != 0;
    fclose(file);
    if (!good)
        fluit_complain("no phones: %s is no PEM file", path);
    return good;
}

static void print_phones_link(struct fluit_run *run)
{
    char link[FLUIT_HTTP_PHONES_LINK_LEN];
    if (fluit_http_phones_link(run->http, link)) {
        puts(fluit_http_phones_port(run->http) ? "no: this machine is on no network"
                                               : "no: this node was started without --phones");
    } else {
        printf("phones: %s\n", link);
        fluit_wipe(link, sizeof link);
    }
}

/* False, with one line, if they can't be used together. */
static bool check_tls(const struct fluit_run_options *given, struct fluit_buf *cert,
                      struct fluit_buf *key, struct fluit_tls_names *names)
{
    if (!given->tls_cert)
        return true;
    switch (fluit_tls_check(fluit_buf_text(cert), fluit_buf_text(key), fluit_wall_us() / 1000000,
                            names)) {
    case FLUIT_TLS_NO_CERT:
        fluit_complain("no phones: %s holds no certificate in PEM form", given->tls_cert);
        return false;
    case FLUIT_TLS_NO_KEY:
        fluit_complain("no phones: %s holds no private key in PEM form, or one with a password",
                       given->tls_key);
        return false;
    case FLUIT_TLS_MISMATCH:
        fluit_complain("no phones: the key in %s is not that of the certificate in %s",
                       given->tls_key, given->tls_cert);
        return false;
    case FLUIT_TLS_EXPIRED:
        fluit_complain("the certificate in %s has expired: phones will warn", given->tls_cert);
        return true;
    case FLUIT_TLS_FINE:
        break;
    }
    return true;
}

static void serve_phones(struct fluit_run *run, const struct fluit_run_options *given)
{
    struct fluit_buf cert = FLUIT_BUF_INIT, key = FLUIT_BUF_INIT;
    struct fluit_tls_names names = {.count = 0};
    enum fluit_err err = FLUIT_OK;
    if (read_pem(given->tls_cert, &cert) && read_pem(given->tls_key, &key) &&
        check_tls(given, &cert, &key, &names)) {
        err = open_phones(run, &cert, &key, &names);
        if (err)
            fluit_complain("no phones: %s", fluit_err_text(err));
        else
            print_phones_link(run);
    }
    fluit_buf_deinit(&cert);
    fluit_buf_wipe(&key);
}

static void print_link(struct fluit_run *run, enum fluit_page page, bool open_it)
{
    char link[FLUIT_HTTP_LINK_LEN];
    fluit_http_link(run->http, page, link);
    /* Who asked for both knows them apart. */
    printf(page == FLUIT_PAGE_PROJECTOR ? "page projector: %s\n" : "page: %s\n", link);
    fflush(stdout);
    if (open_it && fluit_browser_open(link))
        fluit_complain("no browser can be opened here; open the link above");
    fluit_wipe(link, sizeof link);
}

void fluit_run_page_open(struct fluit_run *run, const struct fluit_run_options *given)
{
    enum fluit_err err = given->no_page ? FLUIT_OK : open_page(run, given->page_port);
    if (err == FLUIT_E_BUSY)
        fluit_complain("no page: port %u is in use; --page PORT takes another",
                       (unsigned)given->page_port);
    else if (err)
        fluit_complain("no page: %s", fluit_err_text(err));
    if (!run->http)
        return;
    if (given->phones)
        serve_phones(run, given);
    print_link(run, FLUIT_PAGE_OWN, given->open_page);
}

bool fluit_run_page_line(struct fluit_run *run, struct fluit_slice line)
{
    bool is_own = fluit_slice_is(line, "page"),
         is_projector = fluit_slice_is(line, "page projector");
    bool is_new = fluit_slice_is(line, "page new"), is_phones = fluit_slice_is(line, "page phones");
    if (!is_own && !is_projector && !is_new && !is_phones)
        return false;
    if (!run->http)
        puts("no: this node was started without a page");
    else if (is_own || is_projector)
        print_link(run, is_projector ? FLUIT_PAGE_PROJECTOR : FLUIT_PAGE_OWN, false);
    else if (is_new && fluit_http_phones_renew(run->http))
        puts("no: this node was started without --phones");
    else
        print_phones_link(run);
    fflush(stdout);
    return true;
}
