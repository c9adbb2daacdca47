"""./dev lab and ./dev drill: regions and nodes are broken by name while visitors shop; what is lost is found; nothing is
left behind."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from daemons import binaries
from dynamo_wire import Wire
from processes import clean_environment, wait_until
from servers import ROOT, running_as_root
from test_up import processes_of

NODE_PARTS = ("sessiond", "sidecar", "php-fpm", "nginx")
NAMES = ("mysql", "control", "east", "west", *(f"{node}.{part}" for node in ("node1", "node2") for part in NODE_PARTS))
MEMORY = Path("/dev/shm")
# Of a region that goes away. Packets vanish for root only.
GONE = "blackhole east" if running_as_root() else "stop east"


def left_behind(run, pid):
    """What a lab must not leave: processes, namespaces, bridges and data in memory."""
    spaces = os.listdir("/run/netns") if Path("/run/netns").exists() else []
    return [*processes_of(run), *(name for name in spaces if name.startswith(f"mlab{pid}-")),
            *(name for name in os.listdir("/sys/class/net") if name.startswith(f"mlab{pid}")),
            *MEMORY.glob(f"mooring-lab-{pid}-*")]


class LabRun:
    """A lab whose standard input is ours, one command a line."""

    def __init__(self, folder, *options):
        self.run = folder / "run"
        self._output = folder / "lab.log"
        with open(self._output, "wb") as output:
            self._process = subprocess.Popen(
                [ROOT / "dev", "lab", *options], stdin=subprocess.PIPE, stdout=output, stderr=output, text=True,
                start_new_session=True, env=clean_environment(MOORING_RUN=str(self.run), MOORING_BIN=str(binaries())))

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

    def end(self, timeout=60):
        """Ends the input; returns the exit code."""
        self._process.stdin.close()
        return self._process.wait(timeout)

    def interrupt(self):
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def left_behind(self):
        return left_behind(self.run, self._process.pid)

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


def test_no_cart_is_lost_when_a_region_goes_away_and_daemons_die(start_lab):
    lab = start_lab()
    first = lab.do("status", "replication  ")
    assert all(re.search(rf"^{name} +running +pid \d+$", first, re.M) for name in NAMES), first
    assert first.count("/healthz 200 OK; through nginx: 200 OK; verdict pass") == 2
    lab.do("shop 12", "12 visitors are shopping")
    lab.do("kill node1.sessiond", "node1.sessiond is killed")
    lab.do("start node1.sessiond", "node1.sessiond is started, pid")
    lab.do(GONE, "east")
    lab.do("kill mysql", "mysql is killed")
    lab.do("wait 4; status", "replication  ")
    wait_until(lambda: seen_carts(lab.do("report", "sessions mixed up")) == 12, 30, "every cart was seen again")
    assert lab.end() == 0
    ending = lab.text().partition("a last time")[2]
    assert re.search(r"^carts lost +0\ncarts gone back +0\nsessions mixed up +0$", ending, re.M), ending
    assert lab.left_behind() == []


def test_a_lost_cart_is_found(start_lab):
    lab = start_lab()
    lab.do("shop 3", "3 visitors are shopping")
    status = lab.do("sever east; sever west; status", "replication  ")
    endpoint = re.search(r"us-east-1, http://([\d.]+):(\d+)", status)
    wire = Wire((endpoint[1], int(endpoint[2])))
    items = wire.call("Scan", TableName="mooring_sessions", ProjectionExpression="session_id")["Items"]
    assert len(items) == 3
    for item in items:
        wire.call("DeleteItem", TableName="mooring_sessions", Key=item)
    assert lab.end() == 1
    assert re.search(r"^carts lost +[1-9]", lab.text(), re.M), lab.text()


def test_ctrl_c_also_ends_what_is_stopped_or_left_over(start_lab):
    lab = start_lab()
    lab.do("stop node1.php-fpm; stop mysql; stop node2.sidecar; stop west", "west is stopped")
    status = lab.do("status", "replication  ")
    assert "no answer" in status and "unknown: the sidecar does not answer" in status
    # Without its master nginx has workers that nobody ends.
    os.kill(int(re.search(r"^node2.nginx +running +pid (\d+)$", status, re.M)[1]), signal.SIGKILL)
    lab.do("wait 0.1", "node2.nginx has ended by itself with code -9")
    assert lab.interrupt() == 0
    assert lab.left_behind() == []


def test_mistakes_get_one_line_and_a_script_with_one_fails(start_lab):
    mistakes = {
        "kill mysqld": f"kill: there is no part 'mysqld'; the parts are {', '.join(NAMES)}",
        "explode": "there is no command 'explode'; 'help' lists them",
        "kill": "kill: wants a PART; see 'help'",
        "refuse": "refuse: wants 'refuse east|west'",
        "cut east": "cut: wants 'cut node1|node2'",
        "slow east 99": "slow: wants 'slow east|west SECONDS', SECONDS from 0.001 to 60",
        "lag -1": "lag: '-1' is not a number of seconds from 0 to 600",
        "status now": "status: wants nothing more; see 'help'",
        "shop many": "shop: 'many' is not a number of visitors from 1 to 500",
        "start mysql": "start: mysql is running, pid ",
        "cont mysql": "cont: mysql is running",
        "kill control; stop control": "stop: control is killed; 'start control' starts it",
        "stop node1.nginx; term node1.nginx": "term: node1.nginx is stopped; 'cont node1.nginx' lets it go on",
        "shop 5": "shop: nobody can come in while these are down: node1.nginx",
    }
    lab = start_lab("--do", "; ".join(mistakes))
    assert lab.end() == 2
    lines = [line for line in lab.text().splitlines() if line.startswith("lab: ")]
    assert len(lines) == len(mistakes)
    for line, expected in zip(lines, mistakes.values(), strict=True):
        assert line.startswith(f"lab: {expected}")
    assert "Traceback" not in lab.text()
    assert lab.left_behind() == []


def test_a_short_drill_counts_and_judges(node):
    run = node.folder / "run"
    drill = subprocess.Popen([ROOT / "dev", "drill", "refused", "--visitors", "20", "--hold", "6", "--json"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env=clean_environment(MOORING_RUN=str(run), MOORING_BIN=str(binaries())))
    output, lines = drill.communicate(timeout=120)
    assert drill.returncode in (0, 1), lines
    [figures] = json.loads(output)
    assert figures["scenario"] == "refused"
    assert figures["detected_after"] < 5
    assert figures["visitors"] == figures["carts_seen"] == 20
    assert sum(figures["failed"].values()) == 0, lines
    assert min(figures["requests"].values()) > 0
    assert drill.returncode == (1 if figures["broken"] else 0)
    assert left_behind(run, drill.pid) == []
