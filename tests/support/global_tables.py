"""DynamoDB's tables as AWS has them in several regions, which no emulator does: global tables of version 2019.11.21 by
UpdateTable, states that take time, billing, streams, protection and recovery.

It holds no items. Each request is checked against AWS's own model of the API (botocore's) and kept in `requests`.
"""

import json
import threading
from dataclasses import dataclass, field

import botocore.session
from botocore.validate import ParamValidator

from aws_fakes import Handler, Server

TARGET = "DynamoDB_20120810."
JSON = "application/x-amz-json-1.0"
CURRENT = "2019.11.21"
OTHER = "eu-west-1"  # a second region
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}  # which replicas need


class Refusal(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def invalid(message):
    return Refusal("com.amazon.coral.validate#ValidationException", message)


def refusal(kind, message):
    return Refusal(f"com.amazonaws.dynamodb.v20120810#{kind}", message)


@dataclass
class Table:
    """In one region."""

    key: list = field(default_factory=lambda: [{"AttributeName": "session_id", "KeyType": "HASH"}])
    types: list = field(default_factory=lambda: [{"AttributeName": "session_id", "AttributeType": "S"}])
    status: str = "ACTIVE"
    looks_left: int = 0  # DescribeTable calls until what is under way is over
    on_demand: bool = True
    units: tuple = (0, 0)
    ttl: str = ""
    ttl_status: str = "DISABLED"
    stream: str = ""
    replicas: dict = field(default_factory=dict)  # region -> status
    consistency: str = "EVENTUAL"
    protected: bool = False
    recovery: bool = False

    def description(self, name):
        out = {"TableName": name, "TableStatus": self.status, "KeySchema": self.key, "AttributeDefinitions": self.types,
               "ProvisionedThroughput": {"ReadCapacityUnits": self.units[0], "WriteCapacityUnits": self.units[1],
                                         "NumberOfDecreasesToday": 0},
               "CreationDateTime": 1795189092.461, "ItemCount": 0, "DeletionProtectionEnabled": self.protected}
        if self.on_demand:
            out["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST"}
        if self.stream:
            out["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": self.stream}
        if self.replicas:
            out["GlobalTableVersion"] = CURRENT
            out["MultiRegionConsistency"] = self.consistency
            out["Replicas"] = [self._replica(region, status) for region, status in self.replicas.items()]
        return out

    def _replica(self, region, status):
        out = {"RegionName": region, "ReplicaStatus": status}
        if status == "CREATING":
            out["ReplicaStatusPercentProgress"] = str(100 - 20 * self.looks_left)
        if status == "CREATION_FAILED":
            out["ReplicaStatusDescription"] = "says the test"
        return out


class RegionHandler(Handler):
    def do_POST(self):
        body = self.body()
        target = self.headers.get("X-Amz-Target", "")
        operation = target.removeprefix(TARGET)
        try:
            self.owner.check(self.path == "/" and target.startswith(TARGET), f"POST {self.path} with target {target}")
            self.owner.check(self.headers.get("Content-Type") == JSON, f"{operation} with another content type")
            scope = f"/{self.owner.name}/dynamodb/aws4_request"
            self.owner.check(scope in self.headers.get("Authorization", ""), f"{operation} is not signed for {scope}")
            answer = self.owner.serve(operation, json.loads(body))
        except Refusal as refused:
            text = json.dumps({"__type": refused.kind, "message": str(refused)})
            self.answer(400, text, JSON)
            return
        if operation in self.owner.lost_answers:
            self.owner.lost_answers.remove(operation)
            self.close_connection = True
            return
        self.answer(200, json.dumps(answer), JSON)


class Region(Server):
    """One region's endpoint."""

    def __init__(self, world, name):
        super().__init__(RegionHandler)
        self.world, self.name = world, name
        self.tables = {}
        self.lost_answers = []  # operations that are done once without an answer
        self.denied = []  # operations that the keys may not use

    def check(self, holds, fault):
        """What AWS would not take fails the test at its end, and the request now."""
        if not holds:
            self.world.faults.append(fault)
            raise invalid(fault)

    def serve(self, operation, body):
        with self.world.lock:
            return self.world.serve(self, operation, body)


class GlobalTables:
    """The regions of one account; use with `with`. `slowness`: looks at a table until a change of it is over."""

    def __init__(self, *names, slowness=1):
        self.lock = threading.Lock()
        self.regions = {name: Region(self, name) for name in names}
        self.slowness = slowness
        self.fate = "ACTIVE"  # of new replicas
        self.legacy = False  # whether the tables are a global table of 2017
        self.requests = []  # (region, operation, body)
        self.faults = []  # what AWS would not have taken
        self._model = botocore.session.get_session().get_service_model("dynamodb")

    def __enter__(self):
        for region in self.regions.values():
            region.__enter__()
        return self

    def __exit__(self, *_error):
        for region in self.regions.values():
            region.__exit__()
        assert not self.faults, self.faults

    def endpoints(self):
        return {name: region.url for name, region in self.regions.items()}

    def changes(self):
        """What was asked for beside looks."""
        return [request for request in self.requests if not request[1].startswith("Describe")]

    def serve(self, region, operation, body):
        self.requests.append((region.name, operation, body))
        region.check(operation in self._model.operation_names, f"AWS has no {operation}")
        faults = ParamValidator().validate(body, self._model.operation_model(operation).input_shape)
        region.check(not faults.has_errors(), f"{operation} is not AWS's: {faults.generate_report()}")
        if operation in region.denied:
            raise refusal("AccessDeniedException", f"User: arn:aws:iam::1:user/x is not authorized: {operation}")
        return getattr(self, operation)(region, body)

    def _table(self, region, body):
        if body["TableName"] not in region.tables:
            raise refusal("ResourceNotFoundException", "Requested resource not found")
        return region.tables[body["TableName"]]

    def DescribeTable(self, region, body):
        table = self._table(region, body)
        answer = {"Table": table.description(body["TableName"])}
        self._pass_time(table)
        return answer

    def _pass_time(self, table):
        if table.status not in ("CREATING", "UPDATING"):
            return
        table.looks_left -= 1
        if table.looks_left <= 0:
            table.status = "ACTIVE"
            table.replicas = {region: self.fate if status == "CREATING" else status
                              for region, status in table.replicas.items()}

    def DescribeTimeToLive(self, region, body):
        table = self._table(region, body)
        named = {"AttributeName": table.ttl} if table.ttl else {}
        return {"TimeToLiveDescription": {"TimeToLiveStatus": table.ttl_status, **named}}

    def DescribeContinuousBackups(self, region, body):
        status = "ENABLED" if self._table(region, body).recovery else "DISABLED"
        return {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": {
            "PointInTimeRecoveryStatus": status}}}

    def DescribeGlobalTable(self, _region, body):
        if not self.legacy:
            raise refusal("GlobalTableNotFoundException", "Global table not found")
        return {"GlobalTableDescription": {"GlobalTableName": body["GlobalTableName"]}}

    def CreateTable(self, region, body):
        if body["TableName"] in region.tables:
            raise refusal("ResourceInUseException", f"Table already exists: {body['TableName']}")
        table = Table(key=body["KeySchema"], types=body["AttributeDefinitions"], status="CREATING",
                      looks_left=self.slowness, on_demand=body["BillingMode"] == "PAY_PER_REQUEST")
        if not table.on_demand:
            throughput = body["ProvisionedThroughput"]
            table.units = (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"])
        region.tables[body["TableName"]] = table
        return {"TableDescription": table.description(body["TableName"])}

    def UpdateTimeToLive(self, region, body):
        table, wanted = self._table(region, body), body["TimeToLiveSpecification"]
        if wanted["Enabled"] and table.ttl_status != "DISABLED":
            raise invalid("TimeToLive is already enabled")
        table.ttl, table.ttl_status = wanted["AttributeName"], "ENABLING"
        return {"TimeToLiveSpecification": wanted}

    def UpdateTable(self, region, body):
        table = self._table(region, body)
        if table.status != "ACTIVE":
            raise refusal("ResourceInUseException", "Attempt to change a resource which is still in use: " + table.status)
        if "StreamSpecification" in body:
            if table.stream:
                raise invalid("Table already has an enabled stream")
            table.stream = body["StreamSpecification"]["StreamViewType"]
        for update in body.get("ReplicaUpdates", []):
            self._add_replica(region, body["TableName"], table, update["Create"]["RegionName"])
        table.status, table.looks_left = "UPDATING", self.slowness
        return {"TableDescription": table.description(body["TableName"])}

    def _add_replica(self, region, name, table, other):
        if table.stream != STREAM["StreamViewType"]:
            raise invalid("Table must have a stream of NEW_AND_OLD_IMAGES to add a replica")
        if not table.on_demand:
            raise invalid("Table write capacity should either be Pay-Per-Request or AutoScaled.")
        if name in self.regions[other].tables:
            raise invalid(f"Failed to create a the new replica of table with name: '{name}' because one or more replicas "
                          "already existed as tables.")
        table.replicas[other] = "CREATING"
        self.regions[other].tables[name] = Table(
            key=table.key, types=table.types, ttl=table.ttl, ttl_status=table.ttl_status, stream=table.stream,
            replicas={region.name: "ACTIVE"})
