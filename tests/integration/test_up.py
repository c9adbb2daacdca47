"""./dev up: the demo starts, survives kill -9 of sessiond, and leaves nothing behind on Ctrl-C."""

import http.client
import json
import os
import re
import signal
from pathlib import Path

import pytest

from daemons import binaries, get
from processes import Child, clean_environment, free_port, wait_until
from servers import LOOPBACK, ROOT


@pytest.fixture(params=[[], ["--dynamodb"]], ids=["embedded", "dynamodb"])
def demo(request, node):
    """(process, port, run folder) of a demo that is ready."""
    port = free_port(count=3)
    run = node.folder / "run"
    environment = clean_environment(MOORING_RUN=str(run), MOORING_BIN=str(binaries()))
    up = node.own(Child("dev-up", [ROOT / "dev", "up", "--port", port, *request.param], node.folder / "dev-up.log",
                        env=environment, parent_death=signal.SIGTERM))
    up.start()
    up.wait_ready(lambda: "Ctrl-C stops all of it" in up.log_text(), 60, "is ready")
    yield up, port, run
    up.stop()


def processes_of(run):
    """Command lines of living processes that mention the run folder: {pid: text}."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(run) in text:
            found[int(folder.name)] = text
    return found


def ask_shop(port, method, cookie=None, **fields):
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if cookie:
        headers["Cookie"] = cookie
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    connection.request(method, "/?format=json", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text
    cookie = (answer.getheader("Set-Cookie") or cookie or "").split(";")[0]
    connection.close()
    return json.loads(text), cookie


def sessiond_pid(run):
    found = [pid for pid, text in processes_of(run).items() if "mooring-sessiond" in text]
    return found[0] if found else None


def test_the_demo_from_start_to_ctrl_c(demo):
    up, port, run = demo
    assert get(port, "/healthz") == (200, b"OK\n")
    assert get(port + 1, "/healthz") == (200, b"OK\n")
    assert get(port + 2, "/status")[0] == 200
    for promised in (f"http://{LOOPBACK}:{port}/", f"http://{LOOPBACK}:{port + 2}/status", "redis-cli -s"):
        assert promised in up.log_text()

    _cart, cookie = ask_shop(port, "POST", action="add", sku="rope")
    cart, cookie = ask_shop(port, "POST", cookie, action="add", sku="mug")
    assert cart["cart"] == {"rope": 1, "mug": 1}

    killed = sessiond_pid(run)
    assert f"kill -9 {killed}" in up.log_text()
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: sessiond_pid(run) not in (None, killed), 5, "sessiond is started again")
    assert re.search(r"mooring-sessiond ended with code -9; starting it again", up.log_text())
    wait_until(lambda: get(port, "/healthz")[0] == 200, 10, "the node is healthy again")
    cart, _cookie = ask_shop(port, "GET", cookie)
    assert cart["cart"] == {"rope": 1, "mug": 1}

    assert len(processes_of(run)) >= 4
    up.signal(signal.SIGINT)
    assert up.wait(15) == 0
    assert processes_of(run) == {}
    for closed in (port, port + 1, port + 2):
        assert get(closed, "/")[0] is None


def test_a_second_demo_in_the_same_folder_is_refused(demo, node):
    _up, port, run = demo
    second = Child("dev-up", [ROOT / "dev", "up"], node.folder / "second.log",
                   env=clean_environment(MOORING_RUN=str(run), MOORING_BIN=str(binaries())))
    second.start()
    assert second.wait(30) == 2
    assert "another ./dev up, lab or drill runs" in second.last_words()
    assert get(port, "/healthz")[0] == 200


def test_a_port_in_use_is_named(demo, node):
    _up, port, _run = demo
    second = Child("dev-up", [ROOT / "dev", "up", "--port", port], node.folder / "second.log",
                   env=clean_environment(MOORING_RUN=str(node.folder / "other"), MOORING_BIN=str(binaries())))
    second.start()
    assert second.wait(30) == 2
    assert f"port {port} is in use" in second.last_words()
