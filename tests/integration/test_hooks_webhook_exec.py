"""The two hooks that can be anything: a post to an address, and a program."""

import hashlib
import hmac
import json
import signal
import time

import pytest

from api_mock import Reply
from hook_cases import CASES
from hook_lab import EX_TEMPFAIL, HookLab, assert_one_line
from processes import wait_until

BODY = {"event": "region.moved", "from": "us-east-1", "to": "eu-west-1", "epoch": 7, "node": "web1",
        "reason": "3 regional failures in 12 s",
        "text": "web1 moved from us-east-1 to eu-west-1: 3 regional failures in 12 s"}


def checked(body):
    """The body without its time, which is now."""
    assert 0 <= time.time() - body["time"] < 60
    return {name: value for name, value in body.items() if name != "time"}


@pytest.fixture
def lab(tmp_path):
    return HookLab(tmp_path)


@pytest.fixture
def receiver():
    with CASES["webhook"].mock() as created:
        yield created
    assert not created.complaints


def test_webhook_posts_the_move(lab, receiver):
    lab.write("webhook", {"URL": f"{receiver.url}/moves?shop=1"})
    done = lab.run("webhook")
    assert done.returncode == 0, done
    request, = receiver.requests
    assert (request.method, request.path, request.query) == ("POST", "/moves", {"shop": "1"})
    assert checked(request.json()) == BODY
    assert request.headers["idempotency-key"] == "mooring-web1-eu-west-1-7"
    assert not {"authorization", "x-mooring-signature"} & set(request.headers)
    assert "/moves" not in done.stdout, "the path of a chat service's address is its password"


def test_webhook_signs_and_carries_a_token(lab, receiver):
    lab.write("webhook", {"URL": receiver.url, "SECRET": "s3cret", "TOKEN": "t0ken"})
    assert lab.run("webhook").returncode == 0
    request, = receiver.requests
    digest = hmac.new(b"s3cret", request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-mooring-signature"] == f"sha256={digest}"
    assert request.headers["authorization"] == "Bearer t0ken"


def test_webhook_sends_the_same_move_again(lab, receiver):
    lab.write("webhook", {"URL": receiver.url, "SECRET": "s3cret"})
    receiver.fault = lambda request: Reply(503) if len(receiver.requests) == 1 else None
    assert_one_line(lab.run("webhook"), EX_TEMPFAIL, "HTTP 503")
    assert lab.run("webhook").returncode == 0
    first, second = receiver.requests
    assert checked(first.json()) == checked(second.json())
    assert first.json()["time"] <= second.json()["time"]
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_webhook_has_a_key_for_each_node_that_moves(lab, receiver):
    lab.write("webhook", {"URL": receiver.url})
    for node in ("web1", "web2", "", "w\u00e9b \udcff"):
        assert lab.run("webhook", MOORING_NODE=node).returncode == 0
    keys = [request.headers["idempotency-key"] for request in receiver.requests]
    assert keys == ["mooring-web1-eu-west-1-7", "mooring-web2-eu-west-1-7", "mooring-node-eu-west-1-7",
                    "mooring-w%C3%A9b%20%3F-eu-west-1-7"]


@pytest.mark.parametrize("status", [200, 202, 204])
def test_webhook_takes_any_success(lab, receiver, status):
    receiver.fault = lambda request: Reply(status, "ok" if status != 204 else b"", "text/plain")
    lab.write("webhook", {"URL": receiver.url})
    assert lab.run("webhook").returncode == 0


@pytest.mark.parametrize("settings, words", [
    ({"URL": "http://192.0.2.1/", "TOKEN": "t0ken"}, ["TOKEN", "unencrypted", "https://"]),
    ({"URL": "192.0.2.1"}, ["URL", "https://example.com/moves"]),
    ({"URL": "https://a b"}, ["URL", "https://example.com/moves"]),
    ({"TOKEN": "t0ken"}, ["URL is not set"])])
def test_webhook_settings_that_cannot_be_right(lab, settings, words):
    lab.write("webhook", settings)
    done = lab.run("webhook")
    assert_one_line(done, 1, *words)
    assert "t0ken" not in done.stderr


def test_webhook_dry_run_shows_the_body(lab, receiver):
    lab.write("webhook", {"URL": receiver.url})
    done = lab.run("webhook", "--dry-run")
    text = done.stdout.removeprefix("webhook: would post ").rpartition(" to ")[0]
    assert checked(json.loads(text)) == BODY
    assert not receiver.requests


@pytest.fixture
def tell(tmp_path):
    """A program that writes its arguments and some of its environment into a file."""
    program = tmp_path / "tell me"
    program.write_text(f'#!/bin/sh\nexec >"{tmp_path}/told"\nprintf "%s\\n" "$@"\nenv | grep ^MOORING_TO\n'
                       'exit "${EXIT_WITH:-0}"\n', encoding="ascii")
    program.chmod(0o755)
    return program


def test_exec_runs_the_words_without_a_shell(lab, tell, tmp_path):
    lab.write("exec", {"COMMAND": f"'{tell}' " + "{to} \"from {from}\" epoch={epoch} {node} {target} {other} $HOME ; "
                                  "* `id` '{reason}'", "TARGET_eu_west_1": "203.0.113.9"})
    done = lab.run("exec", MOORING_REASON="; rm -rf / {to}")
    assert done.returncode == 0, done
    assert (tmp_path / "told").read_text().splitlines() == [
        "eu-west-1", "from us-east-1", "epoch=7", "web1", "203.0.113.9", "{other}", "$HOME", ";", "*", "`id`",
        "; rm -rf / {to}", "MOORING_TO=eu-west-1"]


@pytest.mark.parametrize("code", ["0", "1", "75", "99"])
def test_exec_has_the_exit_code_of_the_program(lab, tell, code):
    lab.write("exec", {"COMMAND": f"\"'{tell}'\""})
    assert lab.run("exec", EXIT_WITH=code).returncode == int(code)


def test_exec_becomes_the_program_so_that_signals_reach_it(lab):
    lab.write("exec", {"COMMAND": "/bin/sleep 60"})
    with lab.start("exec") as process:
        try:
            def is_the_program():
                with open(f"/proc/{process.pid}/cmdline", "rb") as words:
                    return words.read() == b"/bin/sleep\x0060\x00"

            wait_until(is_the_program, 10, "the hook has become the program")
            process.terminate()
            assert process.wait(5) == -signal.SIGTERM
        finally:
            process.kill()


@pytest.mark.parametrize("command, words", [
    ("logger {to}", ["full path"]), ("/bin/echo 'open", ["No closing quotation"]),
    ("/nonexistent/program {to}", ["/nonexistent/program", "No such file", "COMMAND"]),
    ("/etc/passwd", ["/etc/passwd", "Permission denied"])])
def test_exec_commands_that_cannot_work(lab, command, words):
    lab.write("exec", {"COMMAND": command})
    assert_one_line(lab.run("exec"), 1, *words)


def test_exec_dry_run_only_says_it(lab, tell, tmp_path):
    lab.write("exec", {"COMMAND": f"'{tell}' 'a b' {{to}}"})
    done = lab.run("exec", "--dry-run")
    assert (done.returncode, done.stdout) == (0, f"exec: would run '{tell}' 'a b' eu-west-1\n")
    assert not (tmp_path / "told").exists()


def test_a_hook_that_waits_ends_with_a_signal(lab, receiver):
    receiver.fault = lambda request: Reply(hang=True)
    lab.write("webhook", {"URL": receiver.url})
    with lab.start("webhook") as process:
        try:
            wait_until(lambda: receiver.requests, 10, "the post has come")
            process.terminate()
            assert process.wait(5) == -signal.SIGTERM
        finally:
            process.kill()
