"""Where the hooks for AWS get their keys from, and that they sign as AWS does."""

import json
import sys
from collections import namedtuple
from datetime import datetime, timezone
from urllib.parse import urlsplit

import pytest

from api_mock import MockApi, Reply
from aws_fakes import ROLE, Aws
from aws_mock import Ssm
from hook_cases import CASES
from hook_lab import EX_TEMPFAIL, HOOKS, HookLab, assert_one_line
from processes import free_port

ROOT = HOOKS.parents[1]
CASE = CASES["aws-ssm-parameter"]
OUTSIDE_AWS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
CONTAINER_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"


class KnowsWhatWasIssued(dict):
    """The keys that the fakes of AWS's credential services give out, with their tokens."""

    def __init__(self, fakes):
        super().__init__()
        self._fakes = fakes

    def __contains__(self, key):
        return key in self._fakes.issued

    def __getitem__(self, key):
        return "secret", f"token-of-{key}"


@pytest.fixture
def fakes():
    with Aws() as created:
        yield created


@pytest.fixture
def api(fakes):
    with Ssm() as created:
        created.keys = KnowsWhatWasIssued(fakes)
        yield created
    assert not created.complaints


@pytest.fixture
def run(tmp_path, api):
    def run_hook(settings=None, **environment):
        lab = HookLab(tmp_path)
        # The fakes set a proxy that only localhost is not asked through.
        address = api.url.replace("127.0.0.1", "localhost")
        lab.write(CASE.hook, CASE.settings_for(address, **(OUTSIDE_AWS if settings is None else settings)))
        return lab.run(CASE.hook, **environment)
    return run_hook


def key_of(request):
    return request.headers["authorization"].split("Credential=")[1].split("/")[0]


def test_the_instance_role(run, api, fakes):
    done = run(**fakes.instance())
    assert done.returncode == 0, done
    assert {key_of(request) for request in api.requests} == {"ASIAINSTANCE0000"}
    assert api.requests[0].headers["x-amz-security-token"] == "token-of-ASIAINSTANCE0000"
    assert [(method, path) for method, path, _headers, _form in fakes.requests] == [
        ("PUT", "/latest/api/token"), ("GET", "/latest/meta-data/iam/security-credentials/"),
        ("GET", f"/latest/meta-data/iam/security-credentials/{ROLE}")]


def test_the_container(run, api, fakes, tmp_path):
    token = tmp_path / "token"
    token.write_text("Bearer of-the-pod\n", encoding="ascii")
    done = run(**fakes.container(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token)))
    assert done.returncode == 0, done
    assert {key_of(request) for request in api.requests} == {"ASIACONTAINER0000"}
    assert fakes.requests[0][2]["Authorization"] == "Bearer of-the-pod"


def test_the_environment_comes_before_the_services_and_the_settings_before_both(run, api, fakes):
    given = {**fakes.container(), "AWS_ACCESS_KEY_ID": fakes.issue("ENV"), "AWS_SECRET_ACCESS_KEY": "secret"}
    given["AWS_SESSION_TOKEN"] = f"token-of-{given['AWS_ACCESS_KEY_ID']}"
    assert run(**given).returncode == 0
    assert {key_of(request) for request in api.requests} == {given["AWS_ACCESS_KEY_ID"]}
    own = fakes.issue("OWN")
    api.requests.clear()
    assert run({"AWS_ACCESS_KEY_ID": own, "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_SESSION_TOKEN": f"token-of-{own}"}, **given).returncode == 0
    assert {key_of(request) for request in api.requests} == {own}
    assert not fakes.requests


def test_no_credentials_at_all(run, api, fakes, tmp_path):
    assert_one_line(run(), 1, "no AWS credentials", "AWS_ACCESS_KEY_ID", str(tmp_path))
    assert_one_line(run({"AWS_SECRET_ACCESS_KEY": ""}), 1, "only one of AWS_ACCESS_KEY_ID")
    assert_one_line(run(AWS_ACCESS_KEY_ID="AKIA\nX-Other: 1", AWS_SECRET_ACCESS_KEY="s"), 1, "of the environment")
    with MockApi() as other_cloud:
        other_cloud.fault = lambda request: Reply(404)
        done = run(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=other_cloud.url)
    assert_one_line(done, 1, "no AWS credentials")
    assert not api.requests


@pytest.mark.parametrize("mode", ["ill", "refusing", "silent"])
@pytest.mark.parametrize("source", ["instance", "container"])
def test_a_service_that_is_not_well_is_tried_again(run, api, fakes, mode, source):
    fakes.mode = mode
    assert_one_line(run(**getattr(fakes, source)()), EX_TEMPFAIL)
    assert not api.requests


def test_no_service_there(run):
    nobody = f"http://127.0.0.1:{free_port()}"
    assert_one_line(run(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=nobody), EX_TEMPFAIL,
                    "cannot reach", "AWS_ACCESS_KEY_ID")
    assert_one_line(run(**{CONTAINER_URI: nobody}), EX_TEMPFAIL, "cannot reach")


def test_a_token_goes_to_the_container_service_only(run, fakes, tmp_path):
    assert_one_line(run(**{CONTAINER_URI: "http://192.0.2.1/x"}), 1, CONTAINER_URI, "use https")
    assert_one_line(run(**fakes.container(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="/nonexistent")), 1,
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nonexistent")
    token = tmp_path / "token"
    token.write_text("one\r\nX-Injected: two", encoding="ascii")
    assert_one_line(run(**fakes.container(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))), 1, "not one line")
    assert_one_line(run(**fakes.container(AWS_CONTAINER_AUTHORIZATION_TOKEN="one\ntwo")), 1, "not one line")
    assert_one_line(run(**{CONTAINER_URI: "http://[::1/x"}), 1, CONTAINER_URI)
    assert not fakes.requests


def test_expired_keys_of_a_role_are_tried_again(run, api, fakes):
    api.fault = lambda request: api.refusal(400, "ExpiredTokenException", "The security token is expired")
    done = run(**fakes.instance())
    assert_one_line(done, EX_TEMPFAIL, "ExpiredTokenException")
    api.fault = lambda request: api.refusal(400, "ValidationException", "token-of-ASIAINSTANCE0001 is yours")
    done = run(**fakes.instance())
    assert_one_line(done, 1, "*** is yours")


Keys = namedtuple("Keys", "key_id secret token")


def expressible(case):
    """Whether the hooks could send it: one header of a name, no folding, a path that needs no shortening."""
    lines = case["request"].split("\n\n")[0].splitlines()
    names = [line.split(":")[0].lower() for line in lines[1:]]
    path = lines[0].split(" ")[1]
    plain = len(names) == len(set(names)) and not any(line[0] in " \t" for line in lines)
    return plain and not case["context"].get("sign_body") and "//" not in path and "/." not in path \
        and "omit_session_token" not in case["context"] and lines[0].count(" ") == 2


def test_signatures_are_the_official_ones(monkeypatch):
    monkeypatch.syspath_prepend(str(HOOKS / "lib"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    from mooring_hook.sigv4 import sign

    cases = json.loads((ROOT / "tests/data/sigv4-vectors.json").read_text(encoding="utf-8"))["cases"]
    checked = 0
    for case in filter(expressible, cases):
        head, _, body = case["request"].partition("\n\n")
        first, *lines = head.splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(":") for line in lines)}
        url = f"https://{headers.pop('host')}{first.split(' ')[1]}"
        context = case["context"]
        now = datetime.strptime(context["timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        given = context["credentials"]
        keys = Keys(given["access_key_id"], given["secret_access_key"], given.get("token", ""))
        signed = sign(keys, context["region"], context["service"], first.split(" ")[0], url, headers, body.encode(),
                      now)
        assert signed["authorization"].endswith(f"Signature={case['signature']}"), case["name"]
        assert signed["host"] == urlsplit(url).netloc
        checked += 1
    assert checked == 17
