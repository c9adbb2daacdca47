import resource
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "dev.d"), str(ROOT / "tests" / "support")]

from global_tables import OTHER, GlobalTables  # noqa: E402  the paths above come first
from node import REGION, Node  # noqa: E402


# The main paths of each daemon, which run again with the daemons that the sanitizers watch (./dev test sanitized).
SANITIZED = ("test_bad_input.py", "test_cluster.py", "test_evacuate.py", "test_follow.py", "test_journal.py", "test_magento_wire.py",
             "test_probers.py", "test_redis_wire.py", "test_refused_clients.py", "test_regions.py", "test_resp_wire.py",
             "test_sidecar.py")
# A sanitizer's memory is its own.
MEASURES_MEMORY = ("test_memory", "test_it_is_small_when_idle")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.name in SANITIZED and item.originalname not in MEASURES_MEMORY:
            item.add_marker("sanitized")


def pytest_configure(config):
    config.addinivalue_line("markers", "sanitized: runs again with the daemons that the sanitizers watch")
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
