"""restart.py: a hub starts with 100,000 entries by 24 authors on its disk.

From exec, process start included: until all is read and folded (it then says that it asks the
others), and until it is ready while one table answers that holds all, too, and looks for it since
before. Alone it has to wait 3 s for others, whatever it holds (PROTOCOL.md "Feeds")."""
import shutil
import socket
import subprocess

from nodes import Node, quantile, rest, spread, wait

GUESTS, ENTRIES = 24, 100_000
ASKS, READY = "asking the others", "ready:"


def free_port():
    """The first of four, as far as one can know; not where nodes look for theirs."""
    for port in range(11000, 19000, 7):
        try:
            for at in range(port, port + 4):
                with socket.socket() as sock:
                    sock.bind(("127.0.0.1", at))
        except OSError:
            continue
        return port
    raise RuntimeError("no free ports")


def start(fluit, room, port, others):
    """Seconds until it had read all, until it was ready; MB at most until then, and CPU seconds."""
    shutil.rmtree(f"{room}/copy", ignore_errors=True)
    shutil.copytree(f"{room}/hub", f"{room}/copy")
    hub = Node([fluit, "hub", f"{room}/copy", "--listen", "127.0.0.1", "--port", str(port)])
    try:
        wait([hub, *others], lambda: hub.when(READY) is not None, "the hub")
        return (hub.when(ASKS) - hub.began, hub.when(READY) - hub.began,
                hub.memory_mb("VmHWM"), hub.cpu_s())
    finally:
        hub.kill()


def measure(fluit, tools, room, runs):
    subprocess.run([f"{tools}/fluit_bench_fill", room, str(GUESTS), str(ENTRIES)], check=True,
                   stdout=subprocess.DEVNULL)
    port = free_port()
    alone = [start(fluit, room, port, []) for _ in range(runs)]
    table = Node([fluit, "table", "--data", f"{room}/table-01", "--hub", f"127.0.0.1:{port}"])
    try:
        answered = []
        for _ in range(2 * runs):
            rest([table], 2)  # it finds out that the hub is gone, and looks for it ever more rarely
            answered.append(start(fluit, room, port, [table]))
    finally:
        table.kill()
    read, ready, mb, cpu = ([took[i] for took in alone + answered] for i in range(4))
    ready = [took[1] for took in answered]
    yield "hub restart, all read, s", 2, quantile(read, .5), spread(read)
    yield ("hub restart to ready, s", 2, quantile(ready, .5),
           spread(ready) + ", one table answers")
    yield ("hub restart alone, s", None, quantile([took[1] for took in alone], .5),
           spread([took[1] for took in alone]) + ", 3 s of it are waiting for others")
    yield "hub restart, CPU, s", 2, quantile(cpu, .5), spread(cpu)
    yield "hub with 100,000, peak MB", 24, max(mb), spread(mb, 1)
