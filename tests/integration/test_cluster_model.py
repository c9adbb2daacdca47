"""Random visitors of three sessiond processes on one table, while these are killed and stopped, and a check of the whole
history: no lost update, no stale overwrite, no older or emptied state, no lock granted twice.

MOORING_MODEL_SEED repeats the choices of a run, though not its timing. MOORING_MODEL_OPERATIONS sets how many operations
a run has: 20,000, or 100,000 with MOORING_LONG (./dev test --long); without a cluster lock a fifth of that. Fewer than
10,000 show nothing.
"""

import os
import random
import time
from collections import Counter

import pytest

from model import history as h
from model.checker import Checker
from model.cluster import LEASE, Cluster, Crowd, Faults
from model.report import describe

FEWEST_OPERATIONS = 10_000
USUAL_OPERATIONS = 100_000 if os.environ.get("MOORING_LONG") else 20_000
OPERATIONS = max(FEWEST_OPERATIONS, int(os.environ.get("MOORING_MODEL_OPERATIONS", USUAL_OPERATIONS)))
WITHOUT_CLUSTER = max(FEWEST_OPERATIONS, OPERATIONS // 5)
VISITORS, SESSIONS = 256, 96
SHOWN = 3  # violations in the report
LONGEST_RUN = 300 + OPERATIONS / 500  # seconds


@pytest.fixture
def seed():
    chosen = int(os.environ.get("MOORING_MODEL_SEED") or random.randrange(1 << 32))
    print(f"MOORING_MODEL_SEED={chosen}")
    return chosen


def run_model(node, locking, seed, operations):
    rng = random.Random(seed)
    cluster = Cluster(node, locking)
    crowd = Crowd(cluster, rng.random(), VISITORS, SESSIONS, operations, LONGEST_RUN)
    crowd.come_during(Faults(cluster, rng.random()).strike)
    cluster.check_that_all_live()
    closed = crowd.look_back()
    check(cluster.history, locking, seed)
    assert not closed, f"MOORING_MODEL_SEED={seed}: sessions that cannot be opened when all is quiet: {closed[:5]}"
    return cluster.history


def summary(history):
    count = Counter((at.kind, at.outcome) for at in history.operations)
    faults = Counter(fault.kind for fault in history.faults)
    return count, faults


def check(history, locking, seed):
    violations = Checker(history, locking, LEASE).violations()
    if violations:
        rules = dict(Counter(violation.rule for violation in violations))
        shown = "\n".join(describe(violation, history.faults) for violation in violations[:SHOWN])
        raise AssertionError(f"MOORING_MODEL_SEED={seed}: {len(violations)} violations in {len(history.operations)} "
                             f"operations, {rules}:\n{shown}")


def check_that_enough_happened(history, operations):
    """A model whose visitors are all refused, or never disturbed, finds nothing."""
    total = len(history.operations)
    count, faults = summary(history)
    assert total >= operations, f"only {total} operations in {LONGEST_RUN:.0f} s"
    for kind, least in ((h.COMMIT, 0.08), (h.TOUCH, 0.03), (h.CLOSE, 0.03), (h.READ, 0.05), (h.DESTROY, 0.01)):
        assert count[kind, h.OK] > total * least, f"too few of {kind}: {count}"
    assert count[h.HANG_UP, h.UNKNOWN] > total * 0.01, f"too few hung up: {count}"
    assert count[h.COMMIT, h.UNKNOWN] > total * 0.005, f"too few commits without an answer: {count}"
    assert count[h.COMMIT, h.STALE] > 0, f"no commit was refused: {count}"
    assert faults[h.KILL] > 0 and faults[h.PAUSE] > 0, f"too few faults: {faults}"
    found_nothing = [at for at in history.operations if at.kind == h.OPEN and at.outcome == h.OK
                     and at.value is h.ABSENT and h.lifetime(at.session) < 10]
    assert len(found_nothing) > total * 0.005, "too few sessions expired"


@pytest.mark.parametrize("locking,operations", [("cluster", OPERATIONS), ("node", WITHOUT_CLUSTER),
                                                ("none", WITHOUT_CLUSTER)])
def test_every_history_can_be_explained(node, seed, locking, operations):
    began = time.monotonic()
    history = run_model(node, locking, seed, operations)
    check_that_enough_happened(history, operations)
    count, faults = summary(history)
    print(f"locking {locking}: {len(history.operations)} operations in {time.monotonic() - began:.0f} s, "
          f"{count[h.COMMIT, h.OK]} commits acknowledged, {count[h.COMMIT, h.STALE]} refused, "
          f"{count[h.COMMIT, h.UNKNOWN]} without an answer, {faults[h.KILL]} kills, {faults[h.PAUSE]} pauses")
