"""One run of php-src's session tests in a copy of their folder."""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from php_source import HERE, ROOT, TESTS, Failure
from processes import clean_environment
from servers import program

TIME_LIMIT = 300
JOBS = max(2, os.cpu_count() or 2)
# Debian's PHP has a save_path built in; php-src's tests expect none.
SETTINGS = {"session.save_path": ""}

# php-src's tests of the progress of uploads, and those that only happen to have it on.
PROGRESS = re.compile(rb"^session\.upload_progress\.enabled[ \t]*=[ \t]*\"?(?:1|on)\b", re.M | re.I)
REGISTERS = "session_set_save_handler(new SessionHandler());"

# What differs from run to run, or because a handler written in PHP is one object more. php-redis tries the servers of a
# list in random order.
VARYING = ((re.compile(r"(?<=\))#\d+(?= \()"), "#N"), (re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])"), "ID"),
           (re.compile(r"\b1\d{9}\b"), "TIME"), (re.compile(r"/php\w{6}\b"), "/UPLOAD"),
           (re.compile(r"getaddrinfo for \S+ failed"), "getaddrinfo failed"))


@dataclass
class Result:
    verdicts: dict  # test -> PASSED, FAILED, SKIPPED, BORKED, XFAILED, ...
    outputs: dict  # test -> what it printed, when it did not pass
    reports: dict = field(default_factory=dict)  # test -> how that differs from what php-src expects
    left_out: set = field(default_factory=set)  # tests that this PHP lets no handler pass

    def passed(self):
        return {test for test, verdict in self.verdicts.items() if verdict == "PASSED"}


# What php-src's tests say for its own store in their --INI-- sections.
OWN_STORE = {"session.save_handler": rb'"?files"?', "session.save_path": rb'("\{TMP\}")?'}
OBJECT_NUMBER = re.compile(rb"(?<=\))#\d+(?= \()")


def progress_shuts_handlers_out():
    """Whether this PHP refuses handlers written in PHP while it keeps the progress of uploads, as 8.2.36 does since the
    fix of CVE-2026-115560."""
    command = [program("php8.2"), "-n", "-d", "session.upload_progress.enabled=1", "-r", REGISTERS]
    return subprocess.run(command, capture_output=True, check=False, timeout=TIME_LIMIT).returncode != 0


def remove_progress_tests(tree):
    """The names of the tests that have it on, which are removed."""
    found = {path for path in (tree / TESTS).glob("*.phpt") if PROGRESS.search(path.read_bytes())}
    for path in found:
        path.unlink()
    return {path.stem for path in found}


def edit_tests(tree, edit):
    for path in sorted((tree / TESTS).glob("*.phpt")):
        text = path.read_bytes()
        edited = edit(text)
        if edited != text:
            path.write_bytes(edited)


def other_store(settings):
    """The --INI-- sections win over the command line, so the settings go there too."""
    def edit(text):
        head, mark, rest = text.partition(b"--FILE--")
        for name, value in settings.items():
            pattern = rb"^" + re.escape(name.encode()) + rb"[ \t]*=[ \t]*" + OWN_STORE[name] + rb"[ \t]*$"
            head = re.sub(pattern, lambda _: f"{name}={value}".encode(), head, flags=re.M)
        return head + mark + rest
    return edit


def any_object_number(text):
    """A handler written in PHP consists of objects, so those of the tests do not have the numbers they are used to."""
    head, mark, expectation = text.rpartition(b"--EXPECT")
    if not OBJECT_NUMBER.search(expectation) or (expectation.startswith(b"--") and b"%" in expectation):
        return text
    return head + mark + b"F--" + OBJECT_NUMBER.sub(b"#%d", expectation).partition(b"--")[2]


class Suite:
    def __init__(self, source, folder, settings, environment=None):
        self.folder = Path(folder)
        self.tree = self.folder / "tree"
        shutil.copytree(source, self.tree)
        shutil.copytree(ROOT / "php-shim", self.tree / "php-shim")
        edit_tests(self.tree, any_object_number)
        for name in ("prepend.php", "ReferenceHandler.php"):
            shutil.copy(HERE / name, self.tree)
        self.sessions = self.tree / "sessions"
        # Outside the tree, which open_basedir=. lets the tests enter.
        self.temporary = self.folder / "tmp"
        self.sessions.mkdir()
        self.temporary.mkdir()
        self.settings = {**SETTINGS, "error_log": self.folder / "php.log", **settings}
        self.environment = clean_environment(
            TMPDIR=str(self.temporary), PHPT_SESSIONS=str(self.sessions), NO_COLOR="1", NO_INTERACTION="1",
            TEST_PHP_EXECUTABLE=program("php8.2"), TEST_PHP_CGI_EXECUTABLE=program("php-cgi8.2"),
            **(environment or {}))

    def run(self):
        results = self.folder / "results"
        command = [program("php8.2"), "-n", "run-tests.php", "-n", "-q", f"-j{JOBS}", "-W", results]
        for name, value in self.settings.items():
            for one in value if isinstance(value, list) else [value]:
                command += ["-d", f"{name}={one}"]
        log = self.folder / "log"
        with open(log, "wb") as output:
            process = subprocess.Popen([*map(str, command), TESTS], cwd=self.tree, env=self.environment,
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
            try:
                process.wait(TIME_LIMIT)
            except subprocess.TimeoutExpired:
                raise Failure(f"php-src's tests still run after {TIME_LIMIT} s; see {log}") from None
            finally:
                self._end(process)
        if not results.is_file():
            words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it printed nothing"]
            raise Failure(f"run-tests.php ended with code {process.returncode}: {words[-1]}")
        return self._read(results)

    @staticmethod
    def _end(process):
        """Ends what the tests have left running."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def _read(self, results):
        rows = [row.split("\t") for row in results.read_text(encoding="utf-8").splitlines()]
        found = Result({Path(path).stem: verdict for verdict, path in rows}, {})
        for test, verdict in found.verdicts.items():
            if verdict != "PASSED":
                found.outputs[test] = self._comparable(self._text(test, "out"))
                found.reports[test] = self._text(test, "diff")
        return found

    def _text(self, test, suffix):
        path = self.tree / TESTS / f"{test}.{suffix}"
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    @staticmethod
    def _comparable(text):
        for pattern, name in VARYING:
            text = pattern.sub(name, text)
        return text
