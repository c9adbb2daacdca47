"""RESP2 on asyncio, as bare as possible: thousands of commands a second over many connections."""

import asyncio
import itertools
import time

from resp_client import Closed, encode, parse_reply


class Connection(asyncio.Protocol):
    """One command at a time."""

    _numbers = itertools.count()

    def __init__(self):
        self.number = next(self._numbers)
        self._buffer = b""
        self._transport = None
        self._answer = None
        self.asked_at = None  # since when an answer is awaited
        self.is_open = False

    @classmethod
    async def to(cls, path):
        _transport, connection = await asyncio.get_running_loop().create_unix_connection(cls, path)
        return connection

    def connection_made(self, transport):
        self._transport = transport
        self.is_open = True

    def connection_lost(self, _error):
        self.is_open = False
        self._finish(Closed())

    def data_received(self, data):
        self._buffer += data
        parsed = parse_reply(self._buffer)
        if parsed is not None:
            reply, end = parsed
            self._buffer = self._buffer[end:]
            self._finish(reply)

    def _finish(self, reply):
        answer, self._answer, self.asked_at = self._answer, None, None
        if answer is not None and not answer.done():
            answer.set_result(reply)

    def send(self, *words):
        self._transport.write(encode(*words))

    async def call(self, *words):
        """The reply; of those that report a failure RespError, and Closed when the connection has ended, are returned."""
        if not self.is_open:
            return Closed()
        self._answer = asyncio.get_running_loop().create_future()
        self.asked_at = time.monotonic()
        self.send(*words)
        return await self._answer

    def hang_up_if_waiting(self):
        if self.asked_at is not None:
            self.hang_up()

    def hang_up(self):
        self.is_open = False
        self._transport.abort()
