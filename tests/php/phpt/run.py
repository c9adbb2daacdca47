#!/usr/bin/env python3
"""Runs the session tests of php-src itself on a reference handler written in PHP and on Mooring's handler.

usage: run.py [--redis] [--update] [--keep FOLDER]
  --redis        also session.save_handler=redis, on a real redis-server and on sessiond
  --update       write the lists in expected/ anew
  --keep FOLDER  leave the tests' folders, with what each has printed, in FOLDER
Fails when a test of expected/RUN.txt does not pass, and when a difference between two runs is not in DIFFERENCES.md.
MOORING_BIN names the folder with mooring-sessiond. The tests come with the source package of Debian's PHP, by apt.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import differences
from php_source import TESTS, Failure, php_source
from suite import Suite, edit_tests, other_store, progress_shuts_handlers_out, remove_progress_tests

from daemons import Sessiond, write_config
from processes import Child, can_connect, clean_environment
from servers import program

SHOWN_LINES = 12
SOCKET = "store.sock"


def sessiond(folder):
    socket = folder / SOCKET
    config = write_config(folder / "mooring.toml", {
        "sessions": {"socket": socket, "store": "embedded", "embedded_file": folder / "sessions.db"}})
    return socket, Sessiond(folder, config).start()


def redis_server(folder):
    socket = folder / SOCKET
    server = Child("redis-server", [program("redis-server"), "--port", "0", "--unixsocket", socket, "--save", "",
                                    "--appendonly", "no", "--dir", folder], folder / "redis.log",
                   env=clean_environment())
    server.start()
    server.wait_ready(lambda: can_connect(str(socket)), 10, "answers")
    return socket, server


def run_handler(source, folder, environment):
    """A handler written in PHP."""
    suite = Suite(source, folder, {"auto_prepend_file": folder / "tree" / "prepend.php"}, environment)
    left_out = remove_progress_tests(suite.tree) if progress_shuts_handlers_out() else set()
    result = suite.run()
    result.left_out = left_out
    return result


def run_reference(source, folder):
    return run_handler(source, folder, {"PHPT_HANDLER": "reference"})


def run_mooring(source, folder):
    socket, server = sessiond(folder)
    try:
        return run_handler(source, folder, {"PHPT_HANDLER": "mooring", "MOORING_SOCKET": str(socket)})
    finally:
        server.stop()


def run_redis(source, folder, start):
    """The extension php-redis on the server that start() starts."""
    socket, server = start(folder)
    try:
        settings = {"session.save_handler": "redis", "session.save_path": f"unix://{socket}"}
        suite = Suite(source, folder, {**settings, "extension": ["igbinary", "redis"]})
        edit_tests(suite.tree, other_store(settings))
        # It asks whether save_path is a folder that can be written to.
        (suite.tree / TESTS / "skipif.inc").write_text("", encoding="utf-8")
        return suite.run()
    finally:
        server.stop()


RUNS = {
    "reference": run_reference,
    "mooring": run_mooring,
    "redis-server": lambda source, folder: run_redis(source, folder, redis_server),
    "redis-sessiond": lambda source, folder: run_redis(source, folder, sessiond),
}
# What each run is compared with; the others with what php-src expects.
BASE = {"mooring": "reference", "redis-sessiond": "redis-server"}


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def fail(self, text, report=""):
        self.failed += 1
        print(f"FAIL {text}")
        lines = report.splitlines()
        print("".join(f"     {line}\n" for line in lines[:SHOWN_LINES]), end="")

    def judge(self, name, result, base, seconds):
        failed_before = self.failed
        wanted = differences.expected(name) - result.left_out
        if result.left_out:
            print(f"note {name}: {len(result.left_out)} tests have session.upload_progress.enabled on, which shuts handlers out "
                  "of this PHP")
        for test in sorted(wanted - result.passed()):
            self.fail(f"{name}: {test} is to pass, and is {result.verdicts.get(test, 'absent').lower()}",
                      result.reports.get(test, ""))
        for test in sorted(result.passed() - wanted):
            print(f"note {name}: {test} passes and is not in expected/{name}.txt; --update adds it")
        found = differences.between(base, result) if base else differences.not_passed(result)
        reasons = differences.explanations(name)
        for test in sorted(set(found) - set(reasons) - (wanted - result.passed())):
            self.fail(f"{name}: {test} is {found[test]}; DIFFERENCES.md does not say why", result.reports.get(test, ""))
        for test in sorted(set(reasons) - set(found) - result.left_out):
            if base:
                self.fail(f"{name}: {test} makes no difference any more; take it out of DIFFERENCES.md")
            else:
                print(f"note {name}: {test} passes here, with this version of PHP; DIFFERENCES.md says why it may not")
        if base:
            # Only these runs prove something about Mooring.
            self.passed += len(wanted & result.passed())
        print(f"{'FAIL' if self.failed > failed_before else 'ok  '} {name} {seconds:.1f} s: {len(result.passed())} of {len(result.verdicts)} pass, "
              f"{len(found)} differ from {BASE.get(name, 'php-src')}", flush=True)


def run_all(names, folder, update):
    source = php_source()
    results, report = {}, Report()
    for name in names:
        begin = time.monotonic()
        # All of them in the same place, so that paths make no difference in what they print.
        place = folder / "run"
        place.mkdir(parents=True)
        try:
            results[name] = RUNS[name](source, place)
        finally:
            place.rename(folder / name)
        if update:
            differences.update(name, results[name])
        report.judge(name, results[name], results.get(BASE.get(name)), time.monotonic() - begin)
    return report


def main():
    parser = argparse.ArgumentParser(description="Runs php-src's session tests.")
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    names = [name for name in RUNS if options.redis or not name.startswith("redis")]
    folder = options.keep.resolve() if options.keep else Path(tempfile.mkdtemp(prefix="mooring-phpt-"))
    try:
        report = run_all(names, folder, options.update)
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        print("0 passed, 1 failed")
        return 1
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
