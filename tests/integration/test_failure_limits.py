"""What PHP sees when a limit of this node is reached, and that the stored session is intact afterwards: more rows of
docs/failures.md. The pages are those of test_failure_rows.py."""

import random
import socket
import string

import pytest

from php_page import CLASS, Visitors, php_log
from php_verdicts import EXTRA_SECONDS, NOT_OPENED, NOT_STORED, check_nothing_to_store, check_not_stored, check_well
from resp_client import RespClient
from servers import ROOT
from small_disk import SmallDisk

FULL, LATER = "full", "fuller"
ANSWER_TIMEOUT = 1  # where a test waits for it; PHP's own is longer
CONNECT_TIMEOUT = 1.0  # of Mooring's handler and of php-redis, in these pages
MAX_CONNECTIONS = 3  # as many as there are visitors

# What keeps sessions on the disk of the node, and the settings of [sessions] that make it do so in a folder.
DISK_STORES = {"embedded store": lambda folder: {"store": "embedded", "embedded_file": folder / "sessions.db"}}


def check_not_connected(steps, longest):
    """As when a session cannot be opened, but php-redis has more to say about the connection."""
    for handler, step in steps.items():
        assert (step.returned, step.thrown, step.active) == (False, None, False), f"{handler}: {step}"
        assert not step.session, f"{handler}: {step}"
        assert step.warnings[-1].startswith(NOT_OPENED[handler == CLASS]), f"{handler}: {step}"
        assert step.seconds < longest + EXTRA_SECONDS, f"{handler}: {step}"


def metric(node, name):
    with RespClient(node.socket) as client:
        for line in client.call("METRICS").decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
    raise AssertionError(f"there is no metric {name}")


def test_all_connections_are_taken(node):
    node.set("sessions", max_connections=MAX_CONNECTIONS)
    sessiond = node.sessiond().start()
    visitors = Visitors(node)
    visitors.put(FULL)
    others = [RespClient(node.socket) for _ in range(MAX_CONNECTIONS)]
    for other in others:
        assert other.call("PING") == b"PONG"
    with visitors.pages() as (opened, store):
        check_not_connected(opened, 0.0)
        check_nothing_to_store(store("overwritten"))
    for other in others:
        other.send("QUIT")
        assert other.read_to_end() == b"+OK\r\n"
    check_well(visitors.put(LATER), FULL)
    assert "ERR max number of clients reached; see sessions.max_connections" in php_log(node).read_text(encoding="utf-8")
    assert sessiond.process.log_text().count("event=connections.full") >= 1
    assert metric(node, "mooring_sessiond_connections_refused_total") >= len(opened)


def fill_backlog(path):
    """Connections that nobody accepts, until the kernel takes no more."""
    waiting = []
    try:
        while True:
            waiting.append(socket.socket(socket.AF_UNIX))
            waiting[-1].setblocking(False)
            waiting[-1].connect(str(path))
    except BlockingIOError:
        return waiting


def test_connections_are_not_accepted(node):
    """sessiond hangs, and so many wait to be accepted that connecting fails."""
    sessiond = node.sessiond().start()
    visitors = Visitors(node)
    visitors.put(FULL)
    sessiond.process.pause()
    waiting = fill_backlog(node.socket)
    try:
        with visitors.pages() as (opened, store):
            check_not_connected(opened, CONNECT_TIMEOUT)
            check_nothing_to_store(store("overwritten"))
    finally:
        for each in waiting:
            each.close()
        sessiond.process.resume()
    check_well(visitors.put(LATER), FULL)
    assert "is mooring-sessiond running?" in php_log(node).read_text(encoding="utf-8")


def check_no_answer(steps, not_done):
    """php-redis throws when it reads no answer in time, and nothing that sessiond does can change that."""
    for handler, step in steps.items():
        assert step.seconds < ANSWER_TIMEOUT + EXTRA_SECONDS and not step.active, f"{handler}: {step}"
        if handler == CLASS:
            assert step.thrown is None and step.warnings[0].startswith(not_done[True]), f"{handler}: {step}"
        else:
            assert step.returned is None and step.thrown.startswith("RedisException: "), f"{handler}: {step}"


def test_sessiond_hangs(node):
    sessiond = node.sessiond().start()
    visitors = Visitors(node, timeout=ANSWER_TIMEOUT)
    visitors.put(FULL)
    sessiond.process.pause()
    with visitors.pages() as (opened, store):
        check_no_answer(opened, NOT_OPENED)
        check_nothing_to_store(store("overwritten"))
    sessiond.process.resume()
    check_well(visitors.put(""), FULL)
    with visitors.pages() as (opened, store):
        check_well(opened, FULL)
        sessiond.process.pause()
        check_no_answer(store("from the page"), NOT_STORED)
    sessiond.process.resume()
    for handler, step in visitors.put(LATER).items():
        assert step.session in ({"cart": FULL}, {"cart": "from the page"}), f"{handler}: {step}"
    check_well(visitors.put(""), LATER)
    assert "no answer within the time limit" in php_log(node).read_text(encoding="utf-8")


@pytest.mark.parametrize("store", DISK_STORES)
def test_the_disk_is_full(node, store):
    disk = SmallDisk(node.folder / "disk")
    node.set("sessions", **DISK_STORES[store](disk.folder))
    sessiond = node.sessiond()
    sessiond.process.argv = disk.command(sessiond.process.argv)
    sessiond.start()
    disk.of(sessiond.process.pid)
    visitors = Visitors(node)
    visitors.put(FULL)
    disk.fill()
    with visitors.pages() as (opened, store_cart):
        check_well(opened, FULL)
        check_not_stored(store_cart("lost" * 5000), 0.0)
    check_well(visitors.put(""), FULL)
    assert "event=command.failed" in sessiond.process.log_text()
    assert "class=io" in sessiond.process.log_text() and "free space on its disk" in sessiond.process.log_text()
    disk.free()
    check_well(visitors.put(LATER), FULL)
    sessiond.process.stop()
    assert sessiond.process.exit_code() == 0


# Over the limit of a session even when it is packed, and over that of an argument of the protocol.
@pytest.mark.parametrize("size,reason", [(511_000, "is over the limit"), (600_000, "Protocol error")])
def test_the_session_is_too_large(node, size, reason):
    sessiond = node.sessiond().start()
    visitors = Visitors(node)
    visitors.put(FULL)
    with visitors.pages() as (opened, store):
        check_well(opened, FULL)
        check_not_stored(store("".join(random.Random(size).choices(string.printable[:94], k=size))), 0.0)
    check_well(visitors.put(LATER), FULL)
    check_well(visitors.put(""), LATER)
    assert reason in php_log(node).read_text(encoding="utf-8")
    assert sessiond.process.alive()


def test_the_page_for_users_has_every_row():
    text = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    for row in ("all connections are taken", "connections are not accepted", "sessiond hangs", "the disk is full",
                "the session is too large"):
        assert f"\n| {row} |" in text, row
