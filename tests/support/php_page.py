"""Requests of a visitor, each a PHP process with careless_page.php under one of the session handlers that a site may have."""

import hashlib
import json
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from node import TABLE
from processes import clean_environment
from servers import ROOT

PAGE = Path(__file__).with_name("careless_page.php")
CLASS, REDIS, REDIS_LOCKING = "Mooring's handler", "php-redis", "php-redis with locking"
HANDLERS = (CLASS, REDIS, REDIS_LOCKING)
COMMON = {"error_reporting": "-1", "html_errors": "0", "log_errors": "1", "session.use_cookies": "0",
          "session.use_only_cookies": "0", "session.cache_limiter": "", "session.serialize_handler": "php"}


@dataclass(frozen=True)
class Step:
    """What PHP said to session_start() or session_write_close()."""
    returned: object
    thrown: str
    warnings: list
    seconds: float
    active: bool
    session: object


def php_log(node):
    return node.folder / "php.log"


def settings_of(handler, node, timeout):
    settings = {**COMMON, "error_log": php_log(node)}
    if handler == CLASS:
        return {**settings, "auto_prepend_file": ROOT / "php-shim" / "prepend.php", "mooring.socket": node.socket,
                "mooring.timeout": timeout}
    return {**settings, "session.save_handler": "redis",
            "session.save_path": f"unix://{node.socket}?timeout=1&read_timeout={timeout}",
            "redis.session.locking_enabled": int(handler == REDIS_LOCKING), "redis.session.lock_expire": 30}


def visitor_of(handler):
    """The id of the session of the one visitor whom a handler has."""
    return f"visitor{HANDLERS.index(handler)}"


class PhpPage:
    def __init__(self, handler, node, timeout):
        flags = [part for name, value in settings_of(handler, node, timeout).items() for part in ("-d", f'{name}="{value}"')]
        self._process = subprocess.Popen(["php", *flags, str(PAGE), visitor_of(handler)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True, env=clean_environment())

    def close(self):
        self._process.kill()
        self._process.communicate()

    def opened(self):
        return self._step()

    def put(self, cart):
        """Lets the page go on and store; with an empty cart it changes nothing."""
        self._process.stdin.write(cart + "\n")
        self._process.stdin.flush()

    def stored(self):
        return self._step()

    def _step(self):
        line = self._process.stdout.readline()
        assert line, f"PHP ended with code {self._process.wait()}"
        assert line.startswith("{"), f"PHP printed {line!r}"
        return Step(**json.loads(line))


class Visitors:
    """One visitor for each handler, all at the same time. Steps are by handler. `timeout`: how many seconds PHP waits for
    an answer of sessiond."""

    def __init__(self, node, timeout=20):
        self._node = node
        self._timeout = timeout

    @contextmanager
    def pages(self):
        """({handler: what session_start() said}, a function that stores a cart and gives what was said to that)."""
        with ExitStack() as stack:
            pages = {handler: PhpPage(handler, self._node, self._timeout) for handler in HANDLERS}
            for page in pages.values():
                stack.callback(page.close)

            def store(cart):
                for page in pages.values():
                    page.put(cart)
                return {handler: page.stored() for handler, page in pages.items()}

            yield {handler: page.opened() for handler, page in pages.items()}, store

    def put(self, cart):
        """A page for each that must succeed."""
        with self.pages() as (opened, store):
            for handler, step in opened.items():
                assert (step.returned, step.thrown, step.warnings) == (True, None, []), f"{handler}: {step}"
            for handler, step in store(cart).items():
                assert (step.returned, step.thrown, step.warnings) == (True, None, []), f"{handler}: {step}"
        return opened

    def in_table(self, endpoint):
        """The stored bytes and the version of each visitor's session, read with AWS's own library."""
        client = self._node.dynamodb(endpoint)
        sessions = {}
        for handler in HANDLERS:
            key = "PHPSESSID:" + hashlib.sha256(visitor_of(handler).encode()).hexdigest()
            item = client.get_item(TableName=TABLE, Key={"session_id": {"S": key}}, ConsistentRead=True)["Item"]
            sessions[handler] = (item["data"]["B"], item["ver"]["N"])
        return sessions
