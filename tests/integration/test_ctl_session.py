"""mooringctl session: what an operator sees and does of one visitor's session."""

import base64
import hashlib
import json
import time

import pytest

from daemons import mooringctl
from node import REGION, TABLE
from processes import wait_until
from resp_client import RespClient, RespError
from sdk_handler import SdkHandler

NAME, ID = "PHPSESSID", "5b1f6c0a2e"
KEY = f"{NAME}:{hashlib.sha256(ID.encode()).hexdigest()}"
CART = b"cart|a:1:{i:7;i:2;}"
NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
           "AWS_CONFIG_FILE": "/nonexistent"}


@pytest.fixture
def dynamodb(node):
    """sessiond on an emulator; a client of its table."""
    emulator = node.start_emulator()
    node.sessiond().start()
    return node.dynamodb(emulator.endpoint)


@pytest.fixture(params=["embedded", "dynamodb"])
def store(request, node):
    if request.param == "dynamodb":
        node.start_emulator()
    node.sessiond().start()
    return request.param


def put(node, data=CART, ttl=1440):
    with RespClient(node.socket) as client:
        token, _data = client.open(ID)
        client.commit(ID, token, data, ttl)


def session(node, *arguments, exit_code=0, **more):
    done = mooringctl(node.write(), "session", *arguments, **more)
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done


def rows(node, *arguments, exit_code=0, **more):
    """{label: value} of `session show`, without the data."""
    text = session(node, "show", *arguments, exit_code=exit_code, **more).stdout.split("\n\n")[0]
    return {line[:10].strip(): line[10:] for line in text.splitlines()}


def facts(node, *arguments, exit_code=0):
    return json.loads(session(node, "show", *arguments, "--json", exit_code=exit_code).stdout)


def fault(node, *arguments, exit_code=2, **more):
    done = session(node, *arguments, exit_code=exit_code, **more)
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1
    return done.stderr


def test_a_session_is_shown_and_destroyed(node, store):
    shown = rows(node, NAME, ID, exit_code=1)
    assert (shown["session"], shown["key"]) == ("none", KEY)
    assert ("not known" in shown) == (store == "embedded")
    put(node)
    shown = rows(node, NAME, ID)
    assert (shown["session"], shown["key"], shown["data"]) == ("live", KEY, f"{len(CART)} bytes")
    assert facts(node, NAME, ID)["data_bytes"] == len(CART)
    assert session(node, "destroy", NAME, ID).stdout == f"destroyed {KEY}\n"
    assert rows(node, NAME, ID, exit_code=1)["session"] == "none"
    assert session(node, "destroy", NAME, ID, exit_code=1).stdout == f"there is no live session {KEY}\n"


def test_the_key_will_do(node, store):
    put(node)
    shown = rows(node, "--key", KEY)
    assert shown["session"] == "live" and "data" not in shown
    assert json.loads(session(node, "destroy", "--key", KEY, "--json").stdout) == {"key": KEY, "destroyed": True}
    assert json.loads(session(node, "destroy", "--key", KEY, "--json", exit_code=1).stdout)["destroyed"] is False
    assert rows(node, "--key", KEY, exit_code=1)["session"] == "none"
    assert "a key opens no session" in fault(node, "show", "--key", KEY, "--data")


def test_data_is_shown_on_request_only(node, store):
    secret = b"secret \x00\x1b[2J\xff"
    put(node, secret)
    plain = session(node, "show", NAME, ID).stdout + session(node, "show", NAME, ID, "--json").stdout
    assert "secret" not in plain and base64.b64encode(secret).decode() not in plain
    assert session(node, "show", NAME, ID, "--data").stdout.endswith("\n\nsecret \\x00\\x1b[2J\\xff\n")
    assert base64.b64decode(facts(node, NAME, ID, "--data")["data_base64"]) == secret


def test_the_largest_session(node, store):
    put(node, bytes(range(256)) * 1592)
    assert facts(node, NAME, ID)["data_bytes"] == 398 * 1024


def test_an_id_that_is_typed_stays_out_of_sight(node, store):
    put(node)
    done = session(node, "show", NAME, "-", typed=f"{ID}\n")
    assert KEY in done.stdout and ID not in done.stdout + done.stderr
    session(node, "destroy", NAME, "-", typed=f"{ID}\r\nmore")
    for typed in ("", "\n", "secret words\n", "i" * 257, "i" * 100_000):
        line = fault(node, "show", NAME, "-", typed=typed)
        assert "invalid session id" in line and "secret" not in line and "iii" not in line
    session(node, "show", NAME, "-", typed="i" * 256, exit_code=1)


def test_what_the_table_says(node, dynamodb):
    put(node)
    stored = facts(node, NAME, ID)["stored"]
    item = dynamodb.get_item(TableName=TABLE, Key={"session_id": {"S": KEY}})["Item"]
    assert stored["version"] == item["ver"]["N"]
    assert stored["expires"] == int(item["expires"]["N"])
    assert 1400 < stored["expires_in_seconds"] <= 1440
    assert abs(time.mktime(time.strptime(stored["written"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone - time.time()) < 10
    assert (stored["data_bytes"], stored["encoding"], stored["lease"]) == (len(CART), None, None)
    shown = rows(node, NAME, ID)
    assert shown["stored"] == f"{len(CART)} bytes, as it is, in {REGION}" and shown["lease"] == "nobody has it"
    assert shown["version"].startswith(item["ver"]["N"] + ", written ")
    assert shown["expires"].endswith("(in 23 min)") or shown["expires"].endswith("(in 24 min)")


def test_packed_data(node, dynamodb):
    put(node, b"words|" * 1000)
    shown = facts(node, NAME, ID)
    assert shown["data_bytes"] == 6000
    assert shown["stored"]["encoding"] == "zstd" and shown["stored"]["data_bytes"] < 1000


def test_who_has_the_lease(node, dynamodb):
    put(node)
    with RespClient(node.socket) as client:
        client.open(ID)
        before = time.monotonic()
        lease = facts(node, NAME, ID)["stored"]["lease"]
        assert time.monotonic() - before < 5, "looking waits for nobody"
        assert lease["held"] and lease["holder"] == "this node"
        assert rows(node, NAME, ID)["lease"].startswith("this node, until ")
        assert client.commit(ID, client.open(ID)[0], b"changed") == b"OK", "looking takes nothing away"
    region, until = lease["owner"].split("/")[0], int(time.time() * 1000) + 60_000
    for owner, text in ((f"{region}/0123/00", f"another node, {region}/0123/00, until "),
                        ("beef/0123/00", "free here; a node in another region, beef/0123/00 has one until ")):
        dynamodb.update_item(TableName=TABLE, Key={"session_id": {"S": KEY}},
                             UpdateExpression="SET lock_owner = :o, lock_until = :u",
                             ExpressionAttributeValues={":o": {"S": owner}, ":u": {"N": str(until)}})
        assert rows(node, NAME, ID)["lease"].startswith(text)
        assert facts(node, "--key", KEY)["stored"]["lease"]["until_ms"] == until


def test_a_page_cannot_bring_a_destroyed_session_back(node, store):
    put(node)
    with RespClient(node.socket) as client:
        token, _data = client.open(ID)
        session(node, "destroy", NAME, ID)
        with pytest.raises(RespError, match="stale"):
            client.commit(ID, token, b"back again")
    assert rows(node, NAME, ID, exit_code=1)["session"] == "none"


def test_an_expired_session_is_none(node, dynamodb):
    put(node, ttl=1)
    time.sleep(2.1)  # pause: the session expires
    shown = rows(node, NAME, ID, exit_code=1)
    assert shown["session"].startswith("none that lives") and shown["expires"].endswith(" ago)")
    session(node, "destroy", NAME, ID, exit_code=1)


def test_without_keys_sessiond_still_tells_whether_it_lives(node, dynamodb):
    put(node)
    shown = rows(node, NAME, ID, environment=NO_KEYS)
    assert shown["session"] == "live" and "no AWS credentials" in shown["not known"]
    session(node, "destroy", NAME, ID, environment=NO_KEYS)


def test_a_commit_that_only_the_journal_has(node):
    emulator = node.start_emulator()
    node.set("sessions", durability="journal", journal_file=node.folder / "journal.db")
    node.sessiond().start()
    put(node)
    with RespClient(node.socket) as client:
        token, _data = client.open(ID)
        emulator.process.pause()
        client.commit(ID, token, b"newer")
        shown = rows(node, NAME, ID)
        assert (shown["session"], shown["data"]) == ("live", "5 bytes") and REGION in shown["not known"]
        assert "store unavailable" in fault(node, "destroy", NAME, ID)
        emulator.process.resume()
        wait_until(lambda: facts(node, NAME, ID)["stored"]["data_bytes"] == 5, 10, "the table has it")
    session(node, "destroy", NAME, ID)
    assert rows(node, NAME, ID, exit_code=1)["session"] == "none"


def test_the_embedded_store_does_not_tell_more(node):
    node.sessiond().start()
    put(node)
    assert 'sessions.store = "embedded"' in rows(node, NAME, ID)["not known"]
    shown = facts(node, NAME, ID)
    assert shown["stored"] is None and "embedded" in shown["not_known_because"]


def test_sessions_of_the_sdk(node):
    emulator = node.start_emulator(create_table=False)
    node.set("sessions", schema="aws-sdk-php")
    assert mooringctl(node.write(), "table", "create").returncode == 0
    node.sessiond().start()
    put(node)
    key = f"{NAME}_{ID}"
    shown = rows(node, NAME, ID)
    assert shown["key"] == key and ", written " in shown["version"]
    handler = SdkHandler(node.dynamodb(emulator.endpoint), TABLE, locking=True)
    handler.read(NAME, ID)
    assert rows(node, NAME, ID)["lock"] == "a handler of the AWS SDK has it"
    handler.write("cart|i:1;")
    shown = rows(node, "--key", key)
    assert shown["stored"] == f"9 bytes, as it is, in {REGION}" and "the AWS SDK's handler wrote" in shown["version"]
    assert "lock" not in shown
    assert "NAME_ID" in fault(node, "show", "--key", KEY)
    session(node, "destroy", "--key", key)


def test_what_cannot_be_told(node, dynamodb):
    put(node)
    emulator, sessiond = node.processes
    emulator.kill()
    assert "store unavailable" in fault(node, "destroy", NAME, ID)
    assert "store unavailable" in fault(node, "show", NAME, ID)
    sessiond.kill()
    for command in ("show", "destroy"):
        line = fault(node, command, NAME, ID)
        assert str(node.socket) in line and "start mooring-sessiond" in line


def test_a_sessiond_that_is_full_says_so(node):
    node.set("sessions", max_connections=1)
    node.sessiond().start()
    with RespClient(node.socket) as client:
        client.call("PING")
        assert "max number of clients reached" in fault(node, "show", NAME, ID)


@pytest.mark.parametrize("arguments", [
    [], [NAME], [NAME, ID, "more"], [NAME, ID, "--key", KEY], ["--key", ID], ["--key", KEY.upper()], [NAME, "a b"],
    ["bad name", ID], [NAME, "a_b"], [NAME, "i" * 257], ["--key", f"{KEY}0"], ["--key"]])
@pytest.mark.parametrize("command", ["show", "destroy"])
def test_what_is_no_session(node, command, arguments):
    assert fault(node, command, *arguments).startswith("mooringctl: ")


def test_an_id_that_begins_with_a_dash(node):
    node.sessiond().start()
    assert session(node, "show", NAME, "--", "-x1", exit_code=1).stdout.startswith("session   none")
