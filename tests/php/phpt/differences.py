"""What one run passes and another does not, and what DIFFERENCES.md says about it."""

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "expected"
EXPLANATIONS = HERE / "DIFFERENCES.md"
HEADING = re.compile(r"^## .*`(?P<run>[\w-]+)`")
ROW = re.compile(r"^\| `(?P<test>[\w-]+)` \| (?P<reason>\S.*) \|$")


def explanations(run):
    """The tests in the tables below the heading that names the run first: test -> reason."""
    current, found = "", {}
    for line in EXPLANATIONS.read_text(encoding="utf-8").splitlines():
        heading, row = HEADING.match(line), ROW.match(line)
        if line.startswith("## "):
            current = heading["run"] if heading else ""
        elif row and current == run:
            found[row["test"]] = row["reason"]
    return found


def expected(run):
    path = EXPECTED / f"{run}.txt"
    return set(path.read_text(encoding="utf-8").split()) if path.is_file() else set()


def update(run, result):
    EXPECTED.mkdir(exist_ok=True)
    (EXPECTED / f"{run}.txt").write_text("".join(f"{test}\n" for test in sorted(result.passed())), encoding="utf-8")


def not_passed(result):
    return {test: verdict.lower() for test, verdict in result.verdicts.items() if verdict != "PASSED"}


def between(base, result):
    """Tests that end differently in the two runs, and those that fail in both but not in the same way."""
    found = {}
    for test in sorted(set(base.verdicts) | set(result.verdicts)):
        before, after = base.verdicts.get(test, "absent"), result.verdicts.get(test, "absent")
        if before != after:
            found[test] = f"{before.lower()} there, {after.lower()} here"
        elif base.outputs.get(test) != result.outputs.get(test):
            found[test] = f"{before.lower()} in both, but the output differs"
    return found
