"""The servers that Mooring stands between, each started from its Debian or npm package in a folder of its own."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from processes import Child, Failure, can_connect, clean_environment

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "dev.d" / "demo"
TOOLS = ROOT / "build" / "tools" / "node_modules"
LOOPBACK = "127.0.0.1"


def program(*patterns):
    """The path of a program; Debian keeps servers in /usr/sbin, which is not in every user's PATH."""
    for pattern in patterns:
        for folder in ("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"):
            found = sorted(glob.glob(f"{folder}/{pattern}"))
            if found:
                return found[-1]
    raise Failure(f"{patterns[0]} is not installed; run ./dev deps")


def running_as_root():
    return os.geteuid() == 0


def can_enter(user, folder):
    """Whether `user` may pass through every folder on the way to `folder`."""
    entry = pwd.getpwnam(user)
    for step in [Path(folder).resolve(), *Path(folder).resolve().parents]:
        status = step.stat()
        if status.st_uid == entry.pw_uid:
            needed = 0o100
        elif status.st_gid in os.getgrouplist(user, entry.pw_gid):
            needed = 0o010
        else:
            needed = 0o001
        if not status.st_mode & needed:
            return False
    return True


def web_user(*folders):
    """Who php-fpm and nginx run as: www-data under root when it can reach the folders, else whoever we are."""
    if running_as_root() and all(can_enter("www-data", folder) for folder in folders):
        return "www-data"
    return pwd.getpwuid(os.geteuid()).pw_name


def render(template, target, values):
    text = Path(template).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    Path(target).write_text(text, encoding="utf-8")
    return target


class MariaDb:
    """A database of its own in `folder`, with a user shop/secret."""

    USER, PASSWORD, DATABASE = "shop", "secret", "shop"

    def __init__(self, folder, port):
        self.folder = Path(folder)
        self.port = port
        self.socket = str(self.folder / "mariadb.sock")
        self.data = self.folder / "data"
        self._user = "mysql" if running_as_root() else None
        self.process = Child("mariadbd", self._argv(), self.folder / "mariadbd.log", env=clean_environment(),
                             user=self._user)

    def _argv(self):
        return [program("mariadbd"), "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}",
                f"--port={self.port}", f"--bind-address={LOOPBACK}", f"--pid-file={self.folder}/mariadbd.pid",
                f"--init-file={self.folder}/init.sql", "--skip-name-resolve", "--innodb-buffer-pool-size=16M",
                "--innodb-log-file-size=8M", "--performance-schema=OFF"]

    def install(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        statements = [f"CREATE DATABASE IF NOT EXISTS {self.DATABASE};",
                      f"CREATE USER IF NOT EXISTS '{self.USER}'@'%' IDENTIFIED BY '{self.PASSWORD}';",
                      f"GRANT ALL ON {self.DATABASE}.* TO '{self.USER}'@'%';"]
        (self.folder / "init.sql").write_text("\n".join(statements) + "\n", encoding="utf-8")
        if self._user:
            shutil.chown(self.folder, self._user)
        done = subprocess.run(
            [program("mariadb-install-db"), "--no-defaults", f"--datadir={self.data}", "--skip-test-db",
             "--auth-root-authentication-method=normal", *([f"--user={self._user}"] if self._user else [])],
            capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"mariadb-install-db failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
        return self

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: can_connect((LOOPBACK, self.port)), 30, "answers")
        return self


class Dynoxide:
    """The DynamoDB emulator, in memory."""

    def __init__(self, folder, port):
        self.port = port
        self.endpoint = f"http://{LOOPBACK}:{port}"
        binary = TOOLS / "@dynoxide" / "linux-x64" / "dynoxide"
        if not binary.exists():
            raise Failure(f"{binary} is missing; run ./dev deps emulator")
        self.process = Child("dynoxide", [binary, "serve", "--host", LOOPBACK, "-p", port],
                             Path(folder) / "dynoxide.log", env=clean_environment(), cwd=folder)

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: can_connect((LOOPBACK, self.port)), 10, "answers")
        return self


class Dynalite:
    """Another DynamoDB emulator, by other authors: what both understand is not one emulator's whim. It has no TTL."""

    def __init__(self, folder, port):
        self.port = port
        self.endpoint = f"http://{LOOPBACK}:{port}"
        script = TOOLS / "dynalite" / "cli.js"
        if not script.exists():
            raise Failure(f"{script} is missing; run ./dev deps emulator")
        self.process = Child("dynalite", [program("node", "nodejs"), script, "--host", LOOPBACK, "--port", port,
                                          "--createTableMs", "0"],
                             Path(folder) / "dynalite.log", env=clean_environment(), cwd=folder)

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: can_connect((LOOPBACK, self.port)), 10, "answers")
        return self


class DemoSite:
    """nginx and php-fpm with the demo shop, configured by the templates in dev.d/demo."""

    def __init__(self, run, http_port, sidecar_port, user=None):
        self.run = Path(run)
        self.http_port = http_port
        self.user = user or web_user(self.run, ROOT)
        values = {"RUN": self.run, "ROOT": ROOT, "HTTP_PORT": http_port, "SIDECAR_PORT": sidecar_port,
                  "USER": self.user}
        for folder in ("log", "tmp"):
            (self.run / folder).mkdir(parents=True, exist_ok=True)
        (self.run / "tmp").chmod(0o1777)
        nginx = render(DEMO / "nginx.conf.in", self.run / "nginx.conf", values)
        fpm = render(DEMO / "php-fpm.conf.in", self.run / "php-fpm.conf", values)
        as_root = ["--allow-to-run-as-root"] if self.user == "root" else []
        self.php = Child("php-fpm", [program("php-fpm[78]*"), "--nodaemonize", "--fpm-config", fpm, *as_root],
                         self.run / "log" / "php-fpm.out", env=clean_environment(), parent_death=signal.SIGTERM)
        self.nginx = Child("nginx", [program("nginx"), "-p", self.run, "-c", nginx,
                                     "-e", self.run / "log" / "nginx.log", "-g", "daemon off;"],
                           self.run / "log" / "nginx.out", env=clean_environment(), parent_death=signal.SIGTERM)

    def start(self):
        self.php.start()
        self.php.wait_ready(lambda: can_connect(str(self.run / "php-fpm.sock")), 10, "listens")
        self.nginx.start()
        self.nginx.wait_ready(lambda: can_connect((LOOPBACK, self.http_port)), 10, "listens")
        return self
