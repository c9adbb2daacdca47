"""One HTTP exchange, and JSON APIs that take a token.

What cannot be reached, answers 5xx or 429, or answers nonsense may be well in a minute: TryAgain. A refusal or a wrong
name is the operator's to mend: Failed. Redirects are not followed, since they would take the token elsewhere.
"""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from .errors import Failed, TryAgain

MAX_ANSWER_BYTES = 1024 * 1024
MAX_REASON = 200
TRY_AGAIN_STATUS = (408, 425, 429)
USER_AGENT = "mooring-hook"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: object  # case does not matter in get()
    body: bytes

    @property
    def ok(self):
        return 200 <= self.status < 300

    @property
    def may_pass(self):
        return self.status in TRY_AGAIN_STATUS or self.status >= 500

    def retry_after(self):
        seconds = self.headers.get("Retry-After")
        return f", and asks to wait {seconds[:20]} s" if seconds else ""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


def read_limited(response, host):
    body = response.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise TryAgain(f"{host} answered with more than {MAX_ANSWER_BYTES} bytes; something else may stand in between")
    # read() with a limit takes the end of the connection for the end of the answer.
    promised = response.headers.get("Content-Length", "")
    if promised.isdecimal() and len(body) < int(promised):
        raise TryAgain(f"{host} ended the connection within its answer")
    return body


def exchange(hook, method, url, headers, body=None, timeout=None, through_proxy=True):
    """The answer, whatever its status. `timeout` is for one that must be there at once; else the hook's own ends it."""
    host = urlsplit(url).netloc
    hook.doing = f"waiting for {host}"
    handlers = [NoRedirect] if through_proxy else [NoRedirect, urllib.request.ProxyHandler({})]
    request = urllib.request.Request(url, body, {"User-Agent": USER_AGENT, **headers}, method=method)
    opener = urllib.request.build_opener(*handlers)
    try:
        try:
            response = opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as refusal:
            response = refusal
        with response:
            return Answer(response.status, response.headers, read_limited(response, host))
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise Failed(f"the certificate of {host} is not trusted ({cause.verify_message}); install ca-certificates, "
                         "set the clock, or mend API_URL") from None
        raise TryAgain(f"cannot reach {host}: {cause or type(cause).__name__}") from None


def any_json(answer):
    """None for what is not JSON."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def json_object(answer, host):
    value = any_json(answer)
    if not isinstance(value, dict):
        raise TryAgain(f"{host} answered HTTP {answer.status} with something that is not its JSON; "
                       "something else may stand in between")
    return value


def part(value, name, kind, host):
    """value[name], which has to be of that kind: what comes from outside may be anything."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise TryAgain(f'{host} answered without a usable "{name}"; its API may have changed')
    return found


def objects(value, name, host):
    """value[name], which has to be a list of objects."""
    found = part(value, name, list, host)
    if not all(isinstance(item, dict) for item in found):
        raise TryAgain(f'{host} answered without a usable "{name}"; its API may have changed')
    return found


class TokenApi:
    """`reason(json)` finds the API's own words in a refusal; `is_busy(answer, reason)` knows refusals that pass."""

    def __init__(self, hook, token_setting, permissions, reason, is_busy=lambda _answer, _reason: False):
        self.hook = hook
        self.base = hook["API_URL"]
        self.host = urlsplit(self.base).netloc
        self._token_setting, self._permissions = token_setting, permissions
        self._reason, self._is_busy = reason, is_busy

    def call(self, method, path, *, query=None, body=None, headers=None, names=""):
        """The JSON object of the answer, {} for 204. `names` are the settings that a 404 is about."""
        url = self.base + path + (f"?{urlencode(query)}" if query else "")
        sent = {"Authorization": f"Bearer {self.hook[self._token_setting]}", "Accept": "application/json"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        answer = exchange(self.hook, method, url, {**sent, **(headers or {})},
                          None if body is None else json.dumps(body).encode())
        if not answer.ok:
            raise self._refusal(answer, names)
        return {} if answer.status == 204 else json_object(answer, self.host)

    def part(self, value, name, kind):
        return part(value, name, kind, self.host)

    def objects(self, value, name):
        return objects(value, name, self.host)

    def _refusal(self, answer, names):
        reason = self._reason_of(answer)
        said = f"HTTP {answer.status}{': ' + reason if reason else ''}"
        if answer.may_pass or self._is_busy(answer, reason):
            return TryAgain(f"{self.host} answered {said}{answer.retry_after()}")
        if answer.status in (401, 403):
            return Failed(f"{self.host} refuses {self.hook.where(self._token_setting)} ({said}); "
                          f"it needs {self._permissions}")
        if answer.status == 404:
            return Failed(f"{self.host} does not know it ({said}); check {names} in {self.hook.settings.path}")
        if 300 <= answer.status < 400:
            return Failed(f"{self.host} answered with a redirect ({said}); check {self.hook.where('API_URL')}")
        return Failed(f"{self.host} refuses the request ({said}); check the settings in {self.hook.settings.path}")

    def _reason_of(self, answer):
        try:
            return str(self._reason(any_json(answer)))[:MAX_REASON]
        except (KeyError, TypeError):
            return ""
