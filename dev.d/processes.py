"""Child processes for ./dev up, ./dev lab, the integration tests and the benchmark: started in a group of their own,
logged to a file, and never left behind, whatever state they are in."""

import ctypes
import glob
import os
import random
import signal
import socket
import subprocess
import time
from collections import deque

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """Something a person can act on; the text is one line."""


# What happens at once on an idle machine may take so long on one that runs other tests beside.
LEAST_PATIENCE = 20.0


def wait_until(condition, timeout, what, every=0.02):
    """Returns the first true value of condition(); raises Failure naming `what` when the time is over. It is over after
    LEAST_PATIENCE at the earliest: how fast something is, is for benchmarks and drills to say."""
    timeout = max(timeout, LEAST_PATIENCE)
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"gave up after {timeout:g} s waiting until {what}")
        time.sleep(every)  # pause: of a loop that looks for the event


def watch(condition, seconds, what, every=0.02):
    """Looks on for so long, and raises Failure as soon as condition() is false: `what` was to stay so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not condition():
            raise Failure(f"did not stay so: {what}")
        time.sleep(every)  # pause: of a loop that looks on


def port_is_free(port, host="127.0.0.1"):
    with socket.socket() as probe:
        # A port in TIME_WAIT can be listened on again, and all servers here do so.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


# Of one process. Until so many have followed, a port is listened on, or never will be.
MOST_CLAIMS = 256
_claims = deque()


def _claim(port):
    """Takes the port among all processes that call free_port(): until a server listens on it, bind() does not tell that
    it is given away. The name is the kernel's, which frees it with the process."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0mooring-port-{port}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    if len(_claims) > MOST_CLAIMS:
        _claims.popleft().close()
    return True


def free_port(count=1):
    """A free port below the range of outgoing connections: a server that is restarted finds its port free again. With
    `count`, the first of so many in a row."""
    while True:
        port = random.randrange(18000, 32000)
        if all(_claim(number) and port_is_free(number) for number in range(port, port + count)):
            return port


def can_connect(address, timeout=1.0):
    """address: (host, port), or the path of a unix socket."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


def clean_environment(**extra):
    """The environment without what would change how the daemons are configured, plus `extra`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "DB_", "DYNAMODB_"))}
    return {**kept, **extra}


# Stopped, and dead in one way or the other.
AT_REST = "TZX"


def _state_and_group(folder):
    """(state, process group) of the process or thread with this folder in /proc; (None, None) when it has ended."""
    try:
        with open(f"{folder}/stat", encoding="utf-8", errors="replace") as facts:
            state, _parent, group = facts.read().rpartition(")")[2].split()[:3]
    except OSError:
        return None, None
    return state, int(group)


def _states_of_group(group):
    """The states of all threads of the processes in that group."""
    for process in glob.glob("/proc/[0-9]*"):
        if _state_and_group(process)[1] == group:
            for thread in glob.glob(f"{process}/task/*"):
                yield _state_and_group(thread)[0] or "X"


class Child:
    """One child process. `parent_death` is the signal it gets from the kernel should this process be killed: servers
    with workers of their own need SIGTERM, so that the workers are ended too."""

    def __init__(self, name, argv, log, *, env=None, cwd=None, user=None, parent_death=signal.SIGKILL):
        self.name = name
        self.argv = [str(part) for part in argv]
        self.log = str(log)
        self._options = {"env": env, "cwd": cwd, "user": user}
        self._parent_death = parent_death
        self._process = None
        self._log_start = 0

    def start(self):
        """Whoever calls this from a thread ends the process with the thread: the kernel counts that as the parent."""
        self.kill()

        def die_with_parent():
            _libc.prctl(PR_SET_PDEATHSIG, self._parent_death, 0, 0, 0)

        with open(self.log, "ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=die_with_parent, **self._options)
        return self

    @property
    def pid(self):
        return self._process.pid

    def exit_code(self):
        """None while it runs; -9 for a SIGKILL. Does not take the number of an ended process from us: workers that it
        left behind are found by that number."""
        if self._process.returncode is not None:
            return self._process.returncode
        ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def alive(self):
        return self._process is not None and self.exit_code() is None

    def stopped(self):
        """Whether a SIGSTOP holds it."""
        if not self.alive():
            return False
        return _state_and_group(f"/proc/{self.pid}")[0] == "T"

    def signal(self, number):
        if self.alive():
            os.kill(self.pid, number)

    def pause(self):
        """SIGSTOP to it and its workers. None of their threads runs any more when this returns: until one thread has
        noticed the signal, the others go on."""
        if self.alive():
            os.killpg(self.pid, signal.SIGSTOP)
            wait_until(lambda: set(_states_of_group(self.pid)) <= set(AT_REST), 10, f"{self.name} has stopped", 0.002)

    def resume(self):
        if self.alive():
            os.killpg(self.pid, signal.SIGCONT)

    def wait(self, timeout):
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} (pid {self.pid}) still runs after {timeout:g} s") from None

    def kill(self):
        """SIGKILL to it and its workers; also works on a stopped process, and on workers that outlived it."""
        if self._process is None or self._process.returncode is not None:
            return
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(10)

    def stop(self, grace=10.0):
        """SIGTERM, then SIGKILL after `grace`."""
        if self.alive():
            self.resume()
            self.signal(signal.SIGTERM)
            end = time.monotonic() + grace
            while self.alive() and time.monotonic() < end:
                time.sleep(0.02)  # pause: of a loop that looks for the process's end
        self.kill()

    def log_text(self):
        """What it wrote since it was started last."""
        with open(self.log, "rb") as output:
            output.seek(self._log_start)
            return output.read().decode("utf-8", "replace")

    def last_words(self):
        lines = [line for line in self.log_text().splitlines() if line.strip()]
        return lines[-1] if lines else "(nothing)"

    def wait_ready(self, ready, timeout, what):
        """Waits until ready() holds; a process that ends meanwhile is reported with its last words."""
        def ready_or_dead():
            return ready() or not self.alive()

        wait_until(ready_or_dead, timeout, f"{self.name} {what}; see {self.log}")
        if not self.alive():
            raise Failure(f"{self.name} ended with code {self.exit_code()}: {self.last_words()}")
        return self

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise Failure(f"{self.name} (pid {self.pid}) has no memory: it has ended")
