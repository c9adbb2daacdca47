"""Clients of a site whose nginx is reloaded: each asks again as soon as it is answered, and writes down what it saw."""

import http.client
import threading
import time
from dataclasses import dataclass

TIMEOUT = 20.0


@dataclass(frozen=True)
class Answer:
    begin: float
    end: float
    status: int
    body: str


class Client:
    """keeps: whether a connection is used for many requests, or for one."""

    def __init__(self, address, path, keeps):
        self._address, self._path, self._keeps = address, path, keeps
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, daemon=True)
        self.answers = []
        self.failures = []
        # How often the server had closed a connection between two requests, and the second one found that out.
        self.closed_between = 0

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._over.set()
        self._thread.join(2 * TIMEOUT)

    def _ask_on(self):
        connection = None
        while not self._over.is_set():
            used = connection is not None
            connection = connection or http.client.HTTPConnection(*self._address, timeout=TIMEOUT)
            begin = time.monotonic()
            try:
                answer = self._ask(connection)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as failure:
                connection.close()
                connection = None
                # Not one byte came: the request is sent again, as browsers and proxies do. On a new connection it is lost.
                if used:
                    self.closed_between += 1
                else:
                    self.failures.append(repr(failure))
                continue
            except (OSError, http.client.HTTPException) as failure:
                connection.close()
                connection = None
                self.failures.append(repr(failure))
                continue
            self.answers.append(Answer(begin, time.monotonic(), answer.status, answer.body))
            if connection.sock is None or not self._keeps:
                connection.close()
                connection = None

    def _ask(self, connection):
        headers = {} if self._keeps else {"Connection": "close"}
        connection.request("GET", self._path, headers=headers)
        response = connection.getresponse()
        # Whatever fails from here on was begun to be answered.
        try:
            response.body = response.read().decode("ascii")
        except (OSError, http.client.HTTPException) as failure:
            raise http.client.IncompleteRead(repr(failure).encode()) from failure
        return response
