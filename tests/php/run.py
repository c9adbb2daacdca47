#!/usr/bin/env python3
"""Runs every test_*.php by php-cli against a live sessiond on the embedded store.

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
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "dev.d"))

from daemons import Sessiond, binary, write_config  # noqa: E402  the path above comes first
from processes import Failure, clean_environment  # noqa: E402

TIME_LIMIT = 90
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
    folder.mkdir()
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


def run_all(scripts, folder):
    socket, sessiond = start_sessiond(folder)
    failed = 0
    try:
        for script in scripts:
            begin = time.monotonic()
            passed, output = run_test(script, socket, folder / script.stem)
            failed += not passed
            print(f"{'ok  ' if passed else 'FAIL'} {script.stem} {time.monotonic() - begin:.1f} s, "
                  f"{output.splitlines()[-1] if passed else 'output:'}", flush=True)
            if not passed:
                print("".join(f"     {line}\n" for line in output.splitlines()), end="", flush=True)
            if not sessiond.process.alive():
                raise Failure(f"sessiond ended with code {sessiond.process.exit_code()}: "
                              f"{sessiond.process.last_words()}")
    finally:
        sessiond.stop()
    return len(scripts) - failed, failed


def main(names):
    scripts = [path for path in sorted(HERE.glob("test_*.php"))
               if not names or any(name in path.stem for name in names)]
    if not scripts:
        print(f"run.py: no test is called like {' or '.join(names)}", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="mooring-php-"))
    try:
        passed, failed = run_all(scripts, folder)
    except Failure as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        print(f"0 passed, {len(scripts)} failed")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
