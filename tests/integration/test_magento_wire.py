"""Stock Magento 2 (Cm_RedisSession): the command sequences as traced from the real client, over sessiond's socket."""

import time

import pytest

from magento_client import SESSION, Magento
from resp_client import Closed, RespClient, RespError
from servers import Dynoxide

OTHER_NAMES = ("PHPSESSID", "cart1")


@pytest.fixture
def php(node):
    opened = []

    def start(pid, lower=False):
        opened.append(Magento(node, pid, lower))
        return opened[-1]

    yield start
    for request in opened:
        request.close()


@pytest.fixture
def sessiond(node):
    return node.sessiond().start()


def stored(node):
    with RespClient(node.socket) as client:
        return client.open("cart1", "PHPSESSID", "READONLY")[1]


def dynamodb_requests(node):
    with RespClient(node.socket) as client:
        text = client.call("METRICS").decode()
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if line.startswith("mooring_dynamodb_requests_total"))


@pytest.mark.parametrize("lower", [False, True])
def test_requests_one_after_the_other(node, sessiond, php, lower):
    first = php("web|1", lower)
    assert first.read() == (None, None)
    assert first.write(b"one") == [b"OK", b"OK", 1, 1]
    first.close()
    assert stored(node) == b"one", "as it is, for any other client"
    second = php("web|2", lower)
    data, writes = second.read()
    assert data == b"one"
    assert int(writes) > 1, "what exists gets its full life"
    assert second.write(b"two") == [b"OK", b"OK", 3, 1]
    with RespClient(node.socket) as client:
        assert 7190 < client.call("TTL", "PHPREDIS_SESSION:cart1") <= 7200
    assert second.pipeline(("SELECT", 0), ("UNLINK", SESSION)) == [b"OK", 1]
    assert second.pipeline(("SELECT", 0), ("DEL", SESSION)) == [b"OK", 0]
    assert stored(node) is None


def test_one_request_costs_one_read_and_one_write(node, php):
    node.start_emulator(kind=Dynoxide)
    node.sessiond().start()
    before = dynamodb_requests(node)
    request = php("web|1")
    request.read()
    assert dynamodb_requests(node) == before + 2, "there is no lease of a new session; that it is new takes a read"
    assert request.write(b"one")[1] == b"OK"
    assert dynamodb_requests(node) == before + 3
    request.close()
    request = php("web|2")
    assert request.read()[0] == b"one"
    assert dynamodb_requests(node) == before + 4, "the lease comes with the data"
    assert request.write(b"two")[1] == b"OK"
    assert dynamodb_requests(node) == before + 5, "and goes with it"


def test_contention(node, sessiond, php):
    holder, waiter = php("web|1"), php("web|2")
    holder.read()
    begin = time.monotonic()
    assert waiter.try_lock() > 1
    assert 0.4 < time.monotonic() - begin < 5, "the answer comes before the client's read timeout"
    assert waiter.call("HINCRBY", SESSION, "wait", 1) == 1
    assert waiter.call("HGET", SESSION, "pid") == b"web|1"
    waiter.send("HINCRBY", SESSION, "lock", 1)
    assert holder.write(b"by 1") == [b"OK", b"OK", 1, 1]
    begin = time.monotonic()
    assert waiter.client.reply() == 1
    assert time.monotonic() - begin < 5, "at once, and not when the wait is over"
    assert waiter.after_lock(waited=True)[0] == b"by 1"
    assert waiter.call("HINCRBY", SESSION, "wait", 0) == 0
    assert waiter.write(b"by 2")[1] == b"OK"
    assert stored(node) == b"by 2"


def test_too_many_waiters(sessiond, php):
    holder = php("web|0")
    holder.read()
    waiters = [php(f"web|{number}") for number in range(1, 7)]
    for number, waiter in enumerate(waiters, 1):
        assert waiter.call("HINCRBY", SESSION, "wait", 1) == number
    assert waiters[5].call("HINCRBY", SESSION, "wait", -1) == 5
    assert waiters[5].call("HMGET", SESSION, "writes", "req") == [None, b"GET /cart"]
    waiters[0].close()
    waiters[1].close()
    deadline = time.monotonic() + 5
    while waiters[5].call("HINCRBY", SESSION, "wait", 0) != 3:
        assert time.monotonic() < deadline, "waiters that died are not counted"


def test_a_killed_holder_frees_the_session_at_once(sessiond, php):
    holder, waiter = php("web|1"), php("web|2")
    holder.read()
    waiter.send("HINCRBY", SESSION, "lock", 1)
    assert waiter.client.is_silent(0.1)
    begin = time.monotonic()
    holder.close()
    assert waiter.client.reply() == 1
    assert time.monotonic() - begin < 5
    assert waiter.call("HGET", SESSION, "pid") is None


def test_break(node, sessiond, php):
    slow, breaker = php("web|1"), php("web|2")
    slow.read()
    assert breaker.try_lock() > 1
    assert breaker.call("HINCRBY", SESSION, "wait", 1) == 1
    assert breaker.call("HGET", SESSION, "pid") == b"web|1"
    # break_after has passed: it reads, and declares the lock its own.
    assert breaker.call("HMGET", SESSION, "data", "writes") == [None, None]
    assert breaker.call("HINCRBY", SESSION, "wait", -1) == 0
    assert breaker.call("HGET", SESSION, "req") == b"GET /cart"
    assert breaker.pipeline(("HMSET", SESSION, "pid", "web|2", "lock", 1, "req", "GET /"),
                            ("EXPIRE", SESSION, 21600)) == [b"OK", 1]
    assert slow.write(b"too late") is None, "the client itself sees that it has lost the lock"
    replies = slow.pipeline(("HMSET", SESSION, "data", b"too late", "lock", 0), ("EXPIRE", SESSION, 100))
    assert "stale" in str(replies[0]) and replies[1] == 0, "and if it does not look, it is refused"
    assert breaker.write(b"by 2")[1] == b"OK"
    assert slow.write(b"later still")[1].args[0].startswith("ERR stale"), "it has read an older version"
    assert stored(node) == b"by 2"


def test_break_in_the_moment_in_which_the_holder_stores(node, sessiond, php):
    slow, breaker = php("web|1"), php("web|2")
    slow.read()
    assert breaker.try_lock() > 1
    assert breaker.call("HMGET", SESSION, "data", "writes") == [None, None]
    assert slow.write(b"just in time")[1] == b"OK"
    assert breaker.pipeline(("HMSET", SESSION, "pid", "web|2", "lock", 1, "req", "GET /"),
                            ("EXPIRE", SESSION, 21600)) == [b"OK", 1]
    assert "stale" in str(breaker.write(b"from what it read before")[1])
    assert stored(node) == b"just in time"
    third = php("web|3")
    assert third.read()[0] == b"just in time", "a refused save ends its lock too"


def test_a_holder_that_another_process_found_dead(sessiond, php):
    holder, waiter = php("web|1"), php("web|2")
    holder.read()
    assert waiter.try_lock() > 1
    assert waiter.call("HSET", SESSION, "lock", 0) == 0
    assert waiter.try_lock() == 1
    assert waiter.after_lock() == (None, None)
    assert holder.write(b"of the dead") is None


def test_locking_disabled(node, sessiond, php):
    one, two = php("web|1"), php("web|2")
    for request in (one, two):
        assert request.call("HMGET", SESSION, "data", "writes") == [None, None]
    assert one.write(b"first")[1] == b"OK"
    assert "stale" in str(two.write(b"from what it read before")[1])
    assert stored(node) == b"first"


def test_other_clients_keep_out_of_a_held_session(node, sessiond, php):
    holder = php("web|1")
    holder.read()
    with RespClient(node.socket) as native:
        native.send("SESSION.OPEN", *OTHER_NAMES)
        assert native.is_silent(0.2)
        holder.write(b"by Magento")
        assert native.reply()[1] == b"by Magento"
        assert php("web|2").try_lock() > 1
        assert php("web|3").call("HGET", SESSION, "pid") is None


def test_a_large_session_in_pieces_is_stored_once(node, sessiond, php):
    request = php("web|1")
    request.read()
    data = bytes(range(256)) * 1400
    assert request.write(data)[1] == b"OK"
    assert stored(node) == data
    request.read()
    assert "over the limit" in str(request.write(b"x" * 408_000)[1])
    assert stored(node) == data


def test_without_expire_the_write_is_done_at_the_end_of_the_pipeline(node, sessiond, php):
    request = php("web|1")
    request.read()
    assert request.call("HSET", SESSION, "data", b"one") == 0
    assert stored(node) == b"one"
    with RespClient(node.socket) as client:
        assert 21500 < client.call("TTL", "PHPREDIS_SESSION:cart1") <= 21600, "the expiry that the lock came with"
    assert request.pipeline(("HMSET", SESSION, "data", b"two"), ("PING",), ("EXPIRE", SESSION, 100)) == \
        [b"OK", b"PONG", 1]
    assert stored(node) == b"two"


def test_the_store_is_down(node, php):
    emulator = node.start_emulator(kind=Dynoxide)
    node.set("sessions", deadline="1s")
    node.sessiond().start()
    holder = php("web|1")
    holder.read()
    emulator.process.stop()
    replies = holder.write(b"lost")
    assert "store unavailable" in str(replies[1]) and replies[2:] == [1, 0], "no +OK for what is not stored"
    with pytest.raises(RespError, match="^ERR store unavailable"):
        php("web|2").try_lock()


@pytest.mark.parametrize("session_id", ["../x", "a b", "x" * 300])
def test_ids_that_php_never_makes(sessiond, php, session_id):
    request, key = php("web|1"), "sess_" + session_id
    assert request.call("HINCRBY", key, "lock", 1) == 1
    assert request.call("HMGET", key, "data", "writes") == [None, None]
    assert request.pipeline(("HMSET", key, "pid", "web|1", "lock", 1), ("EXPIRE", key, 100)) == [b"OK", 0]
    assert request.call("HGET", key, "pid") is None
    replies = request.pipeline(("HMSET", key, "data", b"x", "lock", 0), ("HINCRBY", key, "writes", 1),
                               ("EXPIRE", key, 100))
    assert "invalid session id" in str(replies[0]) and replies[1:] == [1, 0]


def test_what_a_hash_here_cannot_do(sessiond, php):
    request = php("web|1")
    for words in (("HINCRBY", SESSION, "data", 1), ("HINCRBY", SESSION, "wait", "9223372036854775807"),
                  ("HDEL", SESSION, "data"), ("HSET", SESSION, "data", "x", "lock")):
        with pytest.raises(RespError):
            request.call(*words)
    request.read()
    assert request.call("HDEL", SESSION, "lock") == 1
    assert request.call("HDEL", SESSION, "lock") == 0
    request.call("QUIT")
    with pytest.raises(Closed):
        request.client.reply()
