"""mooringctl region and drain: the operator's orders to a sidecar that runs."""

import json
import shutil
import subprocess

import pytest

from daemons import AWS_KEYS, binary, mooringctl
from node import REGION
from processes import clean_environment, wait_until
from resp_client import RespClient
from servers import running_as_root
from test_follow import OTHER, info
from test_regions import Fleet, start


@pytest.fixture
def fleet(node):
    fleet = Fleet(node)
    node.sessiond().start()
    return fleet


def ctl(fleet, *words):
    return mooringctl(fleet.node.write(), *words)


def status(fleet):
    done = ctl(fleet, "region", "status", "--json")
    return done.returncode, json.loads(done.stdout)


def wait_up(fleet):
    wait_until(lambda: {each["state"] for each in fleet.published()["regions"].values()} == {"up"}, 10, "both are up")


def test_status_shows_what_is_used_and_why(fleet):
    start(fleet)
    wait_up(fleet)
    client = RespClient(fleet.node.socket)
    wait_until(lambda: info(client, "region_epoch") == str(fleet.published()["epoch"]), 5, "sessiond has seen it")
    code, shown = status(fleet)
    assert (code, shown["active"], shown["mode"], shown["warnings"]) == (0, REGION, "primary", [])
    assert shown["epoch"] == fleet.published()["epoch"]
    assert shown["sessiond"] == {"region": REGION, "epoch": str(shown["epoch"]), "in_use": REGION, "bridging": False}
    assert {name: each["state"] for name, each in shown["regions"].items()} == {REGION: "up", OTHER: "up"}
    done = ctl(fleet, "region", "status")
    assert done.returncode == 0
    for line in (f"active    {REGION}", "mode      primary", "pin       none", f"sessiond  uses {REGION}"):
        assert line in done.stdout, done.stdout


def test_a_region_is_pinned_and_unpinned(fleet):
    start(fleet)
    done = ctl(fleet, "region", "pin", OTHER, "--for", "10m", "--reason", "planned work")
    assert (done.returncode, done.stdout) == (0, f"{OTHER} is pinned for 10m\n"), done.stderr
    published = fleet.published()
    assert (published["active"], published["mode"], published["reason"]) == (OTHER, "pinned", "planned work")
    assert 590_000 < published["pinned_until"] - published["since"] <= 600_000
    wait_until(lambda: status(fleet)[1]["sessiond"]["region"] == OTHER, 2, "sessiond follows")
    assert status(fleet)[1]["pinned_until"]
    done = ctl(fleet, "region", "unpin")
    assert (done.returncode, done.stdout) == (0, "no region is pinned any more\n")
    assert "pinned_until" not in fleet.published()
    done = ctl(fleet, "region", "unpin")
    assert (done.returncode, done.stderr) == (1, "mooringctl: mooring-sidecar refuses: no region is pinned\n")


def test_what_cannot_be_pinned_is_refused(fleet):
    start(fleet)
    before = fleet.published()["active"]
    for words, code, said in (
            (("ap-south-1", "--reason", "typing error"), 1, "is not configured; pin"),
            ((OTHER, "--reason", "x" * 201), 1, "a reason of 1 to 200 bytes"),
            ((OTHER, "--for", "169h", "--reason", "too long"), 1, "a pin lasts"),
            ((OTHER, "--for", "soon", "--reason", "no time"), 2, "30s, 10m, 1h"),
            ((OTHER, "--for", "1500ms", "--reason", "no whole seconds"), 2, "30s, 10m, 1h"),
            ((OTHER,), 2, "--reason"),
            ((OTHER, "--reason", "one\nunpin"), 2, "one line"),
            (("eu west", "--reason", "no name"), 2, "not a region's name")):
        done = ctl(fleet, "region", "pin", *words)
        assert done.returncode == code, done.stderr
        assert said in done.stderr
    assert fleet.published()["active"] == before


def test_a_node_is_drained_and_taken_back(fleet):
    start(fleet)
    assert ctl(fleet, "drain").returncode == 0
    assert fleet.node.healthz()[0] == 503
    assert ctl(fleet, "undrain").returncode == 0
    assert fleet.node.healthz()[0] == 200


def test_a_region_in_trouble_is_a_warning(fleet):
    start(fleet)
    wait_up(fleet)
    fleet.there.process.kill()
    fleet.here.process.kill()
    wait_until(lambda: fleet.published()["mode"] == "both_down", 20, "both are down")
    code, shown = status(fleet)
    assert code == 1
    assert "is down" in shown["warnings"][0]
    assert "warning   " in ctl(fleet, "region", "status").stdout


def test_without_a_sidecar_it_is_said_what_to_do(fleet):
    done = ctl(fleet, "region", "status")
    assert done.returncode == 2
    assert str(fleet.state) in done.stderr and "start mooring-sidecar" in done.stderr
    socket = fleet.node.folder / "control.sock"
    for words in (("drain",), ("region", "unpin"), ("drill", "--end")):
        done = ctl(fleet, *words)
        assert done.returncode == 2
        assert f"{socket} (sidecar.control)" in done.stderr and "start mooring-sidecar" in done.stderr
    fleet.node.set("sidecar", control="")
    assert "sidecar.control is empty" in ctl(fleet, "drain").stderr


def test_a_sidecar_that_died_is_a_warning(fleet):
    sidecar = start(fleet)
    wait_up(fleet)
    sidecar.process.kill()
    code, shown = status(fleet)
    assert (code, shown["active"]) == (1, REGION)
    assert "sidecar.admin" in shown["warnings"][0]


def test_who_may_not_use_the_socket_is_told_so(fleet):
    start(fleet)
    folder = fleet.node.folder
    if not running_as_root():
        (folder / "control.sock").chmod(0)
    program = shutil.copy(binary("mooringctl"), folder)
    done = subprocess.run([program, "--config", fleet.node.write(), "drain"], capture_output=True, text=True, timeout=30,
                          check=False, env=clean_environment(**AWS_KEYS), user="nobody" if running_as_root() else None)
    assert done.returncode == 2
    assert "only its owner may use it: run this as root" in done.stderr
    assert fleet.node.healthz()[0] == 200


def test_an_embedded_store_has_no_region_to_choose(node):
    node.sessiond().start()
    node.sidecar().start()
    done = mooringctl(node.write(), "region", "status")
    assert done.returncode == 2
    assert 'sessions.store = "embedded"' in done.stderr
    done = mooringctl(node.write(), "region", "unpin")
    assert (done.returncode, "the region is fixed" in done.stderr) == (1, True)
