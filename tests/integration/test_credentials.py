"""AWS credentials: every source against a fake of its service, and their expiry while visitors come."""

import json
import signal
import sys
import threading
import time

import pytest

from aws_fakes import Aws, Gate
from daemons import mooringctl
from node import REGION
from processes import wait_until
from resp_client import RespClient, RespError

STS_SCOPE = f"/{REGION}/sts/aws4_request"
SLACK = 5


@pytest.fixture
def aws():
    with Aws() as created:
        yield created


@pytest.fixture
def gate(node, aws):
    """The node's DynamoDB behind a gate that knows the keys which `aws` gave out."""
    emulator = node.start_emulator()
    with Gate(emulator.port, aws.valid) as created:
        node.set("dynamodb", endpoints={REGION: created.url})
        node.set("checks.sessiond", enabled=False)
        yield created


def store_one(node, name="1"):
    """One session written and read back."""
    with RespClient(node.socket) as client:
        token, _data = client.open(f"session-{name}")
        client.commit(f"session-{name}", token, b"data|i:1;")
        token, data = client.open(f"session-{name}")
        assert data == b"data|i:1;"
        client.call("SESSION.CLOSE", "PHPSESSID", f"session-{name}", token)


def works(node):
    try:
        store_one(node)
        return True
    except RespError:
        return False


class Visitors:
    """Some that use the store all the time; every refusal is kept."""

    def __init__(self, node, count=4):
        self.failures, self.commands, self._stop = [], 0, threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(node, number)) for number in range(count)]

    def _visit(self, node, number):
        with RespClient(node.socket) as client:
            counter = 0
            while not self._stop.is_set():
                try:
                    token, data = client.open(f"visitor-{number}")
                    if int(data or 0) != counter:
                        self.failures.append(f"read {data}, not {counter}")
                    counter += 1
                    client.commit(f"visitor-{number}", token, str(counter).encode())
                except RespError as error:
                    self.failures.append(str(error))
                self.commands += 2
                time.sleep(0.01)  # pause: between two pages of a visitor

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._stop.set()
        for thread in self._threads:
            thread.join(20)


def refuses_to_start(node, environment, *words):
    daemon = node.sessiond(environment)
    daemon.process.start()
    assert daemon.process.wait(15) == 2
    lines = daemon.process.log_text().splitlines()
    assert len(lines) == 1, lines
    for word in words:
        assert word in lines[0]


def write_profile(node, text):
    path = node.folder / "aws-config"
    path.write_text(text, encoding="utf-8")
    return {"AWS_CONFIG_FILE": str(path)}


def test_instance_metadata(node, aws, gate):
    daemon = node.sessiond(aws.instance()).start()
    store_one(node)
    node.sidecar(aws.instance()).start()
    node.wait_healthz(200, 10)
    assert gate.keys() == ["ASIAINSTANCE0000", "ASIAINSTANCE0001"], "one for each daemon"
    assert set(gate.seen) == {(key, f"token-of-{key}") for key in gate.keys()}
    assert [request[0] for request in aws.requests] == ["PUT", "GET", "GET"] * 2
    assert 'event=credentials.obtained source="instance metadata"' in daemon.process.log_text()
    assert "token-of" not in daemon.process.log_text()


def test_container_with_a_token_file_that_is_replaced(node, aws, gate):
    aws.lifetime = 4
    token = node.folder / "pod-token"
    token.write_text("first", encoding="utf-8")
    node.sessiond(aws.container(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))).start()
    store_one(node)
    token.write_text("second", encoding="utf-8")
    wait_until(lambda: len(aws.asked("/container")) > 1, aws.lifetime + SLACK, "the credentials are renewed")
    sent = [headers["authorization"] for _method, _path, headers, _form in aws.asked("/container")]
    assert sent[0] == "first" and sent[-1] == "second"
    store_one(node)


def test_web_identity_of_the_environment(node, aws, gate):
    token = node.folder / "web-token"
    token.write_text("eyJ.abc+/=\n", encoding="utf-8")
    node.sessiond(aws.environment(AWS_WEB_IDENTITY_TOKEN_FILE=str(token), AWS_ROLE_ARN="arn:aws:iam::1:role/shop",
                                  AWS_ROLE_SESSION_NAME="node-7")).start()
    store_one(node)
    assert gate.keys() == ["ASIAWEB0000"]
    _method, _path, headers, form = aws.requests[0]
    assert form == {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "WebIdentityToken": "eyJ.abc+/=",
                    "RoleArn": "arn:aws:iam::1:role/shop", "RoleSessionName": "node-7"}
    assert "authorization" not in {name.lower() for name in headers}


def test_a_profile_whose_role_takes_keys_from_another(node, aws, gate):
    profile = write_profile(node, "[profile shop]\nrole_arn = arn:aws:iam::1:role/shop\nsource_profile = base\n"
                                  "external_id = x y\n[profile base]\naws_access_key_id = AKIABASE\n"
                                  "aws_secret_access_key = base-secret\n")
    node.sessiond(aws.environment(AWS_PROFILE="shop", **profile)).start()
    store_one(node)
    assert gate.keys() == ["ASIAROLE0000"]
    _method, _path, headers, form = aws.requests[0]
    assert (form["Action"], form["ExternalId"]) == ("AssumeRole", "x y")
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIABASE/")
    assert STS_SCOPE in headers["authorization"]
    assert "SignedHeaders=content-type;host;x-amz-date" in headers["authorization"]


def test_a_process_that_prints_credentials(node, aws, gate):
    key = aws.issue("PROCESS")
    answer = {"Version": 1, "AccessKeyId": key, "SecretAccessKey": "secret", "SessionToken": f"token-of-{key}"}
    script = node.folder / "print keys.py"
    script.write_text(f"print({json.dumps(answer)!r})", encoding="utf-8")
    profile = write_profile(node, f"[default]\ncredential_process = {sys.executable} '{script}'\n")
    node.sessiond(aws.environment(**profile)).start()
    store_one(node)
    assert gate.keys() == [key]


def test_keys_that_expire_while_visitors_come(node, aws, gate):
    aws.lifetime = 4
    node.sessiond(aws.container()).start()
    with Visitors(node) as visitors:
        wait_until(lambda: len(gate.keys()) >= 5, 5 * aws.lifetime + SLACK, "five keys have been used")
    assert not visitors.failures
    assert visitors.commands > 20 * len(gate.keys())
    assert not gate.refused, "no request carried an expired key"


def test_an_outage_of_the_source_that_is_shorter_than_the_keys_live(node, aws, gate):
    aws.lifetime = 8
    node.sessiond(aws.container()).start()
    with Visitors(node) as visitors:
        aws.mode = "ill"
        wait_until(lambda: len(aws.asked("/container")) > 3, aws.lifetime, "renewing was tried")
        aws.mode = "well"
        wait_until(lambda: len(gate.keys()) >= 2, aws.lifetime + SLACK, "new keys are used")
    assert not visitors.failures
    assert not gate.refused


def test_an_outage_of_the_source_that_is_longer(node, aws, gate):
    aws.lifetime = 3
    daemon = node.sessiond(aws.container()).start()
    store_one(node)
    aws.mode = "refusing"
    wait_until(lambda: not works(node), aws.lifetime + SLACK, "the keys have expired")
    with RespClient(node.socket) as client, pytest.raises(RespError, match="credentials from container expired"):
        client.open("session-1")
    assert "event=credentials.failed" in daemon.process.log_text()
    aws.mode = "well"
    wait_until(lambda: works(node), 15 + SLACK, "new keys came")


def test_an_ill_metadata_service_does_not_stop_the_node(node, aws, gate):
    aws.lifetime = 2
    gate.admits = lambda key: key in aws.issued  # DynamoDB, too, is lenient in such a case
    daemon = node.sessiond(aws.instance()).start()
    store_one(node)
    aws.mode = "silent"
    time.sleep(aws.lifetime + 1)  # pause: the keys expire
    store_one(node)
    assert "event=credentials.kept_past_expiry" in daemon.process.log_text()


def test_it_starts_without_a_source_that_may_come_back(node, aws, gate):
    aws.mode = "silent"
    daemon = node.sessiond(aws.instance()).start()
    wait_until(lambda: "event=credentials.not_yet" in daemon.process.log_text(), SLACK, "the failure is told")
    assert not works(node)
    aws.mode = "well"
    wait_until(lambda: works(node), 15 + SLACK, "the first keys came")


def test_expired_keys_are_a_fault_of_configuration_not_of_the_region(node, aws, gate):
    aws.lifetime = 3
    node.sidecar(aws.container()).start()
    node.wait_healthz(200, 10)
    aws.mode = "refusing"
    node.wait_healthz(503, aws.lifetime + SLACK)
    wait_until(lambda: "credentials from container expired" in json.dumps(node.status()[1]), SLACK, "the reason is told")
    aws.mode = "well"
    node.wait_healthz(200, 15 + SLACK)


def test_what_cannot_work_ends_the_start_with_one_line(node, aws, gate):
    aws.mode = "refusing"
    refuses_to_start(node, aws.container(), "container credentials", "HTTP 403", "Refused: says the test")
    profile = write_profile(node, "[default]\nsso_session = office\n")
    refuses_to_start(node, aws.environment(**profile), "SSO", "aws configure export-credentials")
    profile = write_profile(node, "[default]\ncredential_process = /nonexistent/tool\n")
    refuses_to_start(node, aws.environment(**profile), "credential_process", "/nonexistent/tool")
    refuses_to_start(node, aws.environment(AWS_CONTAINER_CREDENTIALS_FULL_URI="http://10.0.0.1/x"),
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI", "use https")


def test_keys_in_a_file_are_replaced_while_it_runs(node, aws, gate):
    keys = node.folder / "aws-credentials"

    def write_new_key():
        key = aws.issue("FILE")
        keys.write_text(f"[default]\naws_access_key_id={key}\naws_secret_access_key=s\n", encoding="utf-8")
        return key

    first = write_new_key()
    node.sessiond(aws.environment(AWS_SHARED_CREDENTIALS_FILE=str(keys))).start()
    store_one(node)
    assert gate.keys() == [first]
    second = write_new_key()

    def second_is_used():
        store_one(node)
        return gate.keys()[-1] == second

    wait_until(second_is_used, 5 + SLACK, "the new key is used")


def test_a_drain_does_not_wait_for_a_process_that_hangs(node, aws, gate):
    pid_file = node.folder / "pid"
    script = node.folder / "hang.sh"
    script.write_text(f"echo $$ > {pid_file}\nexec sleep 600\n", encoding="utf-8")
    profile = write_profile(node, f"[default]\ncredential_process = /bin/sh {script}\n")
    daemon = node.sessiond(aws.environment(**profile)).start()
    first = int(pid_file.read_text())
    wait_until(lambda: int(pid_file.read_text() or first) != first, 15 + SLACK, "it is tried again in the background")
    hanging = int(pid_file.read_text())
    daemon.process.signal(signal.SIGTERM)
    assert daemon.process.wait(5) == 0

    def is_gone():
        try:
            with open(f"/proc/{hanging}/cmdline", "rb") as words:
                return not words.read()
        except FileNotFoundError:
            return True

    wait_until(is_gone, SLACK, "the process is killed")


def test_mooringctl_uses_the_same_sources(node, aws, gate):
    done = mooringctl(node.write(), "table", "create", environment=aws.container())
    assert done.returncode == 0, done.stderr
    assert gate.keys() == ["ASIACONTAINER0000"]
    aws.mode = "refusing"
    done = mooringctl(node.write(), "table", "create", environment=aws.container())
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1 and "container" in done.stderr
