"""Two nodes over two regions that replicate each other a while later: a visitor who clicks now on one and then on the
other node sees what was acknowledged, whatever breaks, and wherever the nodes' sidecars have them be."""

import itertools
import json
import random
import threading
import time

import pytest

from agents import Agent
from daemons import Sessiond, write_config
from node import REGION, TABLE
from processes import free_port, wait_until
from replicator import Replicator
from resp_client import RespClient
from servers import LOOPBACK

OTHER = "eu-west-1"
KEY = "session_id"
LAG = 1.0
VISITORS = 12
# What two nodes need to be in one region again: the sound time of 5 s, and 3 s of a notice.
TOGETHER_WITHIN = 20.0


class Shop:
    """Two nodes, each with a line of its own to each region, and visitors who keep clicking."""

    def __init__(self, node):
        self.node = node
        self.emulators = {name: node.start_region(name) for name in (REGION, OTHER)}
        self.lines, self.daemons, self.states = {}, [], []
        for number in (0, 1):
            self.daemons.append(self._sessiond(number))
        self.replicator = self._replicator()
        self.epochs = itertools.count(1)
        self.faults, self.clicks = [], 0
        self._over = threading.Event()
        self._visitors = [threading.Thread(target=self._visit, args=(number,)) for number in range(VISITORS)]

    def _replicator(self):
        addresses = {name: (LOOPBACK, each.port) for name, each in self.emulators.items()}
        lines = {name: [self.lines[number, name].socket for number in (0, 1)] for name in self.emulators}
        replicator = Replicator(TABLE, KEY, addresses, lines).start()
        replicator.obey("lag", seconds=LAG)
        return replicator

    def _sessiond(self, number):
        folder = self.node.folder / f"node{number}"
        folder.mkdir()
        (folder / "log").mkdir()
        endpoints = {}
        for region, emulator in self.emulators.items():
            port = free_port()
            line = Agent(region, "fault_proxy.py", folder, f"{LOOPBACK}:{port}", f"{LOOPBACK}:{emulator.port}")
            self.node.own(line.process)
            self.lines[number, region] = line.start()
            endpoints[region] = f"http://{LOOPBACK}:{port}"
        socket, state = folder / "sessiond.sock", folder / "region.json"
        self.states.append(state)
        config = write_config(folder / "mooring.toml", {
            "region": {"primary": REGION, "secondary": OTHER, "state_file": state},
            "dynamodb": {"table": TABLE, "endpoints": endpoints},
            "sessions": {"socket": socket}})
        daemon = Sessiond(folder, config)
        self.node.own(daemon.process)
        daemon.start()
        daemon.socket = socket
        return daemon

    def publish(self, number, active):
        standing = {"state": "up", "since": 1795176000000}
        state = {"epoch": next(self.epochs), "active": active, "mode": "primary" if active == REGION else "secondary",
                 "since": 1795176000000, "reason": "the test says so", "regions": {REGION: standing, OTHER: standing}}
        new = self.states[number].with_suffix(".new")
        new.write_text(json.dumps(state), encoding="utf-8")
        new.rename(self.states[number])

    def breaks(self, number, region, fault="refuse", value=None):
        self.lines[number, region].ask(do="break", fault=fault, value=value)

    def heal(self):
        for line in self.lines.values():
            line.ask(do="heal")

    def in_use(self, number):
        with RespClient(self.daemons[number].socket) as client:
            lines = client.call("INFO").decode().splitlines()
        return next(line.split(":", 1)[1] for line in lines if line.startswith("region_in_use:"))

    def wait_together(self, region):
        wait_until(lambda: {self.in_use(0), self.in_use(1)} == {region}, TOGETHER_WITHIN, f"both nodes use {region}")

    def _visit(self, number):
        """Each click adds one to the cart, on any node."""
        choice = random.Random(number)
        clients = [RespClient(daemon.socket, timeout=15) for daemon in self.daemons]
        cart = 0
        while not self._over.is_set():
            node = choice.randrange(2)
            name = f"visitor{number}"
            try:
                token, found = clients[node].open(name)
                if int(found or 0) != cart:
                    self.faults.append(f"{name} saw {found} on node {node}, {cart} was acknowledged")
                    cart = int(found or 0)
                time.sleep(choice.uniform(0, 0.2))  # pause: of a page at work
                clients[node].commit(name, token, b"%d" % (cart + 1))
                cart += 1
                self.clicks += 1
            except Exception as fault:  # noqa: BLE001  whatever it is, the test has to see it
                self.faults.append(f"{name} on node {node}: {fault}")
                return
            time.sleep(choice.uniform(0, 0.3))  # pause: of a visitor who reads

    def open_the_doors(self):
        for visitor in self._visitors:
            visitor.start()

    def close(self):
        self._over.set()
        for visitor in self._visitors:
            if visitor.ident:
                visitor.join()
        self.replicator.stop()

    def wait(self, seconds):
        """At most so long: a fault ends it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.faults:
            time.sleep(0.1)  # pause: of a loop that looks for a fault


@pytest.fixture
def closed_shop(node):
    shop = Shop(node)
    try:
        yield shop
    finally:
        shop.close()


@pytest.fixture
def shop(closed_shop):
    closed_shop.open_the_doors()
    closed_shop.wait(1)
    yield closed_shop
    closed_shop.close()
    assert not closed_shop.faults, closed_shop.faults
    assert closed_shop.clicks > 15 * VISITORS


def test_nodes_whose_sidecars_move_at_different_times(shop):
    shop.publish(0, OTHER)
    shop.wait(4)
    shop.publish(1, OTHER)
    shop.wait(4)
    assert (shop.in_use(0), shop.in_use(1)) == (OTHER, OTHER)
    shop.publish(1, REGION)
    shop.wait(4)
    assert shop.in_use(1) == OTHER, "it waits for the other node"
    shop.publish(0, REGION)
    shop.wait_together(REGION)
    shop.wait(4)


def test_one_node_cannot_reach_the_primary(shop):
    shop.breaks(0, REGION)
    shop.wait_together(OTHER)
    shop.wait(4)
    shop.heal()
    shop.wait_together(REGION)
    shop.wait(4)


def test_one_node_cannot_reach_the_secondary_where_the_other_is_moved(shop):
    shop.publish(1, OTHER)
    shop.wait(4)
    assert (shop.in_use(0), shop.in_use(1)) == (OTHER, OTHER)
    shop.breaks(0, OTHER)
    shop.wait_together(REGION)
    shop.wait(4)
    shop.heal()
    shop.wait_together(OTHER)
    shop.wait(2)


def test_the_primary_fails_all_and_comes_back(shop):
    for number in (0, 1):
        shop.breaks(number, REGION)
    shop.wait_together(OTHER)
    shop.wait(4)
    shop.heal()
    shop.wait_together(REGION)
    shop.wait(4)


def test_the_primary_fails_a_part_of_what_is_asked(shop):
    for number in (0, 1):
        shop.breaks(number, REGION, "errors", 30)
    shop.wait(8)
    shop.heal()
    shop.wait_together(REGION)
    shop.wait(2)


def test_the_primary_answers_looks_and_fails_writes(shop):
    for number in (0, 1):
        shop.breaks(number, REGION, "readonly")
    shop.wait_together(OTHER)
    for _ in range(8):
        shop.wait(1)
        assert (shop.in_use(0), shop.in_use(1)) == (OTHER, OTHER), "it has passed the looks, and is not used again"
    shop.heal()
    shop.wait_together(REGION)
    shop.wait(2)


def test_a_node_that_starts_goes_where_the_others_are(closed_shop):
    closed_shop.publish(0, OTHER)
    wait_until(lambda: closed_shop.in_use(1) == OTHER, 2, "another node is there")
    daemon = closed_shop.daemons[1]
    daemon.process.kill()
    daemon.start()
    wait_until(lambda: closed_shop.in_use(1) == OTHER, 3, "and a new process sees the notice change")
