"""The hooks for AWS: the mock verifies each signature with botocore, and each body is what boto3 itself would send."""

import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.config import Config

from api_mock import Reply
from aws_mock import KEY, SECRET, AutoScaling, Ssm
from hook_cases import CASES
from hook_lab import EX_TEMPFAIL, HookLab, assert_one_line
from route53_mock import PATH, ZONE, Route53

MOCKS = {"aws-ssm-parameter": Ssm, "aws-asg-refresh": AutoScaling, "aws-route53-record": Route53}
SAME_MOVE = 600
SLACK = 60  # seconds that a run may take on a busy machine


class Aws:
    def __init__(self, hook, folder):
        self.hook, self.lab, self.api = hook, HookLab(folder), MOCKS[hook]()

    def run(self, *arguments, settings=None, **environment):
        self.lab.write(self.hook, CASES[self.hook].settings_for(self.api.url, **(settings or {})))
        return self.lab.run(self.hook, *arguments, **environment)

    def boto3(self, service, region):
        return boto3.client(service, region_name=region, endpoint_url=self.api.url, aws_access_key_id=KEY,
                            aws_secret_access_key=SECRET, config=Config(retries={"max_attempts": 0}))


def started(hook, tmp_path):
    created = Aws(hook, tmp_path)
    with created.api:
        yield created
    assert not created.api.complaints


@pytest.fixture
def ssm(tmp_path):
    yield from started("aws-ssm-parameter", tmp_path)


@pytest.fixture
def scaling(tmp_path):
    yield from started("aws-asg-refresh", tmp_path)


@pytest.fixture
def route53(tmp_path):
    yield from started("aws-route53-record", tmp_path)


def same_requests(ours, theirs):
    """Method, path, query and body; what identifies the operation in the headers."""
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs):
        assert (our.method, our.path, our.query) == (their.method, their.path, their.query)
        assert our.headers.get("x-amz-target") == their.headers.get("x-amz-target")
        if our.headers.get("x-amz-target"):
            assert our.json() == their.json() and our.headers["content-type"] == their.headers["content-type"]
        elif our.body.startswith(b"<"):
            assert ElementTree.canonicalize(our.body) == ElementTree.canonicalize(their.body)
        else:
            assert our.form() == their.form()


def test_parameter_is_changed_as_boto3_would(ssm):
    done = ssm.run()
    assert done.stdout == ("aws-ssm-parameter: did change /shop/active_region in eu-west-1 from us-east-1 "
                           "to eu-west-1\n"), done
    assert ssm.api.parameters == {("eu-west-1", "/shop/active_region"): "eu-west-1"}
    ours = list(ssm.api.requests)
    ssm.api.requests.clear()
    client = ssm.boto3("ssm", "eu-west-1")
    assert client.get_parameter(Name="/shop/active_region")["Parameter"]["Value"] == "eu-west-1"
    client.put_parameter(Name="/shop/active_region", Value="eu-west-1", Overwrite=True)
    same_requests(ours, ssm.api.requests)


def test_parameter_is_created_when_it_is_not_there(ssm):
    done = ssm.run(MOORING_TO="us-east-1")
    assert done.returncode == 0 and "did create" in done.stdout, done
    assert ssm.api.scope == ("us-east-1", "ssm"), "in the store of the region moved to"
    assert ssm.api.writes()[0].json() == {"Name": "/shop/active_region", "Value": "us-east-1", "Type": "String",
                                          "Overwrite": False}


def test_parameter_that_appears_meanwhile_is_tried_again(ssm):
    missing = ssm.api.refusal(400, "ParameterNotFound", "")
    ssm.api.fault = lambda request: None if ssm.api.is_write(request) else missing
    assert_one_line(ssm.run(), EX_TEMPFAIL, "/shop/active_region", "somebody else")


def test_parameter_with_a_value_and_a_store_of_its_own(ssm):
    settings = {"PARAMETER_REGION": "us-west-2", "VALUE_eu_west_1": "green", "VALUE_us_east_1": "blue"}
    assert ssm.run(settings=settings).returncode == 0
    assert ssm.api.parameters[("us-west-2", "/shop/active_region")] == "green"


def test_refresh_is_started_as_boto3_would(scaling):
    done = scaling.run()
    assert done.stdout == "aws-asg-refresh: did start an instance refresh of group web in eu-west-1\n", done
    assert scaling.api.tags["web"] == "eu-west-1"
    ours = list(scaling.api.requests)
    scaling.api.requests.clear()
    scaling.api.in_progress = False
    client = scaling.boto3("autoscaling", "eu-west-1")
    found = client.describe_tags(Filters=[{"Name": "auto-scaling-group", "Values": ["web"]},
                                          {"Name": "key", "Values": ["mooring:refreshed-for"]}])
    assert [tag["Value"] for tag in found["Tags"]] == ["eu-west-1"]
    assert client.describe_instance_refreshes(AutoScalingGroupName="web", MaxRecords=1)["InstanceRefreshes"]
    assert client.start_instance_refresh(AutoScalingGroupName="web", Strategy="Rolling", Preferences={
        "MinHealthyPercentage": 90, "SkipMatching": False})["InstanceRefreshId"]
    client.create_or_update_tags(Tags=[{"ResourceId": "web", "ResourceType": "auto-scaling-group",
                                        "Key": "mooring:refreshed-for", "Value": "eu-west-1",
                                        "PropagateAtLaunch": False}])
    same_requests(ours, scaling.api.requests)


def test_refresh_happens_once_for_a_move_whichever_node_runs_the_hook(scaling):
    """Each node has epochs of its own, and the second one comes when the first one's refresh has ended."""
    assert scaling.run(MOORING_EPOCH="7").returncode == 0
    scaling.api.in_progress = False
    for epoch in ("7", "5", "8"):
        scaling.api.began = [datetime.now(timezone.utc) - timedelta(seconds=SAME_MOVE - SLACK)]
        done = scaling.run(MOORING_EPOCH=epoch)
        assert done.returncode == 0 and "already" in done.stdout
    assert len(scaling.api.refreshes) == 1
    scaling.api.began = [datetime.now(timezone.utc) - timedelta(seconds=SAME_MOVE)]
    assert scaling.run(MOORING_EPOCH="5").returncode == 0
    assert len(scaling.api.refreshes) == 2, "this is another move"


def test_refresh_for_one_region_is_none_for_the_other(scaling):
    for region in ("eu-west-1", "us-east-1", "eu-west-1"):
        scaling.api.in_progress = False
        assert scaling.run(settings={"GROUP_REGION": "eu-west-1"}, MOORING_TO=region).returncode == 0
        assert scaling.api.tags["web"] == region
    assert len(scaling.api.refreshes) == 3


def test_refresh_that_waits_to_begin_counts(scaling):
    scaling.api.tags["web"], scaling.api.began = "eu-west-1", [None]
    done = scaling.run()
    assert done.returncode == 0 and "already" in done.stdout
    assert not scaling.api.writes()


def test_refresh_at_a_time_that_is_none_is_tried_again(scaling):
    scaling.api.fault = lambda request: Reply(
        200, "<DescribeInstanceRefreshesResponse><InstanceRefreshId>1</InstanceRefreshId><StartTime>now</StartTime>"
             "</DescribeInstanceRefreshesResponse>", "text/xml") if b"Refreshes" in request.body else None
    assert_one_line(scaling.run(), EX_TEMPFAIL, '"now"')
    assert not scaling.api.writes()


def test_refresh_in_progress_is_as_good_as_a_new_one(scaling):
    scaling.api.in_progress = True
    assert scaling.run().returncode == 0
    assert not scaling.api.refreshes and scaling.api.tags["web"] == "eu-west-1"


def test_refresh_is_off_unless_somebody_wants_it(scaling):
    done = scaling.run(settings={"ENABLED": "no"})
    assert done.returncode == 0 and "switched off by ENABLED" in done.stdout
    assert_one_line(scaling.run(settings={"ENABLED": ""}), 1, "ENABLED is not set", "README")
    assert not scaling.api.requests


def test_refresh_of_an_unknown_group(scaling):
    assert_one_line(scaling.run(settings={"GROUP": "absent"}), 1, "ValidationError", "not found")
    assert "absent" not in scaling.api.tags


def test_record_is_changed_as_boto3_would(route53):
    done = route53.run()
    assert done.stdout == "aws-route53-record: did change www.example.com A from 203.0.113.1 to 203.0.113.9\n", done
    ours = list(route53.api.requests)
    assert (ours[0].method, ours[0].path) == ("GET", PATH)
    assert (ours[1].method, ours[1].path) == ("POST", PATH + "/")
    route53.api.requests.clear()
    client = route53.boto3("route53", "us-east-1")
    listed = client.list_resource_record_sets(HostedZoneId=ZONE, StartRecordName="www.example.com.",
                                              StartRecordType="A", MaxItems="1")["ResourceRecordSets"]
    record = {"Name": "www.example.com", "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "203.0.113.9"}]}
    assert listed == [{**record, "Name": "www.example.com."}], "the TTL stays"
    client.change_resource_record_sets(HostedZoneId=ZONE, ChangeBatch={
        "Comment": "mooring: move 7 to eu-west-1", "Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]})
    same_requests(ours, route53.api.requests)


def test_record_with_an_asterisk(route53):
    settings = {"RECORD_NAME": "*.example.com", "RECORD_TYPE": "CNAME", "TARGET_eu_west_1": "eu.example.net"}
    assert route53.run(settings=settings).returncode == 0
    done = route53.run(settings=settings)
    assert done.returncode == 0 and "already" in done.stdout
    assert len(route53.api.writes()) == 1


def test_record_that_route53_switches_itself_is_left_alone(route53):
    assert_one_line(route53.run(settings={"RECORD_NAME": "failover.example.com"}), 1, "Failover SetIdentifier",
                    "take this hook away")
    assert not route53.api.writes()


def test_record_that_is_not_there(route53):
    assert_one_line(route53.run(settings={"RECORD_NAME": "mail.example.com"}), 1, "no record mail.example.com A",
                    "create it")
    assert_one_line(route53.run(settings={"HOSTED_ZONE_ID": "ZABSENT"}), 1, "NoSuchHostedZone")
    assert not route53.api.writes()


def test_record_with_several_values_gets_the_one(route53):
    route53.api.records[3]["Values"] = ["203.0.113.9", "203.0.113.10"]
    assert route53.run().returncode == 0
    assert route53.api.records[3]["Values"] == ["203.0.113.9"]


@pytest.mark.parametrize("hook, status, code", [
    ("aws-ssm-parameter", 400, "ThrottlingException"), ("aws-ssm-parameter", 400, "TooManyUpdates"),
    ("aws-asg-refresh", 400, "Throttling"), ("aws-asg-refresh", 500, "ResourceContention"),
    ("aws-route53-record", 400, "Throttling"), ("aws-route53-record", 400, "PriorRequestNotComplete")])
def test_being_asked_to_wait_is_tried_again(tmp_path, hook, status, code):
    aws = Aws(hook, tmp_path)
    with aws.api:
        aws.api.fault = lambda request: aws.api.refusal(status, code, "Rate exceeded")
        assert_one_line(aws.run(), EX_TEMPFAIL, code, "Rate exceeded")


@pytest.mark.parametrize("hook", sorted(MOCKS))
def test_refusals_that_a_person_has_to_mend(tmp_path, hook):
    aws = Aws(hook, tmp_path)
    with aws.api:
        aws.api.fault = lambda request: aws.api.refusal(400, "AccessDeniedException", "is not authorized to perform")
        assert_one_line(aws.run(), 1, "AccessDeniedException", "AWS_ACCESS_KEY_ID in", "it needs")
        aws.api.fault = lambda request: aws.api.refusal(400, "ExpiredTokenException", "The security token is expired")
        assert_one_line(aws.run(), 1, "ExpiredTokenException", "replace it")
        aws.api.fault = lambda request: aws.api.refusal(403, "SignatureDoesNotMatch", "Signature expired: too old")
        assert_one_line(aws.run(), 1, "set its clock")
