"""A disk that hangs, and does not only refuse: sessiond goes on where it can, and can be stopped."""

import time

import pytest

from hanging_disk import HangingDisk
from resp_client import RespClient, RespError

DRAIN_GRACE = 1.0
STOP_LIMIT = DRAIN_GRACE + 3.0  # stop_margin and exit_margin of sessiond/app.cpp


@pytest.fixture
def disk(node):
    created = HangingDisk(node.folder / "disk", node.folder)
    node.set("sessions", drain_grace=f"{DRAIN_GRACE:g}s", deadline="2s")
    yield created
    created.resume()


def start_embedded(node, disk):
    node.set("sessions", embedded_file=disk.folder / "sessions.db")
    return node.sessiond(disk.environment()).start()


def start_journal(node, disk):
    node.start_emulator()
    node.set("sessions", durability="journal", journal_file=disk.folder / "journal.db")
    return node.sessiond(disk.environment()).start()


def put(client, name, data):
    client.commit(name, client.open(name)[0], data)


def assert_ends_in_time(daemon):
    begun = time.monotonic()
    daemon.process.signal(15)
    assert daemon.process.wait(STOP_LIMIT + 10) in (0, 1)
    assert time.monotonic() - begun < STOP_LIMIT + 2


def test_the_embedded_store_refuses_commits_in_time_and_the_rest_is_answered(node, disk):
    daemon = start_embedded(node, disk)
    with RespClient(node.socket) as client, RespClient(node.socket) as other:
        put(client, "visitor", b"cart")
        token, _data = client.open("visitor")
        disk.hang()
        client.send("SESSION.COMMIT", "PHPSESSID", "visitor", token, 1440, b"bigger cart")
        disk.wait_until_reached()
        assert other.call("PING") == b"PONG"
        assert other.call("INFO")
        with pytest.raises(RespError, match="the disk did not answer in time"):
            client.reply()
        disk.resume()
        assert other.open("visitor")[1] in (b"cart", b"bigger cart")
    assert daemon.process.alive()


def test_with_the_journal_other_sessions_are_read_and_stored_while_its_disk_hangs(node, disk):
    start_journal(node, disk)
    with RespClient(node.socket) as client, RespClient(node.socket) as other:
        put(other, "other", b"cart")
        disk.hang()
        token, _data = client.open("visitor")
        client.send("SESSION.COMMIT", "PHPSESSID", "visitor", token, 1440, b"cart")
        assert client.reply() == b"OK", "a new session is written to the table"
        token, data = client.open("visitor")
        client.send("SESSION.COMMIT", "PHPSESSID", "visitor", token, 1440, b"bigger cart")
        disk.wait_until_reached()
        assert other.call("PING") == b"PONG"
        assert other.open("other", "PHPSESSID", "READONLY")[1] == b"cart"
        assert client.reply() == b"OK", "through to the table, when the disk has had its time"
        put(other, "other", b"bigger cart")
        assert other.open("other", "PHPSESSID", "READONLY")[1] == b"bigger cart"


@pytest.mark.parametrize("start", [start_embedded, start_journal])
def test_a_stop_ends_in_time_while_a_commit_hangs(node, disk, start):
    daemon = start(node, disk)
    with RespClient(node.socket) as client:
        put(client, "visitor", b"cart")
        token, _data = client.open("visitor")
        disk.hang()
        client.send("SESSION.COMMIT", "PHPSESSID", "visitor", token, 1440, b"bigger cart")
        disk.wait_until_reached()
        assert_ends_in_time(daemon)


def test_a_stop_ends_in_time_when_nobody_waits_for_the_disk_any_more(node, disk):
    daemon = start_embedded(node, disk)
    with RespClient(node.socket) as client:
        put(client, "visitor", b"cart")
        token, _data = client.open("visitor")
        disk.hang()
        client.send("SESSION.COMMIT", "PHPSESSID", "visitor", token, 1440, b"bigger cart")
        with pytest.raises(RespError, match="the disk did not answer in time"):
            client.reply()
    assert_ends_in_time(daemon)
    assert "event=sessiond.stopped" in daemon.process.log_text()


@pytest.mark.parametrize("start", [start_embedded, start_journal])
def test_a_stop_ends_in_time_when_the_disk_hangs_at_the_very_end(node, disk, start):
    daemon = start(node, disk)
    with RespClient(node.socket) as client:
        put(client, "visitor", b"cart")
    disk.hang()  # closing the file writes to it
    assert_ends_in_time(daemon)


def test_a_start_that_hangs_can_be_stopped(node, disk):
    node.set("sessions", embedded_file=disk.folder / "sessions.db")
    daemon = node.sessiond(disk.environment())
    disk.hang()
    daemon.process.start()
    disk.wait_until_reached()
    daemon.process.signal(15)
    assert daemon.process.wait(5) == -15
