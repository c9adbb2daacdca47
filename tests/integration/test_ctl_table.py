"""mooringctl table create: on an emulator, and on AWS's global tables as tests/support/global_tables.py plays them."""

import pytest

from global_tables import OTHER, STREAM, Table
from node import REGION, TABLE
from table_tools import ctl, existing, findings, refused

PROGRESS = f"table {TABLE} in {REGION}: "


def test_create_on_an_emulator(node):
    emulator = node.start_emulator(create_table=False)
    assert TABLE in ctl(node, "create").stdout
    client = node.dynamodb(emulator.endpoint)
    table = client.describe_table(TableName=TABLE)["Table"]
    assert table["KeySchema"] == [{"AttributeName": "session_id", "KeyType": "HASH"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    ttl = client.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    assert ttl["AttributeName"] == "expires"
    assert ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
    node.sessiond().start()
    assert ctl(node, "create").stderr == "", "nothing is left to do"
    assert {level for level, _what, _remedy in findings(node, 0).values()} == {"ok"}


def test_create_for_the_schema_of_the_sdk(node):
    emulator = node.start_emulator(create_table=False)
    node.set("sessions", schema="aws-sdk-php")
    ctl(node, "create")
    table = node.dynamodb(emulator.endpoint).describe_table(TableName=TABLE)["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    findings(node, 0)
    node.set("sessions", schema="mooring")
    assert findings(node, 1)[REGION, "key"][0] == "fail"


def test_create_without_a_service(node):
    emulator = node.start_emulator(create_table=False)
    emulator.process.kill()
    done = ctl(node, "create", exit_code=1)
    assert len(done.stderr.splitlines()) == 1
    assert str(emulator.port) in done.stderr or REGION in done.stderr


def test_a_global_table_is_made_by_the_api_of_2019(node, account):
    account.slowness = 2
    node.set("region", secondary=OTHER)
    done = ctl(node, "create")
    assert done.stdout == (f"table {TABLE} in {REGION} is ready: key session_id (S), TTL on expires, on-demand billing, "
                           f"replica in {OTHER}\n")
    assert account.changes() == [
        (REGION, "CreateTable", {
            "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "session_id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "session_id", "AttributeType": "S"}]}),
        (REGION, "UpdateTimeToLive", {
            "TableName": TABLE, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires"}}),
        (REGION, "UpdateTable", {"TableName": TABLE, "StreamSpecification": STREAM}),
        (REGION, "UpdateTable", {"TableName": TABLE, "ReplicaUpdates": [{"Create": {"RegionName": OTHER}}]})]
    lines = done.stderr.splitlines()
    assert [line.removeprefix(PROGRESS) for line in lines] == [
        "creating it", "it is CREATING", 'switching TTL on for "expires"',
        "switching its stream on, which replicas are fed from", "it is UPDATING", f"adding a replica in {OTHER}",
        f"the replica in {OTHER} is CREATING (60 %)", f"the replica in {OTHER} is CREATING (80 %)"]
    assert findings(node, 0)[REGION, "replica"] == ("ok", f"{OTHER} is ACTIVE", "")
    before = len(account.changes())
    assert ctl(node, "create").stderr == ""
    assert len(account.changes()) == before, "repeated, it changes nothing"


def test_a_table_gets_only_what_it_lacks(node, account):
    existing(account, on_demand=False, units=(5, 7))
    done = ctl(node, "create")
    assert "provisioned (5 read, 7 write units) billing" in done.stdout
    assert account.changes() == []
    existing(account, stream=STREAM["StreamViewType"], ttl="", ttl_status="DISABLED")
    ctl(node, "create", "--replica", OTHER)
    assert [request[1:] for request in account.changes()] == [
        ("UpdateTimeToLive", {"TableName": TABLE,
                              "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires"}}),
        ("UpdateTable", {"TableName": TABLE, "ReplicaUpdates": [{"Create": {"RegionName": OTHER}}]})]


def test_no_replica_when_it_is_not_wanted(node, account):
    node.set("region", secondary=OTHER)
    ctl(node, "create", "--no-replica")
    assert [request[1] for request in account.changes()] == ["CreateTable", "UpdateTimeToLive"]
    assert findings(node, 1)[REGION, "replica"] == (
        "fail", f"{OTHER} has none", f"run mooringctl table create --replica {OTHER}")


def test_answers_that_are_lost_are_no_harm(node, account):
    account.regions[REGION].lost_answers = ["CreateTable", "UpdateTable"]
    ctl(node, "create", "--replica", OTHER)
    findings(node.set("region", secondary=OTHER), 0)


def test_a_replica_that_fails(node, account):
    account.fate = "CREATION_FAILED"
    line = refused(node, "create", "--replica", OTHER)
    assert f"the replica in {OTHER} is CREATION_FAILED" in line and "says the test" in line
    assert (f"aws dynamodb update-table --table-name {TABLE} --replica-updates "
            f"""'[{{"Delete":{{"RegionName":"{OTHER}"}}}}]' --region {REGION}""") in line


def test_waiting_has_an_end(node, account):
    account.slowness = 1_000_000
    line = refused(node, "create", "--wait", "1")
    assert "it is CREATING; DynamoDB goes on with it: look with mooringctl table verify" in line
    assert findings(node, 1)[REGION, "table"][0] == "fail"


def test_what_cannot_be_changed_is_left_as_it_is(node, account):
    table = existing(account, key=[{"AttributeName": "id", "KeyType": "HASH"}])
    assert "name another table in dynamodb.table" in refused(node, "create")
    table.key, table.ttl = Table().key, "until"
    assert "Enabled=false,AttributeName=until" in refused(node, "create")
    table.ttl, table.stream = "expires", "KEYS_ONLY"
    assert "--stream-specification StreamEnabled=false" in refused(node, "create", "--replica", OTHER)
    table.stream, table.on_demand = "", False
    line = refused(node, "create", "--replica", OTHER)
    assert f"aws dynamodb update-table --table-name {TABLE} --billing-mode PAY_PER_REQUEST --region {REGION}" in line
    assert not [body for _region, _operation, body in account.changes() if "BillingMode" in body]


def test_billing_is_told_and_not_changed(node, account):
    ctl(node, "create", "--billing", "provisioned", "--read-units", "5", "--write-units", "7")
    assert account.changes()[0][2]["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 7}
    before = len(account.changes())
    done = ctl(node, "create", "--billing", "on-demand", exit_code=1)
    assert "provisioned (5 read, 7 write units)" in done.stdout
    assert "--billing-mode PAY_PER_REQUEST" in done.stderr
    existing(account)
    done = ctl(node, "create", "--billing", "provisioned", "--read-units", "5", "--write-units", "7", exit_code=1)
    assert "--provisioned-throughput ReadCapacityUnits=5,WriteCapacityUnits=7" in done.stderr
    assert len(account.changes()) == before


@pytest.mark.parametrize("arguments", [["--billing", "provisioned"], ["--read-units", "5"], ["--wait", "0"],
                                       ["--billing", "free"], ["--replica", OTHER, "--no-replica"],
                                       ["--replica", REGION], ["--wait", "86401"],
                                       ["--billing", "provisioned", "--read-units", "1", "--write-units", "1",
                                        "--replica", OTHER]])
def test_wrong_arguments_of_create(node, account, arguments):
    assert refused(node, "create", *arguments, exit_code=2).startswith("mooringctl: ")
    assert account.requests == []


def test_a_table_in_the_other_region_is_not_in_the_way_unseen(node, account):
    existing(account, OTHER)
    line = refused(node, "create", "--replica", OTHER)
    assert f"""--replica-updates '[{{"Create":{{"RegionName":"{REGION}"}}}}]' --region {OTHER}""" in line
    existing(account)
    assert "which is not a replica; look at mooringctl table verify" in refused(node, "create", "--replica", OTHER)
    assert account.changes() == []


def test_keys_that_may_not(node, account):
    account.regions[REGION].denied = ["UpdateTable"]
    assert "deploy/iam-policy-table-create.json" in refused(node, "create", "--replica", OTHER)
