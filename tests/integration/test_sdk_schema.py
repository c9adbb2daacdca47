"""schema = "aws-sdk-php": sessiond and the session handler of the AWS SDK share a table, as while a site moves."""

import threading
import time

import pytest

from daemons import mooringctl
from resp_client import RespClient, RespError
from sdk_handler import SdkHandler, create_sdk_table

TABLE, NAME, ID = "sdk_sessions", "PHPSESSID", "ab12"


@pytest.fixture
def shared(node):
    """(RESP client, boto3 client, node)"""
    emulator = node.start_emulator(create_table=False)
    client = node.dynamodb(emulator.endpoint)
    create_sdk_table(client, TABLE)
    node.set("dynamodb", table=TABLE)
    node.set("sessions", schema="aws-sdk-php", sdk_lock_timeout="2s", lock_wait="5s")
    node.sessiond().start()
    with RespClient(node.socket) as resp:
        yield resp, client, node


def stored(client):
    return client.get_item(TableName=TABLE, Key={"id": {"S": f"{NAME}_{ID}"}}, ConsistentRead=True).get("Item")


@pytest.mark.parametrize("locking", [False, True])
def test_a_session_goes_to_and_fro(shared, locking):
    resp, client, _node = shared
    sdk = SdkHandler(client, TABLE, locking)
    assert sdk.read(NAME, ID) == ""
    sdk.write("by|s:3:\"sdk\";")
    token, data = resp.open(ID)
    assert data == b"by|s:3:\"sdk\";"
    resp.commit(ID, token, b"by|s:7:\"mooring\";")
    assert "S" in stored(client)["data"]
    assert sdk.read(NAME, ID) == "by|s:7:\"mooring\";"
    sdk.close()
    token, data = resp.open(ID)
    assert data == b"by|s:7:\"mooring\";"
    resp.commit(ID, token, b"\xff\x00")
    assert sdk.read(NAME, ID) == b"\xff\x00"
    sdk.write("")
    assert resp.open(ID, NAME, "READONLY")[1] in (b"", None)
    assert "lock" not in stored(client)


def test_a_write_of_the_sdk_in_between_is_not_overwritten(shared):
    resp, client, _node = shared
    sdk = SdkHandler(client, TABLE)
    sdk.read(NAME, ID)
    sdk.write("first")
    token, _data = resp.open(ID)
    sdk.read(NAME, ID)
    sdk.write("by the SDK")
    with pytest.raises(RespError, match="stale"):
        resp.commit(ID, token, b"late")
    assert stored(client)["data"] == {"S": "by the SDK"}


def test_an_open_waits_for_the_lock_of_the_sdk(shared):
    resp, client, _node = shared
    sdk = SdkHandler(client, TABLE, locking=True)
    sdk.read(NAME, ID)
    later = threading.Timer(0.6, sdk.write, ["written under the lock"])
    later.start()
    begin = time.monotonic()
    token, data = resp.open(ID)
    later.join()
    assert data == b"written under the lock"
    assert 0.4 < time.monotonic() - begin < 10
    resp.commit(ID, token, b"ours")
    assert sdk.read(NAME, ID) == "ours"


def test_a_lock_that_died_with_its_php_is_broken_in_time(shared):
    resp, client, _node = shared
    sdk = SdkHandler(client, TABLE, locking=True)
    sdk.read(NAME, ID)
    sdk.write("cart")
    sdk.read(NAME, ID)
    begin = time.monotonic()
    token, data = resp.open(ID)
    assert data == b"cart"
    assert 1.5 < time.monotonic() - begin < 10
    resp.commit(ID, token, b"cart and more")
    assert "lock" not in stored(client)
    assert sdk.read(NAME, ID) == "cart and more"


def test_attributes_of_others_stay(shared):
    resp, client, _node = shared
    sdk = SdkHandler(client, TABLE)
    sdk.read(NAME, ID)
    sdk.write("first")
    client.update_item(TableName=TABLE, Key={"id": {"S": f"{NAME}_{ID}"}}, UpdateExpression="SET tenant = :t",
                       ExpressionAttributeValues={":t": {"S": "shop 7"}})
    token, _data = resp.open(ID)
    resp.commit(ID, token, b"second")
    assert stored(client)["tenant"] == {"S": "shop 7"}


def test_units_are_counted_by_command(shared):
    resp, _client, _node = shared
    token, _data = resp.open(ID)
    resp.commit(ID, token, b"cart")
    text = resp.call("METRICS").decode()
    for command in ("open", "commit"):
        assert f'mooring_sessiond_capacity_units_total{{command="session.{command}"}} 1\n' in text
    info = dict(line.split(":", 1) for line in resp.call("INFO").decode().splitlines() if ":" in line)
    assert float(info["capacity_units_total"]) == 2
    assert info["schema"] == "aws-sdk-php"


def test_the_checks_of_the_table_know_its_key(shared):
    _resp, _client, node = shared
    node.sidecar().start()
    node.wait_healthz(200, 10)
    done = mooringctl(node.write(), "doctor")
    assert 'it must be' not in done.stdout + done.stderr
