"""sessiond's socket, as redis-cli, PHP and hostile clients see it."""

import os
import hashlib
import signal
import subprocess
import time

import pytest

from node import SANITIZED
from processes import wait_until
from resp_client import Closed, RespClient, RespError
from servers import Dynalite, Dynoxide

MEGABYTE = 1024 * 1024


EMULATORS = {"dynoxide": Dynoxide, "dynalite": Dynalite}


@pytest.fixture(params=["embedded", *EMULATORS])
def sessiond(request, node):
    """Runs over each of the stores."""
    if request.param in EMULATORS:
        node.start_emulator(kind=EMULATORS[request.param])
    return node.sessiond().start()


def redis_cli(node, *words):
    done = subprocess.run(["redis-cli", "-s", str(node.socket), *words], capture_output=True, text=True, timeout=10,
                          check=False)
    return done.stdout.strip()


def test_redis_cli_by_hand(node):
    node.sessiond().start()
    assert redis_cli(node, "PING") == "PONG"
    assert redis_cli(node, "ping", "hello") == "hello"
    assert redis_cli(node, "ECHO", "a word") == "a word"
    assert "mooring" in redis_cli(node, "INFO").lower()
    assert "session.open" in redis_cli(node, "COMMAND").lower()
    assert "mooring_" in redis_cli(node, "METRICS")
    assert redis_cli(node, "FLUSHALL").startswith("ERR")
    assert redis_cli(node, "SESSION.OPEN", "PHPSESSID").startswith("ERR")
    assert redis_cli(node, "-2", "HELLO", "2") != ""


def test_a_session_is_kept(node, sessiond):
    data = bytes(range(256)) * 100
    with RespClient(node.socket) as client:
        token, nothing = client.open("cart1")
        assert token and nothing is None
        assert client.commit("cart1", token, data) == b"OK"
        assert client.call("SESSION.EXISTS", "PHPSESSID", "cart1") == 1
        token, stored = client.open("cart1")
        assert stored == data
        assert client.call("SESSION.TOUCH", "PHPSESSID", "cart1", token, 1440) == b"OK"
        assert client.open("cart1", "PHPSESSID", "READONLY") == (None, data)
        assert client.open("cart1", "OTHER", "READONLY") == (None, None), "another session name is another session"
    sessiond.stop()
    sessiond.start()
    with RespClient(node.socket) as client:
        assert client.open("cart1")[1] == data
        assert client.call("SESSION.DESTROY", "PHPSESSID", "cart1") == 1
        assert client.call("SESSION.DESTROY", "PHPSESSID", "cart1") == 0
        assert client.call("SESSION.EXISTS", "PHPSESSID", "cart1") == 0


def test_operators_name_a_session_by_its_key(node, sessiond):
    key = "PHPSESSID:" + hashlib.sha256(b"cart1").hexdigest()
    with RespClient(node.socket) as client:
        assert client.call("SESSION.EXISTS", key) == 0
        client.commit("cart1", client.open("cart1")[0], b"data")
        answers = [client.call(command, key) for command in ("SESSION.EXISTS", "SESSION.DESTROY", "SESSION.DESTROY")]
        assert answers == [1, 1, 0]
        for wrong in ("cart1", key + "0", "PHPSESSID:", ""):
            for command in ("SESSION.EXISTS", "SESSION.DESTROY"):
                with pytest.raises(RespError, match="invalid session key"):
                    client.call(command, wrong)
        with pytest.raises(RespError, match="wrong number of arguments"):
            client.call("SESSION.OPEN", key)


def test_an_expired_session_is_not_served(node, sessiond):
    with RespClient(node.socket) as client:
        token, _none = client.open("brief")
        client.commit("brief", token, b"soon gone", ttl=1)
        assert client.open("brief", "PHPSESSID", "READONLY")[1] == b"soon gone"
        wait_until(lambda: client.open("brief", "PHPSESSID", "READONLY") == (None, None), 5, "it has expired")
        assert client.call("SESSION.EXISTS", "PHPSESSID", "brief") == 0


def test_a_token_outlives_a_restart(node, sessiond):
    with RespClient(node.socket) as client:
        token, _none = client.open("cart")
        client.commit("cart", token, b"one")
        token, _one = client.open("cart")
    sessiond.process.kill()
    sessiond.start()
    with RespClient(node.socket) as client:
        assert client.commit("cart", token, b"two") == b"OK"
        assert client.commit("cart", token, b"two") == b"OK", "a commit whose answer was lost may be repeated"
        with pytest.raises(RespError, match="stale"):
            client.commit("cart", token, b"three")
        assert client.open("cart", "PHPSESSID", "READONLY")[1] == b"two"


@pytest.mark.parametrize("words", [
    ("SESSION.OPEN", "PHPSESSID", "../../etc/passwd"),
    ("SESSION.OPEN", "PHPSESSID", ""),
    ("SESSION.OPEN", "PHPSESSID", "a" * 257),
    ("SESSION.OPEN", "PHP SESSION", "abc"),
    ("SESSION.OPEN", "P" * 65, "abc"),
    ("SESSION.EXISTS", "PHPSESSID", b"a\0b"),
    ("SESSION.DESTROY", "PHPSESSID", "a b"),
], ids=["path", "empty", "long", "name", "long-name", "nul", "space"])
def test_ids_that_no_php_makes_are_refused(node, words):
    node.sessiond().start()
    with RespClient(node.socket) as client:
        with pytest.raises(RespError, match="^ERR "):
            client.call(*words)
        assert client.call("PING") == b"PONG", "the connection lives on"


def test_a_session_over_the_limit_leaves_the_old_one(node, sessiond):
    with RespClient(node.socket) as client:
        token, _none = client.open("big")
        client.commit("big", token, b"small")
        token, _small = client.open("big")
        with pytest.raises(RespError, match="over the limit"):
            client.commit("big", token, os.urandom(409_600))
        assert client.open("big", "PHPSESSID", "READONLY")[1] == b"small"


@pytest.mark.parametrize("garbage", [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"QUIT\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"*1\r\n$536870912\r\n",
    b"*2\r\n$4\r\nECHO\r\n$536870912\r\n" + b"x" * 1000,
    b"*1048577\r\n",
    b"*-5\r\n",
    b"*1\r\n$-1\r\n",
    b"*99999999999999999999\r\n",
    b"*1\r\n:5\r\n",
    b"*1\r\n$4\r\nPINGxx",
], ids=["http", "inline", "tls", "huge-bulk", "huge-argument", "many-words", "negative", "nil", "overflow", "integer",
        "no-end"])
def test_garbage_is_answered_and_closed_and_others_go_on(node, garbage):
    sessiond = node.sessiond().start()
    with RespClient(node.socket) as other, RespClient(node.socket) as client:
        token, _none = other.open("mine")
        client.send_bytes(garbage)
        answer = client.read_to_end()
        assert answer.startswith(b"-ERR ") and answer.endswith(b"\r\n") and answer.count(b"\r\n") == 1
        assert other.commit("mine", token, b"undisturbed") == b"OK"
    assert sessiond.process.resident_bytes() < (256 if SANITIZED else 64) * MEGABYTE


def test_one_lock_and_its_queue(node, sessiond):
    clients = [RespClient(node.socket) for _ in range(5)]
    token, _none = clients[0].open("shared")
    clients[0].commit("shared", token, b"0")
    token, _zero = clients[0].open("shared")
    for waiter in clients[1:]:
        waiter.send("SESSION.OPEN", "PHPSESSID", "shared")
        # The order of arrival is what is tested, so each has to have arrived before the next.
        assert waiter.is_silent(0.1)
    clients[0].commit("shared", token, b"0.")
    for turn, waiter in enumerate(clients[1:], 1):
        token, data = waiter.reply()
        assert data == b"0" + b"." * turn
        assert all(later.is_silent(0.02) for later in clients[turn + 1:])
        waiter.commit("shared", token, data + b".")
    for client in clients:
        client.close()


def test_a_lock_dies_with_its_connection(node, sessiond):
    with RespClient(node.socket) as waiter:
        holder = RespClient(node.socket)
        holder.open("dead")
        waiter.send("SESSION.OPEN", "PHPSESSID", "dead")
        assert waiter.is_silent(0.2)
        begin = time.monotonic()
        holder.close()
        assert waiter.reply()[0]
        assert time.monotonic() - begin < 5


def test_reset_releases_what_the_connection_holds(node):
    node.sessiond().start()
    with RespClient(node.socket) as first, RespClient(node.socket) as second:
        first.open("a")
        first.open("b")
        assert first.call("RESET") == b"RESET"
        assert second.open("a")[0] and second.open("b")[0]


def test_a_waiter_gives_up_at_lock_wait(node):
    node.set("sessions", lock_wait="500ms")
    node.sessiond().start()
    with RespClient(node.socket) as holder, RespClient(node.socket) as waiter:
        token, _none = holder.open("held")
        begin = time.monotonic()
        with pytest.raises(RespError, match="^ERR busy"):
            waiter.open("held")
        assert 0.4 < time.monotonic() - begin < 8
        assert holder.commit("held", token, b"kept") == b"OK"


def test_a_store_that_is_away_is_an_error_and_never_an_empty_session(node):
    node.set("sessions", deadline="1s")
    emulator = node.start_emulator()
    node.sessiond().start()
    with RespClient(node.socket) as client:
        token, _none = client.open("cart")
        client.commit("cart", token, b"full")
        token, _full = client.open("cart")
        emulator.process.pause()
        with pytest.raises(RespError, match="^ERR "):
            client.commit("cart", token, b"fuller")
        with pytest.raises(RespError, match="^ERR store unavailable"):
            client.open("cart")
        with pytest.raises(RespError, match="^ERR store unavailable"):
            client.call("SESSION.EXISTS", "PHPSESSID", "cart")
        emulator.process.resume()
        wait_until(lambda: client.open("cart", "PHPSESSID", "READONLY")[1] in (b"full", b"fuller"), 5, "it is back")


def test_max_connections_is_exact(node):
    node.set("sessions", max_connections=10)
    node.sessiond().start()
    clients = [RespClient(node.socket) for _ in range(10)]
    assert all(client.call("PING") == b"PONG" for client in clients)
    with RespClient(node.socket) as extra:
        assert extra.read_to_end().startswith(b"-ERR ")
    assert all(client.call("PING") == b"PONG" for client in clients)
    clients.pop().close()

    def has_room():
        with RespClient(node.socket) as late:
            try:
                return late.call("PING") == b"PONG"
            except (RespError, Closed, BrokenPipeError):
                return False

    wait_until(has_room, 2, "the place that became free is given away")
    for client in clients:
        client.close()


def test_memory(node, sessiond):
    with RespClient(node.socket) as client:
        token, _none = client.open("warm")
        client.commit("warm", token, b"x" * 1000)
    time.sleep(0.5)  # pause: what start-up needed is given back
    assert sessiond.process.resident_bytes() <= 20 * MEGABYTE
    clients = [RespClient(node.socket) for _ in range(1000)]
    assert all(client.call("PING") == b"PONG" for client in clients)
    assert sessiond.process.resident_bytes() <= 64 * MEGABYTE
    for client in clients:
        client.close()


def test_sigterm_answers_what_is_in_flight(node):
    emulator = node.start_emulator()
    sessiond = node.sessiond().start()
    with RespClient(node.socket) as idle, RespClient(node.socket) as busy:
        assert idle.call("PING") == b"PONG"
        token, _none = busy.open("flight")
        emulator.process.pause()
        busy.send("SESSION.COMMIT", "PHPSESSID", "flight", token, 1440, b"landed")
        assert busy.is_silent(0.3)
        sessiond.process.signal(signal.SIGTERM)
        assert idle.read_to_end() == b"", "an idle connection is closed"
        assert busy.is_silent(0.2) and sessiond.process.alive()
        emulator.process.resume()
        assert busy.reply() == b"OK"
    assert sessiond.process.wait(5) == 0
    assert not node.socket.exists()
    sessiond.start()
    with RespClient(node.socket) as client:
        assert client.open("flight")[1] == b"landed"


def test_a_second_signal_ends_it_at_once(node):
    emulator = node.start_emulator()
    sessiond = node.sessiond().start()
    with RespClient(node.socket) as busy:
        emulator.process.pause()
        busy.send("SESSION.OPEN", "PHPSESSID", "stuck")
        assert busy.is_silent(0.2)
        sessiond.process.signal(signal.SIGTERM)
        wait_until(lambda: "event=sessiond.draining" in sessiond.process.log_text(), 5, "the drain has begun")
        assert sessiond.process.alive()
        sessiond.process.signal(signal.SIGTERM)
        assert sessiond.process.wait(10) == 1
