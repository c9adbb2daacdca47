"""A log on a disk that hangs: the daemons serve as before, and end."""

import signal

import pytest
from hanging_disk import HangingDisk
from resp_client import RespClient


def serves(node, daemon):
    if daemon.program == "mooring-sidecar":
        return node.healthz()[0] is not None
    with RespClient(node.socket) as client:
        return client.call("PING") == b"PONG"


@pytest.mark.parametrize("name", ["sessiond", "sidecar"])
def test_a_daemon_whose_log_is_on_a_hanging_disk_serves_and_ends(node, name):
    disk = HangingDisk(node.folder / "log", node.folder)
    daemon = getattr(node, name)(disk.environment())
    daemon.process.log = str(disk.folder / "daemon.log")
    daemon.start()
    disk.hang()
    daemon.process.signal(signal.SIGHUP)  # which is answered by a line in the log
    disk.wait_until_reached()
    assert serves(node, daemon)
    daemon.process.signal(signal.SIGTERM)
    assert daemon.process.wait(10) == 0
