"""DynamoDB's JSON over one kept HTTP connection, as plain values: for the lab's own tools, which make too many requests
for boto3."""

import http.client
import json
import socket

SERVICE = "DynamoDB_20120810"
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

    def call(self, operation, **body):
        try:
            return self._exchange(f"{SERVICE}.{operation}", body)
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
    """A table with the text key `key`."""
    wire.call("CreateTable", TableName=table, BillingMode="PAY_PER_REQUEST",
              AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
              KeySchema=[{"AttributeName": key, "KeyType": "HASH"}])


def all_items(wire, table, key):
    """{key: item} of the whole table."""
    found, rest = {}, {}
    while True:
        page = wire.call("Scan", TableName=table, ConsistentRead=True, **rest)
        found |= {item[key]["S"]: item for item in page["Items"]}
        if "LastEvaluatedKey" not in page:
            return found
        rest = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
