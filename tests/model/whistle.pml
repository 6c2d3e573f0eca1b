/* whistle.pml: takeover and the whistle, as PROTOCOL.md "Terms", "Takeover", "Plan" and "Whistle"
 * have them, for Spin. What it leaves out: README.md. scripts/model runs it.
 *
 * Two hubs that may lead (the first hub and a standby, or two STANDBYS of a hub that is gone) and
 * TABLES tables. What is published stays in the air: any node may take it in whenever, in any
 * order, or not before the very end. So entries are lost, late and reordered, and networks cut.
 * Only tables crash; what they saved stays. Every node reads the same mesh time, in ticks.
 *
 * All that nodes may do is counted, so every run ends: when nothing more can happen, and so all
 * that counts has been taken in, all must follow one hub (process `end`).
 *
 * Planted bugs: BUG_FORGETS, a restart does not read what it armed and fired; BUG_LOWER_TERM, any
 * plan replaces any other; BUG_REARMS, a restart arms again what has passed;
 * BUG_PARITY, occurrences go by the parity of a term's generation, not by the hub; see README.md. */

#ifndef TABLES
#define TABLES 2
#endif
#ifndef TAKEOVERS
#define TAKEOVERS 1
#endif
#ifndef ORDERS
#define ORDERS 1 /* of whoever leads: sets, moves or drops the whistle */
#endif
#ifndef STANDBYS
#define STANDBYS 1 /* 2: of a hub that is gone */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef LAST
#define LAST 3 /* the last tick that marks are set for, up to 5 */
#endif

#define LATE   1 /* FLUIT_MARK_LATE_US: so many ticks later a mark still sounds */
#define RANKS  3 /* FLUIT_NODES_MAX */
#define OF_ONE (TAKEOVERS + ORDERS) /* plans that one hub may publish */
#define PLANS  (2 + 2 * OF_ONE)

#if PLANS > 10 || ORDERS > 2 || TABLES > 3 || LAST > 5
#error "see EACH_PLAN, ANY_HURRIES and the widths of numbers"
#endif

/* A mark of the one whistle there is: its occurrence from 1 on, its tick. 0: none. */
#define MARK(id, at) ((id) * 8 + (at))
#define ID(mark)     ((mark) / 8)
#define AT(mark)     ((mark) % 8)
#define BIT(mark)    (1 << ID(mark))

typedef Plan {
    unsigned term : 4; /* 0: no plan */
    unsigned revision : 3;
    unsigned due : 6;  /* a mark that was due when the plan was made, kept */
    unsigned next : 6; /* one that was to come */
};

/* What was published and may yet be taken in: [0] is no plan, [1] is the first hub's first, then
 * come those of hub 0 and of hub 1. A TERM is in the air with its first plan. */
Plan air[PLANS];
Plan draft;

/* node/core/hub.h. All of it is saved. */
typedef Hub {
    unsigned rank : 2;
    unsigned heard : 4; /* the highest term it knows */
    unsigned plan : 4;  /* the newest that counts */
    unsigned published : 3; /* plans */
    unsigned highest : 3;   /* occurrence that it gave or had in its plan */
};
Hub hubs[2];

/* A table, with common/alarm.h. Sets of marks are a bit for each occurrence. */
typedef Table {
    /* Saved: the newest plan; the last ARMED; FIRED; what an ARMED let go after its time. */
    unsigned plan : 4;
    unsigned armed : 4;
    unsigned due : 6;
    unsigned next : 6;
    unsigned saved_fired : 8;
    unsigned let_go : 8;
    /* The process's. */
    unsigned runs : 1;
    unsigned fired : 8;
    unsigned unknown : 8;
    /* For what is checked: since when it runs (0: long ago), what sounded. */
    unsigned since : 3;
    unsigned sounded : 8;
};
Table tables[TABLES];

unsigned now : 3;
unsigned takeovers : 3 = TAKEOVERS;
unsigned orders : 3 = ORDERS;
unsigned crashes : 3 = CRASHES;
/* For what is checked: all terms and occurrences there were, a bit each. */
unsigned numbers : 16;
unsigned ids : 8;
unsigned highest_id : 3;

/* Of one step only. */
unsigned id : 4;

hidden byte i;
hidden byte k;
hidden byte p;
hidden byte number;
hidden byte newest;
hidden byte needed;
hidden short over;

/* Plans. */

/* fluit_plan_newer. */
#define NEWER(p, q)                                                                                \
    (air[p].term > air[q].term ||                                                                  \
     (air[p].term == air[q].term && air[p].revision > air[q].revision))

#ifdef BUG_LOWER_TERM
#define COUNTS(p, mine) (p < PLANS && air[p].term > 0 && p != mine)
#else
#define COUNTS(p, mine) (p < PLANS && NEWER(p, mine))
#endif

#define EACH_PLAN(TAKES, me)                                                                       \
    TAKES(me, 1) TAKES(me, 2) TAKES(me, 3) TAKES(me, 4) TAKES(me, 5)                               \
    TAKES(me, 6) TAKES(me, 7) TAKES(me, 8) TAKES(me, 9)

/* What nobody has and nobody would take is forgotten, so that there are fewer states. */
inline clear_air()
{
    for (p : 1 .. PLANS - 1) {
        needed = 0;
        for (k : 0 .. 1) {
            needed = needed || hubs[k].plan == p || !NEWER(hubs[k].plan, p)
        }
        for (k : 0 .. TABLES - 1) {
            needed = needed || tables[k].plan == p || !NEWER(tables[k].plan, p) ||
                     tables[k].armed == p
        }
        if
        :: needed
        :: else ->
            air[p].term = 0;
            air[p].revision = 0;
            air[p].due = 0;
            air[p].next = 0
        fi
    }
    needed = 0
}

/* `draft` goes out. */
inline publish(me)
{
    /* Who heard of a higher term never publishes under a lower one. */
    assert(hubs[me].heard <= draft.term);
    hubs[me].heard = draft.term;
    i = 2 + me * OF_ONE + hubs[me].published;
    hubs[me].published++;
    hubs[me].plan = i;
    air[i].term = draft.term;
    air[i].revision = draft.revision;
    air[i].due = draft.due;
    air[i].next = draft.next;
    printf("%d: hub %d publishes plan %d.%d: id %d at %d, id %d at %d\n", now, me, draft.term,
           draft.revision, ID(draft.due), AT(draft.due), ID(draft.next), AT(draft.next));
    draft.term = 0;
    draft.revision = 0;
    draft.due = 0;
    draft.next = 0;
    clear_air()
}

/* Hubs. */

#define RANK_OF(term)    (((term) + RANKS - 1) % RANKS)
#define GENERATION(term) (((term) + RANKS - 1) / RANKS - 1)
#define LEADS(hub)       (hubs[hub].heard > 0 && RANK_OF(hubs[hub].heard) == hubs[hub].rank)
#define PLAN_OF(node)    air[node.plan]
#define IS_DUE(mark)     (mark > 0 && AT(mark) <= now)

/* fluit_term_after, sign_next_term: a term of the next generation; the plan as it is. */
inline take_over(me)
{
    number = (GENERATION(hubs[me].heard) + 1) * RANKS + hubs[me].rank + 1;
    assert(number <= 15 && ((numbers >> number) & 1) == 0); /* nobody else has it */
    numbers = numbers | (1 << number);
    draft.term = number;
    draft.revision = 1;
    draft.due = PLAN_OF(hubs[me]).due;
    draft.next = PLAN_OF(hubs[me]).next;
    publish(me)
}

/* An order's plan drops what is to come; what is due is carried along. */
inline draft_order(me)
{
    i = hubs[me].plan;
    draft.term = air[i].term;
    draft.revision = air[i].revision + 1;
    draft.due = (IS_DUE(air[i].next) -> air[i].next : (IS_DUE(air[i].due) -> air[i].due : 0))
}

/* The occurrences that a hub gives: its own, by its place among those that may lead. */
#ifdef BUG_PARITY
#define MAY_GIVE(me, id) (id % 2 != GENERATION(PLAN_OF(hubs[me]).term) % 2)
#else
#define MAY_GIVE(me, id) (RANK_OF(id) == hubs[me].rank)
#endif

#define HIGHER(a, b) (a > b -> a : b)

/* The next above all it knows. */
inline give_id(me)
{
    id++;
    do
    :: MAY_GIVE(me, id) -> break
    :: else -> id++
    od;
    assert(id <= 7 && ((ids >> id) & 1) == 0); /* an id stands for one instant, for ever */
    ids = ids | (1 << id);
    hubs[me].highest = id;
    highest_id = HIGHER(highest_id, id)
}

/* The whistle is set, or moved, to some ticks ahead. The hub may know of higher occurrences than
 * those that it gave or had in its plan: from other plans, and from tables' feeds. */
#define SETS(me, ahead)                                                                            \
    :: atomic { orders > 0 && hubs[me].plan > 0 && LEADS(me) && now + ahead <= LAST ->             \
        orders--;                                                                                  \
        id = hubs[me].highest;                                                                     \
        do                                                                                         \
        :: id < highest_id -> id++                                                                 \
        :: break                                                                                   \
        od;                                                                                        \
        d_step {                                                                                   \
            give_id(me);                                                                           \
            draft_order(me);                                                                       \
            draft.next = MARK(id, now + ahead);                                                    \
            id = 0;                                                                                \
            publish(me)                                                                            \
        } }

/* The term comes first, maybe long before its plan; a plan that is met without it waits. */
#define HUB_TAKES(me, p)                                                                           \
    :: d_step { p < PLANS && air[p].term > hubs[me].heard ->                                       \
        hubs[me].heard = air[p].term;                                                              \
        printf("%d: hub %d hears of term %d\n", now, me, air[p].term) }                            \
    :: d_step { COUNTS(p, hubs[me].plan) && air[p].term <= hubs[me].heard ->                       \
        assert(air[p].term >= PLAN_OF(hubs[me]).term); /* none of a lower term replaces it */      \
        hubs[me].plan = p;                                                                         \
        hubs[me].highest = HIGHER(hubs[me].highest, HIGHER(ID(air[p].due), ID(air[p].next)));      \
        printf("%d: hub %d takes in plan %d.%d\n", now, me, air[p].term, air[p].revision);         \
        clear_air() }

proctype hub(byte me)
{
end_hub:
    do
    EACH_PLAN(HUB_TAKES, me)
    :: d_step { takeovers > 0 && hubs[me].plan > 0 && !LEADS(me) ->
        takeovers--;
        take_over(me) }
    SETS(me, 1)
    SETS(me, 2)
    /* Paused, or ended: no mark is to come. */
    :: d_step { orders > 0 && hubs[me].plan > 0 && LEADS(me) && PLAN_OF(hubs[me]).next > 0 ->
        orders--;
        draft_order(me);
        publish(me) }
    od
}

/* The whistle. */

/* Only the first table stops: tables are alike and know nothing of each other. What is saved means
 * nothing to who never starts again: there it is left out, so that there are fewer states. */
#define MAY_STOP(t) (crashes > 0 && t == 0)

#define DONE(t, mark) ((tables[t].fired | tables[t].unknown) & BIT(mark))
/* Is an armed mark in the newest plan, too, with the same id and time? */
#define STANDS(t, mark)                                                                            \
    (mark > 0 && (mark == PLAN_OF(tables[t]).due || mark == PLAN_OF(tables[t]).next))
/* fluit_alarm_next, and its time has come. */
#define SOUNDS(t, mark)                                                                            \
    (tables[t].runs && STANDS(t, mark) && IS_DUE(mark) && !DONE(t, mark))

inline sound(t, mark)
{
    assert((tables[t].sounded & BIT(mark)) == 0); /* never twice */
    tables[t].sounded = tables[t].sounded | BIT(mark);
    tables[t].fired = tables[t].fired | BIT(mark);
    printf("%d: table %d whistles: id %d\n", now, t, ID(mark))
}

inline save_fired(t)
{
    tables[t].saved_fired = tables[t].fired;
    printf("%d: table %d has saved what it fired\n", now, t)
}

#define TO_ARM(t, mark) (DONE(t, mark) -> 0 : mark)
/* Does the new ARMED let go of this mark after its time? */
#define LETS_GO(t, mark)                                                                           \
    (IS_DUE(mark) && mark != TO_ARM(t, PLAN_OF(tables[t]).due) &&                                  \
     mark != TO_ARM(t, PLAN_OF(tables[t]).next) -> BIT(mark) : 0)

/* fluit_alarm_to_arm, and its act is saved. */
inline arm(t)
{
    tables[t].let_go = (MAY_STOP(t) -> tables[t].let_go | LETS_GO(t, tables[t].due) |
                                       LETS_GO(t, tables[t].next) : 0);
    tables[t].armed = tables[t].plan;
    tables[t].due = TO_ARM(t, PLAN_OF(tables[t]).due);
    tables[t].next = TO_ARM(t, PLAN_OF(tables[t]).next);
    printf("%d: table %d has armed id %d at %d, id %d at %d\n", now, t, ID(tables[t].due),
           AT(tables[t].due), ID(tables[t].next), AT(tables[t].next))
}

/* The process ends, and with it all that is not saved. */
inline crash(t)
{
    tables[t].runs = 0;
    tables[t].fired = 0;
    tables[t].unknown = 0;
    tables[t].since = 0;
    printf("%d: table %d stops\n", now, t)
}

#define PASSED(mark) (IS_DUE(mark) -> BIT(mark) : 0)

/* Its own feed has been read and mesh time is known: fluit_alarm_started. */
inline start(t)
{
#ifdef BUG_FORGETS
    tables[t].armed = 0;
    tables[t].due = 0;
    tables[t].next = 0;
#else
    tables[t].fired = tables[t].saved_fired;
#ifndef BUG_REARMS
    tables[t].unknown = tables[t].let_go | PASSED(tables[t].due) | PASSED(tables[t].next);
#endif
#endif
    if
    :: MAY_STOP(t)
    :: else ->
        tables[t].saved_fired = 0;
        tables[t].let_go = 0
    fi;
    tables[t].runs = 1;
    tables[t].since = now;
    printf("%d: table %d starts; fired %x, unknown %x\n", now, t, tables[t].fired,
           tables[t].unknown)
}

/* The ARMED for a plan is saved with it, or later, if the table knows no mesh time yet (which is as
 * if it did not run). A table has no use for a term without a plan. */
#define TABLE_TAKES(me, p)                                                                         \
    :: d_step { COUNTS(p, tables[me].plan) ->                                                      \
        assert(air[p].term >= PLAN_OF(tables[me]).term); /* none of a lower term replaces it */    \
        tables[me].plan = p;                                                                       \
        printf("%d: table %d takes in plan %d.%d\n", now, me, air[p].term, air[p].revision);       \
        if                                                                                         \
        :: tables[me].runs -> arm(me)                                                              \
        :: else                                                                                    \
        fi;                                                                                        \
        clear_air() }

proctype table(byte me)
{
end_table:
    do
    EACH_PLAN(TABLE_TAKES, me)
    :: d_step { SOUNDS(me, tables[me].due) -> sound(me, tables[me].due) }
    :: d_step { SOUNDS(me, tables[me].next) -> sound(me, tables[me].next) }
    :: d_step { MAY_STOP(me) && tables[me].runs && tables[me].fired != tables[me].saved_fired ->
        save_fired(me) }
    :: d_step { MAY_STOP(me) && tables[me].runs ->
        crashes--;
        crash(me) }
    :: d_step { !tables[me].runs ->
        start(me);
        if
        :: tables[me].plan != tables[me].armed -> arm(me)
        :: else
        fi;
        clear_air() }
    od
}

/* Time. */

/* The tick that ends is the last in which this mark sounds. */
#define IS_OVER(mark) (mark > 0 && AT(mark) + LATE <= now)

/* A loop that stands still for so long that it misses a mark is not modelled. */
#define HURRIES(t) (SOUNDS(t, tables[t].due) && IS_OVER(tables[t].due) ||                          \
                    SOUNDS(t, tables[t].next) && IS_OVER(tables[t].next))
#if TABLES == 1
#define ANY_HURRIES (HURRIES(0))
#elif TABLES == 2
#define ANY_HURRIES (HURRIES(0) || HURRIES(1))
#else
#define ANY_HURRIES (HURRIES(0) || HURRIES(1) || HURRIES(2))
#endif

/* Who had armed a mark, still wants it, and ran since before its time, has sounded it. */
#define OWES(t, mark)                                                                              \
    (tables[t].runs && STANDS(t, mark) && IS_OVER(mark) && tables[t].since < AT(mark) &&           \
     (tables[t].sounded & BIT(mark)) == 0)

#define STILL(mark) (IS_OVER(mark) -> 0 : mark)
#define OVER(mark)  (IS_OVER(mark) -> BIT(mark) : 0)

/* Later, a mark would only be shown. It is forgotten here, and its id with it, as no id comes
 * again (give_id), so that there are fewer states. */
inline forget()
{
    over = 0;
    for (p : 1 .. PLANS - 1) {
        over = over | OVER(air[p].due) | OVER(air[p].next);
        air[p].due = STILL(air[p].due);
        air[p].next = STILL(air[p].next)
    }
    for (i : 0 .. TABLES - 1) {
        over = over | OVER(tables[i].due) | OVER(tables[i].next);
        tables[i].due = STILL(tables[i].due);
        tables[i].next = STILL(tables[i].next);
        tables[i].since = (tables[i].since + LATE <= now -> 0 : tables[i].since)
    }
    for (i : 0 .. TABLES - 1) {
        tables[i].saved_fired = tables[i].saved_fired & ~over;
        tables[i].let_go = tables[i].let_go & ~over;
        tables[i].fired = tables[i].fired & ~over;
        tables[i].unknown = tables[i].unknown & ~over;
        tables[i].sounded = tables[i].sounded & ~over
    }
}

proctype clock()
{
end_clock:
    do
    :: d_step { now <= LAST + LATE && !ANY_HURRIES ->
        for (i : 0 .. TABLES - 1) {
            assert(!OWES(i, tables[i].due));
            assert(!OWES(i, tables[i].next))
        }
        forget();
        now++ }
    od
}

/* Nothing more can happen. */
proctype end()
{
    timeout -> d_step {
        newest = 1;
        for (p : 2 .. PLANS - 1) {
            newest = (NEWER(p, newest) -> p : newest)
        }
        for (i : 0 .. 1) {
            assert(hubs[i].plan == newest && hubs[i].heard == air[newest].term);
            assert(LEADS(i) == (hubs[i].rank == RANK_OF(air[newest].term)))
        }
        for (i : 0 .. TABLES - 1) {
            assert(tables[i].runs && tables[i].plan == newest && tables[i].armed == newest)
        }
    }
}

init
{
    atomic {
        air[1].term = 1;
        air[1].revision = 1;
        air[1].next = MARK(1, LAST - 1);
        numbers = 1 << 1;
        ids = 1 << 1;
        highest_id = 1;
#if STANDBYS == 1
        hubs[0].heard = 1;
        hubs[0].plan = 1;
        hubs[0].highest = 1;
        hubs[1].rank = 1;
#else
        hubs[0].rank = 1;
        hubs[1].rank = 2;
#endif
        run hub(0);
        run hub(1);
        for (i : 0 .. TABLES - 1) {
            tables[i].runs = 1;
            run table(i)
        }
        run clock();
        run end()
    }
}
