"""durability = "journal": what was acknowledged is stored, whatever dies, and while DynamoDB is away."""

import hashlib
import random
import time

from journal_node import Visitor, check, info, items, metric, start_journal, wait_flushed
from resp_client import RespClient

KILLS = 12
CUT_SECONDS = 10


def numbers(node, emulator, visitors):
    """{session: number} in the table."""
    found = items(node, emulator)
    out = {}
    for visitor in visitors:
        digest = hashlib.sha256(visitor.session.encode()).hexdigest()
        item = found.get(f"PHPSESSID:{digest}")
        out[visitor.session] = int(item["data"]["B"]) if item else 0
    return out


def test_a_commit_is_acknowledged_by_the_disk_and_lands_in_the_table(node):
    emulator, daemon = start_journal(node)
    client = RespClient(node.socket)
    token, _data = client.open("visitor")
    client.commit("visitor", token, b"1")  # creates the item, so DynamoDB acknowledges it
    token, data = client.open("visitor")
    emulator.process.pause()
    started = time.monotonic()
    client.commit("visitor", token, b"2")
    assert time.monotonic() - started < 4, "not after sessions.deadline"
    assert data == b"1"
    assert info(node)["journal_pending"] == "1"
    assert client.open("visitor", "PHPSESSID", "READONLY")[1] == b"2"
    emulator.process.resume()
    client.close()
    wait_flushed(node)
    assert [item["data"]["B"] for item in items(node, emulator).values()] == [b"2"]
    assert metric(node, "mooring_journal_flushes_total") >= 1
    daemon.stop()
    assert "journal.left" not in daemon.process.log_text()


def test_kill_9_at_random_moments_under_load_loses_nothing(node):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    emulator, daemon = start_journal(node)
    visitors = [Visitor(node, f"visitor{i}") for i in range(12)]
    for visitor in visitors:
        visitor.start()
    for _kill in range(KILLS):
        time.sleep(chance.uniform(0.1, 0.8))  # pause: the load goes on until the next kill
        daemon.process.kill()
        daemon.start()
    for visitor in visitors:
        visitor.finish()
    wait_flushed(node)
    check(visitors, numbers(node, emulator, visitors))
    assert not [text for visitor in visitors for text in visitor.failed_commits]
    assert min(visitor.acknowledged for visitor in visitors) > KILLS
    assert metric(node, 'mooring_journal_conflicts_total{found="running"}') == 0


def test_dynamodb_away_for_ten_seconds_under_load_fails_no_commit(node):
    emulator, _daemon = start_journal(node)
    visitors = [Visitor(node, f"visitor{i}", page_time=0.03) for i in range(16)]
    for visitor in visitors:
        visitor.start()
    time.sleep(2)  # pause: the load before the outage
    emulator.process.pause()
    cut = time.monotonic()
    time.sleep(CUT_SECONDS)  # pause: the outage
    back = time.monotonic()
    emulator.process.resume()
    time.sleep(2)  # pause: the load after the outage
    for visitor in visitors:
        visitor.finish()
    assert not [text for visitor in visitors for text in visitor.failed_commits]
    during = sum(cut + 1 < moment < back for visitor in visitors for moment in visitor.commits)
    assert during > 16, f"{during} commits while DynamoDB was away"
    wait_flushed(node)
    check(visitors, numbers(node, emulator, visitors))
    assert metric(node, 'mooring_journal_conflicts_total{found="running"}') == 0


def test_what_a_drain_leaves_is_flushed_by_the_next_start(node):
    emulator, daemon = start_journal(node, drain_grace="2s")
    client = RespClient(node.socket)
    token, _data = client.open("visitor")
    client.commit("visitor", token, b"1")
    token, _data = client.open("visitor")
    emulator.process.pause()
    client.commit("visitor", token, b"2")
    client.close()
    daemon.stop()
    assert "event=journal.left pending=1" in daemon.process.log_text()
    assert daemon.process.exit_code() == 0
    emulator.process.resume()
    daemon.start()
    assert "event=journal.recovered pending=1" in daemon.process.log_text()
    with RespClient(node.socket) as again:
        assert again.open("visitor")[1] == b"2"
    wait_flushed(node)
    assert [item["data"]["B"] for item in items(node, emulator).values()] == [b"2"]
