#include "tests/bench/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PATH_LEN 1024

void room_fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static void must(enum fluit_err err, const char *what)
{
    if (!err)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, fluit_err_text(err));
    exit(1);
}

static void *must_have(void *p)
{
    if (!p)
        room_fail("out of memory");
    return p;
}

int64_t room_cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Steps. */

void room_step(struct room *room, struct room_node *n, struct fluit_event event)
{
    event.now_us = room->now_us;
    event.wall_us = room->now_us + room->wall_us;
    memcpy(event.boot_id, room->boot_id, sizeof event.boot_id);
    fluit_rng_bytes(&room->rng, event.entropy, sizeof event.entropy);
    if (n->hub)
        fluit_hub_step(n->hub, &event, &n->fx);
    else
        fluit_guest_step(n->guest, &event, &n->fx);
    must(n->core->failed, n->name);
}

void room_type(struct room *room, struct room_node *n, const char *line)
{
    room_step(room, n,
              (struct fluit_event){.kind = FLUIT_EVENT_COMMAND, .bytes = fluit_slice_str(line)});
}

void room_end_turn(struct room *room, struct room_node *n)
{
    room_step(room, n, (struct fluit_event){.kind = FLUIT_EVENT_TURN_END});
    must(fluit_store_commit(n->store), n->name);
}

uint64_t room_held(const struct room_node *n, const struct room_node *author)
{
    const struct fluit_replica *own = &author->core->replica;
    int at = fluit_replica_find(&n->core->replica, &own->feeds[author->core->own.index]->info.id);
    return at < 0 ? 0 : n->core->replica.feeds[at]->info.seq;
}

void room_spread(struct room *room, const struct room_node *from, struct room_node *to)
{
    struct fluit_replica *replica = &from->core->replica;
    struct fluit_buf batch = FLUIT_BUF_INIT;
    for (uint32_t i = 0; i < replica->count; i++) {
        const struct fluit_feed_info *info = &replica->feeds[i]->info;
        int at = fluit_replica_find(&to->core->replica, &info->id);
        uint64_t next = at < 0 ? 1 : to->core->replica.feeds[at]->info.seq + 1;
        while (next <= info->signed_seq) {
            fluit_buf_reset(&batch);
            must(fluit_replica_batch(replica, i, next, &batch, &next), "a batch");
            room_step(room, to,
                      (struct fluit_event){.kind = FLUIT_EVENT_FRAME,
                                           .peer = from->core->self.link_pk,
                                           .bytes = fluit_buf_slice(&batch)});
        }
    }
    fluit_buf_deinit(&batch);
    room_end_turn(room, to);
}

/* What people say. */

static const char *const words[] = {"time",   "a chief who asks", "learning by doing", "trust",
                                    "a goal", "colleagues",       "a course",          "nothing"};

static void say_at_table(struct room *room, struct room_node *n, uint32_t nth)
{
    const struct fluit_script *script = n->core->script;
    const char *card = script->cards[nth % 20].id.s;
    char line[200];
    if (nth >= 20 && nth % 5 == 0)
        snprintf(line, sizeof line, "why %s because of %s, they said, and of %s", card,
                 words[nth % 8], words[nth / 8 % 8]);
    else
        snprintf(line, sizeof line, "place %s/1 %s %u", card,
                 nth / 20 % 2 ? "stimulates" : "hinders", 1 + nth / 40 % 2);
    room_type(room, n, line);
}

static void say_at_rapporteur(struct room *room, struct room_node *n, uint32_t nth)
{
    char line[200];
    if (nth % 4 == 3)
        snprintf(line, sizeof line, "answer expectation %s, number %u", words[nth / 4 % 8], nth);
    else
        snprintf(line, sizeof line, "note @advice give people %s, and %s too; this is note %u",
                 words[nth % 8], words[nth / 8 % 8], nth);
    room_type(room, n, line);
}

void room_say_something(struct room *room, struct room_node *n, uint32_t nth)
{
    uint64_t before = n->core->replica.feeds[n->core->own.index]->info.seq;
    if (n->core->node_class == FLUIT_NODE_TABLE)
        say_at_table(room, n, nth);
    else
        say_at_rapporteur(room, n, nth);
    if (n->core->replica.feeds[n->core->own.index]->info.seq == before)
        room_fail("a line was refused");
}

/* Beginnings. */

static struct fluit_store open_store(const struct room *room, struct room_node *n)
{
    char path[PATH_LEN];
    struct fluit_buf why = FLUIT_BUF_INIT;
    snprintf(path, sizeof path, "%s/%s", room->dir, n->name);
    must(fluit_store_open(path, FLUIT_STORE_CREATE, &n->store, &why), path);
    fluit_buf_deinit(&why);
    return fluit_store_port(n->store);
}

static void start(struct room *room, struct room_node *n)
{
    snprintf(n->core->endpoint, sizeof n->core->endpoint, "tcp://%s:%u", n->name,
             ROOM_DOOR_PORT + 1);
    room_step(room, n, (struct fluit_event){.kind = FLUIT_EVENT_START});
}

static void begin_hub(struct room *room, uint32_t count)
{
    struct room_node *n = &room->nodes[ROOM_HUB];
    struct fluit_hub_plan plan = {.yaml = fluit_script_builtin("leren"),
                                  .tables = (int)(count / 2),
                                  .wall_us = room->now_us + room->wall_us,
                                  .invites_valid_s = FLUIT_INVITE_VALID_S};
    struct fluit_hub_config config = {.speed = 1};
    uint8_t entropy[32];
    snprintf(n->name, sizeof n->name, "hub");
    struct fluit_store port = open_store(room, n);
    must(fluit_hub_create(port, &room->rng, &plan, &room->recovery), "a workshop");
    must(fluit_store_commit(n->store), n->name);
    n->hub = must_have(calloc(1, sizeof *n->hub));
    n->core = &n->hub->node;
    fluit_rng_bytes(&room->rng, entropy, sizeof entropy);
    must(fluit_hub_init(n->hub, port, &config, entropy), n->name);
    for (uint16_t i = 0; i < 3; i++)
        n->hub->ports[i] = (uint16_t)(ROOM_DOOR_PORT + 1 + i);
    n->hub->door_port = ROOM_DOOR_PORT;
    start(room, n);
    room_end_turn(room, n);
}

/* What was said last at the door is brought to the other. */
static void carry_door(struct room *room, struct room_node *from, struct room_node *to)
{
    struct fluit_buf said = FLUIT_BUF_INIT;
    for (size_t i = 0; i < from->fx.count; i++)
        if (from->fx.items[i].kind == FLUIT_EFFECT_DOOR) {
            struct fluit_slice bytes = fluit_effect_bytes(&from->fx, &from->fx.items[i]);
            fluit_buf_reset(&said);
            fluit_buf_put(&said, bytes.data, bytes.len);
        }
    fluit_effects_reset(&from->fx);
    room_step(
        room, to,
        (struct fluit_event){.kind = FLUIT_EVENT_DOOR, .link = 1, .bytes = fluit_buf_slice(&said)});
    fluit_buf_deinit(&said);
}

static void join(struct room *room, uint32_t index)
{
    struct room_node *hub = &room->nodes[ROOM_HUB], *n = &room->nodes[index];
    struct fluit_guest_config config = {.host = "hub", .door_port = ROOM_DOOR_PORT};
    uint8_t entropy[32];
    bool table = index % 2 == 1;
    config.node_class = table ? FLUIT_NODE_TABLE : FLUIT_NODE_RAPPORTEUR;
    snprintf(n->name, sizeof n->name, "%s-%02u", table ? "table" : "rapporteur", (index + 1) / 2);
    const struct fluit_invite *invite = fluit_invites_find(&hub->hub->invites, n->name);
    if (!invite)
        room_fail("no code");
    config.code = invite->code;
    struct fluit_store port = open_store(room, n);
    n->guest = must_have(calloc(1, sizeof *n->guest));
    n->core = &n->guest->node;
    fluit_rng_bytes(&room->rng, entropy, sizeof entropy);
    must(fluit_guest_init(n->guest, port, &config, entropy), n->name);
    n->guest->sync_port = ROOM_DOOR_PORT + 1;
    start(room, n);
    carry_door(room, n, hub);
    room_end_turn(room, hub);
    carry_door(room, hub, n);
    room_end_turn(room, n);
    if (!n->core->own.ready)
        room_fail("a guest did not join");
}

void room_init(struct room *room, const char *dir, uint32_t count, int64_t now_us, int64_t wall_us,
               const uint8_t boot_id[16])
{
    uint8_t seed[32];
    *room = (struct room){.dir = dir, .count = count, .now_us = now_us, .wall_us = wall_us};
    if (count < 2 || count > ROOM_NODES_MAX)
        room_fail("that many nodes don't fit");
    must(fluit_crypto_init(), "libsodium");
    fluit_os_random(seed, sizeof seed);
    fluit_rng_seed(&room->rng, seed, sizeof seed);
    memcpy(room->boot_id, boot_id, sizeof room->boot_id);
    begin_hub(room, count);
    for (uint32_t i = 1; i < count; i++)
        join(room, i);
    /* The roster first, then the feeds of all who are in it. */
    for (uint32_t i = 1; i < count; i++)
        room_spread(room, &room->nodes[ROOM_HUB], &room->nodes[i]);
    for (uint32_t i = 1; i < count; i++)
        room_spread(room, &room->nodes[i], &room->nodes[ROOM_HUB]);
}

void room_deinit(struct room *room)
{
    for (uint32_t i = 0; i < room->count; i++) {
        struct room_node *n = &room->nodes[i];
        if (n->hub)
            fluit_hub_deinit(n->hub);
        if (n->guest)
            fluit_guest_deinit(n->guest);
        free(n->hub);
        free(n->guest);
        fluit_store_close(n->store);
        fluit_effects_deinit(&n->fx);
    }
    *room = (struct room){0};
}
