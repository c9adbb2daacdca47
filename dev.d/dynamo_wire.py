"""DynamoDB's JSON over one kept HTTP connection, as plain values: for the lab's own tools, which make too many requests
for boto3, and read the streams of an emulator whose short names boto3 refuses."""

import http.client
import json
import socket

TABLES = "DynamoDB_20120810"
STREAMS = "DynamoDBStreams_20120810"
TIMEOUT = 2.0
# Emulators look at the form of a signature only.
HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Date": "20250101T000000Z",
           "Authorization": "AWS4-HMAC-SHA256 Credential=LAB/20250101/lab/dynamodb/aws4_request, "
                            "SignedHeaders=host, Signature=0"}


class Refused(Exception):
    """The service answered with an error; `kind` is its name, such as ConditionalCheckFailedException."""

    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Unreachable(Exception):
    """No answer, or none that makes sense. What was asked for may have been done."""


class Wire:
    """address: (host, port). For one thread at a time."""

    def __init__(self, address):
        self._address = address
        self._connection = None

    def call(self, operation, service=TABLES, **body):
        try:
            return self._exchange(f"{service}.{operation}", body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise Unreachable(f"{operation}: {error or type(error).__name__}") from error

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def _exchange(self, target, body):
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.request("POST", "/", json.dumps(body), {**HEADERS, "X-Amz-Target": target})
        answer = self._connection.getresponse()
        found = json.loads(answer.read())
        if answer.status >= 500:
            raise OSError(f"HTTP {answer.status}")
        if answer.status != 200:
            raise Refused(found.get("__type", "").rpartition("#")[2], found.get("message") or found.get("Message"))
        return found


def create_table(wire, table, key):
    """A table with the text key `key` and the stream that replication reads."""
    wire.call("CreateTable", TableName=table, BillingMode="PAY_PER_REQUEST",
              AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
              KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
              StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})


class Stream:
    """What has been written to a table since it was created, record by record."""

    def __init__(self, wire, table):
        self._wire = wire
        self._table = table
        self._iterator = None

    def read(self):
        """The next records, none when there are no new ones. After Unreachable it goes on where it was."""
        if self._iterator is None:
            self._iterator = self._begin()
        found = self._wire.call("GetRecords", STREAMS, ShardIterator=self._iterator, Limit=1000)
        self._iterator = found["NextShardIterator"]
        return found["Records"]

    def _begin(self):
        arn = self._wire.call("DescribeTable", TableName=self._table)["Table"]["LatestStreamArn"]
        [shard] = self._wire.call("DescribeStream", STREAMS, StreamArn=arn)["StreamDescription"]["Shards"]
        return self._wire.call("GetShardIterator", STREAMS, StreamArn=arn, ShardId=shard["ShardId"],
                               ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
