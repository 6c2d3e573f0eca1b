#include "node/web/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "node/web/http_internal.h"

#define CONNECTION_MEM (24 * 1024)
#define TLS_PRIORITIES ((char[]){"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"})

/* What libmicrohttpd calls. */

static enum MHD_Result serve_get(const struct listener *listener, struct MHD_Connection *connection,
                                 const char *url)
{
    struct fluit_http *http = listener->http;
    struct caller caller;
    if (strncmp(url, "/api/", 5) != 0)
        return fluit_http_serve_file(listener, connection, url);
    if (listener->kind == FLUIT_SESSION_PHONE)
        return fluit_http_refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
    if (!fluit_http_caller(listener, connection, &caller))
        return fluit_http_refuse(connection, MHD_HTTP_UNAUTHORIZED,
                                 "open the link that the node printed\n");
    if (strcmp(url, "/api/events") == 0)
        return fluit_http_begin_events(http, caller.page, connection,
                                       fluit_http_header(connection, "Last-Event-ID"), NULL);
    if (strcmp(url, "/api/phones") == 0 && caller.page == FLUIT_PAGE_OWN)
        return fluit_http_tell_phones(http, connection);
    if (strcmp(url, "/api/script") != 0)
        return fluit_http_refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
    if (http->script.len == 0)
        return fluit_http_refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "one moment\n");
    return fluit_http_reply(connection, MHD_HTTP_OK, "application/json",
                            fluit_buf_slice(&http->script));
}

static enum MHD_Result begin(const struct listener *listener, struct MHD_Connection *connection,
                             const char *url, const char *method, void **state)
{
    const char *why;
    unsigned status = fluit_http_check_origin(listener, connection, &why);
    if (status)
        return fluit_http_refuse(connection, status, why);
    if (strcmp(method, MHD_HTTP_METHOD_POST) == 0)
        return fluit_http_begin_post(listener, connection, url, state);
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        return fluit_http_refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or POST\n");
    return serve_get(listener, connection, url);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **state)
{
    (void)version;
    return *state ? fluit_http_more_post(state, url, data, len)
                  : begin(arg, connection, url, method, state);
}

static void on_end(void *arg, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)arg;
    (void)connection;
    (void)code;
    if (*state)
        fluit_http_free_request(*state);
    *state = NULL;
}

/* From start to end. */

static void no_log(void *arg, const char *format, va_list args)
{
    (void)arg;
    (void)format;
    (void)args;
}

static enum fluit_err wait_for(const struct fluit_http *http, const struct listener *listener)
{
    int fd = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(http->fd, EPOLL_CTL_ADD, fd, &event) ? FLUIT_E_IO : FLUIT_OK;
}

/* options: what the listener has beside what all have. */
static enum fluit_err listen_at(struct listener *listener, unsigned flags, uint16_t port,
                                struct MHD_OptionItem *options)
{
    struct fluit_http *http = listener->http;
    errno = 0;
    listener->daemon =
        MHD_start_daemon(flags | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, port,
                         NULL, NULL, on_request, listener, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_CONNECTION_TIMEOUT,
                         http->stall_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEM,
                         MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (!listener->daemon)
        return errno == EADDRINUSE ? FLUIT_E_BUSY : FLUIT_E_IO;
    listener->port = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return wait_for(http, listener);
}

static enum fluit_err listen_here(struct fluit_http *http, uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_SOCK_ADDR, 0, &at},
        {MHD_OPTION_CONNECTION_LIMIT, FLUIT_HTTP_CONNECTIONS_MAX, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    http->here = (struct listener){.http = http, .kind = FLUIT_SESSION_HERE};
    return listen_at(&http->here, 0, port, options);
}

enum fluit_err fluit_http_phones_open(struct fluit_http *http,
                                      const struct fluit_http_phones *config)
{
    bool is_tls = config->tls_cert != NULL;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_CONNECTION_LIMIT, FLUIT_HTTP_PHONE_CONNECTIONS_MAX, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, FLUIT_HTTP_ADDRESS_CONNECTIONS_MAX, NULL},
        {is_tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, (void *)config->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)config->tls_key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = is_tls ? MHD_USE_TLS : 0;
    http->phones = (struct listener){.http = http, .kind = FLUIT_SESSION_PHONE, .is_tls = is_tls};
    http->phones_config = *config;
    http->phones_config.tls_cert = http->phones_config.tls_key = NULL; /* the caller's */
    http->phones_config.tls_names = NULL;
    if (config->tls_names)
        http->tls_names = *config->tls_names;
    enum fluit_err err =
        listen_at(&http->phones, flags | MHD_USE_DUAL_STACK, config->port, options);
    if (err == FLUIT_E_IO) /* without IPv6 */
        err = listen_at(&http->phones, flags, config->port, options);
    return err;
}

enum fluit_err fluit_http_new(const struct fluit_http_config *config, struct fluit_http **out)
{
    uint8_t run[4];
    struct fluit_http *http = calloc(1, sizeof *http);
    if (!http)
        return FLUIT_E_NOMEM;
    fluit_os_random(run, sizeof run);
    fluit_hex(run, sizeof run, http->run);
    http->secret = config->secret;
    http->stall_s = config->stall_s ? config->stall_s : FLUIT_HTTP_STALL_S;
    http->fd = epoll_create1(EPOLL_CLOEXEC);
    enum fluit_err err = http->fd < 0 ? FLUIT_E_IO : listen_here(http, config->port);
    if (err)
        fluit_http_free(&http);
    else
        *out = http;
    return err;
}

void fluit_http_free(struct fluit_http **http_ptr)
{
    struct fluit_http *http = *http_ptr;
    if (!http)
        return;
    fluit_http_resume_clients(http);
    fluit_http_resume_requests(http);
    if (http->here.daemon)
        MHD_stop_daemon(http->here.daemon);
    if (http->phones.daemon)
        MHD_stop_daemon(http->phones.daemon);
    if (http->fd >= 0)
        close(http->fd);
    fluit_http_free_views(http);
    fluit_http_free_kept(&http->kept);
    fluit_buf_deinit(&http->script);
    fluit_wipe(http, sizeof *http);
    free(http);
    *http_ptr = NULL;
}

uint16_t fluit_http_port(const struct fluit_http *http)
{
    return http->here.port;
}

int fluit_http_fd(const struct fluit_http *http)
{
    return http->fd;
}

void fluit_http_set_script(struct fluit_http *http, struct fluit_slice json)
{
    fluit_buf_reset(&http->script);
    fluit_buf_put(&http->script, json.data, json.len);
}

void fluit_http_resume(struct fluit_http *http, struct MHD_Connection *connection)
{
    MHD_resume_connection(connection);
    http->resumed = true;
}

static int64_t daemon_ms(const struct listener *listener)
{
    MHD_UNSIGNED_LONG_LONG ms;
    return listener->daemon && MHD_get_timeout(listener->daemon, &ms) == MHD_YES && ms < 60000
               ? (int64_t)ms
               : -1;
}

int fluit_http_timeout_ms(struct fluit_http *http, int64_t now_us)
{
    int64_t least = daemon_ms(&http->here), phones = daemon_ms(&http->phones);
    if (phones >= 0 && (least < 0 || phones < least))
        least = phones;
    if (http->resumed || fluit_http_has_ungiven(http))
        return 0;
    for (const struct client *client = http->clients; client; client = client->next) {
        int64_t until = client->beat_us > now_us ? (client->beat_us - now_us) / 1000 + 1 : 0;
        if (client->suspended && (least < 0 || until < least))
            least = until;
    }
    return (int)least;
}

void fluit_http_take(struct fluit_http *http, int64_t now_us,
                     bool (*sink)(void *arg, const struct fluit_event *event), void *arg)
{
    http->now_us = now_us;
    fluit_http_wake_clients(http);
    http->resumed = false;
    MHD_run(http->here.daemon);
    if (http->phones.daemon)
        MHD_run(http->phones.daemon);
    fluit_http_give_requests(http, sink, arg);
}
