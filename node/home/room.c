#include "node/home/room.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/cli/run.h"
#include "node/core/invites.h"
#include "node/core/links.h"
#include "node/home/ward.h"
#include "node/io/clocksource.h"
#include "node/io/console.h"

#define GUESTS_MAX  (2 * FLUIT_TABLES_MAX)
#define PATH_LEN    1024
#define LOOK_US     INT64_C(2000000)  /* between two looks for new codes */
#define END_WAIT_US INT64_C(10000000) /* until what does not end is killed */
#define NOT_LET_IN  2                 /* a node's exit status */

struct guest {
    struct fluit_ward ward;
    enum fluit_node_class node_class;
    struct fluit_invite_code code;
    bool known; /* its code was looked at */
};

struct room {
    const struct fluit_room_options *options;
    struct fluit_ward hub;
    struct guest *guests;
    int guest_count;
    char port[8];  /* the hub's door, once it has told; "": not yet */
    bool listened; /* has ever */
    int64_t now_us, look_us;
    struct fluit_console console;
    int signal_fd;
    bool ending;
    int64_t kill_us; /* while ending */
    int status;
};

static void tell(const char *name, const char *what)
{
    printf("%s: %s\n", name, what);
    fflush(stdout);
}

static bool guest_dir(const struct room *room, const char *name, char out[static PATH_LEN])
{
    return snprintf(out, PATH_LEN, "%s/tables%s%s", room->options->dir, name[0] ? "/" : "", name) <
           PATH_LEN;
}

/* Starting. */

static void put_passed(const struct room *room, struct fluit_command *command)
{
    for (const char *const *arg = room->options->passed; *arg; arg++)
        fluit_command_put(command, *arg);
}

static void start_hub(struct room *room)
{
    const struct fluit_room_options *options = room->options;
    struct fluit_command command = {0};
    fluit_command_put(&command, "fluit");
    fluit_command_put(&command, "hub");
    fluit_command_put(&command, options->dir);
    fluit_command_put(&command, "--listen");
    fluit_command_put(&command, options->listen);
    fluit_command_put(&command, "--port"); /* where the tables found it, if it was there before */
    fluit_command_put(&command, room->port[0] ? room->port : options->port);
    if (options->speed) {
        fluit_command_put(&command, "--speed");
        fluit_command_put(&command, options->speed);
    }
    if (options->open && !room->listened)
        fluit_command_put(&command, "--open");
    put_passed(room, &command);
    if (fluit_ward_start(&room->hub, &command, room->now_us))
        tell("hub", "can't be started; tried again in a moment");
    fluit_command_deinit(&command);
}

static const char *hub_host(const struct room *room)
{
    const char *at = room->options->listen;
    bool all = strcmp(at, "*") == 0 || strcmp(at, "0.0.0.0") == 0 || strcmp(at, "::") == 0;
    return all ? "127.0.0.1" : at;
}

static void start_guest(struct room *room, struct guest *guest)
{
    struct fluit_command command = {0};
    char dir[PATH_LEN], hub[FLUIT_HOST_LEN_MAX + 16];
    const char *host = hub_host(room);
    if (!guest_dir(room, guest->ward.name, dir))
        command.failed = true;
    snprintf(hub, sizeof hub, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, room->port);
    fluit_invite_show(&guest->code, command.code); /* passed over where it has joined before */
    fluit_command_put(&command, "fluit");
    fluit_command_put(&command, fluit_node_class_name(guest->node_class));
    fluit_command_put(&command, "--data");
    fluit_command_put(&command, dir);
    fluit_command_put(&command, "--hub");
    fluit_command_put(&command, hub);
    put_passed(room, &command);
    if (fluit_ward_start(&guest->ward, &command, room->now_us))
        tell(guest->ward.name, "can't be started; tried again in a moment");
    fluit_command_deinit(&command);
}

/* Codes. */

static struct guest *find_guest(struct room *room, const char *name)
{
    for (int i = 0; i < room->guest_count; i++)
        if (strcmp(room->guests[i].ward.name, name) == 0)
            return &room->guests[i];
    return NULL;
}

static bool has_data(const struct room *room, const char *name)
{
    char dir[PATH_LEN];
    return guest_dir(room, name, dir) && access(dir, F_OK) == 0;
}

/* A new guest starts; so does one that was not let in and has a new code. Whose code let in a
 * device elsewhere is left to that. */
static void take_invite(struct room *room, const struct fluit_invite *invite)
{
    bool wanted = invite->node_class == FLUIT_NODE_TABLE ||
                  (invite->node_class == FLUIT_NODE_RAPPORTEUR && room->options->rapporteurs);
    if (!wanted)
        return;
    struct guest *guest = find_guest(room, invite->name);
    if (!guest) {
        if (room->guest_count == GUESTS_MAX)
            return;
        guest = &room->guests[room->guest_count++];
        *guest = (struct guest){.node_class = invite->node_class};
        fluit_ward_init(&guest->ward, invite->name, room->now_us);
    }
    bool same = guest->known && fluit_same(&guest->code, &invite->code, sizeof invite->code);
    if (same)
        return;
    guest->code = invite->code;
    guest->known = true;
    if (guest->ward.proc.pid)
        return;
    bool elsewhere = invite->used && !has_data(room, invite->name);
    guest->ward.start_at_us = elsewhere ? FLUIT_WARD_NEVER : room->now_us;
    if (elsewhere)
        tell(invite->name, "another device took this place; a new code at the hub (renew) has it "
                           "started here");
}

/* Returns an exit status. */
static int look_for_codes(struct room *room)
{
    struct fluit_buf why = FLUIT_BUF_INIT;
    struct fluit_store_sqlite *store;
    struct fluit_invites invites = {0};
    enum fluit_err err = fluit_store_open(room->options->dir, FLUIT_STORE_READONLY, &store, &why);
    if (err)
        fluit_complain("%s", why.len ? fluit_buf_text(&why) : fluit_err_text(err));
    fluit_buf_deinit(&why);
    if (err)
        return 1;
    err = fluit_invites_load(&invites, fluit_store_port(store));
    for (uint32_t i = 0; !err && i < invites.count; i++)
        take_invite(room, &invites.items[i]);
    fluit_invites_deinit(&invites);
    fluit_store_close(store);
    if (err || room->guest_count == 0)
        fluit_complain("%s holds no codes for tables; 'fluit new' makes a workshop",
                       room->options->dir);
    return err || room->guest_count == 0 ? 1 : 0;
}

/* Ending. */

static bool guests_run(const struct room *room)
{
    bool any = false;
    for (int i = 0; i < room->guest_count; i++)
        any |= room->guests[i].ward.proc.pid != 0;
    return any;
}

static void signal_guests(struct room *room, int number)
{
    for (int i = 0; i < room->guest_count; i++)
        fluit_proc_kill(&room->guests[i].ward.proc, number);
}

/* The tables first: a hub that goes before them would have them look for it. */
static void end_all(struct room *room, int status)
{
    if (room->ending)
        return;
    room->ending = true;
    room->status = status;
    room->kill_us = room->now_us + END_WAIT_US;
    signal_guests(room, SIGTERM);
}

static void go_on_ending(struct room *room)
{
    if (room->now_us >= room->kill_us) {
        signal_guests(room, SIGKILL);
        fluit_proc_kill(&room->hub.proc, SIGKILL);
    } else if (!guests_run(room)) {
        fluit_proc_kill(&room->hub.proc, SIGTERM);
    }
}

static void describe_end(int status, char out[static 64])
{
    if (WIFSIGNALED(status))
        snprintf(out, 64, "was ended by signal %d; started again", WTERMSIG(status));
    else
        snprintf(out, 64, "ended with status %d; started again", WEXITSTATUS(status));
}

static void on_hub_end(struct room *room)
{
    char what[64];
    int status = room->hub.proc.status;
    bool exited = WIFEXITED(status);
    if (room->ending)
        return;
    if (exited && (WEXITSTATUS(status) == 0 || !room->listened)) {
        end_all(room, WEXITSTATUS(status));
        return;
    }
    describe_end(status, what);
    tell("hub", what);
    fluit_ward_ended(&room->hub, room->now_us);
}

static void on_guest_end(struct room *room, struct guest *guest)
{
    char what[64];
    int status = guest->ward.proc.status;
    if (room->ending)
        return;
    bool refused = !guest->ward.ready && WIFEXITED(status) && WEXITSTATUS(status) == NOT_LET_IN;
    fluit_ward_ended(&guest->ward, room->now_us);
    if (refused) {
        guest->ward.start_at_us = FLUIT_WARD_NEVER;
        tell(guest->ward.name, "was not let in; a new code at the hub (renew) has it tried again");
        return;
    }
    describe_end(status, what);
    tell(guest->ward.name, what);
}

/* Listening. */

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static void hear_hub(void *arg, const char *line)
{
    struct room *room = arg;
    const char *colon = begins(line, "listening: door ") ? strrchr(line, ':') : NULL;
    if (colon) {
        snprintf(room->port, sizeof room->port, "%s", colon + 1);
        room->listened = true;
    }
    puts(line);
    fflush(stdout);
}

/* Of a table's console only what opens its pages; the rest stands on those. */
static void hear_guest(void *arg, const char *line)
{
    struct guest *guest = arg;
    const char *colon = strchr(line, ':');
    if (begins(line, "ready: "))
        guest->ward.ready = true;
    if (colon && (begins(line, "page") || begins(line, "phone"))) {
        printf("%.*s %s%s\n", (int)(colon - line), line, guest->ward.name, colon);
        fflush(stdout);
    }
}

static void type_page(struct room *room, const char *rest)
{
    char line[64], word[16] = "", name[FLUIT_WARD_NAME_LEN] = "";
    if (sscanf(rest, "%15s %23s", word, name) < 2) {
        fluit_proc_say(&room->hub.proc, rest);
        return;
    }
    struct guest *guest = find_guest(room, name);
    if (!guest) {
        fluit_proc_say(&room->hub.proc, rest);
        return;
    }
    snprintf(line, sizeof line, "%s", word);
    if (!fluit_proc_say(&guest->ward.proc, line))
        tell(name, "does not run now");
}

static void take_line(struct room *room, struct fluit_slice slice)
{
    char line[FLUIT_LINE_LEN_MAX + 1];
    snprintf(line, sizeof line, "%.*s", (int)slice.len, (const char *)slice.data);
    if (strcmp(line, "quit") == 0)
        end_all(room, 0);
    else if (begins(line, "page ") || begins(line, "phone"))
        type_page(room, line);
    else
        fluit_proc_say(&room->hub.proc, line);
    fluit_wipe(line, sizeof line);
}

static void read_console(struct room *room)
{
    struct fluit_slice line;
    fluit_console_read(&room->console);
    while (fluit_console_has_more(&room->console)) {
        enum fluit_console_got got = fluit_console_next(&room->console, &line);
        if (got == FLUIT_CONSOLE_NOTHING)
            break;
        if (got == FLUIT_CONSOLE_LINE)
            take_line(room, line);
    }
}

/* Time. */

static void start_due(struct room *room)
{
    if (!room->hub.proc.pid && room->hub.start_at_us <= room->now_us)
        start_hub(room);
    for (int i = 0; room->port[0] && i < room->guest_count; i++) {
        struct guest *guest = &room->guests[i];
        if (!guest->ward.proc.pid && guest->ward.start_at_us <= room->now_us)
            start_guest(room, guest);
    }
    if (room->now_us >= room->look_us) {
        room->look_us = room->now_us + LOOK_US;
        if (look_for_codes(room))
            fluit_complain("new tables are not seen for now");
    }
}

static int64_t sooner(const struct fluit_ward *ward, int64_t due_us)
{
    return !ward->proc.pid && ward->start_at_us < due_us ? ward->start_at_us : due_us;
}

static int wait_ms(const struct room *room)
{
    int64_t due_us = room->ending ? room->kill_us : room->look_us;
    if (!room->ending)
        due_us = sooner(&room->hub, due_us);
    for (int i = 0; !room->ending && room->port[0] && i < room->guest_count; i++)
        due_us = sooner(&room->guests[i].ward, due_us);
    return due_us > room->now_us ? (int)((due_us - room->now_us) / 1000 + 1) : 0;
}

static void turn(struct room *room)
{
    struct pollfd fds[GUESTS_MAX + 3];
    int count = room->guest_count;
    for (int i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = room->guests[i].ward.proc.out_fd, .events = POLLIN};
    fds[count] = (struct pollfd){.fd = room->hub.proc.out_fd, .events = POLLIN};
    fds[count + 1] = (struct pollfd){.fd = room->signal_fd, .events = POLLIN};
    fds[count + 2] = (struct pollfd){.fd = room->console.in_fd, .events = POLLIN};
    int ready = poll(fds, (nfds_t)count + 3, wait_ms(room));
    room->now_us = fluit_monotonic_us();
    if (ready <= 0)
        return;
    if (fds[count + 1].revents)
        end_all(room, 0);
    if (fds[count + 2].revents)
        read_console(room);
    if (fds[count].revents && !fluit_proc_read(&room->hub.proc, hear_hub, room))
        on_hub_end(room);
    for (int i = 0; i < count; i++)
        if (fds[i].revents &&
            !fluit_proc_read(&room->guests[i].ward.proc, hear_guest, &room->guests[i]))
            on_guest_end(room, &room->guests[i]);
}

static void run(struct room *room)
{
    while (!room->ending || room->hub.proc.pid || guests_run(room)) {
        if (room->ending)
            go_on_ending(room);
        else
            start_due(room);
        turn(room);
    }
}

static int open_room(struct room *room)
{
    char dir[PATH_LEN];
    sigset_t signals;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    room->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    room->guests = calloc(GUESTS_MAX, sizeof *room->guests);
    if (room->signal_fd < 0 || !room->guests ||
        fluit_console_init(&room->console, STDIN_FILENO, -1)) {
        fluit_complain("out of memory");
        return 1;
    }
    int status = look_for_codes(room);
    room->look_us = room->now_us + LOOK_US;
    if (status)
        return status;
    if (!guest_dir(room, "", dir) || (mkdir(dir, 0700) && errno != EEXIST)) {
        fluit_complain("can't make a directory for the tables in %s: %s", room->options->dir,
                       strerror(errno));
        return 1;
    }
    return 0;
}

int fluit_room_run(const struct fluit_room_options *options)
{
    struct room room = {.options = options, .signal_fd = -1, .now_us = fluit_monotonic_us()};
    fluit_ward_init(&room.hub, "hub", room.now_us);
    room.console.in_fd = room.console.out_fd = -1;
    room.status = open_room(&room);
    if (room.status == 0)
        run(&room);
    for (int i = 0; i < room.guest_count; i++)
        fluit_ward_deinit(&room.guests[i].ward);
    fluit_ward_deinit(&room.hub);
    if (room.guests)
        fluit_wipe(room.guests, GUESTS_MAX * sizeof *room.guests); /* codes */
    free(room.guests);
    fluit_console_deinit(&room.console);
    if (room.signal_fd >= 0)
        close(room.signal_fd);
    return room.status;
}
