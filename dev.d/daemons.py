"""Mooring's own programs for ./dev up, the integration tests and the benchmark: configuration, start, readiness."""

import http.client
import os
import socket
import subprocess
from pathlib import Path

from processes import Child, Failure, clean_environment
from servers import LOOPBACK, ROOT

AWS_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00", "AWS_SECRET_ACCESS_KEY": "emulators-take-any-key",
            "AWS_EC2_METADATA_DISABLED": "true"}


def binaries():
    """The folder of the built programs; MOORING_BIN names another build, such as the one with sanitizers."""
    return Path(os.environ.get("MOORING_BIN") or ROOT / "build" / "release" / "bin")


def binary(name):
    path = binaries() / name
    if not path.exists():
        raise Failure(f"{path} is missing; run ./dev build")
    return path


def toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (str, Path)):
        text = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items()) + " }"
    raise TypeError(f"no TOML for {value!r}")


def write_config(path, sections):
    """sections: {"checks.mysql": {"host": "127.0.0.1"}, ...}; a section that is None is left out."""
    lines = []
    for section, keys in sections.items():
        if keys is None:
            continue
        lines.append(f"[{section}]")
        lines += [f"{key} = {toml_value(value)}" for key, value in keys.items()]
        lines.append("")
    Path(path).write_text("\n".join(lines), encoding="utf-8")
    return Path(path)


def get(port, path, timeout=2.0, host=LOOPBACK):
    """(status, body) of one request, or (None, reason) when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return None, str(error).encode()
    finally:
        connection.close()


class Daemon:
    """mooring-sessiond or mooring-sidecar under one configuration file."""

    program = ""
    ready_event = ""

    def __init__(self, folder, config, environment=None, inside=()):
        """inside: the beginning of a command line that leads into a namespace."""
        self.config = Path(config)
        self.process = Child(self.program, [*inside, binary(self.program), "--config", self.config],
                             Path(folder) / f"{self.program}.log",
                             env=clean_environment(**{**AWS_KEYS, **(environment or {})}))

    def start(self, timeout=10):
        self.process.start()
        self.process.wait_ready(lambda: self.ready_event in self.process.log_text(), timeout, "is ready")
        return self

    def stop(self):
        self.process.stop()


class Sessiond(Daemon):
    program = "mooring-sessiond"
    ready_event = "event=sessiond.ready"


class Sidecar(Daemon):
    program = "mooring-sidecar"
    ready_event = "event=sidecar.ready"


def ask_operator_socket(path, line, timeout=5.0):
    """The sidecar's answer to one command: "OK", or "ERR" and why."""
    with socket.socket(socket.AF_UNIX) as operator:
        operator.settimeout(timeout)
        operator.connect(str(path))
        operator.sendall(line.encode() + b"\n")
        return operator.recv(4096).decode().strip()


def mooringctl(config, *arguments, timeout=30, environment=None, typed=""):
    """Runs mooringctl to its end, with what is typed while it runs; returns the completed process with text output."""
    return subprocess.run([binary("mooringctl"), "--config", config, *arguments], capture_output=True, text=True,
                          input=typed, timeout=timeout, check=False,
                          env=clean_environment(**{**AWS_KEYS, **(environment or {})}))
