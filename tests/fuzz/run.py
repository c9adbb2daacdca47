#!/usr/bin/env python3
"""Runs every fuzz target: once over its seeds and former crashes, then for some seconds on inputs of its own.

usage: run.py [--seconds N] [--seed N] [NAME...]     NAME as in fuzz_NAME.cpp; without one, all targets run
MOORING_FUZZ_BIN names the folder with the targets; with MOORING_LONG set each runs for a minute. Exit code 1 when a target finds something; the input that did it is
then in build/fuzz-findings: when the fault is corrected, it moves to crashes/NAME.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FINDINGS = ROOT / "build" / "fuzz-findings"
SECONDS = 60 if os.environ.get("MOORING_LONG") else 5
# The same for everybody, so that a finding of one machine is one on the next. --seed looks elsewhere.
SEED = 20240229
STARTUP_SECONDS = 60
LIMITS = ["-timeout=10", "-rss_limit_mb=1024", "-verbosity=1"]
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
              "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
SHOWN_LINES = 40


def binary(name):
    folder = Path(os.environ.get("MOORING_FUZZ_BIN") or ROOT / "build" / "fuzz" / "bin")
    return folder / f"fuzz_{name}"


def inputs_of(name):
    """(seeds, former crashes)"""
    return [sorted(path for path in (HERE / kind / name).glob("*") if path.is_file()) for kind in ("corpus", "crashes")]


def run(name, arguments, seconds):
    """(passed, output)"""
    command = [str(binary(name)), *LIMITS, f"-artifact_prefix={FINDINGS}/{name}-", *[str(part) for part in arguments]]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, **SANITIZERS}, timeout=seconds + STARTUP_SECONDS, check=False)
    except FileNotFoundError:
        return False, f"{binary(name)} is missing; run ./dev build fuzz"
    except subprocess.TimeoutExpired as late:
        return False, (late.stdout or b"").decode("utf-8", "replace") + f"\nstill running after {late.timeout} s"
    output = done.stdout.decode("utf-8", "replace")
    return done.returncode == 0, output if done.returncode == 0 else f"{output}\nexit code {done.returncode}"


def replay(name):
    seeds, crashes = inputs_of(name)
    if not seeds:
        return False, f"replay {name}", f"no seeds; put some small inputs into tests/fuzz/corpus/{name}"
    passed, output = run(name, [*seeds, *crashes], 0)
    return passed, f"replay {name}: {len(seeds)} seeds, {len(crashes)} former crashes", output


def explore(name, seconds, seed):
    # New inputs of interest go to the first folder; the seeds in the repository stay as people chose them.
    with tempfile.TemporaryDirectory(prefix="mooring-fuzz-") as found:
        folders = [found, *[folder for folder in (HERE / "corpus" / name, HERE / "crashes" / name) if folder.is_dir()]]
        passed, output = run(name, [f"-max_total_time={seconds}", f"-seed={seed}", "-print_final_stats=1", *folders],
                             seconds)
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
    return passed, f"fuzz {name}: {runs[1] if runs else 'unknown'} inputs", output


def report(passed, title, output):
    print(f"{'ok  ' if passed else 'FAIL'} {title}", flush=True)
    if not passed:
        print("".join(f"     {line}\n" for line in output.splitlines()[-SHOWN_LINES:]), end="", flush=True)
    return passed


def main():
    known = sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.cpp"))
    options = argparse.ArgumentParser(description="runs the fuzz targets")
    options.add_argument("--seconds", type=int, default=SECONDS, help="per target (default %(default)s)")
    options.add_argument("--seed", type=int, default=SEED, help="of libFuzzer's random numbers (default %(default)s)")
    options.add_argument("names", nargs="*", metavar="NAME", help=f"a target: {' '.join(known)}")
    wanted = options.parse_args()
    unknown = [name for name in wanted.names if name not in known]
    if unknown:
        options.error(f"unknown target '{unknown[0]}'; targets are {' '.join(known)}")
    names = wanted.names or known
    FINDINGS.mkdir(parents=True, exist_ok=True)
    print(f"{wanted.seconds} s for each target with -seed={wanted.seed}", flush=True)
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        results = list(pool.map(lambda job: report(*job()), [
            *[lambda name=name: replay(name) for name in names],
            *[lambda name=name: explore(name, wanted.seconds, wanted.seed) for name in names]]))
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
