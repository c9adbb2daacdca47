"""./dev lab: parts are broken by name while visitors shop; what is lost is found; nothing is left behind."""

import os
import re
import signal
import subprocess
import tomllib

import pytest

from daemons import binaries, get
from processes import clean_environment, free_port, port_is_free, wait_until
from servers import ROOT
from test_up import processes_of

NAMES = ("mariadb", "dynamodb", "sessiond", "sidecar", "php-fpm", "nginx")


class LabRun:
    """A lab whose standard input is ours, one command a line."""

    def __init__(self, folder, *options):
        self.run = folder / "run"
        self.port = next(port for port in iter(free_port, None) if port_is_free(port + 1) and port_is_free(port + 2))
        self._output = folder / "lab.log"
        with open(self._output, "wb") as output:
            self._process = subprocess.Popen(
                [ROOT / "dev", "lab", "--port", str(self.port), *options], stdin=subprocess.PIPE, stdout=output,
                stderr=output, text=True, start_new_session=True,
                env=clean_environment(MOORING_RUN=str(self.run), MOORING_BIN=str(binaries())))

    def text(self):
        return self._output.read_text(encoding="utf-8")

    def expect(self, words, begin=0, timeout=60):
        wait_until(lambda: words in self.text()[begin:] or self._process.poll() is not None, timeout,
                   f"the lab says {words!r}")
        assert words in self.text()[begin:], self.text()

    def do(self, command, answer):
        begin = len(self.text())
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        self.expect(answer, begin)
        return self.text()[begin:]

    def healthz(self):
        return get(self.port + 1, "/healthz")

    def wait_healthz(self, status):
        wait_until(lambda: self.healthz()[0] == status, 15, f"/healthz answers {status}")

    def end(self, timeout=60):
        """Ends the input; returns the exit code."""
        self._process.stdin.close()
        return self._process.wait(timeout)

    def interrupt(self):
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def close(self):
        self._process.terminate()
        self._process.wait(30)


@pytest.fixture
def start_lab(node):
    started = []

    def start(*options):
        lab = LabRun(node.folder, *options)
        started.append(lab)
        lab.expect("The lab runs")
        return lab

    yield start
    for lab in started:
        lab.close()


def seen_carts(report):
    return int(re.search(r"carts of (\d+) were seen", report)[1])


def test_no_cart_is_lost_whatever_is_broken(start_lab):
    lab = start_lab()
    first = lab.do("status", "verdict")
    assert all(re.search(rf"^{name} +running +pid \d+$", first, re.M) for name in NAMES), first
    assert "/healthz  200 OK; through nginx: 200 OK\nverdict   pass" in first
    lab.do("shop 12", "12 visitors are shopping")

    lab.do("stop dynamodb", "dynamodb is stopped")
    lab.do("wait 3; status", "verdict")
    lab.do("cont dynamodb", "dynamodb goes on")

    lab.do("kill mariadb", "mariadb is killed")
    lab.wait_healthz(503)
    dead = lab.do("status", "verdict")
    assert re.search(r"^mariadb +killed$", dead, re.M) and "verdict   fail: mysql" in dead, dead
    lab.do("start mariadb", "mariadb is started, pid")
    lab.wait_healthz(200)

    for name in ("sessiond", "dynamodb", "nginx", "php-fpm", "sidecar"):
        lab.do(f"kill {name}", f"{name} is killed")
        lab.do(f"start {name}", f"{name} is started, pid")
    lab.do("term sessiond", "sessiond has ended with code 0")
    lab.do("start sessiond", "sessiond is started, pid")

    wait_until(lambda: seen_carts(lab.do("report", "sessions mixed up")) == 12, 30, "every cart was seen again")
    assert lab.end() == 0
    ending = lab.text().partition("a last time")[2]
    assert re.search(r"^carts lost +0\ncarts gone back +0\nsessions mixed up +0$", ending, re.M), ending
    assert processes_of(lab.run) == {}


def test_a_lost_cart_is_found(start_lab, node):
    lab = start_lab()
    lab.do("shop 3", "3 visitors are shopping")
    config = tomllib.loads((lab.run / "mooring.toml").read_text(encoding="utf-8"))
    [(_region, endpoint)] = config["dynamodb"]["endpoints"].items()
    client = node.dynamodb(endpoint)
    items = client.scan(TableName="mooring_sessions", ProjectionExpression="session_id")["Items"]
    assert len(items) == 3
    for item in items:
        client.delete_item(TableName="mooring_sessions", Key=item)
    assert lab.end() == 1
    assert re.search(r"^carts lost +[1-9]", lab.text(), re.M), lab.text()


def test_ctrl_c_also_ends_what_is_stopped_or_left_over(start_lab):
    lab = start_lab()
    lab.do("stop php-fpm; stop mariadb; stop sidecar", "sidecar is stopped")
    status = lab.do("status", "verdict")
    assert "no answer" in status and "unknown: the sidecar does not answer" in status
    # Without its master nginx has workers that nobody ends.
    os.kill(int(re.search(r"^nginx +running +pid (\d+)$", status, re.M)[1]), signal.SIGKILL)
    lab.do("wait 0.1", "nginx has ended by itself with code -9")
    assert get(lab.port, "/nothing.php")[0] == 404
    assert lab.interrupt() == 0
    assert processes_of(lab.run) == {}
    assert get(lab.port, "/nothing.php")[0] is None


def test_mistakes_get_one_line_and_a_script_with_one_fails(start_lab):
    mistakes = {
        "kill mysql": f"kill: there is no part 'mysql'; the parts are {', '.join(NAMES)}",
        "explode": "there is no command 'explode'; 'help' lists them",
        "kill": "kill: wants a NAME; see 'help'",
        "status now": "status: wants nothing more; see 'help'",
        "shop many": "shop: 'many' is not a number of visitors from 1 to 500",
        "wait -1": "wait: '-1' is not a number of seconds from 0 to 86400",
        "start nginx": "start: nginx is running, pid ",
        "cont nginx": "cont: nginx is running",
        "kill sidecar; stop sidecar": "stop: sidecar is killed; 'start sidecar' starts it",
        "stop nginx; term nginx": "term: nginx is stopped; 'cont nginx' lets it go on",
        "shop 5": "shop: nobody can come in while these are down: nginx",
    }
    lab = start_lab("-c", "; ".join(mistakes))
    assert lab.end() == 2
    lines = [line for line in lab.text().splitlines() if line.startswith("lab: ")]
    assert len(lines) == len(mistakes)
    for line, expected in zip(lines, mistakes.values(), strict=True):
        assert line.startswith(f"lab: {expected}")
    assert "Traceback" not in lab.text()
    assert processes_of(lab.run) == {}
