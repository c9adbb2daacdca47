"""Signed requests to AWS, and what its refusals mean to the operator."""

import xml.etree.ElementTree as ElementTree
from datetime import datetime, timezone
from urllib.parse import urlencode, urlsplit

from . import aws_credentials, sigv4
from .errors import Failed, TryAgain
from .rest import MAX_REASON, any_json, exchange, json_object
from .settings import TIMEOUT, Setting, base_url

PASSING = {"Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "RequestTimeout",
           "TooManyRequestsException", "TooManyUpdates", "PriorRequestNotComplete", "ResourceContention"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException"}
NO_ACCESS = {"AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "InvalidClientTokenId",
             "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
             "MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired"}
WRONG_CLOCK = ("Signature expired", "not yet current")

SETTINGS = (*aws_credentials.SETTINGS, Setting("API_URL", "where the API is, if not at AWS", "", convert=base_url),
            TIMEOUT)


class Refusal(Failed):
    """`code` is AWS's name for it. A hook may know what to make of it; else it is a failure."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def local_name(element):
    return element.tag.rpartition("}")[2]


def parse_xml(answer):
    """None for what is not XML."""
    try:
        return ElementTree.fromstring(answer.body)
    except (ElementTree.ParseError, ValueError):
        return None


def find_all(tree, name):
    """All elements of that name, in whatever namespace."""
    return [element for element in tree.iter() if local_name(element) == name]


def text_in(tree, name):
    """The text of the first element of that name, or ""."""
    found = find_all(tree, name)
    return (found[0].text or "").strip() if found else ""


def code_and_message(answer):
    value = any_json(answer)
    if isinstance(value, dict):
        code = str(value.get("__type", "")).rpartition("#")[2].partition(":")[0]
        return code, str(value.get("message") or value.get("Message") or "")
    tree = parse_xml(answer)
    if tree is None:
        return "", ""
    return text_in(tree, "Code") or local_name(tree), text_in(tree, "Message")


class AwsApi:
    def __init__(self, hook, service, region, permissions, host=None):
        self.hook = hook
        self._base = hook["API_URL"] or f"https://{host or self._host(service, region)}"
        self.host = urlsplit(self._base).netloc
        self._service, self._region, self._permissions = service, region, permissions
        self._credentials = aws_credentials.find(hook)

    @staticmethod
    def _host(service, region):
        return f"{service}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"

    def json(self, target, body_text):
        """A call of a service with the protocol "json" 1.1."""
        answer = self._send("POST", "/", {"content-type": "application/x-amz-json-1.1", "x-amz-target": target},
                            body_text.encode())
        return json_object(answer, self.host)

    def query(self, form):
        """A call of a service with the protocol "query"."""
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        return self._xml(self._send("POST", "/", headers, urlencode(form).encode()), form["Action"] + "Response")

    def rest_xml(self, method, path, root, query=None, body=b""):
        """A call of a service with the protocol "rest-xml"; `root` is the outermost element of its answer."""
        headers = {"content-type": "application/xml"} if body else {}
        return self._xml(self._send(method, path + (f"?{urlencode(query)}" if query else ""), headers, body), root)

    def _xml(self, answer, root):
        tree = parse_xml(answer)
        if tree is None or local_name(tree) != root:
            raise TryAgain(f"{self.host} answered HTTP {answer.status} with something that is not its XML; "
                           "something else may stand in between")
        return tree

    def _send(self, method, path, headers, body):
        url = self._base + path
        signed = sigv4.sign(self._credentials, self._region, self._service, method, url, headers, body,
                            datetime.now(timezone.utc))
        answer = exchange(self.hook, method, url, signed, body or None)
        if not answer.ok:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer):
        code, message = code_and_message(answer)
        said = f"HTTP {answer.status} {code}: {message[:MAX_REASON]}"
        source = self._credentials.source
        if any(sign in message for sign in WRONG_CLOCK) or code == "RequestTimeTooSkewed":
            return Failed(f"{self.host} refuses this node's time ({said}); set its clock")
        if answer.may_pass or code in PASSING or (code in EXPIRED and self._credentials.renewed):
            return TryAgain(f"{self.host} answered {said}{answer.retry_after()}")
        if code in EXPIRED:
            return Failed(f"{self.host} refuses {source} ({said}); it has expired, replace it")
        if code in NO_ACCESS or answer.status in (401, 403):
            return Failed(f"{self.host} refuses {source} ({said}); it needs {self._permissions}")
        if 300 <= answer.status < 400:
            return Failed(f"{self.host} answered with a redirect ({said}); check {self.hook.where('API_URL')}")
        return Refusal(code, f"{self.host} refuses the request ({said}); "
                             f"check the settings in {self.hook.settings.path}")
