#include "node/home/ward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_FIRST_US INT64_C(250000)

void fluit_command_put(struct fluit_command *command, const char *arg)
{
    char *copy = command->count < FLUIT_WARD_ARGS_MAX ? strdup(arg) : NULL;
    if (!copy) {
        command->failed = true;
        return;
    }
    command->argv[command->count++] = copy;
    command->argv[command->count] = NULL;
}

void fluit_command_deinit(struct fluit_command *command)
{
    for (int i = 0; i < command->count; i++)
        free(command->argv[i]);
    fluit_wipe(command, sizeof *command); /* it may hold a code */
}

int64_t fluit_ward_pause_us(unsigned falls)
{
    int64_t pause_us = falls > 1 ? PAUSE_FIRST_US : 0;
    for (unsigned i = 2; i < falls && pause_us < FLUIT_WARD_PAUSE_MAX_US; i++)
        pause_us *= 2;
    return pause_us < FLUIT_WARD_PAUSE_MAX_US ? pause_us : FLUIT_WARD_PAUSE_MAX_US;
}

void fluit_ward_init(struct fluit_ward *ward, const char *name, int64_t now_us)
{
    *ward = (struct fluit_ward){.proc = FLUIT_PROC_INIT, .start_at_us = now_us};
    snprintf(ward->name, sizeof ward->name, "%s", name);
}

void fluit_ward_deinit(struct fluit_ward *ward)
{
    fluit_proc_deinit(&ward->proc);
}

enum fluit_err fluit_ward_start(struct fluit_ward *ward, const struct fluit_command *command,
                                int64_t now_us)
{
    enum fluit_err err = command->failed
                             ? FLUIT_E_NOMEM
                             : fluit_proc_start(&ward->proc, command->argv,
                                                command->code[0] ? command->code : NULL, ward->log);
    ward->ready = false;
    ward->started_us = now_us;
    if (err)
        fluit_ward_ended(ward, now_us);
    return err;
}

void fluit_ward_ended(struct fluit_ward *ward, int64_t now_us)
{
    if (now_us - ward->started_us >= FLUIT_WARD_WELL_US)
        ward->falls = 0;
    ward->falls++;
    ward->ready = false;
    ward->start_at_us = now_us + fluit_ward_pause_us(ward->falls);
}
