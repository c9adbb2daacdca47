"""php-src's session tests, from the source package of the distribution's PHP, in build/php-src."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "dev.d"))

from processes import Failure  # noqa: E402  the path above comes first

PACKAGE = "php8.2"
CACHE = ROOT / "build" / "php-src"
TESTS = "ext/session/tests"
# One of the tests includes the last.
UNPACKED = (TESTS + "/", "run-tests.php", "sapi/cgi/tests/include.inc")
TIME_LIMIT = 300


def output_of(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=TIME_LIMIT, env={**os.environ, "LC_ALL": "C"})
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise Failure(f"{command[0]}: {words[0]}")
    return done.stdout


def codename():
    for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    raise Failure("/etc/os-release names no VERSION_CODENAME; these tests need Debian 12")


def source_lines():
    """deb-src lines for the mirrors that this machine has its packages from."""
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    targets = ["apt-get", "indextargets", "--format", form, "Created-By: Packages", "Component: main"]
    rows = output_of(*targets, "Origin: Debian").splitlines()
    if not rows:
        # Who publishes a repository is known only after an apt-get update.
        suites = [codename() + suffix for suffix in ("", "-updates", "-security")]
        rows = [row for row in output_of(*targets, "--no-release-info").splitlines() if row.split()[1] in suites]
    if not rows:
        raise Failure("apt knows no Debian mirror; add one to /etc/apt/sources.list.d")
    return [f"deb-src {row}\n" for row in sorted(set(rows))]


class Apt:
    """apt-get with lists and a cache of its own: needs no root, and leaves the machine's configuration alone."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "lists" / "partial").mkdir(parents=True)
        (folder / "cache").mkdir()
        sources = folder / "sources.list"
        sources.write_text("".join(source_lines()), encoding="utf-8")
        settings = {"Dir::Etc::sourcelist": sources, "Dir::Etc::sourceparts": "-", "APT::Sandbox::User": "root",
                    "Dir::State::lists": folder / "lists", "Dir::Cache": folder / "cache"}
        self.options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]

    def update(self):
        output_of("apt-get", *self.options, "-qq", "update")

    def versions(self):
        """Newest first, but before all others that of the PHP that is installed."""
        rows = output_of("apt-cache", *self.options, "madison", PACKAGE).splitlines()
        found = [row.split("|")[1].strip() for row in rows if row.rstrip().endswith("Sources")]
        found.sort(key=lambda version: [int(number) for number in re.findall(r"\d+", version)], reverse=True)
        installed = output_of("dpkg-query", "-W", "-f=${source:Version}", f"{PACKAGE}-cli")
        return sorted(set(found), key=lambda version: (version != installed, found.index(version)))

    def download(self):
        """The path of the original source; not every mirror still has every version that it lists."""
        failure = Failure(f"the configured mirrors have no source of {PACKAGE}; these tests need Debian 12")
        for version in self.versions():
            command = ["apt-get", *self.options, "-qq", "source", "--download-only", f"{PACKAGE}={version}"]
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False,
                                  stdin=subprocess.DEVNULL, timeout=TIME_LIMIT)
            archives = sorted(self.folder.glob("*.orig.tar.*z"))
            if done.returncode == 0 and archives:
                return archives[-1]
            failure = Failure(f"apt-get source {PACKAGE}={version}: {(done.stderr.strip().splitlines() or ['?'])[0]}")
        raise failure


def unpack(archive, target):
    """Only what the tests need, without the folder that the archive has around everything."""
    with tarfile.open(archive) as content:
        for member in content:
            inner = member.name.partition("/")[2]
            if member.isfile() and inner.startswith(UNPACKED) and ".." not in inner:
                path = target / inner
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.extractfile(member).read())


def php_source():
    """The folder with run-tests.php and ext/session/tests; fetched the first time."""
    ready = CACHE / "tests"
    if (ready / "run-tests.php").is_file():
        return ready
    shutil.rmtree(CACHE, ignore_errors=True)
    work = CACHE / "work"
    work.mkdir(parents=True)
    apt = Apt(work)
    apt.update()
    archive = apt.download()
    unpack(archive, work / "tests")
    if not any((work / "tests" / TESTS).glob("*.phpt")):
        raise Failure(f"{archive.name} has no {TESTS}/*.phpt")
    (work / "tests" / "origin").write_text(archive.name + "\n", encoding="utf-8")
    (work / "tests").rename(ready)
    shutil.rmtree(work)
    return ready
