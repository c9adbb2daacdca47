"""sessiond as a Redis server: what php-redis's session handler sends, and redis-cli and redis-benchmark."""

import signal
import time

import pytest

from processes import wait_until
from redis_tools import redis_benchmark, redis_cli
from resp_client import RespClient, RespError

KEY = "PHPREDIS_SESSION:cart1"
LOCK = KEY + "_LOCK"
SHA = "b70c2384248f88e6b75b9f89241a180f856ad852"
SCRIPT = 'if redis.call("get",KEYS[1]) == ARGV[1] then return redis.call("del",KEYS[1]) else return 0 end'


@pytest.fixture(params=["embedded", "dynamodb"])
def sessiond(request, node):
    if request.param == "dynamodb":
        node.start_emulator()
    node.set("sessions", lock_wait="2s")
    return node.sessiond().start()


@pytest.fixture
def one(node, sessiond):
    with RespClient(node.socket) as client:
        yield client


@pytest.fixture
def two(node, sessiond):
    with RespClient(node.socket) as client:
        yield client


def test_both_handlers_share_sessions(one, two):
    assert one.call("GET", KEY) is None
    assert one.call("SETEX", KEY, 1440, b"cart\x00") == b"OK"
    token, data = two.open("cart1")
    assert data == b"cart\x00"
    two.commit("cart1", token, b"more")
    assert one.call("get", KEY) == b"more"
    assert one.call("DEL", KEY) == 1
    assert one.call("UNLINK", KEY) == 0
    assert one.call("EXISTS", KEY, KEY) == 0


def test_expiry(one):
    assert one.call("TTL", KEY) == -2
    assert one.call("EXPIRE", KEY, 100) == 0
    assert one.call("SET", KEY, "x", "EX", 100) == b"OK"
    assert 98 <= one.call("TTL", KEY) <= 100
    assert 98_000 <= one.call("PTTL", KEY) <= 100_000
    assert one.call("EXPIRE", KEY, 1000) == 1
    assert 998 <= one.call("TTL", KEY) <= 1000
    assert one.call("GETEX", KEY, "EX", 5000) == b"x"
    assert 4998 <= one.call("TTL", KEY) <= 5000
    assert one.call("STRLEN", KEY) == 1
    assert one.call("EXPIRE", KEY, 0) == 1
    assert one.call("GET", KEY) is None
    assert one.call("SET", KEY, "x") == b"OK"
    assert 1438 <= one.call("TTL", KEY) <= 1440
    for words in (("SETEX", KEY, 0, "x"), ("SETEX", KEY, "9223372036854775807", "x"), ("SET", KEY, "x", "GET"),
                  ("EXPIRE", KEY, "9223372036854775807")):
        with pytest.raises(RespError):
            one.call(*words)


def test_set_nx_and_xx(one):
    assert one.call("SET", KEY, "b", "XX") is None
    assert one.call("SET", KEY, "a", "NX", "EX", 100) == b"OK"
    assert one.call("SET", KEY, "b", "NX", "EX", 100) is None
    assert one.call("SET", KEY, "b", "XX", "EX", 100) == b"OK"
    assert one.call("GET", KEY) == b"b"


def test_what_was_read_must_still_be_stored(one, two):
    one.call("SETEX", KEY, 100, "first")
    assert one.call("GET", KEY) == b"first"
    assert two.call("GET", KEY) == b"first"
    assert two.call("SETEX", KEY, 100, "newer") == b"OK"
    with pytest.raises(RespError, match="stale"):
        one.call("SETEX", KEY, 100, "older")
    with pytest.raises(RespError, match="stale"):
        one.call("SETEX", KEY, 100, "a second try is no newer")
    assert one.call("GET", KEY) == b"newer"
    assert one.call("SETEX", KEY, 100, "newest") == b"OK"
    # Not read on this connection since: the last writer wins, as in Redis.
    assert two.call("SETEX", KEY, 100, "blind") == b"OK"
    assert one.call("GET", KEY) == b"blind"


def test_unchanged_data_is_only_touched(node, one, two):
    one.call("SETEX", KEY, 1000, "same")
    token, _data = two.open("cart1")
    two.call("SESSION.CLOSE", "PHPSESSID", "cart1", token)
    assert one.call("GET", KEY) == b"same"
    assert one.call("SETEX", KEY, 2000, "same") == b"OK"
    assert two.commit("cart1", token, b"the version did not change") == b"OK"


def test_lock_and_release(one, two):
    assert one.call("SET", LOCK, "host|1", "NX", "PX", 30_000) == b"OK"
    assert two.call("EXISTS", LOCK) == 1
    assert two.call("GET", LOCK) == b"host|1"
    assert 29_000 < two.call("PTTL", LOCK) <= 30_000
    assert 29 <= two.call("TTL", LOCK) <= 30
    assert one.call("SET", LOCK, "host|2", "NX") is None, "another secret on the same connection"
    assert one.call("SET", LOCK, "host|1", "NX", "PX", 30_000) == b"OK", "the same process again"
    assert two.call("EVALSHA", SHA, 1, LOCK, "host|1") == 0, "not from another connection"
    assert two.call("DEL", LOCK) == 0
    assert one.call("EVALSHA", SHA, 1, LOCK, "host|2") == 0
    assert one.call("EVALSHA", SHA, 1, LOCK, "host|1") == 1
    assert one.call("EVALSHA", SHA, 1, LOCK, "host|1") == 0
    assert two.call("EXISTS", LOCK) == 0
    for release in (("EVAL", SCRIPT, 1, LOCK, "s"), ("DELEX", LOCK, "IFEQ", "s"), ("DELIFEQ", LOCK, "s"), ("DEL", LOCK)):
        assert two.call("SET", LOCK, "s", "NX") == b"OK"
        assert two.call("TTL", LOCK) == -1
        assert two.call(*release) == 1
    one.send("EVALSHA", "0" * 40, 1, LOCK, "s")
    with pytest.raises(RespError, match="^NOSCRIPT "):
        one.reply()
    with pytest.raises(RespError, match="^ERR "):
        one.call("EVAL", "return 1", 0)
    with pytest.raises(RespError, match="NX"):
        one.call("SET", LOCK, "s")


def test_waiters_are_queued(node, sessiond):
    clients = [RespClient(node.socket) for _ in range(4)]
    for number, client in enumerate(clients):
        client.send("SET", LOCK, f"host|{number}", "NX", "PX", 30_000)
        assert number == 0 or client.is_silent(0.05)
    for number, client in enumerate(clients):
        assert client.reply() == b"OK"
        data = client.call("GET", KEY)
        assert (data or b"") == b"".join(b"%d" % before for before in range(number))
        assert all(other.is_silent(0.02) for other in clients[number + 1:])
        if number == 2:
            client.close()  # killed: what it had not stored is not there
            clients[2] = client = RespClient(node.socket)
            clients[3].reply()
            assert clients[3].call("GET", KEY) == b"01"
            break
        assert client.call("SETEX", KEY, 100, (data or b"") + b"%d" % number) == b"OK"
        assert client.call("EVALSHA", SHA, 1, LOCK, f"host|{number}") == 1
    for client in clients:
        client.close()


def test_a_wait_ends_with_nil_and_repeats_cost_no_time(one, two):
    one.call("SET", LOCK, "a", "NX", "PX", 30_000)
    begin = time.monotonic()
    assert two.call("SET", LOCK, "b", "NX", "PX", 30_000) is None
    assert 1.9 < time.monotonic() - begin < 9
    begin = time.monotonic()
    for _ in range(10):
        assert two.call("SET", LOCK, "b", "NX", "PX", 30_000) is None
    assert time.monotonic() - begin < 9, "ten waits would take 20 s"
    assert two.call("GET", KEY) is None, "it may read"
    with pytest.raises(RespError, match="stale"):
        two.call("SETEX", KEY, 100, "past the lock")
    assert one.call("SETEX", KEY, 100, "mine") == b"OK"


def test_a_lock_expires_while_its_connection_is_idle(one, two):
    one.call("SET", LOCK, "a", "NX", "PX", 300)
    one.call("GET", KEY)
    begin = time.monotonic()
    assert two.call("SET", LOCK, "b", "NX", "PX", 30_000) == b"OK"
    assert 0.1 < time.monotonic() - begin < 10, "long before the 30 s that it asks for"
    assert one.call("GET", LOCK) == b"b", "php-redis sees that its lock is lost"
    with pytest.raises(RespError, match="stale"):
        one.call("SETEX", KEY, 100, "too late")
    assert one.call("EVALSHA", SHA, 1, LOCK, "a") == 0
    assert two.call("SETEX", KEY, 100, "in time") == b"OK"
    assert two.call("GET", KEY) == b"in time"


def test_a_save_hands_the_lock_over_and_a_second_one_overwrites_nobody(one, two):
    one.call("SET", LOCK, "a", "NX")
    one.call("GET", KEY)
    assert one.call("SETEX", KEY, 100, "first") == b"OK"
    assert one.call("GET", LOCK) == b"a"
    assert one.call("SETEX", KEY, 100, "second") == b"OK"
    assert two.call("SET", LOCK, "b", "NX") == b"OK"
    assert two.call("GET", KEY) == b"second"
    assert two.call("SETEX", KEY, 100, "of two") == b"OK"
    with pytest.raises(RespError, match="stale"):
        one.call("SETEX", KEY, 100, "third")
    assert one.call("EVALSHA", SHA, 1, LOCK, "a") == 1, "the release is answered as php-redis expects"
    assert one.call("GET", KEY) == b"of two"


def test_reset_and_native_locks(one, two):
    one.call("SET", LOCK, "a", "NX")
    one.call("RESET")
    token, _data = two.open("cart1")
    one.send("SET", LOCK, "a", "NX")
    assert one.is_silent(0.2)
    two.commit("cart1", token, b"native")
    assert one.reply() == b"OK"
    assert one.call("GET", KEY) == b"native"
    with pytest.raises(RespError, match="stale"):
        two.call("SETEX", KEY, 100, "past the lock")


def test_a_persistent_connection_starts_anew_with_each_request(one, two):
    one.call("SET", LOCK, "a", "NX")
    assert one.call("ECHO", "phpredis:0123:4567") == b"phpredis:0123:4567"
    assert two.call("SET", LOCK, "b", "NX") == b"OK"
    assert two.call("ECHO", "anything else") == b"anything else"
    assert one.call("EXISTS", LOCK) == 1


def test_early_refresh_extends_with_the_release(one, two):
    one.call("SETEX", KEY, 100, "x")
    one.call("SET", LOCK, "a", "NX")
    assert one.call("GETEX", KEY, "EX", 1000) == b"x"
    assert one.call("EVALSHA", SHA, 1, LOCK, "a") == 1
    assert two.call("TTL", KEY) > 900


@pytest.mark.parametrize("session_id", ["../../etc/passwd", "a\0b", "x" * 3000, "\u2603", ""])
def test_ids_that_php_never_makes(one, session_id):
    key = "PHPREDIS_SESSION:" + session_id
    assert one.call("GET", key) is None
    assert one.call("EXISTS", key) == 0
    assert one.call("EXPIRE", key, 10) == 0
    assert one.call("TTL", key) == -2
    assert one.call("DEL", key) == 0
    assert one.call("SET", key + "_LOCK", "a", "NX", "PX", 1000) is None
    assert one.call("EVALSHA", SHA, 1, key + "_LOCK", "a") == 0
    for words in (("SETEX", key, 10, "x"), ("SET", key, "x")):
        with pytest.raises(RespError, match="^ERR "):
            one.call(*words)


def test_prefixes(node):
    node.sections["sessions.redis"] = {"prefixes": {'"a:"': "SHOP"}}
    node.sessiond().start()
    with RespClient(node.socket) as client:
        client.call("SETEX", "a:1", 100, "of shop")
        assert client.open("1", "SHOP")[1] == b"of shop"
        client.call("SETEX", "b:1", 100, "of b")
        assert client.open("1", "b")[1] == b"of b"
        with pytest.raises(RespError, match="sessions.redis.prefixes"):
            client.call("SETEX", "1", 100, "x")


def test_password(node):
    password = node.folder / "redis-password"
    password.write_text("sesame\n", encoding="utf-8")
    node.sections["sessions.redis"] = {"password_file": password}
    node.sessiond().start()
    with RespClient(node.socket) as client:
        assert client.call("PING") == b"PONG"
        for words in (("GET", KEY), ("SETEX", KEY, 10, "x"), ("HGET", "sess_a", "data")):
            with pytest.raises(RespError, match="^ERR authentication required"):
                client.call(*words)
        with pytest.raises(RespError, match="^ERR invalid password"):
            client.call("AUTH", "wrong")
        assert client.call("AUTH", "anybody", "sesame") == b"OK"
        assert client.call("GET", KEY) is None


def test_connection_commands(one):
    assert one.call("AUTH", "anything") == b"OK"
    assert one.call("SELECT", 15) == b"OK"
    assert one.call("CLIENT", "SETNAME", "me") == b"OK"
    assert one.call("CLIENT", "GETNAME") == b"me"
    assert one.call("CLIENT", "ID") > 0
    assert one.call("CLIENT", "SETINFO", "LIB-NAME", "x") == b"OK"
    assert one.call("COMMAND", "COUNT") > 30


def test_redis_cli(node, sessiond):
    assert redis_cli(node, "SET", KEY, "value", "EX", "100") == "OK"
    assert redis_cli(node, "GET", KEY) == "value"
    assert int(redis_cli(node, "TTL", KEY)) > 90
    assert redis_cli(node, "EXPIRE", KEY, "1000") == "1"
    assert redis_cli(node, "INFO", "server").startswith("# Server")
    assert redis_cli(node, "DEL", KEY) == "1"


def test_redis_benchmark(node, sessiond):
    done = redis_benchmark(node, "-t", "ping,get,set", "-n", "1000", "-c", "20", "-r", "100000")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(f'"{kind}"' in done.stdout for kind in ("PING_MBULK", "GET", "SET"))


def test_a_drain_waits_for_the_release_that_follows_a_save(one, sessiond):
    assert one.call("SET", LOCK, "web|1", "NX") == b"OK"
    sessiond.process.signal(signal.SIGTERM)
    wait_until(lambda: "event=sessiond.draining" in sessiond.process.log_text(), 5, "the drain has begun")
    assert one.call("SETEX", KEY, 1440, b"cart") == b"OK"
    assert one.call("EVALSHA", SHA, 1, LOCK, "web|1") == 1
    assert sessiond.process.wait(5) == 0
