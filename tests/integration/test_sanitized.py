"""A daemon that its sanitizer has caught fails the test, whichever way the test ends it."""

import sys

import node
import pytest
from node import Node
from processes import Child, Failure

UNDEFINED = "parser.cpp:1:1: runtime error: load of null pointer"
LEAK = "==1==ERROR: LeakSanitizer: detected memory leaks"
AT_ONCE = "import sys, time; print({0!r}, flush=True); time.sleep(60)"
AT_THE_END = ("import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print({0!r}, flush=True), sys.exit(0))); "
              "print('ready', flush=True); time.sleep(60)")


@pytest.mark.parametrize("program,report", [(AT_ONCE, UNDEFINED), (AT_THE_END, LEAK)], ids=["at once", "at its end"])
def test_what_a_sanitizer_says_of_a_daemon_fails_the_test(monkeypatch, program, report):
    monkeypatch.setattr(node, "SANITIZED", True)
    made = Node()
    daemon = made.own(Child("mooring-sessiond", [sys.executable, "-c", program.format(report)], made.folder / "daemon.log"))
    daemon.start()
    daemon.wait_ready(lambda: daemon.log_text(), 10, "says something")
    with pytest.raises(Failure, match="caught by its sanitizer"):
        made.close()
    assert not made.folder.exists()


def test_daemons_of_which_nothing_is_said_pass(node):
    node.sessiond().start()
