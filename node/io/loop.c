#include "node/io/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "node/io/console.h"
#include "node/io/loop_pages.h"
#include "node/io/whistle.h"

#define TICK_GAP_US 1000 /* a core that forgets to move its deadline must not eat the processor */
#define LINES_MAX   32   /* console lines in one turn: a pasted book must not starve the network */
#define BOOT_ID     "/proc/sys/kernel/random/boot_id"

struct loop {
    const struct fluit_loop_config *config;
    struct fluit_effects fx;
    struct fluit_console console;
    uint8_t boot_id[16];
    int signal_fd;
    sigset_t old_signals;
    int64_t last_tick_us;
    int64_t addresses_us; /* when to tell the addresses next; INT64_MAX: never */
    int64_t turn_us;      /* how long the disk and network work of a turn takes at worst, lately */
    int events_left;      /* in this turn */
    bool stepped;         /* something may have to be committed */
    struct fluit_mark_id last_mark; /* whistled last; kind 0: none */
    struct fluit_loop_pages pages;
    bool quit;
    int status;
};

static int64_t now_us(const struct loop *loop)
{
    return fluit_clocksource_now(loop->config->clock);
}

static void complain(const char *what, const char *advice, const struct loop *loop)
{
    fprintf(stderr,
            "fluit: %s: %s %s and start again with the same command; nothing that was "
            "acknowledged is lost\n",
            what, advice, loop->config->data_dir);
}

/* Steps. */

static void step(struct loop *loop, const struct fluit_event *what)
{
    struct fluit_event event = *what;
    event.now_us = now_us(loop);
    event.wall_us = fluit_wall_us();
    memcpy(event.boot_id, loop->boot_id, sizeof event.boot_id);
    fluit_os_random(event.entropy, sizeof event.entropy);
    loop->config->ops->step(loop->config->node, &event, &loop->fx);
    fluit_wipe(event.entropy, sizeof event.entropy);
    loop->stepped = true;
    loop->events_left--;
}

/* The next mark, unless it was whistled already. */
static bool next_mark(const struct loop *loop, struct fluit_mark *mark, int64_t *at_us)
{
    return loop->config->ops->alarm(loop->config->node, mark, at_us) &&
           !fluit_mark_id_eq(mark->id, loop->last_mark);
}

/* When the quiet before the next mark begins; INT64_MAX: there is no mark. */
static int64_t quiet_from_us(const struct loop *loop)
{
    struct fluit_mark mark;
    int64_t at_us;
    if (!next_mark(loop, &mark, &at_us))
        return INT64_MAX;
    int64_t quiet_us = FLUIT_QUIET_US + 2 * loop->turn_us;
    return at_us - (quiet_us < FLUIT_QUIET_MAX_US ? quiet_us : FLUIT_QUIET_MAX_US);
}

static bool has_room(const struct loop *loop)
{
    return loop->events_left > 0 && loop->fx.data.len < FLUIT_TURN_EFFECTS_MAX && !loop->fx.err &&
           now_us(loop) < quiet_from_us(loop);
}

static bool take_event(void *arg, const struct fluit_event *event)
{
    struct loop *loop = arg;
    step(loop, event);
    return has_room(loop);
}

/* The whistle. */

static void whistle(struct loop *loop)
{
    struct fluit_mark mark;
    int64_t at_us;
    /* The poll before this waits in whole milliseconds and so stops short of the quiet. */
    if (!next_mark(loop, &mark, &at_us) || now_us(loop) + 999 < quiet_from_us(loop))
        return;
    fluit_clocksource_sleep_until(loop->config->clock, at_us);
    int64_t began_us = now_us(loop), real_us = fluit_monotonic_us();
    struct fluit_event event = {.kind = FLUIT_EVENT_FIRED,
                                .fired = {.mark = mark, .local_us = began_us}};
    if (began_us - at_us <= FLUIT_MARK_LATE_US)
        event.fired.outputs = fluit_whistle_sound(loop->console.out_fd, &mark);
    if (event.fired.outputs != FLUIT_OUTPUT_NONE)
        fluit_witness_record(loop->config->witness_fd, &mark, real_us);
    loop->last_mark = mark.id;
    /* One laptop may run every table's node: let all of them sound before any goes to its disk. */
    fluit_clocksource_sleep_until(loop->config->clock, at_us + FLUIT_QUIET_AFTER_US);
    step(loop, &event);
}

/* Taking in. */

static void take_line(struct loop *loop, struct fluit_slice line)
{
    const struct fluit_loop_config *config = loop->config;
    if (!config->take_line || !config->take_line(config->take_line_arg, line))
        step(loop, &(struct fluit_event){.kind = FLUIT_EVENT_COMMAND, .bytes = line});
}

static void take_lines(struct loop *loop)
{
    struct fluit_slice line;
    for (int i = 0; i < LINES_MAX && has_room(loop); i++) {
        switch (fluit_console_next(&loop->console, &line)) {
        case FLUIT_CONSOLE_NOTHING:
            return;
        case FLUIT_CONSOLE_TOO_LONG:
            loop->stepped = true;
            fluit_effects_print(&loop->fx,
                                "error: that line is longer than %d bytes; nothing was "
                                "done; say it shorter",
                                FLUIT_LINE_LEN_MAX);
            break;
        case FLUIT_CONSOLE_LINE:
            take_line(loop, line);
            break;
        }
    }
}

static void take_tick(struct loop *loop)
{
    int64_t now = now_us(loop);
    if (loop->config->ops->deadline(loop->config->node) > now ||
        now - loop->last_tick_us < TICK_GAP_US)
        return;
    loop->last_tick_us = now;
    step(loop, &(struct fluit_event){.kind = FLUIT_EVENT_TICK});
}

/* Beacons. */

static bool take_beacon(void *arg, struct fluit_slice datagram, const char *source_host)
{
    struct loop *loop = arg;
    step(loop, &(struct fluit_event){
                   .kind = FLUIT_EVENT_BEACON, .bytes = datagram, .source_host = source_host});
    return has_room(loop);
}

static void tell_addresses(struct loop *loop)
{
    struct fluit_beacon_address addresses[FLUIT_BEACON_ADDRESSES_MAX];
    if (loop->addresses_us > now_us(loop))
        return;
    loop->addresses_us = now_us(loop) + loop->config->addresses_gap_us;
    step(loop, &(struct fluit_event){
                   .kind = FLUIT_EVENT_ADDRESSES,
                   .addresses = addresses,
                   .address_count = fluit_beacon_io_addresses(loop->config->beacons, addresses)});
}

/* Pages. */

/* What pages take, such as a room full of them or TLS, has no measure: before a mark they wait. */
static bool serves_pages(const struct loop *loop)
{
    struct fluit_mark mark;
    int64_t at_us;
    return loop->config->http &&
           !(next_mark(loop, &mark, &at_us) && now_us(loop) >= at_us - FLUIT_QUIET_MAX_US);
}

static int64_t show_due_us(const struct loop *loop)
{
    return serves_pages(loop) ? fluit_loop_pages_due_us(&loop->pages) : INT64_MAX;
}

static void show_pages(struct loop *loop)
{
    int64_t now = now_us(loop);
    if (show_due_us(loop) <= now)
        fluit_loop_pages_show(&loop->pages, now);
}

static void take_requests(struct loop *loop)
{
    if (serves_pages(loop))
        fluit_http_take(loop->config->http, now_us(loop), take_event, loop);
}

static int timeout_ms(const struct loop *loop)
{
    int64_t now = now_us(loop), until = now + FLUIT_IDLE_US;
    int64_t deadline = loop->config->ops->deadline(loop->config->node);
    int64_t quiet = quiet_from_us(loop);
    if (deadline < loop->last_tick_us + TICK_GAP_US)
        deadline = loop->last_tick_us + TICK_GAP_US;
    if (loop->addresses_us < deadline)
        deadline = loop->addresses_us;
    if (show_due_us(loop) < deadline)
        deadline = show_due_us(loop);
    /* A tick may come up to 1 ms late; a mark's quiet begins rather early than late. */
    if (deadline < until - 999)
        until = deadline + 999;
    if (quiet < until)
        until = quiet;
    if (until <= now || fluit_console_has_more(&loop->console))
        return 0;
    int ms = (int)((until - now) / 1000);
    int page_ms = serves_pages(loop) ? fluit_http_timeout_ms(loop->config->http, now) : -1;
    return page_ms >= 0 && page_ms < ms ? page_ms : ms;
}

/* SIGUSR1 is a person's word from another terminal; any other signal ends the node. */
static void take_signal(struct loop *loop)
{
    struct signalfd_siginfo taken;
    if (read(loop->signal_fd, &taken, sizeof taken) != (ssize_t)sizeof taken)
        return;
    if (taken.ssi_signo != SIGUSR1)
        loop->quit = true;
    else if (loop->config->usr1_line)
        step(loop, &(struct fluit_event){.kind = FLUIT_EVENT_COMMAND,
                                         .bytes = fluit_slice_str(loop->config->usr1_line)});
}

static void wait_and_take(struct loop *loop)
{
    struct fluit_console *console = &loop->console;
    struct fluit_net_wait others[] = {
        {.fd = loop->signal_fd},
        {.fd = fluit_console_has_more(console) ? -1 : console->in_fd},
        {.fd = console->out.len > 0 ? console->out_fd : -1, .for_output = true},
        {.fd = loop->config->beacons ? loop->config->beacons->fd : -1},
        {.fd = serves_pages(loop) ? fluit_http_fd(loop->config->http) : -1},
    };
    fluit_net_poll(loop->config->net, others, sizeof others / sizeof others[0], timeout_ms(loop));
    loop->events_left = FLUIT_TURN_EVENTS_MAX;
    whistle(loop);
    if (others[0].ready)
        take_signal(loop);
    if (others[1].ready)
        fluit_console_read(console);
    if (others[2].ready)
        fluit_console_flush(console);
    /* The clock first, so that no traffic can starve it. */
    take_tick(loop);
    if (has_room(loop))
        tell_addresses(loop);
    take_lines(loop);
    if (has_room(loop))
        fluit_net_take(loop->config->net, take_event, loop);
    if (others[3].ready && has_room(loop))
        fluit_beacon_io_take(loop->config->beacons, take_beacon, loop);
    if (has_room(loop))
        take_requests(loop);
    if (console->ended && !fluit_console_has_more(console) && loop->config->quit_on_eof)
        loop->quit = true;
}

/* Carrying out. */

static void report_refusal(enum fluit_err err, struct fluit_slice endpoint)
{
    bool printable = fluit_text_ok(endpoint) && endpoint.len <= FLUIT_ENDPOINT_LEN_MAX;
    if (!err)
        return;
    fprintf(stderr, "fluit: not connected to '%.*s': %s\n", printable ? (int)endpoint.len : 3,
            printable ? (const char *)endpoint.data : "...",
            err == FLUIT_E_FORMAT ? "an address has to be tcp://HOST:PORT" : fluit_err_text(err));
}

static void carry_out(struct loop *loop, const struct fluit_effect *effect)
{
    struct fluit_net *net = loop->config->net;
    struct fluit_slice bytes = fluit_effect_bytes(&loop->fx, effect);
    enum fluit_err err = FLUIT_OK;
    switch (effect->kind) {
    case FLUIT_EFFECT_SEND:
        fluit_net_send(net, effect->link, bytes);
        break;
    case FLUIT_EFFECT_PUBLISH:
        fluit_net_publish(net, &effect->topic, bytes);
        break;
    case FLUIT_EFFECT_DOOR:
        fluit_net_send_door(net, effect->link, bytes);
        break;
    case FLUIT_EFFECT_OPEN_DOOR:
        err = fluit_net_open_door(net, bytes);
        break;
    case FLUIT_EFFECT_ANSWER:
        fluit_http_answer(loop->config->http, effect->link, bytes);
        break;
    case FLUIT_EFFECT_BEACON:
        if (loop->config->beacons)
            fluit_beacon_io_send(loop->config->beacons, bytes);
        break;
    case FLUIT_EFFECT_PRINT:
        fluit_console_print(&loop->console, bytes);
        break;
    case FLUIT_EFFECT_CONNECT:
        err = fluit_net_connect(net, effect->link, &effect->peer, bytes);
        break;
    case FLUIT_EFFECT_SUBSCRIBE:
        err = fluit_net_subscribe(net, effect->link, &effect->peer, bytes);
        break;
    case FLUIT_EFFECT_FEED_TO:
        err = fluit_net_feed_to(net, effect->link, &effect->peer, bytes);
        break;
    case FLUIT_EFFECT_DROP_LINK:
        fluit_net_drop(net, effect->link);
        break;
    case FLUIT_EFFECT_QUIT:
        loop->quit = true;
        loop->status = (int)effect->link;
        if (bytes.len > 0)
            fluit_console_print(&loop->console, bytes);
        break;
    }
    report_refusal(err, bytes);
}

static void give_up(struct loop *loop)
{
    loop->quit = true;
    loop->status = FLUIT_EXIT_DISK;
}

/* Clock messages claim nothing of the disk, and every microsecond they wait makes them worse. */
static void send_hints(struct loop *loop)
{
    for (size_t i = 0; i < loop->fx.count; i++) {
        const struct fluit_effect *effect = &loop->fx.items[i];
        if (effect->kind == FLUIT_EFFECT_SEND && effect->hint)
            fluit_net_send(loop->config->net, effect->link, fluit_effect_bytes(&loop->fx, effect));
    }
}

static enum fluit_err commit(struct loop *loop)
{
    if (loop->fx.err) {
        complain("out of memory", "close other programs, look after", loop);
        return loop->fx.err;
    }
    enum fluit_err err = loop->config->commit(loop->config->store);
    if (err == FLUIT_E_FULL)
        complain("the disk is full", "free some space for", loop);
    else if (err)
        complain("the disk failed", "make sure of the disk that holds", loop);
    return err;
}

static void finish_turn(struct loop *loop)
{
    int64_t began_us = fluit_monotonic_us();
    if (!loop->stepped)
        return;
    step(loop, &(struct fluit_event){.kind = FLUIT_EVENT_TURN_END});
    loop->stepped = false;
    fluit_loop_pages_changed(&loop->pages);
    if (!loop->fx.err)
        send_hints(loop);
    if (commit(loop)) {
        give_up(loop);
    } else {
        for (size_t i = 0; i < loop->fx.count; i++)
            if (!loop->fx.items[i].hint)
                carry_out(loop, &loop->fx.items[i]);
    }
    /* A turn's bytes are small but for a node that catches up: don't keep that much for ever. */
    if (loop->fx.data.cap > FLUIT_TURN_EFFECTS_MAX)
        fluit_effects_deinit(&loop->fx);
    fluit_effects_reset(&loop->fx);
    int64_t took_us = fluit_monotonic_us() - began_us, faded_us = loop->turn_us * 15 / 16;
    loop->turn_us = took_us > faded_us ? took_us : faded_us;
}

/* From start to end. */

static enum fluit_err read_boot_id(uint8_t out[16])
{
    char text[37] = "", digits[33];
    size_t count = 0;
    int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    for (ssize_t i = 0; i < len; i++)
        if (text[i] != '-' && count < sizeof digits - 1)
            digits[count++] = text[i];
    digits[count] = 0;
    return fluit_unhex(digits, out, 16);
}

static enum fluit_err begin(struct loop *loop)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, &loop->old_signals);
    loop->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTTIN, SIG_IGN); /* a node in the background has no input; it must not stop */
    prctl(PR_SET_TIMERSLACK, 1UL);
    if (loop->signal_fd < 0 || read_boot_id(loop->boot_id)) {
        fputs("fluit: can't read " BOOT_ID " or watch signals: run it where /proc is mounted\n",
              stderr);
        return FLUIT_E_IO;
    }
    fluit_net_admit(loop->config->net, loop->config->ops->admits, loop->config->node);
    return FLUIT_OK;
}

static void end(struct loop *loop)
{
    struct signalfd_siginfo taken;
    fluit_console_flush_all(&loop->console, FLUIT_FLUSH_US / 1000);
    fluit_net_admit(loop->config->net, NULL, NULL);
    while (loop->signal_fd >= 0 && read(loop->signal_fd, &taken, sizeof taken) > 0)
        continue;
    if (loop->signal_fd >= 0)
        close(loop->signal_fd);
    pthread_sigmask(SIG_SETMASK, &loop->old_signals, NULL);
}

int fluit_loop_run(const struct fluit_loop_config *config)
{
    struct loop loop = {.config = config,
                        .signal_fd = -1,
                        .pages = {.config = config},
                        .last_tick_us = INT64_MIN / 2,
                        .addresses_us = config->addresses_gap_us ? INT64_MIN : INT64_MAX};
    if (fluit_console_init(&loop.console, config->in_fd, config->out_fd)) {
        complain("out of memory", "close other programs, look after", &loop);
        return FLUIT_EXIT_DISK;
    }
    if (begin(&loop)) {
        loop.status = 1;
    } else {
        step(&loop, &(struct fluit_event){.kind = FLUIT_EVENT_START});
        finish_turn(&loop);
        while (!loop.quit) {
            wait_and_take(&loop);
            finish_turn(&loop);
            show_pages(&loop);
        }
    }
    end(&loop);
    fluit_loop_pages_deinit(&loop.pages);
    fluit_effects_deinit(&loop.fx);
    fluit_console_deinit(&loop.console);
    return loop.status;
}
