"""A disk that hangs under the sidecar: probes are answered at once, the region moves all the same, and a stop ends."""

import json
import signal
import threading
import time

import pytest

from hanging_disk import HangingDisk
from node import REGION
from processes import wait_until
from test_follow import OTHER
from test_regions import SWITCH_SECONDS, Fleet

# A probe of a load balancer; on a busy machine.
AT_ONCE = 1.0
# The drain of these tests, what a stop gives the two files and the hooks, and a busy machine.
STOPS_WITHIN = 5 + 3 + 2 + 5


class Prober:
    """Asks /healthz all the time, as load balancers do, and knows how long the slowest answer took."""

    def __init__(self, node):
        self.node = node
        self.slowest = 0.0
        self.answers = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._over.set()
        self._thread.join()

    def _ask(self):
        while not self._over.is_set():
            begun = time.monotonic()
            if self.node.healthz(timeout=10)[0] == 200:
                self.answers += 1
            self.slowest = max(self.slowest, time.monotonic() - begun)
            self._over.wait(0.05)


@pytest.fixture
def fleet(node):
    fleet = Fleet(node)
    fleet.disk = HangingDisk(node.folder / "disk", node.folder)
    node.sessiond().start()
    return fleet


def start(fleet):
    sidecar = fleet.node.sidecar(fleet.disk.environment())
    sidecar.start()
    fleet.node.wait_healthz(200, 10)
    # Both regions are known to be well, so the next failure is told at once.
    wait_until(lambda: all(region["state"] == "up" for region in fleet.published()["regions"].values()), 10, "both are up")
    return sidecar


def assert_ends(sidecar):
    sidecar.process.signal(signal.SIGTERM)
    assert sidecar.process.wait(STOPS_WITHIN) == 0


def test_the_region_moves_though_the_disk_of_its_memory_hangs(fleet):
    fleet.node.set("region", memory_file=fleet.disk.folder / "sidecar.json")
    notes = fleet.note("node")
    sidecar = start(fleet)
    with Prober(fleet.node) as prober:
        fleet.disk.hang()
        fleet.here.process.kill()
        fleet.disk.wait_until_reached()
        fleet.wait_active(OTHER)
        wait_until(lambda: fleet.region_page(OTHER) == 200, 2, "the node says that it uses it")
        wait_until(notes.exists, 5, "the hook runs")
        wait_until(lambda: prober.answers > 5, 5, "probes are answered")
    assert prober.slowest < AT_ONCE
    assert "region.memory_not_saved" in sidecar.process.log_text()
    assert_ends(sidecar)


def test_the_memory_is_written_when_the_disk_answers_again(fleet):
    memory = fleet.disk.folder / "sidecar.json"
    fleet.node.set("region", memory_file=memory)
    start(fleet)
    fleet.disk.hang()
    assert fleet.ask(f"pin {OTHER} 600 the test says so") == "OK"
    fleet.wait_active(OTHER, 5)
    assert "pin" not in json.loads(memory.read_text(encoding="utf-8"))
    fleet.disk.resume()
    wait_until(lambda: "pin" in json.loads(memory.read_text(encoding="utf-8")), 20, "the pin is remembered")


def test_probes_and_a_stop_do_not_wait_for_the_disk_of_any_file(fleet):
    disk = fleet.disk.folder
    fleet.state = disk / "region.json"
    fleet.node.set("region", memory_file=disk / "sidecar.json", state_file=fleet.state)
    fleet.node.set("publish", nginx_region_conf=disk / "region.conf")
    sidecar = start(fleet)
    before = fleet.published()
    with Prober(fleet.node) as prober:
        fleet.disk.hang()
        fleet.here.process.kill()
        fleet.disk.wait_until_reached()
        wait_until(lambda: "region.not_published" in sidecar.process.log_text(), SWITCH_SECONDS, "the failure is told")
        wait_until(lambda: fleet.region_page(OTHER) == 200, SWITCH_SECONDS, "the node has decided")
    assert prober.slowest < AT_ONCE
    assert fleet.published()["epoch"] == before["epoch"]
    fleet.disk.resume()
    wait_until(lambda: fleet.published()["active"] == OTHER, 40, "it is published when the disk answers")
    conf = disk / "region.conf"
    wait_until(lambda: OTHER in conf.read_text(encoding="utf-8"), 15, "nginx's file follows")
    fleet.disk.hang()
    assert fleet.ask("status").startswith(f"OK region {OTHER}")
    assert_ends(sidecar)


def test_a_hook_that_cannot_be_read_delays_no_probe_and_runs_when_it_can(fleet):
    hooks = fleet.disk.folder / "node.d"
    hooks.mkdir()
    notes = fleet.node.folder / "node.notes"
    (hooks / "note").write_text(f'#!/bin/sh\necho "$MOORING_TO" >> {notes}\n', encoding="utf-8")
    (hooks / "note").chmod(0o755)
    fleet.node.set("hooks", node_folder=hooks)
    sidecar = start(fleet)
    with Prober(fleet.node) as prober:
        fleet.disk.hang()
        fleet.here.process.kill()
        fleet.wait_active(OTHER)
        fleet.disk.wait_until_reached()
        asked = prober.answers
        wait_until(lambda: prober.answers > asked + 5, 5, "probes are answered while the hook does not start")
    assert prober.slowest < AT_ONCE
    assert not notes.exists()
    fleet.disk.resume()
    wait_until(notes.exists, 10, "the hook runs")
    fleet.disk.hang()
    assert fleet.ask(f"pin {REGION} 600 the test says so") == "OK"
    fleet.disk.wait_until_reached()
    assert_ends(sidecar)


def test_a_start_that_cannot_publish_says_so_and_ends(fleet):
    fleet.node.set("region", state_file=fleet.disk.folder / "region.json")
    sidecar = fleet.node.sidecar(fleet.disk.environment())
    fleet.disk.hang()
    sidecar.process.start()
    assert sidecar.process.wait(15) != 0
    assert "region.state_file" in sidecar.process.log_text()


def test_a_stop_writes_what_the_disk_takes(fleet):
    fleet.node.set("region", memory_file=fleet.disk.folder / "sidecar.json")
    sidecar = start(fleet)
    assert fleet.ask(f"pin {OTHER} 600 the test says so") == "OK"
    assert_ends(sidecar)
    assert json.loads((fleet.disk.folder / "sidecar.json").read_text(encoding="utf-8"))["active"] == OTHER
    assert fleet.published()["active"] == OTHER
    assert fleet.published()["mode"] == "pinned"
    assert REGION in fleet.published()["regions"]
