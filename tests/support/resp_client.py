"""A small RESP2 client for sessiond's socket. It can also send bytes that no client should send."""

import socket


class RespError(Exception):
    """An -ERR answer; str() is the text after the minus sign."""


class Closed(Exception):
    """The server closed the connection."""


class RespClient:
    def __init__(self, path, timeout=10.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        self.socket.close()

    @staticmethod
    def encode(*words):
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)

    def send(self, *words):
        self.socket.sendall(self.encode(*words))

    def send_bytes(self, data):
        self.socket.sendall(data)

    def call(self, *words):
        """The reply as bytes, int, None or list; raises RespError for -ERR."""
        self.send(*words)
        return self.reply()

    def reply(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise RespError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self._bulk(int(rest))
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))] if int(rest) >= 0 else None
        raise AssertionError(f"not a RESP2 reply: {line!r}")

    def is_silent(self, seconds):
        """True when the server says nothing for that long."""
        if self._buffer:
            return False
        before = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            self._buffer = self.socket.recv(65536)
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(before)

    def read_to_end(self):
        """Everything until the server closes."""
        data, self._buffer = self._buffer, b""
        try:
            while chunk := self.socket.recv(65536):
                data += chunk
        except ConnectionResetError:
            pass
        return data

    def open(self, session_id, name="PHPSESSID", *flags):
        token, data = self.call("SESSION.OPEN", name, session_id, *flags)
        return token, data

    def commit(self, session_id, token, data, ttl=1440, name="PHPSESSID"):
        return self.call("SESSION.COMMIT", name, session_id, token, ttl, data)

    def _fill(self):
        try:
            chunk = self.socket.recv(65536)
        except ConnectionResetError:
            chunk = b""
        if not chunk:
            raise Closed
        self._buffer += chunk

    def _line(self):
        while b"\r\n" not in self._buffer:
            self._fill()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def _bulk(self, size):
        if size < 0:
            return None
        while len(self._buffer) < size + 2:
            self._fill()
        data, end, self._buffer = self._buffer[:size], self._buffer[size:size + 2], self._buffer[size + 2:]
        assert end == b"\r\n", f"a bulk of {size} bytes ends with {end!r}"
        return data
