"""What a region's endpoint can answer instead of the truth, byte for byte as DynamoDB does. Pure."""

import json
import re
import time
from email.utils import formatdate

CORAL = "com.amazon.coral.service#"
DYNAMO = "com.amazonaws.dynamodb.v20120810#"
FAILED = (500, DYNAMO + "InternalServerError", "The request processing has failed because of an unknown error")
ANSWERS = {
    "errors": FAILED,
    "readonly": FAILED,
    "throttle": (400, DYNAMO + "ProvisionedThroughputExceededException",
                 "The level of configured provisioned throughput for the table was exceeded"),
    "credentials": (400, CORAL + "UnrecognizedClientException", "The security token included in the request is invalid."),
    "table": (400, DYNAMO + "ResourceNotFoundException", "Requested resource not found"),
}
SIGNED_AT = re.compile(rb"(?im)^x-amz-date:[ \t]*(\d{8}T\d{6}Z)")
DATE = re.compile(rb"(?im)^date:[^\r\n]*")
WRITE = re.compile(rb"(?im)^x-amz-target:[^\r\n]*\.(?:UpdateItem|DeleteItem)[ \t]*\r?$")
LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d+)")
# AWS takes requests that were signed so long ago, or are from so far in the future.
TOLERATED = 300.0


def answer(status, kind, message, now):
    body = json.dumps({"__type": kind, "message": message}).encode()
    reason = b"Internal Server Error" if status == 500 else b"Bad Request"
    return (b"HTTP/1.1 %d %s\r\nContent-Type: application/x-amz-json-1.0\r\nDate: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (status, reason, formatdate(now, usegmt=True).encode(), len(body), body))


def concerns(fault, head):
    """Whether a request with this head meets the fault."""
    return fault != "readonly" or WRITE.search(head) is not None


def body_length(head):
    found = LENGTH.search(head)
    return int(found[1]) if found else 0


def written_key(head, body):
    """The key of the item that a request updates or deletes; None for other requests."""
    if not WRITE.search(head):
        return None
    [value] = json.loads(body)["Key"].values()
    return value["S"]


def refuse_signature(head, now):
    """What a service answers whose clock says `now`; None when the request's time is near enough."""
    found = SIGNED_AT.search(head)
    if not found:
        return None
    text = found[1].decode()
    signed_at = time.mktime(time.strptime(text + " UTC", "%Y%m%dT%H%M%SZ %Z")) - time.timezone
    if abs(signed_at - now) <= TOLERATED:
        return None
    here = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    if signed_at < now:
        limit = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now - TOLERATED))
        message = f"Signature expired: {text} is now earlier than {limit} ({here} - 5 min.)"
    else:
        limit = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now + TOLERATED))
        message = f"Signature not yet current: {text} is still later than {limit} ({here} + 5 min.)"
    return answer(400, CORAL + "InvalidSignatureException", message, now)


def with_date(head, now):
    """An answer's head with the time of a service whose clock says `now`."""
    date = b"Date: " + formatdate(now, usegmt=True).encode()
    changed, found = DATE.subn(date, head)
    return changed if found else head[:-2] + date + b"\r\n\r\n"
