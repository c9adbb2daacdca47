"""Clients that are refused, and leave just when sessiond would leave them: it goes on, and serves the others."""

import threading
import time

from resp_client import RespClient

GARBAGE = b"GET / HTTP/1.0\r\n\r\n"
LINGER = 1.0  # for so long sessiond reads on after the error

# What is freed is overwritten at once: a daemon that touches it ends.
OVERWRITE_FREED = {"GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"}


def refused(node):
    client = RespClient(node.socket)
    client.send_bytes(GARBAGE)
    assert client.socket.recv(4096).startswith(b"-ERR Protocol error")
    return client


def assert_serves(node, daemon):
    with RespClient(node.socket) as client:
        assert client.call("PING") == b"PONG"
    assert daemon.process.alive()
    assert "event=task.bug" not in daemon.process.log_text()


def test_clients_that_end_while_the_daemon_is_stopped_end_nothing_else(node):
    daemon = node.sessiond(OVERWRITE_FREED).start()
    for _round in range(3):
        clients = [refused(node) for _ in range(20)]
        daemon.process.pause()
        time.sleep(LINGER + 0.2)  # pause: the daemon finds its timers and the clients' ends in one pass
        for client in clients:
            client.close()
        daemon.process.resume()
        assert_serves(node, daemon)


def test_thousands_of_clients_that_leave_at_their_last_moment_end_nothing_else(node):
    node.set("sessions", max_connections=2000)
    daemon = node.sessiond(OVERWRITE_FREED).start()

    def come_and_go(number):
        for _ in range(3):
            leaving = []
            for _client in range(50):
                client = refused(node)
                leaving.append((time.monotonic() + LINGER - 0.002 + 0.0005 * (number % 8), client))
            for when, client in leaving:
                time.sleep(max(0.0, when - time.monotonic()))  # pause: the clients end together
                client.close()

    visitors = [threading.Thread(target=come_and_go, args=(number,)) for number in range(16)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert_serves(node, daemon)
