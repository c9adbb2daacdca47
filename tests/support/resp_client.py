"""A small RESP2 client for sessiond's socket. It can also send bytes that no client should send."""

import socket


class RespError(Exception):
    """An -ERR answer; str() is the text after the minus sign."""


class Closed(Exception):
    """The server closed the connection."""


def encode(*words):
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def parse_reply(buffer, at=0):
    """(reply, where it ends) of the reply that begins at `at`, or None while it is not complete. The reply is bytes,
    int, None, a list, or a RespError that is returned and not raised."""
    eol = buffer.find(b"\r\n", at)
    if eol < 0:
        return None
    kind, rest, end = buffer[at:at + 1], buffer[at + 1:eol], eol + 2
    if kind == b"+":
        return rest, end
    if kind == b"-":
        return RespError(rest.decode()), end
    if kind == b":":
        return int(rest), end
    if kind == b"$":
        return _parse_bulk(buffer, end, int(rest))
    if kind == b"*":
        return _parse_array(buffer, end, int(rest))
    raise AssertionError(f"not a RESP2 reply: {buffer[at:eol]!r}")


def _parse_bulk(buffer, at, size):
    if size < 0:
        return None, at
    end = at + size
    if len(buffer) < end + 2:
        return None
    assert buffer[end:end + 2] == b"\r\n", f"a bulk of {size} bytes ends with {buffer[end:end + 2]!r}"
    return buffer[at:end], end + 2


def _parse_array(buffer, at, count):
    items = []
    for _ in range(count):
        parsed = parse_reply(buffer, at)
        if parsed is None:
            return None
        item, at = parsed
        items.append(item)
    return (None if count < 0 else items), at


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

    def send(self, *words):
        self.socket.sendall(encode(*words))

    def send_bytes(self, data):
        self.socket.sendall(data)

    def call(self, *words):
        """The reply as bytes, int, None or list; raises RespError for -ERR."""
        self.send(*words)
        return self.reply()

    def reply(self):
        while (parsed := parse_reply(self._buffer)) is None:
            self._fill()
        answer, end = parsed
        self._buffer = self._buffer[end:]
        if isinstance(answer, RespError):
            raise answer
        return answer

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
