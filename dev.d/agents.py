"""Small programs of the lab that take orders while they run: one line of JSON in, one out, on a unix socket, which also
reaches into another network namespace."""

import json
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from processes import Child, Failure, clean_environment

TIMEOUT = 5.0
# For a sender who is connected to send its order; less than the next one waits for an answer.
PATIENCE = 1.0
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
    """Answers orders on a thread of its own by obey(**order), whose result is a dict; what obey() raises becomes the
    sender's Failure. The socket is there under its name when it takes orders, not before."""
    unfinished = Path(f"{path}.new")
    unfinished.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(unfinished))
    os.chmod(unfinished, 0o600)
    listener.listen(8)
    unfinished.rename(path)
    threading.Thread(target=_answer, args=(listener, obey), daemon=True).start()


def _answer(listener, obey):
    while True:
        connection, _address = listener.accept()
        connection.settimeout(PATIENCE)
        # A sender that hangs up or falls silent, like one whose order fails, is no reason to stop taking orders.
        with suppress(OSError), connection, connection.makefile("rwb") as lines:
            order = lines.readline(LONGEST_LINE)
            try:
                answer = obey(**json.loads(order))
            except Exception as error:
                answer = {"fault": str(error) or type(error).__name__}
            lines.write(json.dumps(answer).encode() + b"\n")


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
