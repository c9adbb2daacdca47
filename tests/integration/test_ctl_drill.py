"""mooringctl drill: a region counts as failed on one node, and nobody notices."""

import json
import os
import pty
import signal
import subprocess
import time

import pytest

from daemons import AWS_KEYS, binary, mooringctl
from faulty_dynamodb import FAILS, FaultProxy
from node import REGION, TABLE
from processes import clean_environment, wait_until
from resp_client import RespClient
from test_follow import OTHER, info, visit
from test_regions import Fleet, start

USUAL_TRAFFIC = 5  # seconds before the drill, and after it


class DrilledFleet(Fleet):
    """The primary region is behind a proxy, which tells whether anything is sent to it; moves are quick."""

    def __init__(self, node):
        super().__init__(node)
        self.proxy = FaultProxy(self.here.port)
        node.sections["dynamodb"]["endpoints"][REGION] = self.proxy.endpoint
        node.set("region", min_fail_time="1s", rise=2, min_dwell="0s", failback_hold="2s")

    def avoided(self):
        return self.published().get("avoided", {}).get("region")

    def wait_up(self):
        wait_until(lambda: {each["state"] for each in self.published()["regions"].values()} == {"up"}, 10, "all are up")

    def drill(self, *words):
        return subprocess.Popen([binary("mooringctl"), "--config", self.node.write(), "drill", *words],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
                                env=clean_environment(**AWS_KEYS))

    def wait_drill(self):
        wait_until(lambda: self.avoided() == REGION, USUAL_TRAFFIC + 10, "the drill runs")

    def left_sessions(self):
        """That live, as sessiond says. Nothing is replicated here, so a table may keep what the other one has lost."""
        keys = set()
        for emulator in (each for each in (self.here, self.there) if each.process.alive()):
            items = self.node.dynamodb(emulator.endpoint).scan(TableName=TABLE)["Items"]
            keys |= {item["session_id"]["S"] for item in items}
        with RespClient(self.node.socket) as client:
            return [key for key in keys if key.startswith("mooring-drill") and client.call("SESSION.EXISTS", key)]


@pytest.fixture
def fleet(node):
    fleet = DrilledFleet(node)
    try:
        node.sessiond().start()
        yield fleet
    finally:
        fleet.proxy.close()


def test_a_drill_loses_nothing_and_sends_nothing_to_the_region(fleet):
    node_notes, fleet_notes = fleet.note("node"), fleet.note("fleet")
    start(fleet)
    fleet.wait_up()
    client = RespClient(fleet.node.socket)
    visit(client, "visitor", b"cart")
    drill = fleet.drill("--for", "8s", "--sessions", "10", "--rate", "20", "--wait-back", "--json", "--yes")
    fleet.wait_drill()
    wait_until(lambda: info(client, "region_in_use") == OTHER, 5, "sessiond has read that the region is avoided")
    fleet.proxy.befall(FAILS)
    fleet.wait_active(OTHER, 5)
    assert visit(client, "visitor", b"bigger cart")[0] == b"cart"
    time.sleep(3)  # pause: the drill's visitors go on while the region fails
    assert fleet.avoided() == REGION
    assert fleet.proxy.hits == 0
    fleet.proxy.heal()
    said, errors = drill.communicate(timeout=60)
    assert drill.returncode == 0, said + errors
    report = json.loads(said)
    assert (report["region"], report["other_region"], report["broken_limits"]) == (REGION, OTHER, [])
    assert (report["sessions"], report["sessions_checked"], report["sessions_lost"]) == (10, 10, 0)
    assert 1 <= report["detected_after_seconds"] <= report["switched_after_seconds"] < 5
    assert report["sessiond_followed_after_seconds"] - report["switched_after_seconds"] < 1
    assert 7.5 < report["lasted_seconds"] < 10
    assert report["back_after_seconds"] > 2
    for phase in ("before", "during", "after"):
        shown = report["requests"][phase]
        assert shown["requests"] > 50 and shown["failed"] == 0, phase
        assert 0 < shown["p50_ms"] <= shown["p99_ms"] <= shown["slowest_ms"]
    assert fleet.published()["active"] == REGION
    assert not fleet.left_sessions() and report["sessions_left"] == 0
    assert visit(client, "visitor", b"last")[0] == b"bigger cart"
    lines = node_notes.read_text(encoding="utf-8").splitlines()
    assert [line.split()[:2] for line in lines] == [[REGION, OTHER], [OTHER, REGION]]
    assert not fleet_notes.exists(), "a drill is of one node"
    assert "event=fleet_hooks.not_run" in fleet.node.logs(400)


def test_the_region_that_is_not_in_use_can_be_drilled(fleet):
    start(fleet)
    fleet.wait_up()
    drill = fleet.drill("--region", OTHER, "--for", "3s", "--sessions", "2", "--json", "--yes")
    wait_until(lambda: fleet.avoided() == OTHER, USUAL_TRAFFIC + 10, "the drill runs")
    said, errors = drill.communicate(timeout=30)
    assert drill.returncode == 0, said + errors
    report = json.loads(said)
    assert (report["was_in_use"], report["switched_after_seconds"], report["broken_limits"]) == (False, None, [])
    assert report["detected_after_seconds"] < 3
    assert (fleet.published()["active"], fleet.published()["mode"]) == (REGION, "primary")


def test_ctrl_c_ends_it_cleanly(fleet):
    start(fleet)
    fleet.wait_up()
    drill = fleet.drill("--for", "10m", "--yes")
    fleet.wait_drill()
    assert fleet.left_sessions(), "they are there meanwhile"
    drill.send_signal(signal.SIGINT)
    said, errors = drill.communicate(timeout=20)
    assert drill.returncode == 1, said + errors
    assert "FAIL      the drill was interrupted\n" in said
    assert fleet.avoided() is None
    assert not fleet.left_sessions()


def test_ctrl_c_before_the_drill_leaves_nothing(fleet):
    start(fleet)
    fleet.wait_up()
    drill = fleet.drill("--yes")
    wait_until(fleet.left_sessions, 5, "the sessions are made")
    drill.send_signal(signal.SIGTERM)
    said, errors = drill.communicate(timeout=20)
    assert drill.returncode == 2, said + errors
    assert "interrupted before the drill began" in errors
    assert fleet.avoided() is None and not fleet.left_sessions()


def test_it_ends_when_the_other_region_fails(fleet):
    start(fleet)
    fleet.wait_up()
    drill = fleet.drill("--for", "10m", "--yes")
    fleet.wait_drill()
    fleet.wait_active(OTHER, 5)
    fleet.there.process.kill()
    wait_until(lambda: fleet.avoided() is None, 5, "the drill is over")
    fleet.wait_active(REGION, 10)
    said, errors = drill.communicate(timeout=60)
    assert drill.returncode == 1, said + errors
    assert "the drill ended before its time" in said
    assert ", 0 lost" in said


def test_a_sidecar_that_dies_leaves_no_region_avoided(fleet):
    sidecar = start(fleet)
    fleet.wait_up()
    client = RespClient(fleet.node.socket)
    visit(client, "visitor", b"cart")
    assert fleet.ask(f"drill {REGION} 4") == "OK"
    sidecar.process.kill()
    wait_until(lambda: (visit(client, "visitor", b"cart"), info(client, "bridging"))[1] == "1", 2, "it is avoided")
    fleet.proxy.befall(FAILS)
    time.sleep(2)  # pause: the region fails for a while
    visit(client, "visitor", b"cart")
    assert fleet.proxy.hits == 0
    fleet.proxy.heal()
    assert fleet.avoided() == REGION, "nobody has changed the file"
    wait_until(lambda: (visit(client, "visitor", b"cart"), info(client, "bridging"))[1] == "0", 8, "it is used again")


def test_a_restart_of_the_sidecar_ends_it(fleet):
    sidecar = start(fleet)
    fleet.wait_up()
    assert fleet.ask(f"drill {REGION} 600") == "OK"
    assert fleet.avoided() == REGION
    shown = mooringctl(fleet.node.write(), "region", "status", "--json")
    assert json.loads(shown.stdout)["drill"]["region"] == REGION
    sidecar.process.kill()
    fleet.node.sidecar().start()
    assert fleet.avoided() is None
    assert fleet.ask("undrill") == "ERR no drill runs"


def test_another_terminal_ends_it(fleet):
    start(fleet)
    fleet.wait_up()
    assert fleet.ask(f"drill {REGION} 600") == "OK"
    done = mooringctl(fleet.node.write(), "drill", "--end")
    assert (done.returncode, done.stdout) == (0, "the drill is over\n")
    assert fleet.avoided() is None


def test_what_must_not_be_drilled_is_refused_before_anything_is_made(fleet):
    start(fleet)
    fleet.wait_up()

    def refused(*words):
        done = mooringctl(fleet.node.write(), "drill", *words)
        assert done.returncode == 2, done.stdout + done.stderr
        return done.stderr

    assert "nobody can be asked; say --yes" in refused()
    assert "not one of this node's regions" in refused("--region", "ap-south-1", "--yes")
    for wrong in (("--for", "61m"), ("--sessions", "201"), ("--sessions", "0"), ("--rate", "201"), ("--for", "0s")):
        assert wrong[0] in refused("--yes", *wrong)
    assert fleet.ask(f"pin {REGION} 60 testing") == "OK"
    assert "is pinned" in refused("--yes")
    assert "is pinned" in fleet.ask(f"drill {REGION} 30")
    assert fleet.ask("unpin") == "OK"
    assert fleet.ask(f"drill {REGION} 3600") == "OK"
    assert "a drill of us-east-1 runs already" in refused("--yes")
    assert fleet.ask("undrill") == "OK"
    assert fleet.ask(f"drill {REGION} 3601") == "ERR a drill lasts 3600 seconds at most"
    fleet.there.process.kill()
    wait_until(lambda: fleet.published()["regions"][OTHER]["state"] == "down", 10, f"{OTHER} is down")
    assert f"mooring-sidecar refuses: {OTHER} could not take over" in refused("--yes")
    assert fleet.avoided() is None
    assert not fleet.left_sessions()


def test_one_region_cannot_be_drilled(node):
    node.start_emulator()
    node.sessiond().start()
    node.sidecar().start()
    node.wait_healthz(200, 10)
    done = mooringctl(node.write(), "drill", "--yes")
    assert done.returncode == 2
    assert "set region.secondary" in done.stderr


def test_it_explains_itself_and_asks(fleet):
    start(fleet)
    fleet.wait_up()
    master, slave = pty.openpty()
    asked = subprocess.Popen([binary("mooringctl"), "--config", fleet.node.write(), "drill"], stdin=slave,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(**AWS_KEYS))
    os.write(master, b"no\n")
    _said, errors = asked.communicate(timeout=20)
    os.close(master), os.close(slave)
    assert asked.returncode == 2
    for word in (f"sends nothing to {REGION}", "region.failback_hold", "Type yes: ", "not confirmed"):
        assert word in errors, errors
    assert not fleet.left_sessions()


def test_a_drill_without_daemons_says_what_is_missing(fleet):
    done = mooringctl(fleet.node.write(), "drill", "--yes")
    assert (done.returncode, "start mooring-sidecar" in done.stderr) == (2, True)
    fleet.publish(REGION)
    done = mooringctl(fleet.node.write(), "drill", "--yes", "--sessions", "2")
    assert (done.returncode, "(sidecar.control)" in done.stderr) == (2, True)
    assert not fleet.left_sessions()
