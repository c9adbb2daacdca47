"""For each hook that calls an API: the mock of that API, settings that fit it, and what the hook has to tell a
person."""

from dataclasses import dataclass
from typing import Callable

from api_mock import MockApi, Reply


class Receiver(MockApi):
    """The other end of a webhook."""

    def respond(self, request):
        self.expect((request.method, request.headers["content-type"]) == ("POST", "application/json"), "not JSON")
        return Reply(204)


@dataclass(frozen=True)
class Case:
    hook: str
    mock: Callable
    settings: dict
    secret: str
    needs: str  # what the line for a refused key names
    checks: str  # what the line for an unknown thing names
    first_write: int = 1  # the request that changes something, counted from 1
    url: str = "API_URL"

    def settings_for(self, address, **more):
        return {self.url: address, **self.settings, **more}


CASES = {case.hook: case for case in (
    Case("webhook", Receiver, {"SECRET": "webhook-secret"}, "webhook-secret", "SECRET", "URL", url="URL"),
)}
