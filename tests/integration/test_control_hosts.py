"""Control hosts: one that is dead warns and holds up nothing; while all are, no region is left."""

import sys

import pytest

from daemons import get
from node import REGION
from processes import Child, clean_environment, free_port, wait_until
from servers import LOOPBACK, Server
from test_follow import OTHER
from test_regions import SWITCH_SECONDS, Fleet, start


class Watched(Fleet):
    def __init__(self, node):
        super().__init__(node)
        self.hosts = [self._host(), self._host()]
        node.set("region", control=[f"http://{LOOPBACK}:{host.port}/ping" for host in self.hosts])

    def _host(self):
        port = free_port()
        process = Child("control", [sys.executable, "-m", "http.server", "--bind", LOOPBACK, port],
                        self.node.folder / "control.log", env=clean_environment(), cwd=self.node.folder)
        self.node.own(process)
        host = Server(process, (LOOPBACK, port)).start()
        host.port = port
        return host

    def check(self, host):
        return f"control.{LOOPBACK}:{host.port}"

    def metric(self, name, **labels):
        text = get(self.node.admin_port, "/metrics")[1].decode()
        series = name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "} "
        return next((float(line.removeprefix(series)) for line in text.splitlines() if line.startswith(series)), None)

    def is_up(self, host):
        return self.metric("mooring_sidecar_check_up", check=self.check(host))


@pytest.fixture
def watched(node):
    watched = Watched(node)
    node.sessiond().start()
    return watched


def test_a_dead_control_host_warns_everywhere_and_holds_up_no_move(watched):
    sidecar = start(watched)
    dead, alive = watched.hosts
    wait_until(lambda: watched.is_up(dead) == watched.is_up(alive) == 1, 5, "both control hosts are up")
    before = watched.published()
    dead.process.kill()
    wait_until(lambda: watched.is_up(dead) == 0, 5, "the dead one is down in the metrics")
    assert watched.is_up(alive) == 1
    assert watched.metric("mooring_sidecar_check_failures_total", check=watched.check(dead), **{"class": "down"}) >= 3
    assert f"level=warn event=check.down check={watched.check(dead)} class=down" in sidecar.process.log_text()
    code, status = watched.node.status()
    assert (code, status["status"]) == (200, "warn")
    assert watched.check(dead) in status["output"]
    assert watched.node.healthz()[0] == 200
    assert watched.check(dead) in get(watched.node.admin_port, "/status")[1].decode()
    assert watched.published() == before, "nothing is published for it"
    watched.here.process.kill()
    watched.wait_active(OTHER)


@pytest.mark.parametrize("pinned", [False, True])
def test_a_node_that_is_cut_off_from_everything_leaves_the_service_until_one_region_is_back(watched, pinned):
    watched.node.set("checks", rise=2, fall=2)
    start(watched)
    if pinned:
        assert watched.ask(f"pin {REGION} 600 the test says so") == "OK"
    for server in (watched.here, watched.there, *watched.hosts):
        server.process.pause()
    watched.node.wait_healthz(503, 20)
    mode = "pinned" if pinned else "frozen"
    wait_until(lambda: watched.published()["mode"] == mode, SWITCH_SECONDS, f"the mode is {mode}")
    assert watched.node.healthz()[0] == 503
    # The other one is enough: sessiond uses it.
    watched.there.process.resume()
    watched.node.wait_healthz(200, 20)
    assert watched.node.status()[1]["status"] == "warn"


def test_while_all_control_hosts_are_dead_no_region_is_left(watched):
    start(watched)
    for host in watched.hosts:
        host.process.kill()
    wait_until(lambda: any("no region is left until it answers" in note for note in watched.node.status()[1]["notes"]), 5,
               "status.json warns")
    assert watched.node.healthz()[0] == 200
    watched.here.process.kill()
    wait_until(lambda: watched.published()["mode"] == "frozen", SWITCH_SECONDS, "the node freezes")
    assert watched.published()["active"] == REGION
    watched.hosts[1].start()
    watched.wait_active(OTHER)
