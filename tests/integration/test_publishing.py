"""nginx is told of a move at once, whatever hooks do; and the sidecar ends soon, whatever it is telling to whom."""

import signal

import pytest

from node import REGION
from processes import wait_until, watch
from test_follow import OTHER
from test_regions import Fleet

LONG = 60  # seconds that a hook takes
# On a machine that is busy with other tests, too; without them it is a tenth of a second.
LATEST_RELOAD = 5.0
# A hook that does not want to end is killed after 2 s.
SOON = 10.0


class Publishing(Fleet):
    """Hooks and nginx's commands write down that they were run."""

    def __init__(self, node):
        super().__init__(node)
        self.told = node.folder / "reload.notes"
        self.told.touch()
        node.set("publish", nginx_reload=self.script(
            "reload", f"sed -n 's/.*DYNAMODB_REGION \\(.*\\);/\\1/p' {node.folder}/region.conf >> {self.told}"))
        self.notes = node.folder / "hook.notes"
        self.notes.touch()
        self.sidecar = node.sidecar()

    def script(self, name, text):
        path = self.node.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
        return [path]

    def noting_hook(self, kind, rest):
        self.hook(kind, f'echo "begin $MOORING_TO" >> {self.notes}; {rest}')

    def lines(self, path):
        return path.read_text(encoding="utf-8").splitlines()

    def pin(self, region):
        assert self.ask(f"pin {region} 600 the test says so") == "OK"

    def wait_hook(self, line):
        wait_until(lambda: line in self.lines(self.notes), 10, f"the hook notes {line}")

    def wait_reload(self, region, within=LATEST_RELOAD):
        wait_until(lambda: self.lines(self.told)[-1:] == [region], within, f"nginx is told of {region}", every=0.01)

    def stop_and_start(self):
        """The sidecar ends soon, and with it what it had started."""
        self.sidecar.process.signal(signal.SIGTERM)
        assert self.sidecar.process.wait(SOON) == 0
        self.sidecar.start()


@pytest.fixture
def publishing(node):
    publishing = Publishing(node)
    node.sessiond().start()
    return publishing


HOOKS = {"is tried again": "exit 75", "takes long": f"sleep {LONG}"}


@pytest.mark.parametrize("hook", HOOKS)
def test_nginx_does_not_wait_for_the_hooks_of_the_move_before(publishing, hook):
    publishing.node.set("hooks", retry_pause=f"{LONG}s").write()
    publishing.noting_hook("node", HOOKS[hook])
    publishing.sidecar.start()
    publishing.pin(OTHER)
    publishing.wait_reload(OTHER)
    publishing.wait_hook(f"begin {OTHER}")
    publishing.pin(REGION)
    publishing.wait_reload(REGION)


def test_a_newer_move_ends_the_pause_of_the_hooks_before(publishing):
    publishing.node.set("hooks", retry_pause=f"{LONG}s").write()
    publishing.noting_hook("node", "exit 75")
    publishing.sidecar.start()
    publishing.pin(OTHER)
    publishing.wait_hook(f"begin {OTHER}")
    publishing.pin(REGION)
    publishing.wait_hook(f"begin {REGION}")


@pytest.mark.parametrize("kind", ["node", "fleet"])
def test_a_stop_ends_the_pause_of_a_hook_which_is_run_again(publishing, kind):
    publishing.node.set("hooks", retry_pause=f"{LONG}s").write()
    publishing.noting_hook(kind, "exit 75")
    publishing.sidecar.start()
    publishing.pin(OTHER)
    publishing.wait_hook(f"begin {OTHER}")
    publishing.noting_hook(kind, f"echo again >> {publishing.notes}")
    publishing.stop_and_start()
    publishing.wait_hook("again")


@pytest.mark.parametrize("kind", ["node", "fleet"])
def test_a_stop_ends_a_hook_which_is_run_again(publishing, kind):
    publishing.hook(kind, f"trap 'echo ended >> {publishing.notes}; exit 1' TERM\necho begin >> {publishing.notes}\n"
                          f"n=0; while [ $n -lt {LONG * 10} ]; do sleep 0.1; n=$((n + 1)); done")
    publishing.sidecar.start()
    publishing.pin(OTHER)
    publishing.wait_hook("begin")
    publishing.hook(kind, f"echo again >> {publishing.notes}")
    publishing.stop_and_start()
    # The lease was given back, so the fleet's hook waits for no other's end of it.
    publishing.wait_hook("again")
    assert publishing.lines(publishing.notes) == ["begin", "ended", "again"]


def test_a_start_tells_nginx_what_a_former_sidecar_could_not(publishing):
    fails = publishing.script("fails", "exit 1")
    publishing.node.set("publish", nginx_reload=fails).write()
    publishing.sidecar.start()
    publishing.pin(OTHER)
    conf = publishing.node.folder / "region.conf"
    wait_until(lambda: OTHER in conf.read_text(encoding="utf-8"), 5, "the file is written")
    wait_until(lambda: "event=nginx.not_reloaded" in publishing.sidecar.process.log_text(), 5, "nginx could not be told")
    publishing.sidecar.process.kill()
    publishing.script("fails", f"exec {publishing.node.folder}/reload")
    publishing.sidecar.start()
    publishing.wait_reload(OTHER, 5)
    watch(lambda: publishing.lines(publishing.told) == [OTHER], 1, "nginx is told once")


def test_without_a_command_nothing_says_that_nginx_was_reloaded(publishing):
    publishing.node.set("publish", nginx_reload=[]).write()
    publishing.sidecar.start()
    publishing.pin(OTHER)
    wait_until(lambda: "event=nginx.region_written" in publishing.sidecar.process.log_text(), 5, "the log says what was done")
    assert "event=nginx.reloaded" not in publishing.sidecar.process.log_text()


def test_what_is_found_in_the_hooks_folders_is_logged_at_the_start(publishing):
    publishing.noting_hook("node", "exit 0")
    publishing.noting_hook("fleet", "exit 0")
    (publishing.node.folder / "fleet.d" / "note").chmod(0o777)
    publishing.sidecar.start()
    wait_until(lambda: "kind=fleet" in publishing.sidecar.process.log_text(), 5, "both folders are told of")
    found = [line for line in publishing.sidecar.process.log_text().splitlines() if "event=hook" in line]
    assert [("hooks.found" in line, "hook.refused" in line) for line in found] == [(True, False), (False, True), (True, False)]
    assert "hooks=note" in found[0]
    assert "hooks=none" in found[2]
