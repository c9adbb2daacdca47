"""The lab's network: one bridge, and on it a network namespace for each region and each node, so that packets can really
vanish. Names resolve by a name server of the lab, and certificates are signed by an authority of the lab, which only
the lab's programs see: their /etc/resolv.conf, /etc/hosts and list of authorities are mounted over in namespaces of
their own. Nothing outside /run/netns is written, and close() removes it all.

Only root may do that; others get Loopback.
"""

import os
import random
import re
import subprocess
from pathlib import Path

from processes import Failure
from servers import LOOPBACK

ENDPOINT_PORT = 443
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
NAME = re.compile(r"mlab(\d+)(?:-\w+)?$")
# As in `ip netns exec`, but with files of our own: the arguments are pairs of a file and where it is seen, then --.
MOUNTS = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 71; shift 2; done; shift; exec "$@"'


def run(*command, quiet=False):
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed; run ./dev deps lab") from None
    if done.returncode and not quiet:
        raise Failure(f"{' '.join(map(str, command))}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def is_running(pid):
    return Path(f"/proc/{pid}").exists()


def remove_leftovers():
    """What a lab has left that was ended by SIGKILL."""
    names = [line.split()[0] for line in run("ip", "netns", "list").splitlines() if line.strip()]
    for name in names:
        found = NAME.match(name)
        if found and not is_running(found[1]):
            run("ip", "netns", "delete", name, quiet=True)
    for line in run("ip", "-o", "link", "show", "type", "bridge").splitlines():
        name = line.split(":")[1].strip()
        found = NAME.match(name)
        if found and not is_running(found[1]):
            run("ip", "link", "delete", name, quiet=True)


class Loopback:
    """Without root: everything on 127.0.0.1, and no packet can be made to vanish."""

    namespaces = False
    host = LOOPBACK

    def __init__(self, hosts):
        self.addresses = dict.fromkeys(hosts, LOOPBACK)

    def open(self):
        return self

    def close(self):
        pass

    def inside(self, _name, **_files):
        return []

    def drop(self, name, _what):
        raise Failure(f"only root can make the packets of {name} vanish; for a region 'refuse' and 'stop' work for "
                      "everybody")

    def mend(self, name):
        pass


class Namespaces:
    namespaces = True

    def __init__(self, hosts):
        """hosts: names of at most five letters, such as "node1"."""
        self._tag = f"mlab{os.getpid()}"
        # A /24 of its own, so that two labs do not meet.
        self._net = f"10.{random.randrange(64, 128)}.{random.randrange(1, 255)}"
        self.host = f"{self._net}.1"
        self.addresses = {name: f"{self._net}.{11 + number}" for number, name in enumerate(hosts)}

    def open(self):
        remove_leftovers()
        run("ip", "link", "add", self._tag, "type", "bridge")
        run("ip", "address", "add", f"{self.host}/24", "dev", self._tag)
        run("ip", "link", "set", self._tag, "up")
        for number, (name, address) in enumerate(self.addresses.items()):
            space, port = self._space(name), f"{self._tag}p{number}"
            run("ip", "netns", "add", space)
            run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
            run("ip", "link", "set", port, "master", self._tag, "up")
            run("ip", "-n", space, "address", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", space, "link", "set", "eth0", "up")
            run("ip", "-n", space, "link", "set", "lo", "up")
            # To the rest of the world there is no way, which is silent and not refused.
            run("ip", "-n", space, "route", "add", "default", "via", self.host)
        return self

    def close(self):
        for number, name in enumerate(self.addresses):
            # The kernel would take its time: a namespace ends in the background.
            run("ip", "link", "delete", f"{self._tag}p{number}", quiet=True)
            run("ip", "netns", "delete", self._space(name), quiet=True)
        run("ip", "link", "delete", self._tag, quiet=True)

    def inside(self, name, **files):
        """The beginning of a command line that runs in a namespace, with `files` mounted: what is seen = the file."""
        command = ["nsenter", f"--net=/run/netns/{self._space(name)}"]
        if not files:
            return command
        seen = {"resolv": "/etc/resolv.conf", "hosts": "/etc/hosts", "authorities": AUTHORITIES}
        pairs = [str(part) for which, file in files.items() for part in (file, seen[which])]
        return [*command, "unshare", "--mount", "sh", "-c", MOUNTS, "lab", *pairs, "--"]

    def drop(self, name, what):
        """From now on these packets vanish, in both directions. `what`: "endpoint", or "everything"."""
        # A question by UDP goes out and its answer vanishes: the program that sent it would be told otherwise.
        coming, going = {"everything": ("", "meta l4proto tcp "),
                         "endpoint": (f"tcp dport {ENDPOINT_PORT} ", f"tcp sport {ENDPOINT_PORT} ")}[what]
        rules = (f"table inet lab {{\n"
                 f"  chain coming {{ type filter hook input priority 0; iifname eth0 {coming}drop; }}\n"
                 f"  chain going {{ type filter hook output priority 0; oifname eth0 {going}drop; }}\n}}\n")
        self.mend(name)
        self._nft(name, rules)

    def mend(self, name):
        # Named first, so that deleting it is no mistake when it is not there.
        self._nft(name, "table inet lab\ndelete table inet lab\n")

    def _nft(self, name, rules):
        try:
            done = subprocess.run([*self.inside(name), "nft", "-f", "-"], input=rules, capture_output=True, text=True,
                                  check=False)
        except FileNotFoundError:
            raise Failure("nft is not installed; run ./dev deps lab") from None
        if done.returncode:
            raise Failure(f"nft: {done.stderr.strip()}")

    def _space(self, name):
        return f"{self._tag}-{name}"
