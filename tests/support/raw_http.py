"""Sends requests byte by byte as probers do, and takes answers apart without forgiving anything."""

import socket
from dataclasses import dataclass


@dataclass
class Answer:
    version: str
    status: int
    reason: str
    headers: dict  # lower-case name -> value
    body: bytes
    head_bytes: int


class RawConnection:
    def __init__(self, port, host="127.0.0.1", timeout=5.0):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def answer(self, has_body=True):
        """The next answer on this connection; `has_body` is False for an answer to HEAD."""
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        status_line, *lines = head.decode("ascii").split("\r\n")
        version, status, reason = status_line.split(" ", 2)
        headers = {}
        for line in lines:
            name, separator, value = line.partition(":")
            assert separator and name == name.strip(), f"a malformed header: {line!r}"
            assert name.lower() not in headers, f"{name} is there twice"
            headers[name.lower()] = value.strip()
        size = int(headers["content-length"]) if has_body else 0
        while len(self._buffer) < size:
            self._fill()
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return Answer(version, int(status), reason, headers, body, len(head) + 4)

    def is_closed_by_server(self, within=2.0):
        """True when the server closes without sending another byte."""
        self.socket.settimeout(within)
        try:
            return self._buffer == b"" and self.socket.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionResetError:
            return True

    def stays_open(self, for_seconds=0.3):
        return not self.is_closed_by_server(for_seconds) and self._buffer == b""

    def _fill(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError(f"closed in the middle of an answer, after {self._buffer!r}")
        self._buffer += chunk


def ask(port, request, has_body=True, timeout=5.0):
    """One request on a connection of its own."""
    with RawConnection(port, timeout=timeout) as connection:
        connection.send(request)
        return connection.answer(has_body)
