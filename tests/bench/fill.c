/* fluit_bench_fill DIR GUESTS ENTRIES: a workshop's data directories with that many entries by that
 * many guests (half tables, half rapporteurs): DIR/hub and DIR/table-01 hold all of them, the
 * others their own. What the cores themselves would write: sealed, chained, signed batch by batch.
 * Prints a JSON object. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/io/clocksource.h"
#include "tests/bench/room.h"

#define LINES_A_TURN 16
#define WITNESS      1 /* the table that holds all */

static void read_boot_id(uint8_t out[static 16])
{
    char text[37] = "", digits[33] = "";
    size_t count = 0;
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    for (ssize_t i = 0; i < len; i++)
        if (text[i] != '-' && count < sizeof digits - 1)
            digits[count++] = text[i];
    if (fd >= 0)
        close(fd);
    if (fluit_unhex(digits, out, 16))
        room_fail("no boot id");
}

static uint64_t count_held(const struct room_node *n)
{
    uint64_t held = 0;
    for (uint32_t i = 0; i < n->core->replica.count; i++)
        held += n->core->replica.feeds[i]->info.seq;
    return held;
}

/* A table has five times as much to say as its rapporteur. */
static void fill(struct room *room, uint64_t entries)
{
    struct room_node *hub = &room->nodes[ROOM_HUB];
    uint32_t said[ROOM_NODES_MAX] = {0};
    for (uint32_t turn = 0; count_held(hub) < entries; turn++)
        for (uint32_t i = 1; i < room->count && count_held(hub) < entries; i++) {
            struct room_node *n = &room->nodes[i];
            if (i % 2 == 0 && turn % 5 != 0)
                continue;
            for (int k = 0; k < LINES_A_TURN; k++)
                room_say_something(room, n, said[i]++);
            room->now_us = fluit_boot_us();
            room_end_turn(room, n);
            fluit_effects_reset(&n->fx);
            room_spread(room, n, hub);
            fluit_effects_reset(&hub->fx);
        }
}

int main(int argc, char **argv)
{
    uint8_t boot_id[16];
    struct room *room = calloc(1, sizeof *room);
    if (argc != 4 || !room)
        room_fail("usage: fluit_bench_fill DIR GUESTS ENTRIES");
    read_boot_id(boot_id);
    int64_t now_us = fluit_boot_us(), cpu_us = room_cpu_us();
    room_init(room, argv[1], 1 + (uint32_t)strtoul(argv[2], NULL, 10), now_us,
              fluit_wall_us() - now_us, boot_id);
    fill(room, strtoull(argv[3], NULL, 10));
    room_spread(room, &room->nodes[ROOM_HUB], &room->nodes[WITNESS]);
    printf("{\"hub\": %llu, \"witness\": %llu, \"cpu_s\": %.1f}\n",
           (unsigned long long)count_held(&room->nodes[ROOM_HUB]),
           (unsigned long long)count_held(&room->nodes[WITNESS]),
           (double)(room_cpu_us() - cpu_us) / 1e6);
    room_deinit(room);
    free(room);
    return 0;
}
