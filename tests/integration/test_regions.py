"""The sidecar moves this node to the other region, tells everybody, and goes on where a former sidecar died."""

import json
import signal
import time

import pytest

from daemons import Sidecar, ask_operator_socket, get, write_config
from node import REGION
from processes import free_port, wait_until
from resp_client import RespClient
from servers import LOOPBACK
from test_follow import OTHER, Regions, info, visit

# From the first failure to the published region, with the default rules.
SWITCH_SECONDS = 10


class Fleet(Regions):
    """Two regions, sessiond and the sidecar; hooks write down what they are told."""

    def __init__(self, node):
        super().__init__(node)
        for kind in ("node", "fleet"):
            (node.folder / f"{kind}.d").mkdir()
        node.sections["hooks"] = {"node_folder": node.folder / "node.d", "fleet_folder": node.folder / "fleet.d",
                                  "retry_pause": "100ms"}
        node.set("checks", interval="500ms", fast_interval="200ms")

    def hook(self, kind, script):
        path = self.node.folder / f"{kind}.d" / "note"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def note(self, kind):
        notes = self.node.folder / f"{kind}.notes"
        self.hook(kind, f'echo "$MOORING_FROM $MOORING_TO $MOORING_EPOCH" >> {notes}')
        return notes

    def published(self):
        return json.loads(self.state.read_text(encoding="utf-8"))

    def wait_active(self, region, within=SWITCH_SECONDS):
        wait_until(lambda: self.published()["active"] == region, within, f"{region} is published")

    def ask(self, line):
        return ask_operator_socket(self.node.folder / "control.sock", line)

    def second_sidecar(self):
        """The sidecar of another node of the fleet, not started yet, and the file where it publishes."""
        folder = self.node.folder / "second"
        folder.mkdir()
        own = self.node.sections
        sections = {**own, "region": {**own["region"], "state_file": folder / "region.json",
                                      "memory_file": folder / "sidecar.json"},
                    "sidecar": {**own["sidecar"], "listen": f"{LOOPBACK}:{free_port()}",
                                "admin": f"{LOOPBACK}:{free_port()}", "control": folder / "control.sock"},
                    "publish": {}}
        sidecar = Sidecar(folder, write_config(folder / "mooring.toml", sections))
        self.node.own(sidecar.process)
        return sidecar, folder

    def region_page(self, name):
        return get(self.node.probe_port, f"/region/{name}")[0]


@pytest.fixture
def fleet(node):
    fleet = Fleet(node)
    node.sessiond().start()
    return fleet


def start(fleet):
    sidecar = fleet.node.sidecar()
    sidecar.start()
    fleet.node.wait_healthz(200, 10)
    return sidecar


def test_a_dead_region_is_left_and_everybody_is_told(fleet):
    node_notes, fleet_notes = fleet.note("node"), fleet.note("fleet")
    start(fleet)
    client = RespClient(fleet.node.socket)
    visit(client, "visitor", b"cart")
    assert (fleet.region_page(REGION), fleet.region_page(OTHER), fleet.region_page("x")) == (200, 503, 503)
    before = fleet.published()
    fleet.here.process.kill()
    fleet.wait_active(OTHER)
    after = fleet.published()
    assert after["epoch"] > before["epoch"]
    assert after["mode"] == "secondary"
    wait_until(lambda: info(client, "region") == OTHER, 1, "sessiond follows within a second")
    assert (fleet.region_page(REGION), fleet.region_page(OTHER)) == (503, 200)
    assert f"DYNAMODB_REGION {OTHER};" in (fleet.node.folder / "region.conf").read_text(encoding="utf-8")
    told = f"{REGION} {OTHER} {after['epoch']}\n"
    wait_until(lambda: node_notes.exists() and node_notes.read_text(encoding="utf-8") == told, 5, "the node's hook ran")
    wait_until(lambda: fleet_notes.exists() and fleet_notes.read_text(encoding="utf-8") == told, 5, "the fleet's too")
    # Nobody left the service for it.
    assert fleet.node.healthz()[0] == 200
    assert visit(client, "visitor", b"bigger cart")[0] == b"cart"


def test_both_regions_down_take_the_node_out_and_the_first_to_come_back_is_used(fleet):
    start(fleet)
    fleet.here.process.pause()
    fleet.there.process.pause()
    fleet.node.wait_healthz(503, 20)
    wait_until(lambda: fleet.published()["mode"] == "both_down", SWITCH_SECONDS, "the machine knows that both are down")
    assert fleet.published()["active"] == REGION
    fleet.there.process.resume()
    fleet.wait_active(OTHER, 15)
    fleet.node.wait_healthz(200, 10)


def test_a_restart_goes_on_with_the_epoch_and_publishes_a_move_that_nobody_confirmed(fleet):
    notes = fleet.node.folder / "node.notes"
    fleet.hook("node", f'echo "$MOORING_EPOCH" >> {notes}; sleep 60')
    sidecar = start(fleet)
    fleet.here.process.kill()
    wait_until(notes.exists, SWITCH_SECONDS + 2, "the hook runs")
    moved = fleet.published()
    sidecar.process.kill()
    fleet.hook("node", f'echo "$MOORING_EPOCH again" >> {notes}')
    fleet.node.sidecar().start()
    assert fleet.published()["epoch"] >= moved["epoch"]
    assert fleet.published()["active"] == OTHER
    wait_until(lambda: "again" in notes.read_text(encoding="utf-8"), 5, "the hook runs again")


def test_an_operator_pins_and_the_pin_survives_a_restart(fleet):
    sidecar = start(fleet)
    assert fleet.ask(f"pin {OTHER} 600 trying it out") == "OK"
    fleet.wait_active(OTHER, 2)
    assert fleet.published()["mode"] == "pinned"
    sidecar.process.kill()
    again = fleet.node.sidecar()
    again.start()
    assert fleet.published()["active"] == OTHER
    assert "pinned" in fleet.ask("status")
    assert fleet.ask("pin ap-south-1 600 wrong").startswith("ERR ")
    assert fleet.ask("pin").startswith("ERR use: ")
    assert fleet.ask("x" * 2000).startswith("ERR ")
    assert fleet.ask("unpin") == "OK"


def test_a_stop_in_the_middle_of_a_probe_says_nothing_about_the_region(fleet):
    sidecar = start(fleet)
    fleet.here.process.pause()
    fleet.there.process.pause()
    # Each region's probe is under way by now, and has not failed.
    time.sleep(0.8)  # pause: a probe begins in each fast_interval
    sidecar.process.signal(signal.SIGTERM)
    assert sidecar.process.wait(5) == 0
    assert "refusing" not in json.dumps(fleet.published())


def test_what_could_not_be_published_is_not_counted_as_published(fleet):
    folder = fleet.node.folder / "run"
    folder.mkdir()
    fleet.node.set("region", state_file=folder / "region.json")
    sidecar = start(fleet)

    def gauges():
        metrics = get(fleet.node.admin_port, "/metrics")[1].decode().splitlines()
        return {line for line in metrics if line.startswith(("mooring_sidecar_region_epoch", "mooring_sidecar_region_active"))}

    # The first answers of the regions change the epoch.
    state = folder / "region.json"
    wait_until(lambda: "unknown" not in state.read_text(encoding="utf-8"), 5, "both regions have answered")
    before = wait_until(gauges, 5, "the gauges are there")
    gone = folder.rename(folder.with_suffix(".gone"))
    assert fleet.ask(f"pin {OTHER} 600 the test says so") == "OK"
    wait_until(lambda: "event=region.not_published" in sidecar.process.log_text(), 5, "the file cannot be written")
    assert gauges() == before
    gone.rename(folder)
    wait_until(lambda: f'mooring_sidecar_region_active{{region="{OTHER}"}} 1' in gauges(), 10, "it is published")


def test_an_nginx_that_refuses_is_told_again_until_it_takes_the_region(fleet):
    fixed, notes = fleet.node.folder / "fixed", fleet.note("node")
    fleet.node.set("publish", nginx_test=["test", "-e", fixed])
    sidecar = start(fleet)
    assert fleet.ask(f"pin {OTHER} 600 while nginx is being configured") == "OK"
    wait_until(lambda: notes.exists(), 15, "hooks do not wait for nginx for ever")
    conf = fleet.node.folder / "region.conf"
    wait_until(lambda: f"event=nginx.not_reloaded region={OTHER}" in sidecar.process.log_text(), 15, "nginx refuses it")
    # Each further try writes it, too, until nginx has refused it again.
    wait_until(lambda: OTHER not in conf.read_text(encoding="utf-8"), 15, "what nginx refuses is taken back")
    fixed.touch()
    wait_until(lambda: OTHER in conf.read_text(encoding="utf-8"), 15, "nginx is told again")


def test_an_operator_drains_the_node_and_takes_it_back(fleet):
    start(fleet)
    assert fleet.ask("drain") == "OK"
    assert fleet.node.healthz()[0] == 503
    assert fleet.ask("undrain") == "OK"
    assert fleet.node.healthz()[0] == 200


def test_two_nodes_of_a_fleet_run_its_hooks_once(fleet):
    notes = fleet.node.folder / "fleet.notes"
    fleet.hook("fleet", f'echo "begin" >> {notes}; sleep 1; echo "end" >> {notes}')
    start(fleet)
    other, folder = fleet.second_sidecar()
    other.start()
    fleet.here.process.kill()
    fleet.wait_active(OTHER)
    wait_until(lambda: json.loads((folder / "region.json").read_text(encoding="utf-8"))["active"] == OTHER, 5,
               "the second node moves too")
    wait_until(lambda: "fleet_hooks.done_by_another_node" in fleet.node.logs(400) + other.process.log_text(), 15,
               "one of them hears that it is done")
    assert notes.read_text(encoding="utf-8") == "begin\nend\n"
