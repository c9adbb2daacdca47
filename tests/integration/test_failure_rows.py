"""What PHP sees when DynamoDB fails, and that the stored session is intact afterwards: a row of docs/failures.md each.

Three visitors at a time, of Mooring's handler and of the stock php-redis without and with locking, whose pages go on
whatever session_start() says.
"""

from dataclasses import dataclass
from pathlib import Path

import faulty_dynamodb as f
import pytest

from node import REGION
from php_page import Visitors, php_log
from php_verdicts import check_nothing_to_store, check_not_opened, check_not_stored, check_well
from resp_client import RespClient
from servers import ROOT

DEADLINE = 1.0
AT_ONCE = 0.0
FULL, LATER = "full", "fuller"


@dataclass(frozen=True)
class Row:
    name: str  # as in docs/failures.md
    fault: f.Fault
    error_class: str  # in log and metrics
    longest: float  # until PHP is answered
    at_open: bool = True


ROWS = (
    Row("DynamoDB does not answer", f.HANGS, "timed_out", DEADLINE),
    Row("connections to DynamoDB break", f.CUTS, "region_unavailable", DEADLINE),
    Row("DynamoDB answers 500", f.FAILS, "region_unavailable", DEADLINE),
    Row("DynamoDB answers 503", f.IS_UNAVAILABLE, "region_unavailable", DEADLINE),
    Row("DynamoDB throttles", f.THROTTLES, "throttled", DEADLINE),
    Row("the table's capacity is exceeded", f.IS_OVER_CAPACITY, "throttled", DEADLINE),
    Row("DynamoDB finds the item too large", f.SAYS_TOO_LARGE, "too_large", AT_ONCE, at_open=False),
    Row("the table is gone", f.HAS_NO_TABLE, "misconfigured", AT_ONCE),
    Row("the credentials have expired", f.SAYS_EXPIRED, "misconfigured", AT_ONCE),
)


class Site:
    def __init__(self, node):
        self._node = node
        self._emulator = node.start_emulator()
        self.dynamodb = f.FaultProxy(self._emulator.port)
        node.set("dynamodb", endpoints={REGION: self.dynamodb.endpoint}, attempt_timeout="300ms",
                 connect_timeout="300ms")
        node.set("sessions", deadline=f"{DEADLINE:g}s", lock_wait="2s", lease="2s")
        self.sessiond = node.sessiond().start()
        self.visitors = Visitors(node)

    def stored(self):
        return self.visitors.in_table(self._emulator.endpoint)

    def errors(self, error_class):
        """How often the metrics and whether the log have that class."""
        with RespClient(self._node.socket) as client:
            metrics = client.call("METRICS").decode()
        start = f'mooring_sessiond_errors_total{{class="{error_class}"}} '
        count = sum(int(line[len(start):]) for line in metrics.splitlines() if line.startswith(start))
        logged = "event=command.failed" in self.sessiond.process.log_text()
        return count if logged and f"class={error_class}" in self.sessiond.process.log_text() else 0


@pytest.fixture
def site(node):
    made = Site(node)
    yield made
    made.dynamodb.close()


def check_intact(site, before, cart):
    """The same bytes in the table, and each visitor finds them at once and can go on."""
    assert site.stored() == before
    with site.visitors.pages() as (opened, store):
        check_well(opened, cart)
        assert all(step.seconds < DEADLINE for step in opened.values()), f"a lock was left behind: {opened}"
        check_well(store(LATER))
    check_well(site.visitors.put(""), LATER)


@pytest.mark.parametrize("row", [row for row in ROWS if row.at_open], ids=lambda row: row.name)
def test_when_a_session_is_opened(node, site, row):
    site.visitors.put(FULL)
    before = site.stored()
    site.dynamodb.befall(row.fault)
    with site.visitors.pages() as (opened, store):
        check_not_opened(opened, row.longest)
        check_nothing_to_store(store("overwritten"))
    assert site.dynamodb.hits >= len(opened)
    site.dynamodb.heal()
    check_intact(site, before, FULL)
    assert site.errors(row.error_class) >= len(opened)
    assert "read of session" in php_log(node).read_text(encoding="utf-8")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_when_a_session_is_stored(node, site, row):
    site.visitors.put(FULL)
    before = site.stored()
    with site.visitors.pages() as (opened, store):
        check_well(opened, FULL)
        site.dynamodb.befall(row.fault)
        stored = store("lost")
        check_not_stored(stored, row.longest)
    assert site.dynamodb.hits >= len(stored)
    site.dynamodb.heal()
    check_intact(site, before, FULL)
    assert site.errors(row.error_class) >= len(stored)
    assert "write of session" in php_log(node).read_text(encoding="utf-8")


def test_a_lost_answer_is_not_noticed(site):
    site.visitors.put(FULL)
    site.dynamodb.befall(f.LOSES_ONE_ANSWER)
    with site.visitors.pages() as (opened, store):
        check_well(opened, FULL)
        assert site.dynamodb.hits == 1
        site.dynamodb.befall(f.LOSES_ONE_ANSWER)
        check_well(store("from the page"))
        assert site.dynamodb.hits == 1
    check_well(site.visitors.put(""), "from the page")


def test_all_answers_are_lost_when_a_session_is_opened(site):
    site.visitors.put(FULL)
    before = site.stored()
    site.dynamodb.befall(f.LOSES_ANSWERS)
    with site.visitors.pages() as (opened, store):
        check_not_opened(opened, DEADLINE)
        check_nothing_to_store(store("overwritten"))
    site.dynamodb.heal()
    check_intact(site, before, FULL)


def test_all_answers_are_lost_when_a_session_is_stored(site):
    """PHP warns, though the session is stored: nobody could tell."""
    site.visitors.put(FULL)
    with site.visitors.pages() as (_opened, store):
        site.dynamodb.befall(f.LOSES_ANSWERS)
        check_not_stored(store("from the page"), DEADLINE)
    site.dynamodb.heal()
    check_well(site.visitors.put(LATER), "from the page")
    check_well(site.visitors.put(""), LATER)


def test_the_page_for_users_has_every_row():
    text = (Path(ROOT) / "docs" / "failures.md").read_text(encoding="utf-8")
    for row in ROWS:
        (line,) = [line for line in text.splitlines() if line.startswith(f"| {row.name} |")]
        assert f"`class={row.error_class}`" in line, line
