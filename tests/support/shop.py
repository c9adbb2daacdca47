"""Visitors of the demo shop, each with a model of what the shop has acknowledged.

An answer of 200 or 303 is a promise: what it shows stays. An answer of 5xx, or none at all, leaves one addition in
doubt: it may have been stored or not. Everything a visitor sees must be explained by that, or it is a violation.
"""

import http.client
import json
import random
import select
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

PRODUCTS = ("rope", "fender", "anchor", "lamp", "chart", "mug")
COOKIE = "SHOPSESSION"
MOST_OF_ONE = 90  # the shop refuses more than 99
REQUEST_TIMEOUT = 30.0

# Kinds of violations.
LOST = "cart lost"
OLDER = "cart gone back"
STRANGE = "session mixed up"  # logged out, another session id, things in the cart that nobody put there
FAILED = "failed while nothing was down"
UNSEEN = "cart not seen in the end"


@dataclass(frozen=True)
class Violation:
    kind: str
    text: str
    at: float = field(default_factory=time.monotonic)
    door: tuple | None = None
    # Something that is missing was acknowledged by another node.
    elsewhere: bool = False


@dataclass(frozen=True)
class Request:
    begin: float
    seconds: float
    door: tuple
    failure: str | None = None
    resent: bool = False


class Outages:
    """When something was down. Requests may fail that touch such a time or the `slack` after it."""

    def __init__(self, slack):
        self._slack = slack
        self._spans = []

    def begin(self):
        """An outage that lasts until end() gets what this returns."""
        span = [time.monotonic(), float("inf")]
        self._spans.append(span)
        return span

    def end(self, span):
        span[1] = time.monotonic()

    @contextmanager
    def during(self):
        span = self.begin()
        try:
            yield
        finally:
            self.end(span)

    def excuse(self, begin, end):
        return any(begin <= over + self._slack and end >= start for start, over in self._spans)


class Visitor:
    """doors: (host, port) of each node; every click goes through any of them. patience: {door: seconds} where an answer
    is not waited for as long as REQUEST_TIMEOUT."""

    def __init__(self, number, doors, outages, patience=None):
        self.name = f"visitor {number}"
        self._doors = doors
        self._door = doors[0]
        self._outages = outages
        self._patience = patience or {}
        self._random = random.Random(number)
        self._connections = {}
        self._resent = False  # the request under way was, on a new connection
        self.requests = []
        self.answered = 0
        self.failed = 0
        self.violations = []
        self._forget()

    def _forget(self):
        """Who comes next is a new visitor of the same name, with a session of its own."""
        self._cookie = None
        self._kept = Counter()
        self._in_doubt = Counter()
        self._added_through = {}
        # What was acknowledged and not there when the visitor looked last.
        self.missing = Counter()
        self.seen_at = 0.0

    def arrive(self):
        """Logs in, which gives the visitor the session id that stays, and puts a first thing into the cart."""
        if self._post("login", user=self.name):
            self._post("add", sku="rope")

    def act(self):
        """One click: mostly adding to the cart, now and then looking at it."""
        if self._cookie is None:
            self.arrive()
            return
        if self._random.random() < 0.3:
            self.look()
            return
        wanted = [product for product in PRODUCTS if (self._kept + self._in_doubt)[product] < MOST_OF_ONE]
        if wanted:
            self._post("add", sku=self._random.choice(wanted), as_json=self._random.random() < 0.7)
        elif self.look():
            self._forget()

    def look(self):
        return self._cookie is not None and self._ask("GET", "/?format=json", None, None)

    def kept_count(self):
        return sum(self._kept.values())

    def _post(self, action, sku=None, user=None, as_json=True):
        fields = {"action": action, "sku": sku, "user": user, "format": "json" if as_json else None}
        body = urlencode({name: value for name, value in fields.items() if value is not None})
        return self._ask("POST", "/", body, sku)

    def _ask(self, method, target, body, sku):
        """True when the shop acknowledged the request. `sku` is what it adds."""
        begin = time.monotonic()
        self._door = self._random.choice(self._doors)
        self._resent = False
        try:
            status, cookie, text = self._exchange(method, target, body)
        except (OSError, http.client.HTTPException) as error:
            self._connections.pop(self._door, None)
            self._note_failure(begin, sku, f"no answer ({error or type(error).__name__})")
            return False
        if status >= 500:
            if cookie:
                self._violation(STRANGE, f"got another session id with an error {status}")
            self._note_failure(begin, sku, f"{status}")
            return False
        if status not in (200, 303):
            self._violation(STRANGE, f"got {status}: {text[:200]!r}")
            return False
        self.answered += 1
        self._note_request(begin)
        self._take_cookie(cookie)
        if sku:
            self._kept[sku] += 1
            self._added_through[sku] = self._door
        if status == 200:
            self._compare(json.loads(text))
        return True

    def _exchange(self, method, target, body):
        connection = self._connections.get(self._door)
        if connection is None or self._was_closed(connection):
            return self._send(self._connect(), method, target, body)
        try:
            return self._send(connection, method, target, body)
        except (ConnectionError, http.client.RemoteDisconnected):
            # nginx closes its idle connections when it reloads. Who sends in that very moment gets no byte of an answer;
            # browsers send it again on a new connection, once, and so do we.
            self._resent = True
            return self._send(self._connect(), method, target, body)

    def _connect(self):
        connection = http.client.HTTPConnection(*self._door, timeout=self._patience.get(self._door, REQUEST_TIMEOUT))
        self._connections[self._door] = connection
        return connection

    def _send(self, connection, method, target, body):
        headers = {"Cookie": f"{COOKIE}={self._cookie}"} if self._cookie else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Set-Cookie"), answer.read()

    @staticmethod
    def _was_closed(connection):
        """Whether nginx closed the idle connection: a browser notices that before it sends a request, and so do we."""
        if connection.sock is None:
            return True
        readable = select.poll()
        readable.register(connection.sock, select.POLLIN)
        if not readable.poll(0):
            return False
        connection.close()
        return True

    def _note_request(self, begin, failure=None):
        self.requests.append(Request(begin, time.monotonic() - begin, self._door, failure, self._resent))

    def _violation(self, kind, text, lost=()):
        elsewhere = any(self._added_through.get(sku, self._door) != self._door for sku in lost)
        self.violations.append(Violation(kind, f"{self.name} {text}", door=self._door, elsewhere=elsewhere))

    def _take_cookie(self, header):
        if header is None:
            return
        value = header.split(";")[0].removeprefix(f"{COOKIE}=")
        if self._cookie is not None and value != self._cookie:
            self._violation(STRANGE, "was given another session id")
        self._cookie = value

    def _note_failure(self, begin, sku, what):
        self.failed += 1
        self._note_request(begin, what)
        if sku:
            self._in_doubt[sku] += 1
        if not self._outages.excuse(begin, time.monotonic()):
            self._violation(FAILED, f"got {what} while nothing was down")

    def _compare(self, seen):
        cart = Counter(seen["cart"])
        if seen["user"] != self.name:
            self._violation(STRANGE, f"is logged in as {seen['user']!r}, cart {dict(cart)}")
        lost = self._kept - cart
        extra = cart - self._kept - self._in_doubt
        if lost:
            self._violation(OLDER if cart else LOST, f"lost {dict(lost)} of {dict(self._kept)}", lost)
        if extra:
            self._violation(STRANGE, f"has {dict(extra)} that nobody put into the cart")
        if seen["seq"] != 1 + sum(cart.values()):
            self._violation(STRANGE, f"has {sum(cart.values())} things in the cart at change {seen['seq']}")
        # What is missing may come back, from a node that knew it.
        self.missing = self.missing - (cart - self._kept) + lost
        self._in_doubt = self._in_doubt + lost - (cart - self._kept)
        self._kept = cart
        self.seen_at = time.monotonic()


class Crowd:
    """Visitors that shop at the same time until leave()."""

    def __init__(self, size, doors, outages, pause, first=0, patience=None):
        self.visitors = [Visitor(number, doors, outages, patience) for number in range(first, first + size)]
        self._pause = pause
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._shop, args=(visitor,), daemon=True) for visitor in self.visitors]

    def enter(self):
        for thread in self._threads:
            thread.start()

    def close_the_doors(self):
        self._over.set()

    def leave(self):
        """Everybody finishes and looks at the cart a last time."""
        self.close_the_doors()
        for thread in self._threads:
            thread.join(2 * REQUEST_TIMEOUT)

    def answered(self):
        return sum(visitor.answered for visitor in self.visitors)

    def failed(self):
        return sum(visitor.failed for visitor in self.visitors)

    def violations(self):
        return [violation for visitor in self.visitors for violation in list(visitor.violations)]

    def _shop(self, visitor):
        try:
            visitor.arrive()
            chance = random.Random(visitor.name)
            while not self._over.wait(chance.expovariate(1 / self._pause)):
                visitor.act()
            if not visitor.look():
                visitor.violations.append(Violation(UNSEEN, f"{visitor.name} could not look at the cart in the end"))
        except Exception as error:  # a thread's exception would be lost, and the test would pass
            visitor.violations.append(Violation(STRANGE, f"{visitor.name}: {type(error).__name__}: {error}"))
