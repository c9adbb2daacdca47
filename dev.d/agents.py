"""Small programs of the lab that take orders while they run: one line of JSON in, one out, on a unix socket, which also
reaches into another network namespace."""

import json
import os
import socket
import sys
import threading
from pathlib import Path

from processes import Child, Failure, clean_environment

TIMEOUT = 5.0
LONGEST_LINE = 65536
HERE = Path(__file__).resolve().parent


def ask(path, **order):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps(order).encode() + b"\n")
            with connection.makefile("rb") as lines:
                answer = json.loads(lines.readline(LONGEST_LINE))
        except (OSError, ValueError) as error:
            raise Failure(f"{Path(path).name} takes no orders: {error}") from error
    if "fault" in answer:
        raise Failure(answer["fault"])
    return answer


def serve(path, obey):
    """Answers orders on a thread of its own by obey(**order), whose result is a dict; a ValueError or KeyError becomes
    the sender's Failure."""
    Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    os.chmod(path, 0o600)
    listener.listen(8)
    threading.Thread(target=_answer, args=(listener, obey), daemon=True).start()


def _answer(listener, obey):
    while True:
        connection, _address = listener.accept()
        with connection, connection.makefile("rwb") as lines:
            try:
                answer = obey(**json.loads(lines.readline(LONGEST_LINE)))
            except (TypeError, ValueError, KeyError) as error:
                answer = {"fault": str(error)}
            try:
                lines.write(json.dumps(answer).encode() + b"\n")
                lines.flush()
            except OSError:
                continue


class Agent:
    """program: a file of this folder, started with the path of its socket and `arguments`."""

    def __init__(self, name, program, folder, *arguments, inside=()):
        self.socket = Path(folder) / f"{name}.sock"
        self.process = Child(name, [*inside, sys.executable, HERE / program, self.socket, *arguments],
                             Path(folder) / "log" / f"{name}.log", env=clean_environment())

    def start(self):
        self.socket.unlink(missing_ok=True)
        self.process.start()
        self.process.wait_ready(self.socket.exists, 10, "takes orders")
        return self

    def ask(self, **order):
        return ask(self.socket, **order)
