"""Policy "evacuate": a primary that is down takes the node out of service, and nothing moves; sessions go on meanwhile."""

import re
import time

import pytest

from daemons import get
from node import REGION
from processes import wait_until
from resp_client import RespClient
from test_follow import OTHER, info, visit
from test_regions import Fleet, start

# Longer than a node with policy "follow" takes to move.
LONG_ENOUGH_TO_MOVE = 11


@pytest.fixture
def evacuating(node):
    fleet = Fleet(node)
    node.set("region", policy="evacuate")
    fleet.notes = fleet.note("node")
    node.sessiond().start()
    return fleet


def test_a_primary_that_is_down_takes_the_node_out_and_moves_nothing(evacuating):
    sidecar = start(evacuating)
    client = RespClient(evacuating.node.socket)
    visit(client, "visitor", b"cart")
    before = evacuating.published()
    assert evacuating.region_page(REGION) == 200
    evacuating.here.process.pause()
    evacuating.node.wait_healthz(503, 10)
    assert evacuating.region_page(REGION) == 503, "a DNS health check of the page follows"
    assert evacuating.region_page(OTHER) == 503
    # Who is still sent here is served: sessiond bridges by itself.
    for view in range(5):
        expected = b"cart" if view == 0 else b"cart %d" % (view - 1)
        assert visit(client, "visitor", b"cart %d" % view)[0] == expected
        time.sleep(LONG_ENOUGH_TO_MOVE / 5)  # pause: together long enough for a move
    assert info(client, "bridging") == "1"
    after = evacuating.published()
    assert (after["active"], after["mode"]) == (REGION, "both_down")
    assert after["reason"].endswith('; no other region is used (region.policy = "evacuate")')
    assert after["epoch"] > before["epoch"]
    assert "moved=true" not in sidecar.process.log_text()
    assert not evacuating.notes.exists(), "no hook runs: nothing has moved"
    evacuating.here.process.resume()
    evacuating.node.wait_healthz(200, 10)
    assert evacuating.region_page(REGION) == 200
    wait_until(lambda: visit(client, "visitor", b"cart 4")[0] == b"cart 4" and info(client, "bridging") == "0", 10,
               "the bridge ends", every=0.5)


def test_a_secondary_that_is_down_is_a_warning_only(evacuating):
    start(evacuating)
    evacuating.there.process.pause()
    wait_until(lambda: evacuating.node.status()[1]["verdict"] == "warn", 10, "the check warns")
    assert evacuating.node.healthz()[0] == 200
    assert evacuating.region_page(REGION) == 200
    metrics = get(evacuating.node.admin_port, "/metrics")[1].decode()
    for outcome in ("ok", "timed_out"):
        assert re.search(rf'region_probes_total{{region="{OTHER}",connection="\w+",class="{outcome}"}} [1-9]', metrics)


def test_a_region_cannot_be_pinned_that_nothing_would_move_to(evacuating):
    start(evacuating)
    assert evacuating.ask(f"pin {OTHER} 60 trying").startswith("ERR ")
    assert evacuating.published()["active"] == REGION
