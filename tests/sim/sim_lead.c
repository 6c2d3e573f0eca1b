/* sim_lead.c: the facilitator, who leads the script from its first step to its last. */
#include "tests/sim/sim.h"

static void say(struct sim *sim, const char *line)
{
    sim_people_type(sim, sim_hub(sim), line, SIM_NOBODY);
}

static void chat(struct sim *sim)
{
    static const char *const lines[] = {"status",
                                        "invites open",
                                        "quotes",
                                        "steps",
                                        "help",
                                        "message hello",
                                        "message 2 come and see us",
                                        "release 1",
                                        "withhold 1",
                                        "aside 1",
                                        "return 1",
                                        "back",
                                        "nonsense"};
    say(sim, lines[sim_below(sim, sizeof lines / sizeof lines[0] - 2)]);
}

/* What to do with the step as it is, since_us after it became so. */
static void lead(struct sim *sim, const struct fluit_plan *plan, const struct fluit_step *step,
                 int64_t since_us)
{
    struct sim_people *p = &sim->people;
    bool last = plan->step + 1 == sim_hub(sim)->core->script->step_count;
    switch (plan->state) {
    case FLUIT_PLAN_READY:
        if (step->duration_us == 0 && !step->whistle && since_us < SIM_MINUTE)
            return;
        if (last)
            p->done = true;
        else
            say(sim, step->duration_us || step->whistle ? "start" : "next");
        break;
    case FLUIT_PLAN_RUNNING:
        if (!sim_often(sim, 10000))
            return;
        say(sim, sim_often(sim, 400000)   ? "pause"
                 : sim_often(sim, 500000) ? "extend 90s"
                 : step->round            ? "extend 1m"
                                          : "end");
        break;
    case FLUIT_PLAN_PAUSED:
        say(sim, "resume");
        break;
    default:
        if (step->round && sim_often(sim, 30000))
            say(sim, sim_often(sim, 500000) ? "extend 1m" : "next");
        else if (since_us > (step->round ? step->wrap_up_us : 20 * SIM_SECOND))
            say(sim, "next");
        break;
    }
}

static void lead_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_people *p = &sim->people;
    const struct sim_node *hub = sim_hub(sim);
    (void)due;
    if (p->done || p->quiet)
        return;
    bool here = sim_node_ready(hub) && hub->frozen_until_us <= sim->world.now_us;
    if (here && !sim->taking && !fluit_node_leads(hub->core)) {
        say(sim, "takeover yes"); /* it heard late that one led that is lost by now */
    } else if (here) {
        const struct fluit_plan *plan = &hub->core->plan;
        if (plan->revision != p->seen_revision) {
            p->seen_revision = plan->revision;
            p->seen_us = sim->world.now_us;
        }
        lead(sim, plan, &hub->core->script->steps[plan->step], sim->world.now_us - p->seen_us);
        if (sim_often(sim, 100000))
            chat(sim);
    }
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us +
                                            sim_between(sim, 4 * SIM_SECOND, 15 * SIM_SECOND),
                                   .run = lead_due});
}

void sim_lead_begin(struct sim *sim)
{
    sim_plan(sim, (struct sim_due){.at_us = 30 * SIM_SECOND, .run = lead_due});
}
