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


class Server:
    """A process that serves one address: (host, port), or the path of a unix socket."""

    def __init__(self, process, address, ready_within=10):
        self.process = process
        self._address = address
        self._ready_within = ready_within

    def start(self):
        self.process.start()
        self.process.wait_ready(lambda: can_connect(self._address), self._ready_within, "answers")
        return self


class MariaDb(Server):
    """A database of its own in `folder`, with a user shop/secret."""

    USER, PASSWORD, DATABASE = "shop", "secret", "shop"

    def __init__(self, folder, port, host=LOOPBACK):
        self.folder = Path(folder)
        self.host, self.port = host, port
        self.socket = str(self.folder / "mariadb.sock")
        self.data = self.folder / "data"
        argv = self._argv()
        self._user = None
        if running_as_root():
            self._user = "mysql" if can_enter("mysql", self.folder.parent) else "root"
        if self._user == "root":
            # mariadbd runs as root only when told so.
            argv.append("--user=root")
        super().__init__(Child("mariadbd", argv, self.folder / "mariadbd.log", env=self._environment(),
                               user=self._user), (host, port), ready_within=30)

    def _environment(self):
        # At its start mariadbd deletes the temporary tables of all others that share a folder for them.
        return clean_environment(TMPDIR=str(self.folder))

    def _argv(self):
        return [program("mariadbd"), "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}",
                f"--port={self.port}", f"--bind-address={self.host}", f"--pid-file={self.folder}/mariadbd.pid",
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
            capture_output=True, text=True, check=False, env=self._environment())
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            first = next((line for line in lines if "ERROR" in line), lines[-1])
            raise Failure(f"mariadb-install-db failed: {first}")
        return self


class Dynoxide(Server):
    """The DynamoDB emulator, in memory, or in the SQLite database `file`: then what it answered outlives it."""

    def __init__(self, folder, port, file=None, host=LOOPBACK, inside=()):
        self.port = port
        self.endpoint = f"http://{host}:{port}"
        binary = TOOLS / "@dynoxide" / "linux-x64" / "dynoxide"
        if not binary.exists():
            raise Failure(f"{binary} is missing; run ./dev deps emulator")
        kept = ["--db-path", file] if file else []
        super().__init__(Child("dynoxide", [*inside, binary, "serve", "--host", host, "-p", port, *kept],
                               Path(folder) / "dynoxide.log", env=clean_environment(), cwd=folder), (host, port))


class Dynalite(Server):
    """Another DynamoDB emulator, by other authors: what both understand is not one emulator's whim. It has no TTL."""

    def __init__(self, folder, port):
        self.port = port
        self.endpoint = f"http://{LOOPBACK}:{port}"
        script = TOOLS / "dynalite" / "cli.js"
        if not script.exists():
            raise Failure(f"{script} is missing; run ./dev deps emulator")
        super().__init__(Child("dynalite", [program("node", "nodejs"), script, "--host", LOOPBACK, "--port", port,
                                            "--createTableMs", "0"],
                               Path(folder) / "dynalite.log", env=clean_environment(), cwd=folder), (LOOPBACK, port))


class DemoSite:
    """nginx and php-fpm with the demo shop, configured by the templates in dev.d/demo."""

    def __init__(self, run, http_port, sidecar_port, user=None, host=LOOPBACK, inside=()):
        run = Path(run)
        user = user or web_user(run, ROOT)
        values = {"RUN": run, "ROOT": ROOT, "HTTP": f"{host}:{http_port}", "SIDECAR_PORT": sidecar_port, "USER": user}
        for folder in ("log", "tmp"):
            (run / folder).mkdir(parents=True, exist_ok=True)
        (run / "tmp").chmod(0o1777)
        nginx = render(DEMO / "nginx.conf.in", run / "nginx.conf", values)
        fpm = render(DEMO / "php-fpm.conf.in", run / "php-fpm.conf", values)
        as_root = ["--allow-to-run-as-root"] if user == "root" else []
        self.php = Server(
            Child("php-fpm", [*inside, program("php-fpm[78]*"), "--nodaemonize", "--fpm-config", fpm, *as_root],
                  run / "log" / "php-fpm.out", env=clean_environment(), parent_death=signal.SIGTERM),
            str(run / "php-fpm.sock"))
        self.nginx = Server(
            Child("nginx", [*inside, program("nginx"), "-p", run, "-c", nginx, "-e", run / "log" / "nginx.log",
                            "-g", "daemon off;"],
                  run / "log" / "nginx.out", env=clean_environment(), parent_death=signal.SIGTERM),
            (host, http_port))

    def start(self):
        self.php.start()
        self.nginx.start()
        return self
