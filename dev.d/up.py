"""Runs the demo: sessiond, the sidecar, nginx and php-fpm on loopback, watched until Ctrl-C. Started by ./dev up."""

import argparse
import fcntl
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import daemons
from daemons import Sessiond, Sidecar, get, mooringctl, write_config
from processes import Failure, free_port, port_is_free, wait_until
from servers import DemoSite, Dynoxide, ROOT, web_user

REGION = "us-east-1"
RESTART_PAUSE = 0.5
# More restarts than this within the window mean that restarting does not help.
RESTART_LIMIT = 5
RESTART_WINDOW = 20.0
# A unix socket's path has 107 bytes at most, and sessiond binds a longer, temporary name before the final one.
LONGEST_RUN_FOLDER = 70


class Interrupted(Exception):
    """Ctrl-C or SIGTERM."""


def arguments():
    parser = argparse.ArgumentParser(prog="./dev up", description=__doc__)
    parser.add_argument("--dynamodb", action="store_true", help="keep sessions in a DynamoDB emulator")
    parser.add_argument("--port", type=int, metavar="N", help="the shop on port N, probes on N+1, status on N+2")
    return parser.parse_args()


def choose_ports(wanted):
    if wanted is not None:
        for port in range(wanted, wanted + 3):
            if not port_is_free(port):
                raise Failure(f"--port {wanted}: port {port} is in use; name another")
        return [wanted, wanted + 1, wanted + 2]
    return [port if port_is_free(port) else free_port() for port in (8080, 8081, 8082)]


def say(text):
    print(text, flush=True)


class Demo:
    def __init__(self, run, ports, dynamodb):
        self.run = run
        self.shop_port, self.probe_port, self.admin_port = ports
        self.dynamodb = dynamodb
        self.children = []
        self.watched = []
        self.socket = run / "sessiond.sock"
        self.user = web_user(run, ROOT)
        self.config = run / "mooring.toml"

    def configure(self, emulator_port):
        sessions = {"socket": self.socket, "socket_mode": "0660"}
        if self.user == "www-data":
            sessions["socket_group"] = "www-data"
        if self.dynamodb:
            sessions["store"] = "dynamodb"
        else:
            sessions |= {"store": "embedded", "embedded_file": self.run / "sessions.db"}
        write_config(self.config, {
            "region": {"primary": REGION},
            "dynamodb": {"endpoints": {REGION: f"http://127.0.0.1:{emulator_port}"}} if self.dynamodb else None,
            "sessions": sessions,
            "sidecar": {"listen": f"127.0.0.1:{self.probe_port}", "admin": f"127.0.0.1:{self.admin_port}",
                        "drain_delay": "0s"},
            "checks": {"interval": "1s", "fast_interval": "250ms"},
            "publish": {"nginx_region_conf": self.run / "region.conf"},
        })

    def start(self):
        emulator_port = free_port()
        self.configure(emulator_port)
        if self.dynamodb:
            emulator = Dynoxide(self.run / "log", emulator_port)
            self.children.append(emulator.process)
            emulator.start()
            self.create_table()
        for daemon in (Sessiond(self.run / "log", self.config), Sidecar(self.run / "log", self.config)):
            self.children.append(daemon.process)
            daemon.start()
            self.watched.append(daemon)
        site = DemoSite(self.run, self.shop_port, self.probe_port, self.user)
        self.children += [site.php.process, site.nginx.process]
        site.start()
        wait_until(lambda: get(self.probe_port, "/healthz")[0] == 200, 15, "the sidecar says 200 to /healthz")
        wait_until(lambda: get(self.shop_port, "/")[0] == 200, 15, "the shop's page is served")

    def create_table(self):
        done = mooringctl(self.config, "table", "create")
        if done.returncode:
            raise Failure(f"mooringctl table create: {(done.stderr or done.stdout).strip()}")
        say(done.stdout.strip())

    def explain(self):
        ctl = f"{daemons.binaries()}/mooringctl --config {self.config}"
        if self.user == "root":
            say(f"www-data cannot enter {ROOT}, so nginx and php-fpm run as root here")
        store = "a DynamoDB emulator" if self.dynamodb else f"{self.run}/sessions.db"
        say(f"""
The demo runs; sessions are kept in {store}.

  the shop           http://127.0.0.1:{self.shop_port}/
  the node's health  http://127.0.0.1:{self.admin_port}/status

Try in another terminal:
  curl -i http://127.0.0.1:{self.shop_port}/healthz      what a load balancer sees, through nginx
  curl -i http://127.0.0.1:{self.probe_port}/healthz      the same, from the sidecar itself
  curl -s http://127.0.0.1:{self.admin_port}/status.json  why
  curl -s http://127.0.0.1:{self.admin_port}/metrics
  redis-cli -s {self.socket} PING
  {ctl} status
  kill -9 {self.watched[0].process.pid}     # sessiond dies; it is started again, and the cart is still there
  ls {self.run}/log

Ctrl-C stops all of it.
""")

    def watch(self):
        """Starts a daemon again when it dies; ends by Interrupted, or by Failure when another server has died."""
        restarts = []
        supervised = [daemon.process for daemon in self.watched]
        while True:
            time.sleep(0.1)
            for child in self.children:
                if child.alive():
                    continue
                if child not in supervised:
                    raise Failure(f"{child.name} ended with code {child.exit_code()}: {child.last_words()}")
                say(f"{child.name} ended with code {child.exit_code()}; starting it again")
                restarts = [at for at in restarts if at > time.monotonic() - RESTART_WINDOW] + [time.monotonic()]
                if len(restarts) > RESTART_LIMIT:
                    raise Failure(f"{child.name} keeps ending: {child.last_words()}")
                time.sleep(RESTART_PAUSE)
                child.start()
                say(f"{child.name} is pid {child.pid}")

    def stop(self):
        for child in reversed(self.children):
            child.stop(grace=5)


def prepare_run_folder():
    run = Path(os.environ.get("MOORING_RUN") or ROOT / "build" / "run").absolute()
    if len(str(run)) > LONGEST_RUN_FOLDER:
        raise Failure(f"{run} is too long for the sockets in it; set MOORING_RUN to a folder with a shorter path")
    run.mkdir(parents=True, exist_ok=True)
    # Held open for as long as this process lives.
    lock = open(run / "up.lock", "a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Failure(f"another ./dev up runs in {run}; stop it, or set MOORING_RUN to another folder") from None
    shutil.rmtree(run / "log", ignore_errors=True)
    (run / "log").mkdir()
    return run, lock


def interrupt(_signal, _frame):
    raise Interrupted


def main():
    options = arguments()
    # php-fpm may run as another user than we do, and has to read what is written here.
    os.umask(0o022)
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    demo = None
    try:
        run, _lock = prepare_run_folder()
        demo = Demo(run, choose_ports(options.port), options.dynamodb)
        demo.start()
        demo.explain()
        demo.watch()
    except Interrupted:
        say("\nstopping")
        return 0
    except Failure as failure:
        print(f"up: {failure}", file=sys.stderr)
        return 2
    finally:
        # A second Ctrl-C while stopping must not leave servers behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if demo:
            demo.stop()


if __name__ == "__main__":
    sys.exit(main())
