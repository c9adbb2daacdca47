"""mooringctl table verify: what it finds in tables that others made."""

import pytest

from global_tables import OTHER, Table
from node import REGION, TABLE
from table_tools import ctl, existing, findings, global_table


@pytest.fixture
def two_regions(node, account):
    node.set("region", secondary=OTHER)
    global_table(account)
    return account


def test_a_good_global_table(node, two_regions):
    found = findings(node, 0)
    assert {level for level, _what, _remedy in found.values()} == {"ok"}
    assert found[REGION, "consistency"][1].endswith("(MREC)")
    assert found[OTHER, "billing"] == ("ok", "on-demand", "")
    for region in (REGION, OTHER):
        assert found[region, "deletion protection"][2].endswith(f"--deletion-protection-enabled --region {region}")
        assert found[region, "point-in-time recovery"][2].endswith(f"PointInTimeRecoveryEnabled=true --region {region}")
    assert two_regions.changes() == []


def test_protection_and_recovery_that_are_on(node, two_regions):
    table = two_regions.regions[REGION].tables[TABLE]
    table.protected = table.recovery = True
    found = findings(node, 0)
    assert found[REGION, "deletion protection"] == found[REGION, "point-in-time recovery"] == ("ok", "on", "")


def test_everything_wrong_at_once(node, two_regions):
    two_regions.regions[OTHER].tables[TABLE] = Table(
        key=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        types=[{"AttributeName": "id", "AttributeType": "N"}], on_demand=False, units=(3, 4))
    two_regions.regions[REGION].tables[TABLE].replicas[OTHER] = "REGION_DISABLED"
    found = findings(node, 1)
    assert found[OTHER, "key"][:2] == ("fail", 'has the key "id" (N) and a sort key; it must be "session_id" (S) alone. '
                                       "A key cannot be changed: name another table in dynamodb.table, and run "
                                       "mooringctl table create")
    assert found[OTHER, "ttl"][0] == "fail" and found[OTHER, "ttl"][2] == "run mooringctl table create"
    assert found[OTHER, "billing"][0] == "warn" and "3 read and 4 write units" in found[OTHER, "billing"][1]
    assert found[REGION, "replica"][0] == "fail"
    assert f"aws account enable-region --region-name {OTHER}" in found[REGION, "replica"][2]


def test_strong_consistency(node, two_regions):
    two_regions.regions[REGION].tables[TABLE].consistency = "STRONG"
    assert findings(node, 0)[REGION, "consistency"][0] == "warn"


def test_two_tables_that_are_no_global_table(node, account):
    node.set("region", secondary=OTHER)
    existing(account)
    existing(account, OTHER)
    remedy = findings(node, 1)[REGION, "replica"][2]
    assert f"aws dynamodb delete-table --table-name {TABLE} --region {OTHER}, then run" in remedy
    account.legacy = True
    assert "V2globaltables_upgrade" in findings(node, 1)[REGION, "replica"][2]
    account.regions[REGION].denied = ["DescribeGlobalTable"]
    remedy = findings(node, 1)[REGION, "replica"][2]
    assert "dynamodb:DescribeGlobalTable" in remedy and "delete" not in remedy


def test_a_region_that_is_away(node, two_regions):
    two_regions.regions[OTHER].denied = ["DescribeTable"]
    found = findings(node, 2)
    assert found[OTHER, "table"][0] == "unknown" and "AccessDenied" in found[OTHER, "table"][1]
    assert found[REGION, "replica"][0] == "ok"
    two_regions.regions[OTHER].denied = []
    two_regions.regions[REGION].denied = ["DescribeTable"]
    found = findings(node, 2)
    assert found[REGION, "table"][0] == "unknown"
    assert found[OTHER, "replica"] == ("ok", f"{REGION} is ACTIVE", "")


def test_what_the_nodes_keys_may_not_see_is_said(node, two_regions):
    two_regions.regions[REGION].denied = ["DescribeContinuousBackups"]
    level, what, remedy = findings(node, 0)[REGION, "point-in-time recovery"]
    assert level == "ok" and what.startswith("not known") and "dynamodb:DescribeContinuousBackups" in remedy


def test_no_table_and_no_service(node, account):
    assert findings(node, 1)[REGION, "table"] == (
        "fail", f"{TABLE} does not exist", "run mooringctl table create, or correct dynamodb.table")
    node.set("dynamodb", endpoints={REGION: "http://127.0.0.1:9"})
    done = ctl(node, "verify", exit_code=2)
    assert done.stdout.startswith("FAIL") and "dynamodb.endpoints" in done.stdout


def test_another_program_on_the_endpoint(node, account):
    existing(account)
    account.DescribeTable = lambda _region, _body: {"hello": "world"}
    done = ctl(node, "verify", exit_code=2)
    assert "does the endpoint speak DynamoDB? see dynamodb.endpoints" in done.stdout
