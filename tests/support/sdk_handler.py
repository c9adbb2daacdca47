"""What the session handler of the AWS SDK for PHP (aws-sdk-php/src/DynamoDb, version 3) sends, call by call, with boto3."""

import random
import time

from botocore.exceptions import ClientError


class SdkHandler:
    """One visitor's requests. `locking` is LockingSessionConnection, without it StandardSessionConnection."""

    def __init__(self, client, table, locking=False, lifetime=1440, max_wait=10.0):
        self.client, self.table, self.locking = client, table, locking
        self.lifetime, self.max_wait = lifetime, max_wait
        self.read_units = self.write_units = 0.0
        self._key, self._read, self._written = None, "", False

    @staticmethod
    def key_of(name, session_id):
        return f"{name}_{session_id}".strip("_")

    def read(self, name, session_id):
        """SessionHandler::read: the data, or "" for every kind of nothing."""
        self._key, self._written = {"id": {"S": self.key_of(name, session_id)}}, False
        item = self._lock_and_read() if self.locking else self._plain_read()
        self._read = ""
        if "expires" in item and "data" in item:
            if int(item["expires"]["N"]) <= time.time():
                self.delete()
            else:
                self._read = next(iter(item["data"].values()))
        return self._read

    def write(self, data):
        """SessionHandler::write: always the expiry; the data when it has changed; the lock goes."""
        updates = {"expires": {"Value": {"N": str(int(time.time()) + self.lifetime)}}, "lock": {"Action": "DELETE"}}
        if data != self._read:
            typed = {"B": data} if isinstance(data, bytes) else {"S": data}
            updates["data"] = {"Value": typed} if data else {"Action": "DELETE"}
        self._update(AttributeUpdates=updates)
        self._written = True

    def close(self):
        """SessionHandler::close: a session that was not written is touched, which also gives up its lock."""
        if not self._written:
            self._update(AttributeUpdates={"expires": {"Value": {"N": str(int(time.time()) + self.lifetime)}},
                                           "lock": {"Action": "DELETE"}})

    def delete(self):
        answer = self.client.delete_item(TableName=self.table, Key=self._key, ReturnConsumedCapacity="TOTAL")
        self.write_units += answer["ConsumedCapacity"]["CapacityUnits"]

    def _plain_read(self):
        answer = self.client.get_item(TableName=self.table, Key=self._key, ConsistentRead=True,
                                      ReturnConsumedCapacity="TOTAL")
        self.read_units += answer["ConsumedCapacity"]["CapacityUnits"]
        return answer.get("Item", {})

    def _lock_and_read(self):
        give_up = time.monotonic() + self.max_wait
        while True:
            try:
                return self._update(Expected={"lock": {"Exists": False}}, ReturnValues="ALL_NEW",
                                    AttributeUpdates={"lock": {"Value": {"N": "1"}}})["Attributes"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
            if time.monotonic() > give_up:
                return {}
            time.sleep(random.uniform(0.01, 0.05))  # pause: as the SDK does between two tries

    def _update(self, **parts):
        answer = self.client.update_item(TableName=self.table, Key=self._key, ReturnConsumedCapacity="TOTAL", **parts)
        self.write_units += answer["ConsumedCapacity"]["CapacityUnits"]
        return answer


def create_sdk_table(client, table):
    client.create_table(TableName=table, BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
