"""Random openings, commits, hang-ups and kills over three sessiond processes on one table, and a check of the history.

Every commit writes the number it has read plus one. So two acknowledged commits of one session with the same number are
a lost update, and a number that one client was given must never be lower than one acknowledged before it asked.
"""

import random
import threading
import time
from collections import Counter

from daemons import Sessiond, write_config
from node import REGION, TABLE
from resp_client import Closed, RespClient, RespError

SECONDS = 12
SESSIONS = 4
CLIENTS = 12
FAULTS = (OSError, Closed, RespError, TimeoutError)


def start_daemons(node, endpoint):
    for name in "abc":
        folder = node.folder / name
        folder.mkdir()
        config = write_config(folder / "mooring.toml", {
            "region": {"primary": REGION},
            "dynamodb": {"table": TABLE, "endpoints": {REGION: endpoint}},
            "sessions": {"socket": folder / "sessiond.sock", "locking": "cluster", "lease": "2s", "lock_wait": "4s"}})
        daemon = Sessiond(folder, config)
        node.own(daemon.process)
        daemon.start()
        yield daemon, folder / "sessiond.sock"


class History:
    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged = {session: [] for session in range(SESSIONS)}
        self.attempts = 0
        self.violations = []

    def newest(self, session):
        with self.lock:
            return max(self.acknowledged[session], default=0)

    def note(self, session, number):
        with self.lock:
            self.acknowledged[session].append(number)


def visit(rng, sockets, history, end):
    while time.monotonic() < end:
        session = rng.randrange(SESSIONS)
        before = history.newest(session)
        try:
            with RespClient(rng.choice(sockets), timeout=8) as client:
                token, data = client.open(f"model{session}")
                number = int(data or 0)
                if number < before:
                    history.violations.append(f"session {session}: read {number} after {before} was acknowledged")
                history.attempts += 1
                if rng.random() < 0.1:
                    continue  # hangs up with the session open
                time.sleep(rng.random() * 0.01)
                client.commit(f"model{session}", token, str(number + 1).encode())
                history.note(session, number + 1)
        except FAULTS:
            time.sleep(0.02)


def test_no_update_is_lost_while_daemons_die(node):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    pairs = list(start_daemons(node, node.start_emulator().endpoint))
    sockets = [socket for _daemon, socket in pairs]
    history = History()
    end = time.monotonic() + SECONDS
    clients = [threading.Thread(target=visit, args=(random.Random(rng.random()), sockets, history, end))
               for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    while time.monotonic() < end - 1:
        time.sleep(rng.uniform(0.5, 1.5))
        daemon, _socket = rng.choice(pairs)
        daemon.process.kill()
        time.sleep(rng.uniform(0, 0.3))
        daemon.start()
    for client in clients:
        client.join(20)
    assert not history.violations, f"seed {seed}: {history.violations[:5]}"
    total = 0
    for session, numbers in history.acknowledged.items():
        twice = [number for number, count in Counter(numbers).items() if count > 1]
        assert not twice, f"seed {seed}: session {session}: acknowledged twice: {twice[:10]}"
        total += len(numbers)
    print(f"{total} commits acknowledged of {history.attempts} opened")
    assert total > 200, f"seed {seed}: only {total} commits in {SECONDS} s"
