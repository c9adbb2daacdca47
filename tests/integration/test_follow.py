"""sessiond over two regions: it bridges an outage by itself, and follows the region that is published."""

import itertools
import json
import threading
import time

import pytest

from daemons import mooringctl
from node import REGION, TABLE
from processes import wait_until, watch
from resp_client import RespClient

OTHER = "eu-west-1"
NOTICE = "mooring-region/"
# A region that answers again for 5 s is used again 3 s later, when the notice is over.
BACK_WITHIN = 15
# A bridged command may take so long: the patience with the first region, the others' replay, and a busy machine.
SLOWEST = 3.0


class Regions:
    """Two emulators, nothing is replicated; sessiond uses both."""

    def __init__(self, node):
        self.node = node
        self.here, self.there = (node.start_region(name) for name in ("here", "there"))
        node.set("region", secondary=OTHER)
        node.set("dynamodb", endpoints={REGION: self.here.endpoint, OTHER: self.there.endpoint})
        node.set("sessions", store="dynamodb")
        self.state = node.folder / "region.json"
        self.epochs = itertools.count(1)

    def publish(self, active):
        text = json.dumps({"epoch": next(self.epochs), "active": active, "mode": "primary" if active == REGION else "secondary",
                           "since": 1795176000000, "reason": "the test says so",
                           "regions": {REGION: {"state": "unknown", "since": 1795176000000},
                                       OTHER: {"state": "unknown", "since": 1795176000000}}})
        new = self.state.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.rename(self.state)

    def stored_there(self):
        """The sessions."""
        items = self.node.dynamodb(self.there.endpoint).scan(TableName=TABLE)["Items"]
        return [item for item in items if not item["session_id"]["S"].startswith(NOTICE)]


@pytest.fixture
def regions(node):
    regions = Regions(node)
    regions.sessiond = node.sessiond()
    regions.sessiond.start()
    return regions


def info(client, name):
    lines = client.call("INFO").decode().splitlines()
    return next(line.split(":", 1)[1] for line in lines if line.startswith(name + ":"))


def visit(client, visitor, data):
    """A page view that stores `data`; the data it found, and how long it took."""
    started = time.monotonic()
    token, found = client.open(visitor)
    client.commit(visitor, token, data)
    return found, time.monotonic() - started


BREAKS = {
    "stopped": lambda emulator: emulator.process.pause(),
    "killed": lambda emulator: emulator.process.kill(),
}


@pytest.mark.parametrize("how", BREAKS)
def test_an_outage_is_a_slower_page(regions, how):
    clients = [RespClient(regions.node.socket) for _ in range(10)]
    for number, client in enumerate(clients):
        visit(client, f"visitor{number}", b"cart 0")
    BREAKS[how](regions.here)
    faults, times = [], []

    def shop(number, client):
        try:
            for view in range(20):
                found, took = visit(client, f"visitor{number}", b"cart %d" % (view + 1))
                times.append(took)
                assert found == b"cart %d" % view, f"visitor {number} found {found}"
        except Exception as fault:  # noqa: BLE001  whatever it is, the test has to see it
            faults.append(fault)

    shoppers = [threading.Thread(target=shop, args=pair) for pair in enumerate(clients)]
    for shopper in shoppers:
        shopper.start()
    for shopper in shoppers:
        shopper.join()
    assert not faults
    assert len(times) == 200
    # The commit goes straight to the other region: a page waits for the first one once.
    assert max(times) < SLOWEST, sorted(times)[-5:]
    assert info(clients[0], "bridging") == "1"
    assert info(clients[0], "region") == REGION, "nothing was published"


def test_it_goes_back_by_itself_and_no_cart_goes_back_in_time(regions):
    client = RespClient(regions.node.socket)
    visit(client, "visitor", b"before")
    regions.here.process.pause()
    assert visit(client, "visitor", b"during")[0] == b"before"
    regions.here.process.resume()
    wait_until(lambda: info(client, "region_in_use") == REGION, BACK_WITHIN, "the first region is used again")
    assert visit(client, "visitor", b"after")[0] == b"during"
    assert info(client, "bridging") == "0"
    assert visit(RespClient(regions.node.socket), "visitor", b"last")[0] == b"after"


def test_it_follows_what_is_published_and_brings_recent_writes_along(regions):
    client = RespClient(regions.node.socket)
    wait_until(lambda: info(client, "region_in_doubt") == "0", 6, "it knows that nobody uses the other region")
    for number in range(50):
        visit(client, f"visitor{number}", b"cart")
    regions.publish(REGION)
    wait_until(lambda: info(client, "region_epoch") == "1", 2, "the first epoch is seen")
    assert not regions.stored_there()
    regions.publish(OTHER)
    wait_until(lambda: info(client, "region") == OTHER, 1, "the published region is followed within a second")
    assert info(client, "region_in_use") == OTHER
    assert visit(client, "visitor6", b"bigger cart")[0] == b"cart", "from the region that was left, as nothing is replicated"
    regions.here.process.kill()
    wait_until(lambda: len(regions.stored_there()) == 50, 5, "recent writes are there, which nobody could ask for any more")
    assert visit(client, "visitor7", b"bigger cart")[0] == b"cart"


def test_an_older_or_damaged_state_changes_nothing(regions):
    client = RespClient(regions.node.socket)
    regions.publish(OTHER)
    wait_until(lambda: info(client, "region") == OTHER, 2, "the published region is followed")
    for wrong in ('{"epoch": 0}', "not JSON", json.dumps({"epoch": 2, "active": "ap-south-1", "mode": "primary"})):
        regions.state.write_text(wrong, encoding="utf-8")
        watch(lambda: info(client, "region") == OTHER, 0.6, "the region stays")
    regions.epochs = itertools.count(1)
    regions.publish(REGION)
    watch(lambda: info(client, "region") == OTHER, 0.6, "an epoch that was seen already changes nothing")
    regions.state.unlink()
    watch(lambda: info(client, "region") == OTHER, 0.6, "the region stays without a file")
    assert "region.state_refused" in regions.node.logs()


def test_a_state_that_cannot_be_read_is_complained_of_once_and_read_when_it_can_be(regions):
    client = RespClient(regions.node.socket)
    regions.state.mkdir()
    wait_until(lambda: "region.state_refused" in regions.node.logs(), 5, "it is complained of")
    watch(lambda: regions.node.logs().count("region.state_refused") == 1, 1.2, "it is complained of once", every=0.1)
    regions.state.rmdir()
    regions.publish(OTHER)
    wait_until(lambda: info(client, "region") == OTHER, 2, "the published region is followed")


def test_mooringctl_looks_into_the_region_that_is_used(regions, node):
    client = RespClient(node.socket)
    visit(client, "visitor", b"cart")

    def shown():
        done = mooringctl(node.write(), "session", "show", "PHPSESSID", "visitor", "--json")
        return json.loads(done.stdout)["stored"]

    assert shown()["region"] == REGION
    regions.here.process.pause()
    regions.publish(OTHER)
    wait_until(lambda: len(regions.stored_there()) == 1, 5, "the recent write is there")
    assert (shown()["region"], shown()["data_bytes"]) == (OTHER, 4)


def test_a_restart_takes_the_published_region_before_the_first_command(regions, node):
    regions.publish(OTHER)
    regions.sessiond.process.kill()
    regions.sessiond.start()
    assert info(RespClient(node.socket), "region") == OTHER


def test_it_gives_notice_while_a_region_fails_it_and_not_before(regions):
    def notices(emulator):
        items = regions.node.dynamodb(emulator.endpoint).scan(TableName=TABLE)["Items"]
        return {item["session_id"]["S"]: item for item in items if item["session_id"]["S"].startswith(NOTICE)}

    client = RespClient(regions.node.socket)
    visit(client, "visitor", b"cart")
    watch(lambda: not notices(regions.here) and not notices(regions.there), 1, "no notice is given", every=0.1)
    regions.here.process.pause()
    wait_until(lambda: notices(regions.there), 5, "notice is given where sessions are now")
    [(key, first)] = notices(regions.there).items()
    assert key == f"{NOTICE}{REGION}/{OTHER}"
    assert sorted(first) == ["bridged", "expires", "session_id"]
    assert time.time() < int(first["expires"]["N"]) <= time.time() + 86400
    wait_until(lambda: notices(regions.there)[key]["bridged"] != first["bridged"], 3, "the stamp changes while it is meant")
    regions.here.process.resume()
    wait_until(lambda: info(client, "region_in_use") == REGION, BACK_WITHIN, "the first region is used again")
    last = notices(regions.there)[key]
    watch(lambda: notices(regions.there)[key] == last, 1.5, "the notice has ended", every=0.1)


def test_a_process_that_begins_after_a_bridge_knows_that_replication_may_not_be_done(regions):
    """It would see good looks, and no notice that changes: only the stamp's time tells."""
    node = regions.node
    client = RespClient(node.socket)
    visit(client, "visitor", b"cart")
    regions.here.process.pause()
    assert visit(client, "visitor", b"during")[0] == b"cart"
    wait_until(lambda: f"{NOTICE}{REGION}/{OTHER}" in str(node.dynamodb(regions.there.endpoint).scan(TableName=TABLE)["Items"]),
               5, "notice is given")
    regions.here.process.resume()
    wait_until(lambda: info(client, "region_in_use") == REGION, BACK_WITHIN, "the first region is used again")
    regions.sessiond.process.kill()
    regions.sessiond.start()
    again = RespClient(node.socket)
    wait_until(lambda: info(again, "region_in_doubt") == "1", 5, "it doubts")
    watch(lambda: info(again, "region_in_doubt") == "1", 4, "it goes on doubting", every=0.1)
    assert visit(again, "visitor", b"after")[0] == b"during"
