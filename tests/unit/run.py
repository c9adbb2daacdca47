#!/usr/bin/env python3
"""Runs the unit tests: each program in a few processes side by side, in random order. Last line: "N passed, N failed".

usage: run.py BUILD_FOLDER [--filter PATTERN] [--repeat N]
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAMS = ("unit_shared", "unit_sessiond", "unit_sidecar")
# Tests wait now and then, so there are more processes than cores.
SHARDS = 2 * (os.cpu_count() or 2)
# A shard that hangs is ended, and counts as failed. Sanitizers make a shard of some seconds one of a minute.
LONGEST_RUN_S = 600
PASSED = re.compile(r"^\[  PASSED  \] (\d+) tests?\.", re.M)
FAILED = re.compile(r"^ ?(\d+) FAILED TESTS?$", re.M)
SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) tests?", re.M)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="a folder of CMake, such as build/release")
    parser.add_argument("--filter", default="*", help="as --gtest_filter")
    parser.add_argument("--repeat", type=int, default=1, help="so many times, each in another order")
    return parser.parse_args()


def start(program, shard, options):
    output = tempfile.TemporaryFile()
    process = subprocess.Popen(
        [program, "--gtest_shuffle", "--gtest_brief=1", f"--gtest_filter={options.filter}",
         f"--gtest_repeat={options.repeat}"],
        env={**os.environ, "GTEST_TOTAL_SHARDS": str(SHARDS), "GTEST_SHARD_INDEX": str(shard)},
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    return process, output


def finish(name, shard, process, output):
    """(passed, failed) of one shard; what it said is printed when it failed."""
    try:
        code = process.wait(timeout=LONGEST_RUN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        code = f"none after {LONGEST_RUN_S} s"
    output.seek(0)
    said = output.read().decode("utf-8", "replace")
    passed = sum(int(n) for n in PASSED.findall(said))
    # A skipped test has proved nothing.
    failed = sum(int(n) for n in FAILED.findall(said)) + sum(int(n) for n in SKIPPED.findall(said))
    if code != 0 or failed:
        print(f"--- {name}, shard {shard} of {SHARDS}, exit code {code}\n{said}", flush=True)
        failed = max(failed, 1)
    return passed, failed


def main():
    options = arguments()
    passed = failed = 0
    for name in PROGRAMS:
        program = (options.build / "bin" / name).resolve()
        running = [(shard, *start(program, shard, options)) for shard in range(SHARDS)]
        for shard, process, output in running:
            with output:
                good, bad = finish(name, shard, process, output)
            passed += good
            failed += bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
