"""One app node with the demo shop on loopback, for ./dev up: its servers by name, started in the order in which they
need each other, and ended whatever happens. The run folder and the ending are those of ./dev lab and ./dev drill too."""

import fcntl
import os
import shutil
import signal
import sys
from pathlib import Path

from daemons import Sessiond, Sidecar, get, mooringctl, write_config
from processes import Failure, free_port, port_is_free, wait_until
from servers import DemoSite, Dynoxide, LOOPBACK, ROOT, web_user

REGION = "us-east-1"
# A unix socket's path has 107 bytes at most, and sessiond binds a longer, temporary name before the final one.
LONGEST_RUN_FOLDER = 70


class Interrupted(Exception):
    """Ctrl-C, SIGTERM, or the terminal has gone."""


def say(text):
    print(text, flush=True)


def add_port_option(parser):
    parser.add_argument("--port", type=int, metavar="N", help="the shop on port N, probes on N+1, status on N+2")


def choose_ports(wanted):
    if wanted is not None:
        if not 1 <= wanted <= 65533:
            raise Failure(f"--port {wanted}: name one from 1 to 65533; three ports are used from there on")
        for port in range(wanted, wanted + 3):
            if not port_is_free(port):
                raise Failure(f"--port {wanted}: port {port} is in use; name another")
        return [wanted, wanted + 1, wanted + 2]
    return [port if port_is_free(port) else free_port() for port in (8080, 8081, 8082)]


class RunFolder:
    """Where a node keeps its configuration, sockets, data and logs; MOORING_RUN names another one."""

    def __init__(self, name):
        self.path = Path(os.environ.get("MOORING_RUN") or ROOT / "build" / name).absolute()
        if len(str(self.path)) > LONGEST_RUN_FOLDER:
            raise Failure(f"{self.path} is too long for the sockets in it; set MOORING_RUN to a folder with a shorter "
                          "path")
        self.path.mkdir(parents=True, exist_ok=True)
        # Held open for as long as this process lives.
        self._lock = open(self.path / "demo.lock", "a+", encoding="ascii")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure(f"another ./dev up, lab or drill runs in {self.path}; stop it, or set MOORING_RUN to another "
                          "folder") from None
        self.make_empty("log")

    def make_empty(self, name):
        shutil.rmtree(self.path / name, ignore_errors=True)
        (self.path / name).mkdir()
        return self.path / name


class DemoNode:
    """`emulator`: sessions in DynamoDB, not in a file."""

    def __init__(self, folder, ports, emulator=False):
        self.folder = folder
        self.run = folder.path
        self.shop_port, self.probe_port, self.admin_port = ports
        self.socket = self.run / "sessiond.sock"
        self.config = self.run / "mooring.toml"
        self.user = web_user(self.run, ROOT)
        self.parts = {}
        if emulator:
            self.parts["dynamodb"] = Dynoxide(self.run / "log", free_port())
        self._configure()
        self.parts["sessiond"] = Sessiond(self.run / "log", self.config)
        self.parts["sidecar"] = Sidecar(self.run / "log", self.config)
        site = DemoSite(self.run, self.shop_port, self.probe_port, self.user)
        self.parts |= {"php-fpm": site.php, "nginx": site.nginx}

    def _configure(self):
        sessions = {"socket": self.socket, "socket_mode": "0660"}
        if self.user == "www-data":
            sessions["socket_group"] = "www-data"
        emulator = self.parts.get("dynamodb")
        if emulator:
            sessions["store"] = "dynamodb"
        else:
            sessions |= {"store": "embedded", "embedded_file": self.run / "sessions.db"}
        write_config(self.config, {
            "region": {"primary": REGION, "state_file": self.run / "region.json",
                       "memory_file": self.run / "sidecar.json"},
            "dynamodb": {"endpoints": {REGION: emulator.endpoint}} if emulator else None,
            "sessions": sessions,
            "sidecar": {"listen": f"{LOOPBACK}:{self.probe_port}", "admin": f"{LOOPBACK}:{self.admin_port}",
                        "control": self.run / "control.sock", "drain_delay": "0s"},
            "checks": {"interval": "1s", "fast_interval": "250ms"},
            "publish": {"nginx_region_conf": self.run / "region.conf"},
        })

    def start(self):
        for name, part in self.parts.items():
            part.start()
            if name == "dynamodb":
                self._create_table()
        wait_until(lambda: get(self.probe_port, "/healthz")[0] == 200, 15, "the sidecar says 200 to /healthz")
        wait_until(lambda: get(self.shop_port, "/")[0] == 200, 15, "the shop's page is served")

    def _create_table(self):
        done = mooringctl(self.config, "table", "create")
        if done.returncode:
            raise Failure(f"mooringctl table create: {(done.stderr or done.stdout).strip()}")
        say(done.stdout.strip())

    def explain_users(self):
        if self.user == "root":
            say(f"www-data cannot enter {ROOT} and {self.run}, so nginx and php-fpm run as root here")

    def stop(self):
        for part in reversed(self.parts.values()):
            part.process.stop(grace=5)


def _interrupt(_signal, _frame):
    raise Interrupted


def run_until_the_end(command, make_node, use):
    """Starts the node, or lab, that make_node() returns; the exit code is what use(node) returns. Also Ctrl-C ends it,
    and nothing is left behind."""
    # php-fpm may run as another user than we do, and has to read what is written here.
    os.umask(0o022)
    endings = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        endings.append(signal.SIGHUP)
    for ending in endings:
        signal.signal(ending, _interrupt)
    node = None
    try:
        node = make_node()
        node.start()
        return use(node)
    except Interrupted:
        say("\nstopping")
        return 0
    except (Failure, OSError) as failure:
        print(f"{command}: {failure}", file=sys.stderr)
        return 2
    finally:
        # A second Ctrl-C while stopping must not leave servers behind.
        for ending in endings:
            signal.signal(ending, signal.SIG_IGN)
        if node:
            node.stop()
