"""How fast PHP opens, changes and stores a session of 3 KB, all measured in one run: Mooring and the usual handlers.

Each handler is the one that PHP ships or Debian packages, set up as its documentation says, with persistent connections
where it has them, on unix sockets. The AWS SDK for PHP is not measured, see ABSENT. One row with one PHP process, and
one with eight, each on a session of its own, so that nobody waits for a lock. Rounds alternate between the handlers and
the median round is shown: a machine that slows down meanwhile slows all of them. "spread" is how far apart the rounds
of a row are: when it is large, something else was running.
"""

import os
import secrets
import select
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "dev.d"), str(ROOT / "tests" / "support")]

from node import Node  # noqa: E402  the paths above come first
from processes import Child, Failure, can_connect, clean_environment  # noqa: E402
from servers import program, running_as_root  # noqa: E402

SECONDS = 2  # of a round
ROUNDS = 3
WORKERS = (1, 8)
SESSION_BYTES = 3 * 1024
TIME_LIMIT = 180
MEMORY = "/dev/shm"  # what our protocol and locks cost without the disk
REFERENCE = "php-redis, locking"
ABSENT = """not measured: the session handler of aws-sdk-php, which Debian has no package of;
dynoxide is an emulator in memory: against DynamoDB itself every cycle pays two round trips to the region on top;
the embedded store has each session on the disk before it answers, which no other handler here does"""

PHP = {"display_errors": "stderr", "log_errors": "0", "auto_prepend_file": "", "session.use_cookies": "0",
       "session.use_strict_mode": "0", "session.cache_limiter": "", "session.gc_probability": "0",
       "session.lazy_write": "1", "session.gc_maxlifetime": "1440", "session.serialize_handler": "php"}


@dataclass
class Handler:
    name: str
    ini: dict
    prepend: bool = False
    environment: dict = field(default_factory=dict)


def start_mooring(node, store):
    """sessiond as `node` is set up."""
    node.sessiond().start()
    # PHP's own handler, until the prepend file registers ours.
    return [Handler(f"mooring, {store}", {"session.save_handler": "files"}, True, {"MOORING_SOCKET": str(node.socket)})]


def start_redis(node):
    socket = str(node.folder / "redis.sock")
    # Debian's own configuration writes snapshots now and then; without them it is at its fastest.
    command = [program("redis-server"), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", node.folder]
    child = node.own(Child("redis-server", command, node.folder / "redis.log", env=clean_environment())).start()
    child.wait_ready(lambda: can_connect(socket), 10, "answers")
    path = {"session.save_handler": "redis", "session.save_path": f"unix://{socket}?persistent=1"}
    return [Handler(REFERENCE, {**path, "redis.session.locking_enabled": "1"}),
            Handler("php-redis, no locking", {**path, "redis.session.locking_enabled": "0"})]


def start_memcached(node):
    socket = str(node.folder / "memcached.sock")
    user = ["-u", "root"] if running_as_root() else []
    child = node.own(Child("memcached", [program("memcached"), "-s", socket, *user], node.folder / "memcached.log",
                           env=clean_environment())).start()
    child.wait_ready(lambda: can_connect(socket), 10, "answers")
    return [Handler("php-memcached, locking", {
        "session.save_handler": "memcached", "session.save_path": f"{socket}:0", "memcached.sess_persistent": "1",
        "memcached.sess_locking": "1"})]


def start_files(node):
    folder = node.folder / "php-sessions"
    folder.mkdir()
    return [Handler("PHP files", {"session.save_handler": "files", "session.save_path": str(folder)})]


class Worker:
    """One PHP process."""

    def __init__(self, handler):
        self.handler = handler
        # Quoted, because "=" and "?" mean something in an ini value, and PHP would go on without all settings after it.
        settings = [part for name, value in {**PHP, **handler.ini}.items() for part in ("-d", f'{name}="{value}"')]
        prepend = [str(ROOT / "php-shim" / "prepend.php")] if handler.prepend else []
        self.process = subprocess.Popen(
            [program("php"), *settings, ROOT / "bench" / "session_worker.php", secrets.token_hex(16), str(SECONDS),
             str(SESSION_BYTES), *prepend],
            env=clean_environment(**handler.environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def failure(self, said):
        reason = said.splitlines()[0] if said else "(nothing)"
        return Failure(f"PHP with the handler {self.handler.name} failed: {reason}")

    def wait_ready(self):
        readable, _, _ = select.select([self.process.stdout], [], [], TIME_LIMIT)
        if not readable or self.process.stdout.readline() != b"ready\n":
            self.process.kill()
            raise self.failure(self.process.stderr.read().decode("utf-8", "replace").strip())

    def go(self):
        self.process.stdin.write(b"go\n")
        self.process.stdin.close()

    def times(self):
        """Milliseconds of each cycle."""
        text = self.process.stdout.read()
        said = self.process.stderr.read().decode("utf-8", "replace").strip()
        if self.process.wait(TIME_LIMIT) or said:
            raise self.failure(said)
        return [int(line) / 1e6 for line in text.split()]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


def one_round(handler, count):
    """(cycles per second, sorted milliseconds of each)"""
    workers = []
    try:
        for _ in range(count):
            workers.append(Worker(handler))
        for worker in workers:
            worker.wait_ready()
        for worker in workers:
            worker.go()
        taken = sorted(each for worker in workers for each in worker.times())
        return len(taken) / SECONDS, taken
    finally:
        for worker in workers:
            worker.close()


def measure(handlers):
    """{(handler, workers): (cycles per second, p50 ms, p99 ms, spread of the rounds in %)}, of the median rounds"""
    rounds = {}
    for _round in range(ROUNDS):
        for count in WORKERS:
            for handler in handlers:
                rounds.setdefault((handler.name, count), []).append(one_round(handler, count))
    rows = {}
    for key, found in rounds.items():
        found.sort()
        rate, taken = found[len(found) // 2]
        spread = (found[-1][0] - found[0][0]) / rate * 100
        rows[key] = (rate, taken[len(taken) // 2], taken[len(taken) * 99 // 100], spread)
    return rows


def print_table(rows):
    print(f"PHP opens, changes and stores a session of {SESSION_BYTES} bytes: median of {ROUNDS} rounds of {SECONDS} s "
          f"each, on {os.cpu_count()} processors for PHP and server")
    print(ABSENT)
    print(f"{'session handler':28} {'PHPs':>4} {'ops/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'spread':>7} "
          f"{'x ' + REFERENCE:>20}")
    for (name, count), (rate, p50, p99, spread) in sorted(rows.items(), key=lambda row: row[0][1]):
        print(f"{name:28} {count:4} {rate:8.0f} {p50:8.2f} {p99:8.2f} {spread:6.0f}% "
              f"{rate / rows[REFERENCE, count][0]:20.2f}")


def main():
    node, in_memory, emulated = nodes = Node(), Node(), Node()
    try:
        with tempfile.TemporaryDirectory(prefix="mooring-bench-", dir=MEMORY) as folder:
            in_memory.set("sessions", embedded_file=f"{folder}/sessions.db")
            emulated.start_emulator()
            handlers = [*start_mooring(node, "embedded store"), *start_mooring(in_memory, "embedded in memory"),
                        *start_mooring(emulated, "dynoxide emulator"), *start_redis(node), *start_memcached(node),
                        *start_files(node)]
            rows = measure(handlers)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    finally:
        for started in nodes:
            started.close()
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
