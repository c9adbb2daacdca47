"""Everything in the lab, and the ways to break it: two regions with replication between them, a database, a name server
and two app nodes."""

import os
import pwd
import shutil
import sys
import tempfile
from pathlib import Path

from agents import Agent
from demo_node import say
from lab_certificates import Authority
from lab_network import Loopback, Namespaces, is_running
from lab_node import LabNode
from lab_region import KEY, TABLE, Region
from processes import Child, Failure, clean_environment, free_port
from servers import MariaDb, Server, running_as_root

REGIONS = {"east": "us-east-1", "west": "us-west-2"}
NODES = ("node1", "node2")
DATABASE_PORT, CONTROL_PORT = 3306, 8000
# What replication between two of AWS's regions usually takes.
USUAL_LAG = 0.5
MEMORY = Path("/dev/shm")
DATA = "mooring-lab-"


def remove_leftover_data():
    """Of labs that were ended by SIGKILL: memory that nobody would give back."""
    for folder in MEMORY.glob(f"{DATA}*-*"):
        if not is_running(folder.name.removeprefix(DATA).partition("-")[0]):
            shutil.rmtree(folder, ignore_errors=True)


class LabWorld:
    """settings: {section: {key: value}} for the nodes' configuration."""

    def __init__(self, run_folder, settings=None):
        self.run = run_folder.path
        self._run_folder = run_folder
        self._settings = settings or {}
        self.network = (Namespaces if running_as_root() else Loopback)([*REGIONS, *NODES])
        self._data = None
        self.regions, self.nodes, self.servers = {}, {}, {}
        self.replicator = self.names = None

    @property
    def parts(self):
        """Everything that has a process, by name."""
        parts = dict(self.servers)
        parts |= {name: region.emulator for name, region in self.regions.items()}
        parts |= {f"{node.name}.{name}": part for node in self.nodes.values() for name, part in node.parts.items()}
        return parts

    def start(self):
        self.network.open()
        self._build()
        for region in self.regions.values():
            region.start()
        if self.names:
            self.names.start()
        for part in self.servers.values():
            if isinstance(part, MariaDb):
                part.install()
            part.start()
        self.replicator.start()
        self.set_lag(USUAL_LAG)
        for node in self.nodes.values():
            node.start()

    def _build(self):
        network = self.network
        remove_leftover_data()
        # An emulator that waits for a disk with each write is slower than the whole shop.
        self._data = Path(tempfile.mkdtemp(prefix=f"{DATA}{os.getpid()}-", dir=MEMORY if MEMORY.is_dir() else self.run))
        authority = Authority(self._run_folder.make_empty("certificates")) if network.namespaces else None
        for name, region in REGIONS.items():
            folder = self._run_folder.make_empty(name)
            self.regions[name] = Region(name, region, folder, self._data / name, network, authority)
        files = self._names() if network.namespaces else {}
        if authority:
            files["authorities"] = authority.file
        database = MariaDb(self._run_folder.make_empty("mariadb"), DATABASE_PORT if network.namespaces else free_port(),
                           network.host)
        control = CONTROL_PORT if network.namespaces else free_port()
        self.servers = {"mysql": database, "control": self._control(network.host, control)}
        east, west = self.regions.values()
        self.replicator = Agent("replicator", "replicator.py", self.run, TABLE, KEY,
                                *(f"{region.region}={region.host}:{region.address[1]}={region.proxy.socket}"
                                  for region in (east, west)))
        outside = database, f"http://{network.host}:{control}/"
        endpoints = {region.region: region.endpoint for region in self.regions.values()}
        for name in NODES:
            folder = self._run_folder.make_empty(name)
            self.nodes[name] = LabNode(folder, (network, name), endpoints, outside, files, self._settings)

    def _names(self):
        """Starts nothing yet; returns the files that the nodes see."""
        resolv, hosts = self.run / "resolv.conf", self.run / "hosts"
        resolv.write_text(f"nameserver {self.network.host}\noptions timeout:1 attempts:1\n", encoding="ascii")
        hosts.write_text("127.0.0.1 localhost\n", encoding="ascii")
        known = [f"{region.endpoint_name}={region.host}" for region in self.regions.values()]
        self.names = Agent("names", "lab_names.py", self.run, self.network.host, *known)
        return {"resolv": resolv, "hosts": hosts}

    def _control(self, host, port):
        """A host that has nothing to do with the regions: who cannot reach it has no network."""
        folder = self._run_folder.make_empty("control")
        (folder / "index.html").write_text("OK\n", encoding="ascii")
        process = Child("control", [sys.executable, "-m", "http.server", "--bind", host, "--directory", folder, port],
                        self.run / "log" / "control.log", env=clean_environment())
        return Server(process, (host, port))

    def stop(self):
        processes = [part.process for part in self.parts.values()]
        processes += [region.proxy.process for region in self.regions.values()]
        processes += [agent.process for agent in (self.replicator, self.names) if agent]
        for process in reversed(processes):
            process.stop(grace=5)
        self.network.close()
        if self._data:
            shutil.rmtree(self._data, ignore_errors=True)

    def doors(self):
        return [node.door for node in self.nodes.values()]

    def set_lag(self, seconds):
        self.replicator.ask(do="lag", seconds=seconds)

    def replicate(self, do, name):
        """do: "cut" or "mend" what region `name` sends."""
        origin = REGIONS[name]
        [target] = set(REGIONS.values()) - {origin}
        self.replicator.ask(do=do, origin=origin, target=target)

    def kill_region(self, name):
        """The emulator dies, nobody answers in its place, and what was not replicated yet stays there."""
        region = self.regions[name]
        for each in REGIONS:
            self.replicate("cut", each)
        region.spoil("refuse")
        region.emulator.process.kill()

    def empty_name(self, name):
        if not self.names:
            raise Failure("dns: names are the lab's own only when it runs as root")
        self.names.ask(do="empty", name=self.regions[name].endpoint_name)

    def heal(self):
        """Everything works again. What was replaced by nothing is started."""
        for name, region in self.regions.items():
            self.network.mend(name)
            region.heal()
            if self.names:
                self.names.ask(do="fill", name=region.endpoint_name)
            self.replicate("mend", name)
        for name in NODES:
            self.network.mend(name)
        for name, part in self.parts.items():
            if part.process.stopped():
                part.process.resume()
            if not part.process.alive():
                part.start()
                say(f"{name} is started again")

    def explain_user(self):
        if not self.network.namespaces:
            say(f"As user {pwd.getpwuid(os.geteuid()).pw_name} everything is on loopback: blackhole, cut, dns and tls need "
                "root; refuse, stop and the other faults do not.")
