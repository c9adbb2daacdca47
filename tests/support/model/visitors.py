"""Visitors that open, change, leave and destroy sessions at random, and record what they were answered."""

import asyncio
import random
import time

from model import history as h
from model.resp import Connection
from resp_client import Closed, RespError

NAME = "PHPSESSID"
PATIENCE = 7.0  # a visitor that waits longer for one answer hangs up
HOLDS, HOLD_WEIGHTS = (0, 0.005, 0.03, 0.25), (60, 30, 10, 1)  # seconds at most, and how often
# While a node is stopped: so that it goes on when another one holds what it had.
DAWDLE_WEIGHTS = (20, 20, 20, 40)
LONG_HOLD = (0.8, 2.6)  # seconds: past the life of brief sessions, and past a lease that is not renewed
TRIES_TO_CONNECT = 10
FILLER = bytes(range(256)) * 8


def payload(write):
    """The bytes of a session: which write they are of, and more, so that no part of them can go unnoticed."""
    return b"%d|" % write + FILLER[:write * 7919 % len(FILLER)]


def write_in(data):
    """The write that the bytes are of, ABSENT for none, and the bytes themselves when no write has such."""
    if data is None:
        return h.ABSENT
    number = data.partition(b"|")[0]
    write = int(number) if number.isdigit() else None
    return write if write is not None and data == payload(write) else data[:40]


def outcome_of(reply):
    if isinstance(reply, Closed):
        return h.UNKNOWN
    if not isinstance(reply, RespError):
        return h.OK
    text = str(reply)
    if text.startswith("ERR stale"):
        return h.STALE
    return h.UNKNOWN if text.startswith("ERR store unavailable") else h.REFUSED


class Visitor:
    """One visitor at a time does one thing at a time, on connections that it keeps as PHP's workers do."""

    def __init__(self, seed, sockets, sessions, record):
        self._random = random.Random(seed)
        self._sockets = sockets
        self._sessions = sessions
        self._record = record
        self._connections = {}
        self._visits = [visit for weight, visit in (
            (40, self._change), (8, self._touch), (4, self._write_the_same), (8, self._close), (14, self._read),
            (4, self._ask_whether_it_exists), (3, self._destroy), (2, self._destroy_while_open), (5, self._leave),
            (3, self._change_unanswered), (3, self._open_impatiently), (1, self._hold_for_long)) for _ in range(weight)]

    async def visit(self):
        node = self._random.choice(list(self._sockets))
        connection = await self._connection(node)
        if connection is None:
            await asyncio.sleep(self._random.random() * 0.05)  # pause: of a visitor
            return
        await self._random.choice(self._visits)(node, connection, self._random.choice(self._sessions))

    async def look(self, node, session):
        """Opens a session and closes it; false when that was refused."""
        connection = await self._connection(node)
        opening, token = await self._open(node, connection, session)
        if opening:
            await self._ask(self._end(h.CLOSE, opening, connection), connection, "CLOSE", token)
        return opening is not None

    def hang_up_if_impatient(self, now):
        for connection in self._connections.values():
            if connection.asked_at is not None and now - connection.asked_at > PATIENCE:
                connection.hang_up()

    def hang_up(self):
        for connection in self._connections.values():
            connection.hang_up()

    async def _connection(self, node):
        kept = self._connections.get(node)
        if kept is None or not kept.is_open:
            try:
                kept = await Connection.to(self._sockets[node])
            except OSError:
                return None
            self._connections[node] = kept
        return kept

    def _begin(self, kind, session, node, connection, **more):
        return self._record.begin(kind, session, node, connection.number, time.monotonic(), **more)

    async def _ask(self, operation, connection, command, *arguments):
        reply = await connection.call("SESSION." + command, NAME, operation.session, *arguments)
        operation.outcome = outcome_of(reply)
        if operation.outcome != h.UNKNOWN:
            operation.end = time.monotonic()
        return reply

    async def _open(self, node, connection, session):
        """(operation, token); the operation is None when the session was not opened."""
        operation = self._begin(h.OPEN, session, node, connection)
        reply = await self._ask(operation, connection, "OPEN")
        if operation.outcome != h.OK:
            return None, None
        token, data = reply
        operation.value = write_in(data)
        return operation, token

    async def _hold(self):
        longest = self._random.choices(HOLDS, DAWDLE_WEIGHTS if self._record.is_paused else HOLD_WEIGHTS)[0]
        if longest:
            await asyncio.sleep(self._random.random() * longest)  # pause: of a visitor

    def _end(self, kind, opening, connection, **more):
        """The operation that gives the session back."""
        operation = self._begin(kind, opening.session, opening.node, connection, opening=opening, **more)
        opening.released = min(opening.released, operation.begin)
        return operation

    async def _commit(self, opening, connection, token):
        write = self._record.new_write()
        operation = self._end(h.COMMIT, opening, connection, value=write)
        await self._ask(operation, connection, "COMMIT", token, h.lifetime(opening.session), payload(write))
        if operation.outcome == h.UNKNOWN and self._random.random() < 0.7:
            await self._commit_again(operation, token)

    async def _commit_again(self, before, token):
        """As PHP does when the connection ended before the answer."""
        for _try in range(TRIES_TO_CONNECT):
            connection = await self._connection(before.node)
            if connection is not None:
                operation = self._end(h.COMMIT, before.opening, connection, value=before.value)
                data = payload(before.value)
                await self._ask(operation, connection, "COMMIT", token, h.lifetime(before.session), data)
                return
            await asyncio.sleep(0.05)  # pause: of a visitor

    async def _change(self, node, connection, session):
        opening, token = await self._open(node, connection, session)
        if opening:
            await self._hold()
            await self._commit(opening, connection, token)

    async def _touch(self, node, connection, session):
        opening, token = await self._open(node, connection, session)
        if opening:
            await self._hold()
            await self._ask(self._end(h.TOUCH, opening, connection), connection, "TOUCH", token, h.lifetime(session))

    async def _write_the_same(self, node, connection, session):
        opening, token = await self._open(node, connection, session)
        if opening and isinstance(opening.value, int):
            operation = self._end(h.TOUCH, opening, connection)
            await self._ask(operation, connection, "COMMIT", token, h.lifetime(session), payload(opening.value))
        elif opening:
            await self._commit(opening, connection, token)

    async def _close(self, node, connection, session):
        opening, token = await self._open(node, connection, session)
        if opening:
            await self._hold()
            await self._ask(self._end(h.CLOSE, opening, connection), connection, "CLOSE", token)

    async def _read(self, node, connection, session):
        operation = self._begin(h.READ, session, node, connection)
        reply = await self._ask(operation, connection, "OPEN", "READONLY")
        if operation.outcome == h.OK:
            operation.value = write_in(reply[1])

    async def _ask_whether_it_exists(self, node, connection, session):
        operation = self._begin(h.EXISTS, session, node, connection)
        operation.value = await self._ask(operation, connection, "EXISTS")

    async def _destroy(self, node, connection, session):
        operation = self._begin(h.DESTROY, session, node, connection)
        operation.value = await self._ask(operation, connection, "DESTROY")

    async def _destroy_while_open(self, node, connection, session):
        opening, token = await self._open(node, connection, session)
        if opening:
            await self._destroy(node, connection, session)
            await self._ask(self._end(h.CLOSE, opening, connection), connection, "CLOSE", token)

    async def _leave(self, node, connection, session):
        opening, _token = await self._open(node, connection, session)
        if opening:
            await self._hold()
            self._end(h.HANG_UP, opening, connection)
            connection.hang_up()

    async def _change_unanswered(self, node, connection, session):
        """Hangs up when the commit is on its way."""
        opening, token = await self._open(node, connection, session)
        if opening:
            write = self._record.new_write()
            operation = self._end(h.COMMIT, opening, connection, value=write)
            connection.send("SESSION.COMMIT", NAME, session, token, h.lifetime(session), payload(write))
            if self._random.random() < 0.5:
                await asyncio.sleep(self._random.random() * 0.003)  # pause: of a visitor
            connection.hang_up()
            await self._commit_again(operation, token)

    async def _open_impatiently(self, node, connection, session):
        """Hangs up soon, waiting or not."""
        timer = asyncio.get_running_loop().call_later(self._random.random() * 0.05, connection.hang_up_if_waiting)
        opening, token = await self._open(node, connection, session)
        timer.cancel()
        if opening:
            await self._commit(opening, connection, token)

    async def _hold_for_long(self, node, connection, session):
        opening, token = await self._open(node, connection, session)
        if opening:
            await asyncio.sleep(self._random.uniform(*LONG_HOLD))  # pause: of a visitor
            end = self._random.random()
            if end < 0.5:
                await self._commit(opening, connection, token)
            elif end < 0.75:
                operation = self._end(h.TOUCH, opening, connection)
                await self._ask(operation, connection, "TOUCH", token, h.lifetime(session))
            else:
                await self._ask(self._end(h.CLOSE, opening, connection), connection, "CLOSE", token)
