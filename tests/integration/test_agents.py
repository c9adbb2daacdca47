"""The lab's small programs take every order that comes, whoever was there before."""

import json
import socket

import pytest

import agents
from processes import Failure


def obey(do, value=None):
    if do == "fail":
        raise value or RuntimeError("something is wrong")
    return {"did": do}


@pytest.fixture
def door(tmp_path):
    path = tmp_path / "agent.sock"
    agents.serve(path, obey)
    return path


def test_the_socket_has_its_name_only_when_it_listens(tmp_path, monkeypatch):
    path = tmp_path / "agent.sock"
    there_before = []

    class Listener(socket.socket):
        def listen(self, backlog):
            there_before.append(path.exists())
            super().listen(backlog)

    monkeypatch.setattr(agents.socket, "socket", Listener)
    agents.serve(path, obey)
    assert there_before == [False]
    assert agents.ask(path, do="look") == {"did": "look"}


BAD = {"nothing": b"", "empty": b"\n", "garbage": b"garbage\n", "list": b"[1]\n", "no order": b"{}\n",
       "fault": b'{"do": "fail"}\n', "too long": b"\xff" * (agents.LONGEST_LINE + 1)}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_a_bad_order_does_not_keep_the_next_one_out(door, sent):
    with socket.socket(socket.AF_UNIX) as sender:
        sender.connect(str(door))
        sender.sendall(sent)
    assert agents.ask(door, do="look") == {"did": "look"}


def test_a_silent_sender_does_not_keep_the_next_one_out_for_long(door):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(door))
        assert agents.ask(door, do="look") == {"did": "look"}


def test_what_goes_wrong_is_told(door):
    with pytest.raises(Failure, match="something is wrong"):
        agents.ask(door, do="fail")
    with socket.socket(socket.AF_UNIX) as sender, sender.makefile("rb") as answers:
        sender.connect(str(door))
        sender.sendall(b"{}\n")
        assert "do" in json.loads(answers.readline())["fault"]
