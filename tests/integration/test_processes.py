"""What the tests themselves rely on: nobody takes another's port, and what is stopped has stopped."""

import random
import subprocess
import sys
from collections import deque

import processes
from processes import Child, free_port, port_is_free, watch
from servers import ROOT

CLAIM_AND_WAIT = "from processes import free_port; print(free_port(), flush=True); input()"

# More of them than cores, so that most wait for one when the signal comes.
BUSY_WORKERS = 'for number in $(seq 16); do (while :; do printf . >>"$0"; done) & done; wait'


def dice_that_show(monkeypatch, *ports):
    monkeypatch.setattr(random, "randrange", lambda _low, _high, shown=iter(ports): next(shown))


def test_a_port_is_given_away_once_for_as_long_as_its_taker_lives(monkeypatch):
    with subprocess.Popen([sys.executable, "-c", CLAIM_AND_WAIT], cwd=ROOT / "dev.d", stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as taker:
        taken = int(taker.stdout.readline())
        assert port_is_free(taken), "nobody listens on it yet"
        other = free_port()
        dice_that_show(monkeypatch, taken, other, *range(other + 1, other + 100))
        assert other < free_port() < other + 100
        taker.communicate("\n", timeout=10)
    dice_that_show(monkeypatch, taken)
    assert free_port() == taken


def test_ports_in_a_row_are_all_free(monkeypatch):
    middle = free_port()
    dice_that_show(monkeypatch, middle - 2, middle - 1, middle, *range(middle + 10, middle + 100))
    assert middle < free_port(count=3) < middle + 100


def test_old_claims_are_given_back(monkeypatch):
    monkeypatch.setattr(processes, "MOST_CLAIMS", 2)
    monkeypatch.setattr(processes, "_claims", deque())
    first = free_port()
    free_port()
    dice_that_show(monkeypatch, first, *range(first + 1, first + 100))
    assert free_port() > first
    dice_that_show(monkeypatch, first)
    assert free_port() == first


def test_nothing_runs_any_more_in_what_is_paused(node):
    written = node.folder / "written"
    busy = node.own(Child("busy", ["sh", "-c", BUSY_WORKERS, written], node.folder / "busy.log"))
    for _round in range(5):
        busy.start()
        busy.wait_ready(lambda: written.exists() and written.stat().st_size > 1000, 10, "writes")
        busy.pause()
        size = written.stat().st_size
        assert busy.stopped()
        watch(lambda: written.stat().st_size == size, 0.1, "nothing is written")
        busy.resume()
        busy.wait_ready(lambda: written.stat().st_size > size, 10, "writes again")
        busy.kill()
        written.unlink()
