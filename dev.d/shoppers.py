"""The lab's shoppers: the crowd that the integration tests use, for as long as the lab runs, and what it has found."""

import sys
import time
from collections import Counter

from demo_node import say
from processes import Failure, wait_until
from servers import ROOT

sys.path.append(str(ROOT / "tests" / "support"))

from shop import FAILED, LOST, OLDER, STRANGE, UNSEEN, Crowd, Outages  # noqa: E402  the path above comes first

__all__ = ["FAILED", "LOST", "MOST_VISITORS", "OLDER", "STRANGE", "UNSEEN", "Shoppers"]

PAUSE = 0.8
SLACK = 1.5  # after a server is back: queued requests are still being worked off
MOST_VISITORS = 500  # more need more php-fpm workers than the demo has
ARRIVAL_TIMEOUT = 30.0
SHOWN = 5


class Shoppers:
    def __init__(self, doors, pause=PAUSE, patience=None):
        """doors: (host, port) of the nodes. pause: a visitor's mean time between two clicks, in seconds. patience: {door:
        seconds} where an answer is not waited for as long as REQUEST_TIMEOUT."""
        self._doors = doors
        self._pause = pause
        self._patience = patience
        self._outages = Outages(SLACK)
        self._down = {}
        self._crowds = []
        self._changed_at = 0.0

    def visitors(self):
        return [visitor for crowd in self._crowds for visitor in crowd.visitors]

    def send(self, number):
        """Lets `number` more visitors in; returns when each of them has something in the cart."""
        if self._down:
            raise Failure(f"shop: nobody can come in while these are down: {', '.join(self._down)}")
        present = len(self.visitors())
        if present + number > MOST_VISITORS:
            raise Failure(f"shop: {present} visitors are here, and {MOST_VISITORS} at most fit in; send fewer")
        crowd = Crowd(number, self._doors, self._outages, self._pause, present, self._patience)
        self._crowds.append(crowd)
        crowd.enter()
        wait_until(lambda: all(visitor.kept_count() for visitor in crowd.visitors), ARRIVAL_TIMEOUT,
                   f"each of the {number} visitors has something in the cart")

    def note_down(self, name):
        """From now on requests may fail: the part of the shop called `name` has been broken."""
        self._changed_at = time.monotonic()
        if name not in self._down:
            self._down[name] = self._outages.begin()

    def note_up(self, name):
        self._changed_at = time.monotonic()
        if name in self._down:
            self._outages.end(self._down.pop(name))

    def leave(self):
        """Everybody looks at the cart a last time, when there is a shop to look at."""
        if self._down:
            say(f"they cannot while these are down: {', '.join(self._down)}")
            return
        for crowd in self._crowds:
            crowd.close_the_doors()
        for crowd in self._crowds:
            crowd.leave()

    def promise_broken(self):
        return any(violation.kind in (LOST, OLDER, STRANGE) for violation in self._violations())

    def report(self):
        visitors, violations = self.visitors(), self._violations()
        if not visitors:
            return ["nobody is shopping; 'shop 20' sends 20 visitors"]
        count = Counter(violation.kind for violation in violations)
        seen = sum(visitor.seen_at > self._changed_at for visitor in visitors)
        since = "since the last fault or repair" if self._changed_at else "so far"
        return [f"visitors           {len(visitors)}; the carts of {seen} were seen {since}",
                f"requests answered  {sum(visitor.answered for visitor in visitors)}",
                f"requests failed    {sum(visitor.failed for visitor in visitors)}, "
                f"{count[FAILED]} of them while nothing of the shop was down",
                f"carts lost         {count[LOST]}",
                f"carts gone back    {count[OLDER]}",
                f"sessions mixed up  {count[STRANGE]}",
                *(f"  {violation.text}" for violation in violations[:SHOWN]),
                *([f"  and {len(violations) - SHOWN} more"] if len(violations) > SHOWN else [])]

    def _violations(self):
        return [violation for crowd in self._crowds for violation in crowd.violations()]
