"""The sidecar as operators see it: checks, metrics, status, drain, and what it publishes."""

import http.client
import json
import re
import signal
import time

from daemons import get
from processes import wait_until
from raw_http import RawConnection
from servers import LOOPBACK, ROOT

SLACK = 1.5  # for a loaded machine
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
METRIC_LINE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.eInfNa]+')


def started(node):
    """A node whose three checks all pass: (database, emulator, sessiond, sidecar)."""
    database = node.start_database()
    emulator = node.start_emulator()
    sessiond = node.sessiond().start()
    sidecar = node.sidecar().start()
    node.wait_healthz(200, 10)
    return database, emulator, sessiond, sidecar


def seconds_until(node, status, within):
    begin = time.monotonic()
    slowest = 0.0

    def answers():
        nonlocal slowest
        asked = time.monotonic()
        code = node.healthz()[0]
        slowest = max(slowest, time.monotonic() - asked)
        return code == status

    wait_until(answers, within, f"/healthz answers {status}")
    assert slowest < 1.0, f"a probe was answered after {slowest:.2f} s"
    return time.monotonic() - begin


def test_mysql_dies_and_comes_back(node):
    database, *_rest = started(node)
    database.process.kill()
    # The run that finds it dead comes within one interval, the two that confirm it follow the fast interval.
    assert seconds_until(node, 503, 5) < 0.3 + 2 * 0.1 + SLACK
    database.start()
    assert seconds_until(node, 200, 10) < 3 * 0.3 + SLACK


def test_a_hung_mysql_is_found_and_probes_are_quick_meanwhile(node):
    database, *_rest = started(node)
    database.process.pause()
    assert seconds_until(node, 503, 15) < 0.3 + 3 * (1.0 + 0.3) + SLACK
    database.process.resume()
    seconds_until(node, 200, 15)


def test_a_hung_dynamodb_is_found_and_probes_are_quick_meanwhile(node):
    _database, emulator, *_rest = started(node)
    emulator.process.pause()
    assert seconds_until(node, 503, 15) < 0.3 + 3 * (1.0 + 0.3) + SLACK
    emulator.process.resume()
    seconds_until(node, 200, 15)


def test_sessiond_dies_and_comes_back(node):
    _database, _emulator, sessiond, _sidecar = started(node)
    sessiond.process.kill()
    seconds_until(node, 503, 5)
    sessiond.start()
    seconds_until(node, 200, 10)


def test_on_failure_warn_keeps_the_node_in_service(node):
    node.set("checks.mysql", on_failure="warn")
    database, *_rest = started(node)
    database.process.kill()
    wait_until(lambda: node.status()[1]["status"] == "warn", 5, "the status is warn")
    assert node.healthz() == (200, b"OK\n")


def test_a_wrong_mysql_password_is_named(node):
    node.start_database()
    wrong = node.folder / "wrong-password"
    wrong.write_text("not it\n", encoding="utf-8")
    node.set("checks.mysql", password_file=wrong).set("checks.sessiond", enabled=False)
    node.sidecar().start()
    wait_until(lambda: node.healthz()[1] == b"FAIL\n", 10, "/healthz says FAIL")
    assert "1045" in json.dumps(node.status()[1])
    assert "not it" not in json.dumps(node.status()[1])


def test_status_json_is_the_health_draft(node):
    database, *_rest = started(node)
    connection = http.client.HTTPConnection(LOOPBACK, node.admin_port, timeout=2)
    connection.request("GET", "/status.json")
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == 200
    assert answer.getheader("Content-Type") == "application/health+json"
    assert answer.getheader("Cache-Control") == "no-store"
    assert re.match(r'\{\s*"status":\s*"pass"', text), "the status comes first"
    checks = json.loads(text)["checks"]
    assert len(checks) == 3
    for name, entries in checks.items():
        assert re.fullmatch(r"[\w.-]+:[\w.-]+", name)
        for entry in entries:
            assert entry["status"] == "pass"
            assert entry["componentType"] in ("component", "datastore", "system")
            assert ISO_TIME.fullmatch(entry["time"])
            assert "output" not in entry, "output is left out when a check passes"
    database.process.kill()
    node.wait_healthz(503, 5)
    code, status = node.status()
    assert status["status"] == "fail"
    assert 400 <= code < 600, "the draft wants an error status with fail"
    failing = [entry for entries in status["checks"].values() for entry in entries if entry["status"] == "fail"]
    assert len(failing) == 1 and failing[0]["output"]


def test_status_page_is_html_for_people(node):
    started(node)
    code, body = get(node.admin_port, "/status")
    assert code == 200
    assert body.lstrip().lower().startswith(b"<!doctype html>")
    for word in (b"mysql", b"dynamodb", b"sessiond"):
        assert word in body.lower()


def test_metrics_are_always_there(node):
    database, *_rest = started(node)
    database.process.kill()
    node.wait_healthz(503, 5)
    code, body = get(node.admin_port, "/metrics")
    assert code == 200, "Prometheus drops a scrape that is not 200"
    lines = [line for line in body.decode().splitlines() if line]
    samples = [line for line in lines if not line.startswith("#")]
    assert samples and all(METRIC_LINE.fullmatch(line) and line.startswith("mooring_") for line in samples)
    families = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    for sample in samples:
        name = re.split(r"[{ ]", sample)[0]
        assert name in families or re.sub(r"_(bucket|sum|count)$", "", name) in families


def documented_labels():
    """{name of a metric: its labels} by the page of metrics."""
    rows = re.findall(r"^\| `(mooring_\w+)` \|([^|]*)\|", (ROOT / "docs" / "health.md").read_text(encoding="utf-8"), re.M)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def test_each_metric_has_the_labels_that_the_page_names(node):
    _database, emulator, *_rest = started(node)
    emulator.process.kill()
    node.wait_healthz(503, 5)
    labels_of = documented_labels()
    metrics = get(node.admin_port, "/metrics")[1].decode()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", metrics, re.M))
    seen = {}
    for name, labels in re.findall(r"^(mooring_\w+)(?:\{(.*)\})? ", metrics, re.M):
        family = name if name in kinds else re.sub(r"_(bucket|sum|count)$", "", name)
        seen.setdefault(family, set()).update(set(re.findall(r'(\w+)="', labels)) - {"le"})
    assert {"mooring_sidecar_check_failures_total", "mooring_dynamodb_retries_total"} <= seen.keys()
    assert seen == {family: labels_of[family] for family in seen}


def test_the_admin_pages_are_not_public(node):
    started(node)
    for path in ("/metrics", "/status", "/status.json"):
        assert get(node.probe_port, path)[0] == 404
        assert get(node.admin_port, path)[0] == 200


def test_drain_says_so_before_it_closes(node):
    node.set("sidecar", drain_delay="3s")
    *_rest, sidecar = started(node)
    with RawConnection(node.probe_port) as idle:
        begin = time.monotonic()
        sidecar.process.signal(signal.SIGTERM)
        wait_until(lambda: node.healthz() == (503, b"DRAINING\n"), 1, "/healthz says DRAINING")
        assert get(node.probe_port, "/livez") == (200, b"OK\n")
        while time.monotonic() < begin + 2:
            assert node.healthz() == (503, b"DRAINING\n")
            time.sleep(0.05)  # pause: of a loop that looks on
        assert idle.is_closed_by_server(within=10)
    assert sidecar.process.wait(5) == 0
    assert time.monotonic() - begin > 3
    assert node.healthz()[0] is None


def test_a_second_signal_ends_it_at_once(node):
    node.set("sidecar", drain_delay="30s")
    *_rest, sidecar = started(node)
    sidecar.process.signal(signal.SIGTERM)
    wait_until(lambda: node.healthz()[1] == b"DRAINING\n", 1, "/healthz says DRAINING")
    sidecar.process.signal(signal.SIGTERM)
    assert sidecar.process.wait(2) == 1


def test_the_region_is_published_to_nginx(node):
    node.sessiond().start()
    node.sidecar({"AWS_REGION": "eu-west-1"}).start()
    published = (node.folder / "region.conf").read_text(encoding="utf-8")
    assert "fastcgi_param DYNAMODB_REGION eu-west-1;" in published
    assert "fastcgi_param AWS_REGION eu-west-1;" in published


def test_it_is_small_when_idle(node):
    *_rest, sidecar = started(node)
    time.sleep(1)  # pause: what start-up needed is given back, and some probes have run
    assert sidecar.process.resident_bytes() <= 20 * 1024 * 1024


def test_a_second_region_means_nothing_without_dynamodb(node):
    node.set("region", secondary="eu-west-1")
    sessiond = node.sessiond().start()
    sidecar = node.sidecar().start()
    node.wait_healthz(200, 10)
    sessiond.process.kill()
    assert seconds_until(node, 503, 5) < 0.3 + 2 * 0.1 + SLACK
    assert sidecar.process.alive()
