"""mooringctl table, as the tests of it type it."""

import json

from daemons import mooringctl
from global_tables import OTHER, STREAM, Table
from node import REGION, TABLE

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL", "unknown": "FAIL"}


def ctl(node, *arguments, exit_code=0):
    done = mooringctl(node.write(), "table", *arguments)
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done


def refused(node, *arguments, exit_code=1):
    """The one line that says why."""
    done = ctl(node, *arguments, exit_code=exit_code)
    assert done.stdout == ""
    return done.stderr.splitlines()[-1]


def existing(account, region=REGION, **different):
    """A good table that somebody made, but for what is different."""
    account.regions[region].tables[TABLE] = Table(**{"ttl": "expires", "ttl_status": "ENABLED", **different})
    return account.regions[region].tables[TABLE]


def global_table(account):
    existing(account, stream=STREAM["StreamViewType"], replicas={OTHER: "ACTIVE"})
    existing(account, OTHER, stream=STREAM["StreamViewType"], replicas={REGION: "ACTIVE"})


def findings(node, exit_code):
    """{(region, about): (level, what, remedy)} of `table verify --json`; the lines for people say the same."""
    machine = json.loads(ctl(node, "verify", "--json", exit_code=exit_code).stdout)
    lines = ctl(node, "verify", exit_code=exit_code).stdout.splitlines()
    for one, line in zip(machine["findings"], lines, strict=True):
        assert line.startswith(f"{MARKS[one['level']]}  {one['region']} {one['about']}: {one['what']}")
        assert line.endswith(one["remedy"])
    assert machine["table"] == TABLE
    return {(one["region"], one["about"]): (one["level"], one["what"], one["remedy"]) for one in machine["findings"]}
