"""Stands between sessiond and DynamoDB, and makes of DynamoDB what it is on a bad day."""

import asyncio
import json
import threading
from dataclasses import dataclass

from servers import LOOPBACK

NAMESPACE = "com.amazonaws.dynamodb.v20120810#"
COMMON = "com.amazon.coral.service#"


@dataclass(frozen=True)
class Fault:
    """What becomes of a request: passed on or not, then its answer after a delay, another answer, silence, or the end
    of the connection."""
    passes_on: bool = False
    delay: float = 0  # seconds
    status: int = 0
    body: bytes = b""
    is_silent: bool = False
    times: float = float("inf")  # then all is well again


def refusal(status, kind, message, namespace=NAMESPACE):
    return Fault(status=status, body=json.dumps({"__type": namespace + kind, "message": message}).encode())


IS_SLOW = Fault(passes_on=True, delay=1)
HANGS = Fault(is_silent=True)
CUTS = Fault()
LOSES_ANSWERS = Fault(passes_on=True)
LOSES_ONE_ANSWER = Fault(passes_on=True, times=1)
FAILS = refusal(500, "InternalServerError", "Internal server error")
IS_UNAVAILABLE = Fault(status=503, body=b"<html>Service Unavailable</html>")
THROTTLES = refusal(400, "ThrottlingException", "Rate of requests exceeds the allowed throughput.", COMMON)
IS_OVER_CAPACITY = refusal(400, "ProvisionedThroughputExceededException",
                           "The level of configured provisioned throughput for the table was exceeded.")
SAYS_TOO_LARGE = refusal(400, "ValidationException",
                         "Item size to update has exceeded the maximum allowed size", "com.amazon.coral.validate#")
HAS_NO_TABLE = refusal(400, "ResourceNotFoundException", "Requested resource not found")
SAYS_EXPIRED = refusal(400, "ExpiredTokenException", "The security token included in the request is expired", COMMON)


class FaultProxy:
    """Serves from a thread of its own until close(). `fault` is what befalls requests from now on, or None."""

    def __init__(self, target_port):
        self._target_port = target_port
        self.fault = None
        self.hits = 0  # requests that a fault befell
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, LOOPBACK, 0))
        self.endpoint = f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def befall(self, fault):
        self.hits = 0
        self.fault = fault

    def heal(self):
        self.fault = None

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        for left in asyncio.all_tasks(self._loop):
            left.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))  # pause: none: lets callbacks run
        self._loop.close()

    kill = close  # for Node.own()

    def _take_fault(self):
        fault = self.fault
        if fault is None:
            return None
        self.hits += 1
        if self.hits >= fault.times:
            self.fault = None
        return fault

    async def _serve(self, reader, writer):
        upstream = None
        try:
            while True:
                request = await _message(reader)
                fault = self._take_fault()
                if fault is None or fault.passes_on:
                    upstream = upstream or await asyncio.open_connection(LOOPBACK, self._target_port)
                    upstream[1].write(request)
                    answer = await _message(upstream[0])
                if fault is None:
                    writer.write(answer)
                elif fault.delay:
                    await asyncio.sleep(fault.delay)  # pause: the slow answer is the fault
                    writer.write(answer)
                elif fault.is_silent:
                    await reader.read()
                    return
                elif fault.status:
                    writer.write(_answer(fault))
                else:
                    return
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for end in (writer, *(upstream or ())[1:]):
                end.close()


async def _message(reader):
    """A request or an answer, as bytes."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = 0
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
    return head + await reader.readexactly(size)


def _answer(fault):
    return (b"HTTP/1.1 %d -\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n%s"
            % (fault.status, len(fault.body), fault.body))
