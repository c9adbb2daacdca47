import resource
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "dev.d"), str(ROOT / "tests" / "support")]

from global_tables import OTHER, GlobalTables  # noqa: E402  the paths above come first
from node import REGION, Node  # noqa: E402


def pytest_configure(config):
    # The tests hold a thousand connections open, and the daemons inherit the limit.
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Node):
                report.sections.append(("logs of the node", value.logs()))


@pytest.fixture
def node():
    created = Node()
    try:
        yield created
    finally:
        created.close()


@pytest.fixture
def account(node):
    """Two regions of AWS, which the node uses."""
    with GlobalTables(REGION, OTHER) as created:
        node.set("dynamodb", endpoints=created.endpoints()).set("sessions", store="dynamodb")
        yield created
