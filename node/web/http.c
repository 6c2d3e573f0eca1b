#include "node/web/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "node/web/http_internal.h"

#define CONNECTION_MEM (24 * 1024)

/* What libmicrohttpd calls. */

static enum MHD_Result serve_get(const struct listener *listener, struct MHD_Connection *connection,
                                 const char *url)
{
    struct fluit_http *http = listener->http;
    struct caller caller;
    if (strncmp(url, "/api/", 5) != 0)
        return fluit_http_serve_file(connection, url);
    if (!fluit_http_caller(listener, connection, &caller))
        return fluit_http_refuse(connection, MHD_HTTP_UNAUTHORIZED,
                                 "open the link that the node printed\n");
    if (strcmp(url, "/api/events") == 0)
        return fluit_http_begin_events(http, caller.page, connection);
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
    return *state ? fluit_http_more_post(*state, data, len)
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

static enum fluit_err listen_here(struct fluit_http *http, const struct fluit_http_config *config)
{
    struct listener *listener = &http->here;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(config->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *listener = (struct listener){.http = http, .kind = FLUIT_SESSION_HERE};
    listener->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, config->port, NULL, NULL,
        on_request, listener, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&at, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)FLUIT_HTTP_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, config->stall_s ? config->stall_s : FLUIT_HTTP_STALL_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEM, MHD_OPTION_END);
    if (!listener->daemon)
        return errno == EADDRINUSE ? FLUIT_E_BUSY : FLUIT_E_IO;
    listener->port = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return FLUIT_OK;
}

static enum fluit_err wait_for(const struct fluit_http *http, const struct listener *listener)
{
    int fd = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(http->fd, EPOLL_CTL_ADD, fd, &event) ? FLUIT_E_IO : FLUIT_OK;
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
    http->fd = epoll_create1(EPOLL_CLOEXEC);
    enum fluit_err err = http->fd < 0 ? FLUIT_E_IO : listen_here(http, config);
    if (!err)
        err = wait_for(http, &http->here);
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

static int64_t daemon_ms(struct MHD_Daemon *daemon)
{
    MHD_UNSIGNED_LONG_LONG ms;
    return MHD_get_timeout(daemon, &ms) == MHD_YES && ms < 60000 ? (int64_t)ms : -1;
}

int fluit_http_timeout_ms(struct fluit_http *http, int64_t now_us)
{
    int64_t least = daemon_ms(http->here.daemon);
    if (fluit_http_has_ungiven(http))
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
    MHD_run(http->here.daemon);
    fluit_http_give_requests(http, sink, arg);
}
