"""Two sessiond processes, as on two nodes, over one table: one visitor's requests wait for each other."""

import threading
import time

import pytest

from daemons import Sessiond, write_config
from faulty_dynamodb import IS_SLOW, FaultProxy
from node import REGION, TABLE
from processes import watch
from resp_client import RespClient, RespError

LEASE_SECONDS = 2


def start_two(node, **settings):
    """Two running daemons on one table; each has .socket and .process, and .dynamodb, which stands between."""
    emulator = node.start_emulator()
    daemons = []
    for name in ("a", "b"):
        folder = node.folder / name
        folder.mkdir()
        socket = folder / "sessiond.sock"
        between = node.own(FaultProxy(emulator.port))
        config = write_config(folder / "mooring.toml", {
            "region": {"primary": REGION},
            "dynamodb": {"table": TABLE, "endpoints": {REGION: between.endpoint}},
            "sessions": {"socket": socket, "locking": "cluster", **settings}})
        daemon = Sessiond(folder, config)
        node.own(daemon.process)
        daemon.start()
        daemon.socket, daemon.dynamodb = socket, between
        daemons.append(daemon)
    return daemons


@pytest.fixture
def cluster(node):
    return start_two(node, lease=f"{LEASE_SECONDS}s", lock_wait="8s")


def put(client, data):
    token, _old = client.open("visitor")
    client.commit("visitor", token, data)


def test_a_commit_on_one_node_is_what_the_other_opens(cluster):
    a, b = (RespClient(daemon.socket) for daemon in cluster)
    put(a, b"cart")
    token, data = b.open("visitor")
    assert data == b"cart"
    b.commit("visitor", token, b"bigger cart")
    assert a.open("visitor")[1] == b"bigger cart"


def test_a_node_waits_until_the_other_has_committed(cluster):
    a, b = (RespClient(daemon.socket) for daemon in cluster)
    put(a, b"cart")
    token, _data = a.open("visitor")
    answers = []
    waiter = threading.Thread(target=lambda: answers.append(b.open("visitor")[1]))
    waiter.start()
    watch(lambda: not answers, 0.5, "the other node waits")
    a.commit("visitor", token, b"bigger cart")
    waiter.join(20)
    assert answers == [b"bigger cart"]


def test_a_lock_ends_with_its_connection_on_the_other_node(cluster):
    a, b = (RespClient(daemon.socket) for daemon in cluster)
    put(a, b"cart")
    a.open("visitor")
    a.close()
    started = time.monotonic()
    assert b.open("visitor")[1] == b"cart"
    assert time.monotonic() - started < LEASE_SECONDS


def test_a_long_request_keeps_its_session_and_a_dead_node_does_not(cluster):
    a, b = (RespClient(daemon.socket) for daemon in cluster)
    put(a, b"cart")
    token, _data = a.open("visitor")
    time.sleep(LEASE_SECONDS * 1.5)  # pause: a page that takes longer than a lease
    a.commit("visitor", token, b"after a long time")
    assert b.open("visitor")[1] == b"after a long time"
    b.close()
    lost, _data = a.open("visitor")
    cluster[0].process.kill()
    b = RespClient(cluster[1].socket)
    started = time.monotonic()
    token, data = b.open("visitor")
    assert data == b"after a long time"
    assert time.monotonic() - started < LEASE_SECONDS + 10
    b.commit("visitor", token, b"from the living")
    cluster[0].start()
    again = RespClient(cluster[0].socket)
    with pytest.raises(RespError, match="stale"):
        again.commit("visitor", lost, b"from the dead")
    assert again.open("visitor")[1] == b"from the living"


def test_long_pages_keep_their_sessions_though_dynamodb_takes_a_second_for_each_answer(node):
    lease = 6
    slow, other = start_two(node, lease=f"{lease}s", lock_wait="30s")
    names = [f"visitor{number}" for number in range(16)]
    pages = [RespClient(slow.socket, timeout=30) for _ in names]
    for page, name in zip(pages, names):
        page.commit(name, page.open(name)[0], b"cart")
    slow.dynamodb.befall(IS_SLOW)
    for page, name in zip(pages, names):
        page.send("SESSION.OPEN", "PHPSESSID", name)
    tokens = [page.reply()[0] for page in pages]
    waiters = [RespClient(other.socket, timeout=60) for _ in names]
    for waiter, name in zip(waiters, names):
        waiter.send("SESSION.OPEN", "PHPSESSID", name)
    time.sleep(lease * 1.5)  # pause: the pages work for longer than a lease lasts
    for page, name, token in zip(pages, names, tokens):
        page.send("SESSION.COMMIT", "PHPSESSID", name, token, 1440, b"after a long time")
    assert [page.reply() for page in pages] == [b"OK"] * len(pages)
    assert [waiter.reply()[1] for waiter in waiters] == [b"after a long time"] * len(pages)


def test_a_node_that_dies_fails_no_page_of_another_with_the_default_times(node):
    dead, alive = start_two(node)
    a = RespClient(dead.socket)
    put(a, b"cart")
    a.open("visitor")
    dead.process.kill()
    assert RespClient(alive.socket, timeout=20).open("visitor")[1] == b"cart"


def test_a_restarted_node_takes_its_own_sessions_back_at_once(cluster):
    a = RespClient(cluster[0].socket)
    put(a, b"cart")
    a.open("visitor")
    cluster[0].process.kill()
    cluster[0].start()
    started = time.monotonic()
    assert RespClient(cluster[0].socket).open("visitor")[1] == b"cart"
    assert time.monotonic() - started < LEASE_SECONDS


def units(client):
    """Capacity units by command, and the total that INFO shows."""
    lines = client.call("METRICS").decode().splitlines()
    name = 'mooring_sessiond_capacity_units_total{command="'
    by_command = {line[len(name):].split('"')[0]: float(line.split()[-1]) for line in lines if line.startswith(name)}
    info = client.call("INFO").decode()
    return by_command, float(info.split("capacity_units_total:")[1].split()[0])


def test_every_command_tells_what_it_cost(cluster):
    client = RespClient(cluster[0].socket)
    put(client, b"cart")
    put(client, b"bigger cart")
    by_command, total = units(client)
    assert by_command["session.open"] > 0
    assert by_command["session.commit"] >= 2
    assert sum(by_command.values()) <= total
