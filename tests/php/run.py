#!/usr/bin/env python3
"""Runs every test_*.php by php-cli against a live sessiond on the embedded store, some of them side by side.

usage: run.py [NAME...]     NAME is a part of a test's name; without one, all tests run
MOORING_BIN names the folder with mooring-sessiond, PHP another php. Exit code 1 when a test fails.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "dev.d"))

from daemons import Sessiond, binary, write_config  # noqa: E402  the path above comes first
from processes import Failure, clean_environment  # noqa: E402

TIME_LIMIT = 90
# They wait most of their time.
WORKERS = 3 * (os.cpu_count() or 2)
SETTINGS = {"error_reporting": "-1", "display_errors": "stderr", "log_errors": "1", "html_errors": "0",
            "session.save_handler": "files", "auto_prepend_file": "", "memory_limit": "256M"}


def start_sessiond(folder):
    socket = folder / "sessiond.sock"
    config = write_config(folder / "mooring.toml", {
        "sessions": {"socket": socket, "store": "embedded", "embedded_file": folder / "sessions.db"}})
    return socket, Sessiond(folder, config).start()


def command(script):
    settings = [part for name, value in SETTINGS.items() for part in ("-d", f"{name}={value}")]
    return [os.environ.get("PHP", "php"), *settings, str(script)]


def run_test(script, socket, folder):
    """(passed, output): passed means it reached its finish() and nothing failed."""
    environment = clean_environment(MOORING_SOCKET=str(socket), MOORING_TEST_DIR=str(folder),
                                    MOORING_TEST_SESSIOND=str(binary("mooring-sessiond")))
    process = subprocess.Popen(command(script), cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output = process.communicate(timeout=TIME_LIMIT)[0].decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output = process.communicate()[0].decode("utf-8", "replace") + f"\nstill running after {TIME_LIMIT} s"
        return False, output
    finally:
        end_group(process.pid)
    return process.returncode == 0 and output.endswith(" checks\n"), output


def end_group(group):
    """Ends what a test has left running."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_with_sessiond(script, folder):
    """(passed, output)"""
    folder.mkdir()
    socket, sessiond = start_sessiond(folder)
    try:
        passed, output = run_test(script, socket, folder)
        if not sessiond.process.alive():
            return False, (f"{output}\nsessiond ended with code {sessiond.process.exit_code()}: "
                           f"{sessiond.process.last_words()}")
        return passed, output
    finally:
        sessiond.stop()


def run_and_report(script, folder):
    begin = time.monotonic()
    try:
        passed, output = run_with_sessiond(script, folder)
    except Failure as failure:
        passed, output = False, str(failure)
    text = (f"{'ok  ' if passed else 'FAIL'} {script.stem} {time.monotonic() - begin:.1f} s, "
            f"{output.splitlines()[-1] if passed else 'output:'}\n")
    if not passed:
        text += "".join(f"     {line}\n" for line in output.splitlines())
    # In one piece, since others write too.
    print(text, end="", flush=True)
    return passed


def main(names):
    scripts = [path for path in sorted(HERE.glob("test_*.php"))
               if not names or any(name in path.stem for name in names)]
    if not scripts:
        print(f"run.py: no test is called like {' or '.join(names)}", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="mooring-php-"))
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            passed = list(pool.map(lambda script: run_and_report(script, folder / script.stem), scripts)).count(True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    failed = len(scripts) - passed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
