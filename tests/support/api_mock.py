"""What the mocks of cloud APIs share: they keep every request, answer as the real API does, complain about what it
would not take, and can be made to answer anything else."""

import json
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from aws_fakes import Handler, Server

HANG_SECONDS = 30


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict
    headers: dict  # lower-case names
    body: bytes
    target: str  # path and query as they came

    def json(self):
        return json.loads(self.body)

    def form(self):
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: object = b""  # bytes, text, or what becomes JSON
    content_type: str = "application/json"
    headers: dict = field(default_factory=dict)
    hang: bool = False
    cut: bool = False  # the connection ends within the answer

    def content(self):
        return self.body if isinstance(self.body, (bytes, str)) else json.dumps(self.body)


class MockHandler(Handler):
    def _serve(self):
        parts = urlsplit(self.path)
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)),
                          {name.lower(): value for name, value in self.headers.items()}, self.body(), self.path)
        reply = self.owner.reply_to(request)
        if reply.hang:
            time.sleep(HANG_SECONDS)  # pause: longer than anybody waits for an answer
        if reply.cut:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            self.close_connection = True
            return
        self.answer(reply.status, reply.content(), reply.content_type, reply.headers)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


class MockApi(Server):
    """`fault(request)` may return a Reply to be given instead of the right one."""

    def __init__(self):
        super().__init__(MockHandler)
        self.requests = []
        self.complaints = []  # what a request had that the real API does not take
        self.fault = lambda request: None

    def speak_tls(self, certificate, key):
        """To be called before it is started."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http://", "https://")

    def reply_to(self, request):
        self.requests.append(request)
        return self.fault(request) or self.respond(request)

    def respond(self, request):
        raise NotImplementedError

    def is_write(self, request):
        return request.method != "GET"

    def writes(self):
        return [request for request in self.requests if self.is_write(request)]

    def expect(self, condition, complaint):
        if not condition:
            self.complaints.append(complaint)
        return bool(condition)
