"""durability = "journal" when its disk is full, its file is not usable, or it is switched off."""

import subprocess

import pytest

from daemons import AWS_KEYS, binary
from journal_node import info, metric, small_disk_sessiond, start_journal, wait_flushed
from processes import clean_environment, wait_until
from resp_client import RespClient

DISK_BYTES = 1 << 20
THROUGH_DISK = 'mooring_journal_write_through_total{reason="disk"}'


def put(client, data):
    token, _old = client.open("visitor")
    client.commit("visitor", token, data)


def start_refused(node):
    """The one line with which sessiond ends."""
    done = subprocess.run([binary("mooring-sessiond"), "--config", node.write()], capture_output=True, text=True,
                          timeout=20, check=False, env=clean_environment(**AWS_KEYS))
    lines = [line for line in done.stderr.splitlines() if not line.startswith("ts=")]
    assert done.returncode == 2 and len(lines) == 1, done.stderr
    return lines[0]


def test_a_full_disk_makes_commits_slower_and_loses_none(node):
    node.start_emulator()
    node.set("sessions", durability="journal", journal_file=node.folder / "disk" / "journal.db")
    daemon = small_disk_sessiond(node, DISK_BYTES)
    daemon.start()
    with RespClient(node.socket) as client:
        put(client, b"first")
        put(client, b"x" * 1000)
        assert metric(node, THROUGH_DISK) == 0
        filler = f"/proc/{daemon.process.pid}/root{node.folder}/disk/filler"
        with pytest.raises(OSError), open(filler, "wb", buffering=0) as full:
            while True:
                full.write(b"x" * 4096)
        for number in range(20):
            put(client, b"%d" % number * 2000)
        assert metric(node, THROUGH_DISK) > 0
        assert client.open("visitor")[1] == b"19" * 2000
        assert "event=journal.disk_failed" in daemon.process.log_text()
        assert "free space on its disk" in daemon.process.log_text()
        with open(filler, "wb"):
            pass  # empty again
        wait_until(lambda: "event=journal.disk_is_back" in daemon.process.log_text(), 5, "the disk is used again")
        before = metric(node, THROUGH_DISK)
        client.call("RESET")
        put(client, b"again by the journal")
        assert metric(node, THROUGH_DISK) == before
        assert client.open("visitor")[1] == b"again by the journal"


def test_a_full_journal_writes_through(node):
    emulator, _daemon = start_journal(node, journal_max_bytes=1 << 20)
    clients = []
    for number in range(8):
        client = RespClient(node.socket)
        token, _old = client.open(f"visitor{number}")
        client.commit(f"visitor{number}", token, b"small")
        clients.append((client, client.open(f"visitor{number}")[0]))
    emulator.process.pause()
    refused = 0
    for number, (client, token) in enumerate(clients[:4]):
        client.commit(f"visitor{number}", token, b"%d" % number * 200_000)
    assert int(info(node)["journal_bytes"]) > 800_000
    for number, (client, token) in enumerate(clients[4:6], 4):
        client.send("SESSION.COMMIT", "PHPSESSID", f"visitor{number}", token, 1440, b"%d" % number * 200_000)
    full = 'mooring_journal_write_through_total{reason="full"}'
    wait_until(lambda: metric(node, full) >= 1, 4, "a commit finds the journal full")
    emulator.process.resume()
    for client, _token in clients[4:6]:
        refused += client.reply() != b"OK"
    assert refused == 0
    wait_flushed(node)
    for number in range(6):
        with RespClient(node.socket) as reader:
            assert reader.open(f"visitor{number}", "PHPSESSID", "READONLY")[1] == b"%d" % number * 200_000


def test_a_second_sessiond_on_the_same_journal_is_refused(node):
    start_journal(node)
    node.set("sessions", socket=node.folder / "other.sock")
    line = start_refused(node)
    assert "sessions.journal_file" in line and "is in use by another process" in line


def test_a_damaged_journal_is_refused_with_the_remedy(node):
    node.start_emulator()
    journal = node.folder / "journal.db"
    journal.write_bytes(b"this is not SQLite" * 1000)
    node.set("sessions", durability="journal", journal_file=journal)
    line = start_refused(node)
    assert "sessions.journal_file" in line and "is damaged" in line and "move it away" in line


def test_a_journal_that_is_not_empty_cannot_be_switched_off(node):
    emulator, daemon = start_journal(node, drain_grace="1s")
    with RespClient(node.socket) as client:
        put(client, b"1")
        token, _data = client.open("visitor")
        emulator.process.pause()
        client.commit("visitor", token, b"2")
    daemon.stop()
    emulator.process.resume()
    node.set("sessions", durability="write-through")
    line = start_refused(node)
    assert "sessions.durability" in line and "still holds 1 commits" in line
    node.set("sessions", durability="journal")
    node.write()
    daemon.start()
    wait_flushed(node)
    daemon.stop()
    node.set("sessions", durability="write-through")
    node.write()
    daemon.start()
    with RespClient(node.socket) as client:
        assert client.open("visitor")[1] == b"2"


def test_what_the_journal_needs_is_named(node):
    node.set("sessions", durability="journal", store="embedded", locking="node", schema="aws-sdk-php")
    done = subprocess.run([binary("mooring-sessiond"), "--config", node.write(), "--check-config"],
                          capture_output=True, text=True, timeout=20, check=False)
    for word in ('store = "embedded"', 'locking = "node"', 'schema = "aws-sdk-php"'):
        assert f'sessions.durability: found "journal" with {word}' in done.stderr
