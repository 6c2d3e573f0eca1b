"""takeover.py: a standby takes over from a hub, back and forth, with 12 tables.

From the line "takeover yes" at the standby's console until that one, now the hub, has from every
table on its disk that it has armed the plan of the new term (its status: leads=1, ready=members).
A card round runs meanwhile, so there is a mark to arm, and each table lays a card a second.
Once with a hub that is well, and steps down; once with one that was killed a second before."""
import time

from nodes import Node, Workshop, ask, quantile, rest, wait

TABLES = 12
CARDS = ["health", "finances", "colleagues", "autonomy"]


def lay_cards(w, number):
    for table in w.guests:
        table.say(f"place {CARDS[number % 4]}/1 {'stimulates' if number % 2 else 'hinders'} 1")


def click(w, standby):
    """Seconds until all tables are ready under the new hub."""
    lay_cards(w, int(time.monotonic()))
    began = time.monotonic()
    standby.say("takeover yes")

    def all_ready():
        s = standby.status
        return s["leads"] == "1" and s["ready"] == s["members"] == str(TABLES)

    ask(w.all(), [standby], all_ready, "tables are ready under the new hub", 30, every=0.005)
    return time.monotonic() - began


def settle(w, leader):
    ask(w.all(), [leader], lambda: leader.status["standbys"] == "1", "a standby that holds all")
    for number in range(2):
        lay_cards(w, number)
        rest(w.all(), 1)


def restart(w, name, port):
    """Who was killed starts with the same directory and ports again, as a standby."""
    again = Node([w.fluit, "standby", "--data", f"{w.room}/{name}", "--listen", w.host, "--port",
                  str(port)])
    if w.down is w.hub:
        w.hub = again
    else:
        w.beside[0] = again
    w.down = None
    wait(w.all(), lambda: again.ready_s is not None, "a hub that is started again")
    return again


def lead_a_round(w):
    w.hub.say(*["next"] * 6, "start")
    ask(w.all(), [w.hub], lambda: w.hub.status["state"] == "running" and
        w.hub.status["ready"] == str(TABLES), "a running round")
    rest(w.all(), 4)


def ports_of(nodes):
    return [int(next(line for _, line in node.lines if line.startswith("listening:"))
                .rsplit(":", 1)[1]) for node in nodes]


def measure(fluit, _tools, room, runs):
    with Workshop(fluit, room, TABLES) as w:
        w.join_tables(TABLES)
        w.hub.say("standby")
        wait(w.all(), lambda: any("standby-01" in line for _, line in w.hub.lines), "a code")
        w.read_codes()
        w.join("standby-01")
        lead_a_round(w)
        pair, names = [w.hub, w.beside[0]], ["hub", "standby-01"]
        ports = ports_of(pair)
        well, killed = [], []
        for _ in range(5 * runs):
            settle(w, pair[0])
            well.append(click(w, pair[1]))
            pair, names, ports = pair[::-1], names[::-1], ports[::-1]
        for _ in range(2 * runs):
            settle(w, pair[0])
            w.down = pair[0]
            w.down.kill()
            rest(w.all(), 1)
            killed.append(click(w, pair[1]))
            pair[0] = restart(w, names[0], ports[0])
            pair, names, ports = pair[::-1], names[::-1], ports[::-1]
        w.end()
    for what, took in (("takeover p99, s", well), ("takeover, hub killed p99, s", killed)):
        yield (what, 3, quantile(took, .99), f"min {min(took):.3f}, p50 {quantile(took, .5):.3f}, "
               f"{len(took)} takeovers, {TABLES} tables")
