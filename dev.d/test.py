"""Runs the stages of ./dev test: one line each, all of them even when one fails, and at the end the plain sum.

A stage's output goes to build/test-logs/STAGE.log; the end of it is shown when the stage fails.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test-logs"
SHOWN_LINES = 80
CORES = os.cpu_count() or 2
JOBS = str(CORES)
PYTHON = sys.executable
# Integration tests wait most of their time.
WORKERS = str(3 * CORES)


def build(preset):
    return [["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset, "--parallel", JOBS]]


def unit(preset):
    return [PYTHON, "tests/unit/run.py", f"build/{preset}"]


@dataclass
class Stage:
    name: str
    preset: str  # what must be built first; "" for none
    command: list
    counter: re.Pattern
    environment: dict = field(default_factory=dict)


PLAIN_SUM = re.compile(r"^(?P<passed>\d+) passed, (?P<failed>\d+) failed", re.M)
PYTEST_SUM = re.compile(r"^(?:=+ )?(?P<words>\d+ \w+(?:, \d+ \w+)*) in [\d.]+s", re.M)

ASAN = {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:abort_on_error=0",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
TSAN = {"TSAN_OPTIONS": "halt_on_error=0:second_deadlock_stack=1:exitcode=66"}


def integration(*options):
    return [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--durations=10", "-r", "fE", "-n", WORKERS,
            "--dist", "loadgroup", *options, "tests/integration"]


STAGES = [
    Stage("lint", "", [PYTHON, "tests/lint/run.py"], PLAIN_SUM),
    Stage("unit", "release", unit("release"), PLAIN_SUM),
    Stage("php", "release", [PYTHON, "tests/php/run.py"], PLAIN_SUM),
    Stage("phpt", "release", [PYTHON, "tests/php/phpt/run.py", "--redis"], PLAIN_SUM),
    Stage("integration", "release", integration(), PYTEST_SUM),
    Stage("asan", "asan", unit("asan"), PLAIN_SUM, ASAN),
    Stage("sanitized", "asan", integration("-m", "sanitized"), PYTEST_SUM, 
          {**ASAN, "MOORING_SANITIZED": "1", "MOORING_BIN": str(ROOT / "build/asan/bin")}),
    Stage("tsan", "tsan", unit("tsan"), PLAIN_SUM, TSAN),
    Stage("fuzz", "fuzz", [PYTHON, "tests/fuzz/run.py"], PLAIN_SUM),
]


def run(command, log, environment=None):
    """The exit code of `command`, whose output is appended to the file `log`."""
    with open(log, "ab") as output:
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                              env={**os.environ, **(environment or {})}, check=False).returncode


def count(pattern, text):
    """(passed, failed) as the tool itself says in its last summary; nothing at all when it has none."""
    found = None
    for found in pattern.finditer(text):
        pass
    if found is None:
        return 0, 0
    if pattern is PYTEST_SUM:
        words = {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d+) (\w+)", found["words"])}
        passed = words.pop("passed", 0)
        # Skipped and xfailed tests have proved nothing, so they do not pass. Warnings are not tests.
        words.pop("warning", None)
        return passed, sum(words.values())
    return int(found["passed"]), int(found["failed"])


def show_end_of(log):
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    print("".join(f"    {line}\n" for line in lines[-SHOWN_LINES:]), end="")
    print(f"    the whole output is in {log.relative_to(ROOT)}", flush=True)


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def step(self, name, log, action):
        """Runs action() -> (passed, failed), prints the step's line and adds it to the sum; true when none failed."""
        print(f"{name} ...", end="", flush=True)
        begin = time.monotonic()
        passed, failed = action()
        self.passed += passed
        self.failed += failed
        verdict = f"FAIL ({failed} failed)" if failed else "ok"
        counted = f", {passed} passed" if passed or failed else ""
        print(f" {verdict} {time.monotonic() - begin:.1f} s{counted}", flush=True)
        if failed:
            show_end_of(log)
        return not failed


def run_build(preset, log):
    for command in build(preset):
        if run(command, log):
            return 0, 1
    return 0, 0


def run_stage(stage, log):
    code = run(stage.command, log, stage.environment)
    passed, failed = count(stage.counter, log.read_text(encoding="utf-8", errors="replace"))
    # A tool that fails without naming a test, or runs no test at all, is one failure.
    if failed == 0 and (code != 0 or passed == 0):
        failed = 1
    return passed, failed


def arguments():
    names = [stage.name for stage in STAGES]
    parser = argparse.ArgumentParser(prog="./dev test", description="Runs every check, or only the stages given.")
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=" ".join(names))
    parser.add_argument("--long", action="store_true",
                        help="long runs at their full length: 100,000 operations of the concurrency model, fuzzers for a "
                             "minute each")
    options = parser.parse_args()
    unknown = [name for name in options.stages if name not in names]
    if unknown:
        parser.error(f"unknown stage '{unknown[0]}'; stages are {' '.join(names)}")
    return options


def main():
    options = arguments()
    if options.long:
        os.environ["MOORING_LONG"] = "1"
    LOGS.mkdir(parents=True, exist_ok=True)
    report = Report()
    built = {"": True}
    for stage in STAGES:
        if options.stages and stage.name not in options.stages:
            continue
        log = LOGS / f"{stage.name}.log"
        log.unlink(missing_ok=True)
        if stage.preset not in built:
            build_log = LOGS / f"build-{stage.preset}.log"
            build_log.unlink(missing_ok=True)
            built[stage.preset] = report.step(f"build {stage.preset}", build_log,
                                              lambda: run_build(stage.preset, build_log))
        if built[stage.preset]:
            report.step(stage.name, log, lambda: run_stage(stage, log))
        else:
            print(f"{stage.name} is left out: {stage.preset} does not build", flush=True)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
