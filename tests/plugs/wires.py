"""wires.py: a network of its own for each node, with plugs that can be pulled.

        hub        table-01     table-02              table-08     table-09     network namespaces
      10.66.0.1   10.66.0.11   10.66.0.12            10.66.0.18   10.66.0.19    named as their nodes
      eth0 |       eth0 |       eth0 |                eth0 |       eth0 |
      hub  |   table-01 |   table-02 |            table-08 |   table-09 |       veth pairs
     ------+------------+------------+----          -------+------------+----
                switch "near"        |  near-end ===== far-end  |  switch "far" bridges
     --------------------------------+----  the trunk  ---------+------------

All of it (bridges, namespaces, the names in /run/netns) is made inside a network and a mount
namespace that isolate() puts the test in: nothing outside is touched, no two runs can meet, and it
is gone with the test's last process. Needs root or user namespaces, iproute2 and nftables.
"""
import os
import subprocess
import sys

SKIPPED = 77           # ctest's SKIP_RETURN_CODE
INSIDE = "FLUIT_PLUGS_INSIDE"
MASK = 24

PROBE = """set -e
mount -t tmpfs none /run && mkdir /run/netns
ip link set lo up
ip netns add probe
ip link add probe type veth peer name eth0 netns probe
ip link add switch type bridge
ip netns exec probe nft 'table inet probe { chain in { type filter hook input priority 0;
    numgen random mod 100 < 20 drop; }; }'
"""


def unshare(as_root):
    return ["unshare", *([] if as_root else ["--map-root-user"]), "--net", "--mount"]


def find_way():
    """(command that gives namespaces, "") or (None, why not)."""
    why = "unshare was not found"
    for as_root in (True, False):
        try:
            done = subprocess.run([*unshare(as_root), "sh", "-c", PROBE], capture_output=True,
                                  text=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            why = str(error)
            continue
        if done.returncode == 0:
            return unshare(as_root), ""
        why = (done.stderr.strip().splitlines() or ["it failed in silence"])[0]
    return None, why


def isolate(needed=False):
    """Starts this program anew where it has networks of its own. Where that can't be: goes on as it
    is, or, if needed, ends the test as skipped; in CI as failed."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if os.environ.pop(INSIDE, None):
        run("mount -t tmpfs none /run")
        os.mkdir("/run/netns")
        run("ip link set lo up")
        return
    command, why = find_way()
    if command:
        os.environ[INSIDE] = "yes"
        os.execvp(command[0], [*command, sys.executable, "-B", *sys.argv])
    if needed:
        print(f"skipped: no network namespaces here ({why})")
        sys.exit(1 if os.environ.get("CI") else SKIPPED)


def run(command, **more):
    """One command of words without blanks in them."""
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise OSError(f"{command}: {done.stderr.strip()}")
    return done.stdout


class Wires:
    """The two switches and their trunk; nodes are plugged in one by one."""

    def __init__(self):
        self.names, self.addresses = [], {}
        for switch in ("near", "far"):
            run(f"ip link add {switch} type bridge")
            run(f"ip link set {switch} up")
        run("ip link add near-end type veth peer name far-end")
        for switch in ("near", "far"):
            run(f"ip link set {switch}-end master {switch}")
            run(f"ip link set {switch}-end up")

    def add(self, name, address, switch="near"):
        run(f"ip netns add {name}")
        self.names.append(name)
        self.addresses[name] = address
        run(f"ip link add {name} type veth peer name eth0 netns {name}")
        run(f"ip link set {name} master {switch}")
        run(f"ip link set {name} up")
        run(f"ip -n {name} link set lo up")
        run(f"ip -n {name} address add {address}/{MASK} dev eth0")
        run(f"ip -n {name} link set eth0 up")

    def stand_between(self, near, far):
        """The test itself, with an address on either side and nothing passed on; no trunk."""
        run("ip link set near-end down")
        run(f"ip address add {near}/{MASK} dev near")
        run(f"ip address add {far}/{MASK} dev far")

    def prefix(self, name):
        """What to put before a command so that it runs there."""
        return ["nsenter", f"--net=/run/netns/{name}"]

    # Plugs.

    def pull(self, *ends):
        """A node's plug, or one end of the trunk's."""
        for end in ends:
            run(f"ip link set {end} down")

    def plug(self, *ends):
        for end in ends:
            run(f"ip link set {end} up")

    def move(self, name, switch):
        """Into the other switch."""
        run(f"ip link set {name} master {switch}")

    def lose_address(self, name):
        run(f"ip -n {name} address del {self.addresses[name]}/{MASK} dev eth0")

    def regain_address(self, name):
        run(f"ip -n {name} address add {self.addresses[name]}/{MASK} dev eth0")

    def readdress(self, name, address):
        self.lose_address(name)
        self.addresses[name] = address
        self.regain_address(name)

    def drop(self, name, coming="", going=""):
        """Drops what comes in to the node, and goes out from it, if it fits these nft rules."""
        hooks = [("input", coming), ("output", going)]
        chains = "".join(f"chain {hook} {{ type filter hook {hook} priority 0; {rule} drop; }}\n"
                         for hook, rule in hooks if rule)
        run(f"ip netns exec {name} nft -f -", input=f"table inet plugs {{ {chains} }}\n")

    def pass_all(self, name):
        run(f"ip netns exec {name} nft delete table inet plugs")

    def close(self):
        """Takes all down, and sees that all is gone."""
        for name in self.names:
            left = run(f"ip netns pids {name}").split()
            if left:
                raise OSError(f"still at work in {name}: {left}")
            run(f"ip link delete {name}")
            run(f"ip netns delete {name}")
        for link in ("near-end", "near", "far"):
            run(f"ip link delete {link}")
        links = [line.split()[1] for line in run("ip -o link").splitlines()]
        if links != ["lo:"] or os.listdir("/run/netns"):
            raise OSError(f"not all is gone: {links}, {os.listdir('/run/netns')}")
