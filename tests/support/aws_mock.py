"""SSM, Auto Scaling and Route 53, as far as the hooks use them. Every signature is computed again by botocore.

boto3 itself can talk to this mock, and a test lets it, so that its answers are known to be AWS's.
"""

import hashlib
import re
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import escape

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api_mock import MockApi, Reply

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
CLOCK_TOLERANCE = timedelta(minutes=5)
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([0-9]{8})/([^/]+)/([^/]+)/aws4_request, "
                           r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")
UNSIGNED = {"connection", "user-agent", "accept-encoding", "authorization", "content-length", "amz-sdk-invocation-id",
            "amz-sdk-request"}
ROUTE53 = "https://route53.amazonaws.com/doc/2013-04-01/"
AUTOSCALING = "http://autoscaling.amazonaws.com/doc/2011-01-01/"


class AwsMock(MockApi):
    def __init__(self):
        super().__init__()
        self.keys = {KEY: (SECRET, "")}  # id -> secret, session token
        self.scope = None  # (region, service) of the last request

    def reply_to(self, request):
        self.requests.append(request)
        return self.fault(request) or self._check_signature(request) or self.respond(request)

    def refusal(self, status, code, message):
        raise NotImplementedError

    def _check_signature(self, request):
        found = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if not found or found[1] not in self.keys:
            return self.refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid")
        key, date, region, service, names, signature = found.groups()
        signed = names.split(";")
        unsigned = set(request.headers) - UNSIGNED - set(signed)
        stamp = request.headers["x-amz-date"]
        sent = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        secret, token = self.keys[key]
        right = (not unsigned and stamp.startswith(date) and request.headers.get("x-amz-security-token", "") == token
                 and signature == self._signature(request, signed, (key, secret), region, service, stamp))
        if not self.expect(right, f"the signature of {request.method} {request.target}, unsigned: {unsigned}"):
            return self.refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
        if abs(datetime.now(timezone.utc) - sent) > CLOCK_TOLERANCE:
            return self.refusal(400, "InvalidSignatureException", f"Signature expired: {stamp} is too early")
        self.scope = (region, service)
        return None

    def _signature(self, request, signed, credentials, region, service, stamp):
        again = AWSRequest(request.method, self.url + request.target, data=request.body,
                           headers={name: request.headers[name] for name in signed})
        again.context["timestamp"] = stamp
        # What botocore adds to its own requests is in these headers already.
        signer = SigV4Auth(Credentials(*credentials), service, region)
        text = signer.string_to_sign(again, signer.canonical_request(again))
        return signer.signature(text, again)


class Ssm(AwsMock):
    def __init__(self):
        super().__init__()
        self.parameters = {("eu-west-1", "/shop/active_region"): "us-east-1"}

    def is_write(self, request):
        return request.headers.get("x-amz-target") == "AmazonSSM.PutParameter"

    def refusal(self, status, code, message):
        return Reply(status, {"__type": f"com.amazonaws.ssm#{code}", "message": message}, "application/x-amz-json-1.1")

    def respond(self, request):
        self.expect((request.method, request.target) == ("POST", "/"), request.target)
        self.expect(request.headers["content-type"] == "application/x-amz-json-1.1", "the content type")
        self.expect(self.scope[1] == "ssm", "the service in the signature")
        wanted, region = request.json(), self.scope[0]
        key = (region, wanted["Name"])
        if not self.is_write(request):
            if key not in self.parameters:
                return self.refusal(400, "ParameterNotFound", "")
            arn = f"arn:aws:ssm:{region}:123456789012:parameter{wanted['Name']}"
            return Reply(200, {"Parameter": {"ARN": arn, "DataType": "text", "LastModifiedDate": 1.7e9, "Version": 3,
                                             "Name": wanted["Name"], "Type": "String", "Value": self.parameters[key]}},
                         "application/x-amz-json-1.1")
        if key in self.parameters and not wanted.get("Overwrite"):
            return self.refusal(400, "ParameterAlreadyExists", "The parameter already exists.")
        if not self.expect(key in self.parameters or "Type" in wanted, "a new parameter without a type"):
            return self.refusal(400, "ValidationException", "A parameter type is required when you create a parameter.")
        self.parameters[key] = wanted["Value"]
        return Reply(200, {"Tier": "Standard", "Version": 4}, "application/x-amz-json-1.1")


class AutoScaling(AwsMock):
    def __init__(self):
        super().__init__()
        self.tags = {"other": "eu-west-1"}
        self.refreshes = []
        self.began = []  # when each of them began, or None while it waits for that
        self.in_progress = False

    def is_write(self, request):
        return not request.form().get("Action", "").startswith("Describe")

    def refusal(self, status, code, message):
        return Reply(status, f'<ErrorResponse xmlns="{AUTOSCALING}"><Error><Type>Sender</Type><Code>{code}</Code>'
                             f"<Message>{escape(message)}</Message></Error><RequestId>1</RequestId></ErrorResponse>",
                     "text/xml")

    def respond(self, request):
        self.expect((request.method, request.target) == ("POST", "/"), request.target)
        self.expect(request.headers["content-type"].startswith("application/x-www-form-urlencoded"), "the content type")
        form = request.form()
        self.expect(form.pop("Version") == "2011-01-01" and self.scope[1] == "autoscaling", "version or service")
        action = form.pop("Action")
        answer = {"DescribeTags": self._describe, "DescribeInstanceRefreshes": self._describe_refreshes, "StartInstanceRefresh": self._start,
                  "CreateOrUpdateTags": self._tag}[action](form)
        if isinstance(answer, Reply):
            return answer
        result = f"<{action}Result>{answer}</{action}Result>"
        return Reply(200, f'<{action}Response xmlns="{AUTOSCALING}">{result}<ResponseMetadata><RequestId>1</RequestId>'
                          f"</ResponseMetadata></{action}Response>", "text/xml")

    def _describe(self, form):
        filters = {form[f"Filters.member.{number}.Name"]: form[f"Filters.member.{number}.Values.member.1"]
                   for number in (1, 2)}
        self.expect(filters["key"] == "mooring:refreshed-for", "the key of the tag")
        value = self.tags.get(filters["auto-scaling-group"])
        member = (f"<member><ResourceId>{filters['auto-scaling-group']}</ResourceId><ResourceType>auto-scaling-group"
                  f"</ResourceType><Key>mooring:refreshed-for</Key><Value>{value}</Value>"
                  f"<PropagateAtLaunch>false</PropagateAtLaunch></member>" if value else "")
        return f"<Tags>{member}</Tags>"

    def _unknown_group(self, form):
        if form["AutoScalingGroupName"] in ("web", "other"):
            return None
        return self.refusal(400, "ValidationError", "AutoScalingGroup name not found - null")

    def _describe_refreshes(self, form):
        """The newest first, as AWS does it."""
        shown = list(reversed(list(enumerate(self.began))))[:int(form["MaxRecords"])]
        members = "".join(
            f"<member><AutoScalingGroupName>web</AutoScalingGroupName><InstanceRefreshId>{number}</InstanceRefreshId>"
            f"<Status>{'Pending' if began is None else 'Successful'}</Status>"
            f"{'' if began is None else f'<StartTime>{began:%Y-%m-%dT%H:%M:%SZ}</StartTime>'}</member>"
            for number, began in shown)
        return self._unknown_group(form) or f"<InstanceRefreshes>{members}</InstanceRefreshes>"

    def _start(self, form):
        if unknown := self._unknown_group(form):
            return unknown
        if self.in_progress:
            return self.refusal(400, "InstanceRefreshInProgress", "An Instance Refresh is already in progress")
        self.in_progress = True
        self.refreshes.append(form)
        self.began.append(datetime.now(timezone.utc))
        return f"<InstanceRefreshId>{hashlib.md5(str(form).encode()).hexdigest()}</InstanceRefreshId>"

    def _tag(self, form):
        self.expect(form["Tags.member.1.ResourceType"] == "auto-scaling-group", "the type of the resource")
        self.tags[form["Tags.member.1.ResourceId"]] = form["Tags.member.1.Value"]
        return ""
