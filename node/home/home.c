#include "node/home/home.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/crypto.h"
#include "node/cli/browser.h"
#include "node/cli/run.h"
#include "node/home/home_internal.h"
#include "node/io/clocksource.h"

#define LOOK_US     INT64_C(500000)   /* between two looks at the folder while someone watches */
#define END_WAIT_US INT64_C(12000000) /* until what does not end is killed */
#define FDS_MAX     (3 + FLUIT_HOME_LED_MAX + FLUIT_HOME_TASKS_MAX)

/* Names. */

static bool is_letter_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool fluit_home_name_ok(struct fluit_slice name)
{
    if (name.len == 0 || name.len > FLUIT_HOME_NAME_MAX || !is_letter_or_digit(name.data[0]))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (!is_letter_or_digit(name.data[i]) && name.data[i] != '-' && name.data[i] != '_')
            return false;
    return !fluit_slice_eq(name, fluit_slice_str("scripts")) &&
           !fluit_slice_eq(name, fluit_slice_str("addresses"));
}

bool fluit_home_host_ok(struct fluit_slice host)
{
    if (host.len == 0 || host.len > FLUIT_BEACON_HOST_LEN_MAX + 210 || host.data[0] == '-')
        return false;
    for (size_t i = 0; i < host.len; i++)
        if (!is_letter_or_digit(host.data[i]) && (!host.data[i] || !strchr(".:-[]", host.data[i])))
            return false;
    return true;
}

void fluit_home_path(const struct fluit_home *home, const char *name, const char *file,
                     char out[static FLUIT_HOME_PATH_LEN])
{
    int len = snprintf(out, FLUIT_HOME_PATH_LEN, "%s/%s%s%s", home->options->folder, name,
                       file ? "/" : "", file ? file : "");
    if (len >= FLUIT_HOME_PATH_LEN)
        out[0] = 0;
}

/* Another start on the same folder gets a link to this page instead of one of its own. */

static bool door_address(struct fluit_home *home, struct sockaddr_un *out)
{
    char path[FLUIT_HOME_PATH_LEN];
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    fluit_home_path(home, ".door", NULL, path);
    if (!path[0] || strlen(path) >= sizeof out->sun_path)
        return false; /* such a folder has a page a start */
    memcpy(out->sun_path, path, strlen(path) + 1);
    memcpy(home->door, path, strlen(path) + 1);
    return true;
}

/* True: one runs, and its link is shown. */
static bool show_running(struct fluit_home *home)
{
    struct sockaddr_un at;
    struct timeval wait = {.tv_sec = 5};
    char link[FLUIT_HTTP_LINK_LEN + 1] = "";
    int fd = door_address(home, &at) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    bool runs = connect(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
                recv(fd, link, FLUIT_HTTP_LINK_LEN, MSG_WAITALL) > 0;
    close(fd);
    if (!runs)
        return false;
    printf("page: %s\n", link);
    if (!home->options->no_browser && fluit_browser_open(link))
        fluit_complain("no browser can be opened here; open the link above");
    fluit_wipe(link, sizeof link);
    return true;
}

static void open_door(struct fluit_home *home)
{
    struct sockaddr_un at;
    if (!door_address(home, &at))
        return;
    unlink(at.sun_path);         /* of one that crashed: nobody answered there */
    mode_t before = umask(0077); /* whoever comes in gets a link */
    home->door_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (home->door_fd >= 0 &&
        (bind(home->door_fd, (struct sockaddr *)&at, sizeof at) || listen(home->door_fd, 4))) {
        close(home->door_fd);
        home->door_fd = -1;
    }
    umask(before);
}

static void answer_door(struct fluit_home *home)
{
    char link[FLUIT_HTTP_LINK_LEN] = "";
    int fd = accept4(home->door_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    fluit_http_link(home->http, FLUIT_PAGE_OWN, link);
    (void)!send(fd, link, sizeof link, MSG_NOSIGNAL | MSG_DONTWAIT);
    fluit_wipe(link, sizeof link);
    close(fd);
}

/* Turns. */

static bool take_request(void *arg, const struct fluit_event *event)
{
    struct fluit_home *home = arg;
    struct fluit_asked *asked = &home->asked[home->asked_count++];
    *asked = (struct fluit_asked){.link = event->link, .json = FLUIT_BUF_INIT};
    fluit_buf_put(&asked->json, event->bytes.data, event->bytes.len);
    return home->asked_count < FLUIT_HOME_ASKED_MAX;
}

/* Takes again after answering: what was answered leaves then. */
static void serve(struct fluit_home *home)
{
    fluit_http_take(home->http, home->now_us, take_request, home);
    while (home->asked_count > 0) {
        for (int i = 0; i < home->asked_count; i++) {
            if (home->asked[i].json.err)
                fluit_home_refuse(home, home->asked[i].link, "out of memory");
            else
                fluit_home_do(home, home->asked[i].link, fluit_buf_slice(&home->asked[i].json));
            fluit_buf_wipe(&home->asked[i].json);
        }
        home->stale = true;
        home->asked_count = 0;
        fluit_http_take(home->http, home->now_us, take_request, home);
    }
}

static void show(struct fluit_home *home)
{
    struct fluit_buf view = FLUIT_BUF_INIT;
    bool due = home->stale || home->now_us >= home->look_us;
    if (!due || !fluit_http_is_watched(home->http, FLUIT_PAGE_OWN))
        return;
    home->stale = false;
    home->look_us = home->now_us + LOOK_US;
    if (fluit_home_view(home, &view) == FLUIT_OK &&
        !fluit_slice_eq(fluit_buf_slice(&view), fluit_buf_slice(&home->view))) {
        fluit_http_show(home->http, FLUIT_PAGE_OWN, fluit_buf_slice(&view));
        fluit_buf_deinit(&home->view);
        home->view = view;
        return;
    }
    fluit_buf_deinit(&view);
}

static int wait_ms(struct fluit_home *home)
{
    int64_t due_us = home->now_us + LOOK_US;
    int http_ms = fluit_http_timeout_ms(home->http, home->now_us);
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++) {
        const struct fluit_led *led = &home->led[i];
        if (led->name[0] && !led->ended && !led->ward.proc.pid && led->ward.start_at_us < due_us)
            due_us = led->ward.start_at_us;
    }
    int64_t ms = due_us > home->now_us ? (due_us - home->now_us) / 1000 + 1 : 0;
    return http_ms >= 0 && http_ms < ms ? http_ms : (int)ms;
}

static void read_all(struct fluit_home *home, const struct pollfd *fds)
{
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++)
        if (fds[i].revents)
            fluit_led_read(home, &home->led[i]);
    for (int i = 0; i < FLUIT_HOME_TASKS_MAX; i++)
        if (fds[FLUIT_HOME_LED_MAX + i].revents)
            fluit_task_read(home, &home->tasks[i]);
}

static void turn(struct fluit_home *home)
{
    struct pollfd fds[FDS_MAX];
    int count = 0;
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++)
        fds[count++].fd = home->led[i].name[0] ? home->led[i].ward.proc.out_fd : -1;
    for (int i = 0; i < FLUIT_HOME_TASKS_MAX; i++)
        fds[count++].fd = home->tasks[i].kind ? home->tasks[i].job.proc.out_fd : -1;
    fds[count++].fd = fluit_http_fd(home->http);
    fds[count++].fd = home->signal_fd;
    fds[count++].fd = home->door_fd;
    for (int i = 0; i < count; i++) {
        fds[i].events = POLLIN;
        fds[i].revents = 0;
    }
    poll(fds, (nfds_t)count, wait_ms(home));
    home->now_us = fluit_monotonic_us();
    read_all(home, fds);
    home->quits |= fds[count - 2].revents != 0;
    if (fds[count - 1].revents)
        answer_door(home);
    serve(home);
    fluit_led_turn(home);
    show(home);
}

/* From start to end. */

static bool any_runs(const struct fluit_home *home)
{
    bool any = false;
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++)
        any |= home->led[i].name[0] && home->led[i].ward.proc.pid != 0;
    return any;
}

/* What it started ends with it, hubs and tables as when they are told to quit. */
static void end(struct fluit_home *home)
{
    int64_t until_us = home->now_us + END_WAIT_US;
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++)
        if (home->led[i].name[0] && !home->led[i].ended)
            fluit_led_stop(home, &home->led[i]);
    while (any_runs(home) && home->now_us < until_us)
        turn(home);
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++)
        fluit_led_clear(&home->led[i]);
    for (int i = 0; i < FLUIT_HOME_TASKS_MAX; i++)
        fluit_task_clear(&home->tasks[i]);
    if (home->door_fd >= 0) {
        unlink(home->door);
        close(home->door_fd);
    }
}

static int open_page(struct fluit_home *home)
{
    char link[FLUIT_HTTP_LINK_LEN];
    struct fluit_http_config config = {.port = home->options->page_port};
    fluit_os_random(&config.secret, sizeof config.secret);
    enum fluit_err err = fluit_http_new(&config, &home->http);
    fluit_wipe(&config, sizeof config);
    if (err) {
        fluit_complain("the home page can't be served: %s",
                       err == FLUIT_E_BUSY ? "that port is in use" : fluit_err_text(err));
        return 1;
    }
    fluit_http_set_script(home->http, fluit_slice_str("{}")); /* there is none here */
    fluit_http_link(home->http, FLUIT_PAGE_OWN, link);
    printf("page: %s\n", link);
    fflush(stdout);
    if (!home->options->no_browser && fluit_browser_open(link))
        puts("No browser can be opened here; open that link on this machine. Ctrl-C ends this.");
    fflush(stdout);
    fluit_wipe(link, sizeof link);
    return 0;
}

static void catch_signals(struct fluit_home *home)
{
    sigset_t signals;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    home->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

int fluit_home_run(const struct fluit_home_options *options)
{
    static struct fluit_home home;
    struct rlimit no_core = {0, 0};
    home = (struct fluit_home){.options = options, .signal_fd = -1, .door_fd = -1, .stale = true};
    for (int i = 0; i < FLUIT_HOME_TASKS_MAX; i++)
        home.tasks[i].job = FLUIT_JOB_INIT;
    setrlimit(RLIMIT_CORE, &no_core);
    (void)!mlock(home.keys, sizeof home.keys); /* where that may be done */
    if (mkdir(options->folder, 0700) && errno != EEXIST) {
        fluit_complain("can't make the directory %s: %s", options->folder, strerror(errno));
        return 1;
    }
    if (show_running(&home))
        return 0;
    catch_signals(&home);
    home.now_us = fluit_monotonic_us();
    int status = open_page(&home);
    if (status == 0) {
        open_door(&home);
        while (!home.quits)
            turn(&home);
        end(&home);
    }
    fluit_http_free(&home.http);
    fluit_buf_deinit(&home.view);
    fluit_wipe(home.keys, sizeof home.keys);
    return status;
}
