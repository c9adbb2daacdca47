"""kill -9 of the sidecar at any point of a move: started again it goes on, or begins anew, and no epoch goes back."""

import json
import os
import random
import re
import time
from pathlib import Path

import pytest

from node import REGION
from processes import wait_until
from servers import ROOT
from test_follow import OTHER
from test_regions import Fleet

KILLS = 45
# nginx's test, its reload and the hook take so long each, and a kill comes within all of it.
STEP = 0.06
LATEST_KILL = 0.3
SETTLED_WITHIN = 10
SEED = int(os.environ.get("MOORING_SEED") or random.randrange(1 << 32))


class Killed(Fleet):
    """A fleet of one, whose moves take time in each of their steps. Every step writes down that it began."""

    def __init__(self, node):
        super().__init__(node)
        self.notes = node.folder / "steps.notes"
        self.notes.touch()
        self.hook("node", f'echo "hook $MOORING_TO $MOORING_EPOCH" >> {self.notes}; sleep {STEP}; '
                          f'echo "hooked $MOORING_TO $MOORING_EPOCH" >> {self.notes}')
        node.set("publish", nginx_test=self.step("test"), nginx_reload=self.step("reload"))
        self.region_conf = node.folder / "region.conf"
        self.memory = node.folder / "sidecar.json"
        self.sidecar = node.sidecar()

    def step(self, name):
        """A command that notes which region nginx would read now, and that it is done."""
        script = self.node.folder / name
        script.write_text(f"#!/bin/sh\nregion=$(sed -n 's/.*DYNAMODB_REGION \\(.*\\);/\\1/p' {self.node.folder}/region.conf)\n"
                          f"echo \"{name} $region\" >> {self.notes}\nsleep {STEP}\n"
                          f"echo \"{name}ed $region\" >> {self.notes}\n", encoding="utf-8")
        script.chmod(0o755)
        return [script]

    def steps(self):
        return [line.split() for line in self.notes.read_text(encoding="utf-8").splitlines()]

    def last(self, step):
        return next((line[1] for line in reversed(self.steps()) if line[0] == step), REGION)

    def pin(self, region):
        assert self.ask(f"pin {region} 600 the test says so") == "OK"

    def is_told(self):
        """Whether nginx and the hook were told the region that is published."""
        active = self.published()["active"]
        conf = re.search(r"DYNAMODB_REGION (\S+);", self.region_conf.read_text(encoding="utf-8"))[1]
        return conf == active and self.last("reloaded") == active and self.last("hooked") == active

    def restart(self):
        self.sidecar.process.kill()
        self.sidecar.start()

    def wait_told(self):
        wait_until(self.is_told, SETTLED_WITHIN, "nginx and the hook are told the published region")


@pytest.fixture
def killed(node):
    killed = Killed(node)
    node.sessiond().start()
    killed.sidecar.start()
    return killed


def test_a_kill_at_any_moment_of_a_move(killed):
    print(f"MOORING_SEED={SEED}")
    chance = random.Random(SEED)
    region, unfinished = REGION, 0
    for number in range(KILLS):
        region = OTHER if region == REGION else REGION
        killed.pin(region)
        before = killed.published()
        time.sleep(chance.uniform(0, LATEST_KILL))  # pause: the kill comes at any moment
        unfinished += not killed.is_told()
        killed.sidecar.process.kill()
        left = killed.published()
        assert left["epoch"] >= before["epoch"]
        killed.sidecar.start()
        after = killed.published()
        assert after["epoch"] >= left["epoch"], f"kill {number}: {left} became {after}"
        assert after["active"] == region, f"kill {number}: the operator's pin was acknowledged"
        # Every other time the next move begins while this one is still being published anew.
        if number % 2 or number == KILLS - 1:
            killed.wait_told()
            assert killed.published()["epoch"] >= after["epoch"]
    print(f"{unfinished} of {KILLS} kills came before the move was told to all")
    assert unfinished > KILLS / 4, "the kills came too late to show anything"


@pytest.mark.parametrize("step", ["test", "reload", "hook"])
def test_a_kill_in_each_step(killed, step):
    killed.pin(OTHER)
    wait_until(lambda: any(line[:2] == [step, OTHER] for line in killed.steps()), 5, f"{step} has begun", every=0.002)
    assert not killed.is_told()
    left = killed.published()
    killed.restart()
    assert killed.published()["epoch"] >= left["epoch"]
    killed.wait_told()
    assert killed.published()["active"] == OTHER


def test_a_kill_between_the_memory_and_the_state_file(killed):
    former = killed.state.read_bytes()
    killed.pin(OTHER)
    wait_until(lambda: killed.published()["active"] == OTHER, 5, "the move is published", every=0.002)
    killed.sidecar.process.kill()
    decided = json.loads(killed.memory.read_text(encoding="utf-8"))["epoch"]
    killed.state.write_bytes(former)
    killed.sidecar.start()
    assert killed.published()["active"] == OTHER
    assert killed.published()["epoch"] >= decided > json.loads(former)["epoch"]
    killed.wait_told()


def test_a_kill_after_a_state_file_whose_memory_the_disk_had_refused(killed):
    former = killed.memory.read_bytes()
    killed.pin(OTHER)
    wait_until(lambda: killed.published()["active"] == OTHER, 5, "the move is published", every=0.002)
    left = killed.published()
    killed.sidecar.process.kill()
    killed.memory.write_bytes(former)
    killed.sidecar.start()
    assert killed.published()["epoch"] >= left["epoch"]
    assert killed.published()["active"] == OTHER, "the region did not go back with the memory"
    killed.wait_told()


def test_the_memory_names_the_boot_and_the_unit_does_not_hide_it(killed):
    boot = "/proc/sys/kernel/random/boot_id"
    assert json.loads(killed.memory.read_text(encoding="utf-8"))["boot_id"] == Path(boot).read_text(encoding="ascii").strip()
    unit = (ROOT / "deploy" / "mooring-sidecar.service").read_text(encoding="utf-8")
    assert not re.search(r"^ProcSubset=pid", unit, re.MULTILINE), f"it hides {boot}"
