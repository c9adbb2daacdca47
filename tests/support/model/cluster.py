"""Several sessiond processes on one table, random visitors at all of them, and the faults of their nodes."""

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor

from daemons import Sessiond, write_config
from model import history as h
from model.visitors import Visitor
from node import REGION, TABLE

NODES = ("a", "b", "c")
LEASE = 2.0  # seconds; the shortest that the setting takes
LONGEST_PAUSE = 1.5 * LEASE
LOOK_WHILE_PAUSED = 0.003
CONTESTED = 3  # sessions that end a pause
LOOK_EVERY = 0.1  # at visitors that may be impatient, and at the clock
STALLED = 0.3  # seconds by which the clock look may be late before it counts as a stall of everybody
BRIEF, LASTING = 2, 1440  # seconds that sessions live


class Cluster:
    def __init__(self, node, locking):
        endpoint = node.start_emulator().endpoint
        self.history = h.History()
        self._daemons = {}
        self.sockets = {}
        for name in NODES:
            folder = node.folder / name
            folder.mkdir()
            self.sockets[name] = folder / "sessiond.sock"
            config = write_config(folder / "mooring.toml", {
                "region": {"primary": REGION},
                "dynamodb": {"table": TABLE, "endpoints": {REGION: endpoint}},
                "sessions": {"socket": self.sockets[name], "locking": locking, "lease": f"{LEASE:g}s",
                             "lock_wait": "4s"}})
            self._daemons[name] = Sessiond(folder, config)
            node.own(self._daemons[name].process)
            self._daemons[name].start()

    def kill(self, name, downtime):
        """kill -9, and a new process after `downtime`."""
        self.check_that_all_live()
        daemon = self._daemons[name]
        begin = time.monotonic()
        daemon.process.kill()
        time.sleep(downtime)  # pause: the node is away
        daemon.start()
        self.history.fault(h.KILL, name, begin, time.monotonic())

    def pause(self, name):
        """SIGSTOP until other nodes have taken over some of what the node holds and is about to store: it goes on at the
        worst moment, and does not know."""
        process = self._daemons[name].process
        begin = time.monotonic()
        process.pause()
        self.history.is_paused = True
        while time.monotonic() < begin + LONGEST_PAUSE and self.history.contested(name) < CONTESTED:
            time.sleep(LOOK_WHILE_PAUSED)  # pause: of a loop that looks on
        self.history.is_paused = False
        process.resume()
        self.history.fault(h.PAUSE, name, begin, time.monotonic())

    def check_that_all_live(self):
        for name, daemon in self._daemons.items():
            assert daemon.process.alive(), f"sessiond {name} has ended by itself: {daemon.process.last_words()}"


class Faults:
    """A fault now and then, of one node at a time."""

    def __init__(self, cluster, seed):
        self._cluster = cluster
        self._random = random.Random(seed)
        self._first = [h.KILL, h.PAUSE]  # whatever chance says, a run has both

    def strike(self):
        time.sleep(self._random.uniform(0.2, 0.8))  # pause: the load goes on until the next fault
        kind = self._first.pop() if self._first else self._random.choices((h.KILL, h.PAUSE))[0]
        name = self._random.choice(NODES)
        if kind == h.PAUSE:
            self._cluster.pause(name)
        else:
            self._cluster.kill(name, self._random.uniform(0, 0.3))


class Crowd:
    """Visitors on an event loop in a thread of its own, until `operations` are recorded or `seconds` have passed."""

    def __init__(self, cluster, seed, visitors, sessions, operations, seconds):
        self._history = cluster.history
        rng = random.Random(seed)
        self.sessions = [h.session_id(number, BRIEF if number % 4 == 0 else LASTING) for number in range(sessions)]
        self._visitors = [Visitor(rng.random(), cluster.sockets, self.sessions, cluster.history)
                          for _ in range(visitors)]
        self._operations = operations
        self._seconds = seconds
        self._end = 0.0

    def come_during(self, strike):
        """Lets the visitors come and calls strike() over and over until they have done."""
        with ThreadPoolExecutor(1) as thread:
            self._end = time.monotonic() + self._seconds
            done = thread.submit(asyncio.run, self._come())
            try:
                while not self._is_over():
                    strike()
            finally:
                self._end = 0.0
            done.result()

    def look_back(self):
        """Opens every session once more on every node; those that could not be opened, as (session, node)."""
        return asyncio.run(self._look_at_all())

    async def _look_at_all(self):
        first = self._visitors[0]
        closed = [(session, node) for node in NODES for session in self.sessions if not await first.look(node, session)]
        first.hang_up()
        return closed

    def _is_over(self):
        return len(self._history.operations) >= self._operations or time.monotonic() > self._end

    async def _come(self):
        looking = asyncio.create_task(self._look_at_the_clock())
        await asyncio.gather(*(self._repeat(visitor) for visitor in self._visitors))
        looking.cancel()
        for visitor in self._visitors:
            visitor.hang_up()

    async def _repeat(self, visitor):
        while not self._is_over():
            await visitor.visit()

    async def _look_at_the_clock(self):
        last = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)  # pause: of a loop that looks on
            now = time.monotonic()
            if now - last > LOOK_EVERY + STALLED:
                self._history.fault(h.STALL, "", last, now)
            last = now
            for visitor in self._visitors:
                visitor.hang_up_if_impatient(now)
