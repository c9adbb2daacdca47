"""What every hook makes of an API that is down, slow, full, confused, or says no: the right exit code, one line that
helps, nothing written that should not be, and no secret told."""

import itertools
import json
import subprocess

import pytest

from api_mock import Reply
from hook_cases import CASES
from hook_lab import EX_TEMPFAIL, HookLab, assert_one_line
from processes import free_port

REST_HOOKS = sorted(set(CASES) - {"webhook"})
READERS = ("linode-dns", "aws-ssm-parameter", "aws-route53-record")  # one for each way of reading an answer
MAX_ANSWER_BYTES = 1024 * 1024
LONG_ENOUGH = 3600  # seconds for whatever a hook waits for


@pytest.fixture
def lab(tmp_path):
    return HookLab(tmp_path)


@pytest.fixture(params=sorted(CASES))
def case(request):
    return CASES[request.param]


@pytest.fixture
def api(case):
    with case.mock() as created:
        yield created
    assert not created.complaints


def run(lab, case, address, *arguments, **settings):
    lab.write(case.hook, case.settings_for(address, **settings))
    done = lab.run(case.hook, *arguments)
    assert case.secret not in done.stdout + done.stderr
    return done


def body_for(api, status, words):
    """A refusal in the words of the API that the mock stands for."""
    if hasattr(api, "refusal"):
        return api.refusal(status, "Denied", words)
    return Reply(status, {"errors": [{"reason": words}], "message": words})


def test_the_first_run_changes_and_the_last_has_nothing_to_do(lab, case, api):
    done = run(lab, case, api.url)
    while done.returncode == EX_TEMPFAIL and len(api.writes()) < 5:
        lab.later(LONG_ENOUGH)
        done = run(lab, case, api.url)
    assert done.returncode == 0, done
    assert done.stderr == "" and ": did " in done.stdout
    written = len(api.writes())
    assert written > 0
    done = run(lab, case, api.url)
    assert done.returncode == 0 and done.stderr == ""
    if case.hook != "webhook":
        assert len(api.writes()) == written, "nothing is written twice"
        assert "already" in done.stdout


def test_a_dry_run_writes_nothing(lab, case, api):
    done = run(lab, case, api.url, "--dry-run")
    assert done.returncode == 0, done
    assert f"{case.hook}: would " in done.stdout
    assert not api.writes()
    assert len(api.requests) == case.first_write - 1, "it reads all that a real run reads"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_a_failure_that_names_the_setting(lab, case, api, status):
    api.fault = lambda request: body_for(api, status, "not for you")
    done = run(lab, case, api.url)
    assert_one_line(done, 1, f"HTTP {status}", case.needs, str(lab.folder))
    assert len(api.requests) == 1


def test_an_unknown_thing_is_a_failure_that_names_the_setting(lab, case, api):
    api.fault = lambda request: body_for(api, 404, "no such thing")
    assert_one_line(run(lab, case, api.url), 1, "HTTP 404", case.checks, str(lab.folder))
    assert len(api.requests) == 1


def test_too_many_requests_is_tried_again_and_says_when(lab, case, api):
    api.fault = lambda request: Reply(429, "{}", headers={"Retry-After": "17"})
    assert_one_line(run(lab, case, api.url), EX_TEMPFAIL, "HTTP 429", "17 s")
    assert len(api.requests) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_of_the_service_is_tried_again(lab, case, api, status):
    api.fault = lambda request: Reply(status, "<html>sorry</html>", "text/html")
    assert_one_line(run(lab, case, api.url), EX_TEMPFAIL, f"HTTP {status}")
    assert len(api.requests) == 1


def test_an_error_in_the_write_is_tried_again_and_repaired(lab, case, api):
    api.fault = lambda request: Reply(500, "{}") if len(api.requests) == case.first_write else None
    assert_one_line(run(lab, case, api.url), EX_TEMPFAIL, "HTTP 500")
    api.fault = lambda request: None
    done = run(lab, case, api.url)
    while done.returncode == EX_TEMPFAIL and len(api.requests) < 20:
        lab.later(LONG_ENOUGH)
        done = run(lab, case, api.url)
    assert done.returncode == 0, done


@pytest.mark.parametrize("hook, garbage", [
    *itertools.product(READERS, [b"", b"\xff\xfe\x00", b"<html>", b"[]", b"null", b"[" * 100_000]),
    *itertools.product(REST_HOOKS, [b"<html></html>", b"{}", b'{"data": [7], "pages": 1, "domain_records": [7]}',
                                    b'{"data": 3, "load_balancer": {"droplet_ids": "1"}, "Parameter": {"Value": 7}}',
                                    b'{"load_balancer": {"droplet_ids": [1], "health_check": {}}}'])])
def test_nonsense_writes_nothing(lab, hook, garbage):
    case = CASES[hook]
    with case.mock() as api:
        api.fault = lambda request: Reply(200, garbage)
        done = run(lab, case, api.url)
        assert_one_line(done, EX_TEMPFAIL, api.url.removeprefix("http://"))
        assert not api.writes()


@pytest.mark.parametrize("hook", REST_HOOKS)
def test_an_answer_has_a_limit(lab, hook):
    case = CASES[hook]
    with case.mock() as api:
        api.fault = lambda request: Reply(200, b"x" * (MAX_ANSWER_BYTES + 1))
        assert_one_line(run(lab, case, api.url), EX_TEMPFAIL, f"more than {MAX_ANSWER_BYTES} bytes")
        api.fault = lambda request: Reply(200, b"x" * MAX_ANSWER_BYTES)
        assert_one_line(run(lab, case, api.url), EX_TEMPFAIL, "not its")


def test_silence_ends_with_the_timeout(lab, case, api):
    api.fault = lambda request: Reply(hang=True)
    assert_one_line(run(lab, case, api.url, TIMEOUT="1"), EX_TEMPFAIL, "1 s", "TIMEOUT", str(lab.folder))


def test_nobody_listening_is_tried_again(lab, case):
    port = free_port()
    assert_one_line(run(lab, case, f"http://127.0.0.1:{port}"), EX_TEMPFAIL, f"127.0.0.1:{port}", "refused")


def test_a_name_that_does_not_resolve_is_tried_again(lab, case):
    assert_one_line(run(lab, case, "https://api.invalid"), EX_TEMPFAIL, "api.invalid")


def test_a_redirect_is_not_followed(lab, case, api):
    with case.mock() as elsewhere:
        api.fault = lambda request: Reply(307, "{}", headers={"Location": elsewhere.url + request.target})
        assert_one_line(run(lab, case, api.url), 1, "HTTP 307", case.url)
        assert not elsewhere.requests


def test_only_a_certificate_that_somebody_trusts_will_do(lab, case, tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=test",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True,
                   capture_output=True)
    api = case.mock()
    api.speak_tls(certificate, key)
    with api:
        done = run(lab, case, api.url, "--dry-run") if case.hook != "webhook" else run(lab, case, api.url)
        assert_one_line(done, 1, "certificate", "not trusted", "ca-certificates")
        assert not api.requests, "the secret has not been sent"
        assert lab.run(case.hook, SSL_CERT_FILE=str(certificate)).returncode in (0, EX_TEMPFAIL)
        assert api.requests


def test_a_connection_cut_in_the_answer_is_tried_again(lab, case, api):
    api.fault = lambda request: Reply(cut=True)
    assert_one_line(run(lab, case, api.url), EX_TEMPFAIL, "within its answer")


def test_a_secret_in_an_answer_is_not_told(lab, case, api):
    api.fault = lambda request: body_for(api, 400, f"do not use {case.secret}\r\nhere\x1b[31m")
    done = run(lab, case, api.url)
    assert_one_line(done, 1, "HTTP 400")
    assert "\x1b" not in done.stderr


def test_a_wrong_token_is_never_on_a_command_line(lab, case, api):
    seen = []

    def look(_request):
        with open(f"/proc/{process.pid}/cmdline", "rb") as words:
            seen.append(words.read().decode())

    api.fault = look
    lab.write(case.hook, case.settings_for(api.url))
    with lab.start(case.hook) as process:
        process.communicate(timeout=30)
    assert seen and not any(case.secret in words for words in seen)


def test_the_texts_are_json_safe(lab, api, case):
    """A reason may hold anything."""
    lab.write(case.hook, case.settings_for(api.url))
    done = lab.run(case.hook, MOORING_REASON='"\n\t€\udcff', MOORING_FROM="")
    assert done.returncode in (0, EX_TEMPFAIL), done
    for request in api.writes():
        if request.headers["content-type"] == "application/json":
            json.loads(request.body)
