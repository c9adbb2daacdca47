"""AWS's credential services on loopback, and a DynamoDB that looks at the keys: what they give out is counted, and a
key that is unknown or expired is refused, as AWS does."""

import http.client
import json
import re
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from servers import LOOPBACK

ROLE = "shop-role"
SESSION = "imds-session"
EXPIRED = {"__type": "com.amazon.coral.service#ExpiredTokenException",
           "message": "The security token included in the request is expired"}


def iso(when):
    return datetime.fromtimestamp(when, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def log_message(self, *_arguments):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, body=b"", content_type="text/plain", headers=()):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server:
    """An HTTP server on a free port and threads of its own; use with `with`."""

    def __init__(self, handler):
        self._server = ThreadingHTTPServer((LOOPBACK, 0), type("Bound", (handler,), {"owner": self}))
        self._server.daemon_threads = True
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._server.shutdown()
        self._server.server_close()


class AwsHandler(Handler):
    def do_GET(self):
        self.owner.serve(self, b"")

    do_PUT = do_GET

    def do_POST(self):
        self.owner.serve(self, self.body())


class Aws(Server):
    """Instance metadata, container credentials and STS. Every answer has new keys that live for `lifetime` seconds."""

    def __init__(self, lifetime=3600.0):
        super().__init__(AwsHandler)
        self.lifetime = lifetime
        self.mode = "well"  # "silent": no answer; "ill": 500; "refusing": 403
        self.requests = []  # (method, path, headers, form)
        self.issued = {}  # access key id -> its end
        self._lock = threading.Lock()

    def environment(self, **more):
        """For a daemon that has no keys of its own, and must not ask this machine's."""
        return {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_CONFIG_FILE": "/nonexistent",
                "AWS_ENDPOINT_URL_STS": self.url, **more}

    def container(self, **more):
        return self.environment(AWS_CONTAINER_CREDENTIALS_FULL_URI=self.url + "/container", **more)

    def instance(self, **more):
        # A proxy that nobody answers on: metadata must not be asked for through one, though its host is no exception.
        return self.environment(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=self.url,
                                http_proxy=f"http://{LOOPBACK}:1", no_proxy="localhost", **more)

    def issue(self, kind):
        with self._lock:
            key = f"ASIA{kind}{len(self.issued):04d}"
            self.issued[key] = time.time() + self.lifetime
        return key

    def valid(self, key):
        return time.time() < self.issued.get(key, 0)

    def asked(self, path):
        return [request for request in self.requests if request[1] == path]

    def serve(self, request, body):
        self.requests.append((request.command, request.path, dict(request.headers), dict(parse_qsl(body.decode()))))
        if self.mode == "silent":
            time.sleep(20)  # pause: longer than anybody waits for an answer
        if self.mode != "well":
            request.answer(403 if self.mode == "refusing" else 500, '{"code":"Refused","message":"says the test"}')
        elif request.path == "/container":
            request.answer(200, self._json("CONTAINER"), "application/json")
        elif request.command == "POST":
            self._sts(request, self.requests[-1][3])
        else:
            self._metadata(request)

    def _json(self, kind, **more):
        key = self.issue(kind)
        return json.dumps({"AccessKeyId": key, "SecretAccessKey": "secret", "Token": f"token-of-{key}",
                           "Expiration": iso(self.issued[key]), **more})

    def _metadata(self, request):
        roles = "/latest/meta-data/iam/security-credentials/"
        if request.command == "PUT" and request.path == "/latest/api/token":
            known = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds") == "21600"
            request.answer(200 if known else 400, SESSION if known else "")
        elif request.headers.get("x-aws-ec2-metadata-token") != SESSION:
            request.answer(401)
        elif request.path == roles:
            request.answer(200, ROLE)
        elif request.path == roles + ROLE:
            request.answer(200, self._json("INSTANCE", Code="Success", Type="AWS-HMAC"))
        else:
            request.answer(404)

    def _sts(self, request, form):
        action = form["Action"]
        key = self.issue("ROLE" if action == "AssumeRole" else "WEB")
        request.answer(200, f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
            <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
            <SessionToken>token-of-{key}</SessionToken><Expiration>{iso(self.issued[key])}</Expiration></Credentials>
            </{action}Result></{action}Response>""", "text/xml")


class GateHandler(Handler):
    def setup(self):
        super().setup()
        self._emulator = http.client.HTTPConnection(LOOPBACK, self.owner.port)

    def finish(self):
        self._emulator.close()
        super().finish()

    def do_POST(self):
        body = self.body()
        found = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", ""))
        key = found[1] if found else None
        self.owner.seen.append((key, self.headers.get("X-Amz-Security-Token")))
        if not self.owner.admits(key):
            self.owner.refused.append(key)
            self.answer(400, json.dumps(EXPIRED), "application/x-amz-json-1.0")
            return
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        self._emulator.request("POST", "/", body, kept)
        answer = self._emulator.getresponse()
        self.answer(answer.status, answer.read(), "application/x-amz-json-1.0")


class Gate(Server):
    """In front of the emulator, which takes any key: remembers the keys, and lets in those that admits(key) says."""

    def __init__(self, port, admits=lambda key: True):
        super().__init__(GateHandler)
        self.url = self.url.replace(LOOPBACK, "localhost")
        self.port = port
        self.admits = admits
        self.seen = []  # (access key id, session token)
        self.refused = []

    def keys(self):
        return list(dict.fromkeys(key for key, _token in self.seen))
