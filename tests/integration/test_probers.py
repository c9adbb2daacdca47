"""Load balancers probe the sidecar in their own words: each gets the same truth, in bytes all of them accept."""

import signal
import time

import pytest

from node import Node
from processes import wait_until
from raw_http import RawConnection, ask

# One worker runs them all, since they share nodes.
pytestmark = pytest.mark.xdist_group("probers")

# As the probers send them; sources are the vendors' documents and captured traffic.
PROBES = {
    "route53": b"GET /healthz HTTP/1.1\r\nHost: 203.0.113.7:8081\r\nConnection: close\r\n"
               b"User-Agent: Amazon-Route53-Health-Check-Service (ref 6f1c; report http://amzn.to/1vsZADi)\r\n"
               b"Accept: */*\r\nAccept-Encoding: *\r\n\r\n",
    "alb": b"GET /healthz HTTP/1.1\r\nHost: 10.0.0.5:8081\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\n"
           b"Accept-Encoding: gzip, compressed\r\n\r\n",
    "nlb": b"GET /healthz HTTP/1.1\r\nHost: 10.0.3.9:443\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\n"
           b"Accept-Encoding: gzip, compressed\r\n\r\n",
    "nodebalancer": b"GET /healthz HTTP/1.0\r\nHost: 192.168.255.17\r\n\r\n",
    "digitalocean": b"GET /healthz HTTP/1.1\r\nHost: 10.110.0.2\r\n\r\n",
    "gcp": b"GET /healthz HTTP/1.1\r\nHost: 10.128.0.4\r\nUser-Agent: GoogleHC/1.0\r\nConnection: Keep-alive\r\n\r\n",
    "kubernetes": b"GET /healthz HTTP/1.1\r\nHost: 10.1.2.3:8081\r\nUser-Agent: kube-probe/1.29\r\nAccept: */*\r\n"
                  b"Connection: close\r\n\r\n",
    "haproxy": b"OPTIONS /healthz HTTP/1.0\r\n\r\n",
    "haproxy-close": b"OPTIONS /healthz HTTP/1.0\r\nconnection: close\r\n\r\n",
    "haproxy-get": b"GET /healthz HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n",
    "consul": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8081\r\nUser-Agent: Consul Health Check\r\n"
              b"Accept: text/plain, text/*, */*\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n",
    "no-host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "bare-1.0": b"GET /healthz HTTP/1.0\r\n\r\n",
    "keep-alive-1.0": b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "monitor-head": b"HEAD /healthz HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: monitor\r\nConnection: close\r\n\r\n",
    "readyz": b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n",
    "query": b"GET /healthz?at=1700000000 HTTP/1.1\r\nHost: a\r\n\r\n",
}
STATES = {"healthy": (200, b"OK\n"), "failing": (503, b"FAIL\n"), "draining": (503, b"DRAINING\n")}


def started_in(state):
    node = Node()
    node.set("sidecar", drain_delay="60s", request_deadline="1s")
    if state != "failing":
        node.sessiond().start()
    sidecar = node.sidecar().start()
    if state == "failing":
        wait_until(lambda: node.healthz()[1] == b"FAIL\n", 10, "/healthz says FAIL")
    else:
        node.wait_healthz(200, 10)
    if state == "draining":
        sidecar.process.signal(signal.SIGTERM)
        wait_until(lambda: node.healthz()[1] == b"DRAINING\n", 2, "/healthz says DRAINING")
    return node


@pytest.fixture(scope="module", params=list(STATES))
def state(request):
    """(node, its status, its body) in each of the states."""
    node = started_in(request.param)
    try:
        yield (node, *STATES[request.param])
    finally:
        node.close()


@pytest.fixture(scope="module")
def healthy():
    node = started_in("healthy")
    try:
        yield node
    finally:
        node.close()


def keeps_alive(probe):
    head = probe.lower()
    if b"http/1.0" in head:
        return b"connection: keep-alive" in head
    return b"connection: close" not in head


@pytest.mark.parametrize("prober", list(PROBES))
def test_prober_gets_the_truth(state, prober):
    node, status, body = state
    probe = PROBES[prober]
    is_head = probe.startswith(b"HEAD")
    with RawConnection(node.probe_port) as connection:
        connection.send(probe)
        answer = connection.answer(has_body=not is_head)
        # A node that is about to go asks everyone to come back on another connection.
        kept = keeps_alive(probe) and body != b"DRAINING\n"
        if kept:
            assert connection.stays_open()
        else:
            assert connection.is_closed_by_server()
            assert answer.version == "HTTP/1.0" or answer.headers["connection"] == "close"
    assert answer.status == status
    assert answer.version == ("HTTP/1.0" if b"HTTP/1.0" in probe else "HTTP/1.1")
    assert answer.body == (b"" if is_head else body)
    assert answer.headers["content-length"] == str(len(body))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("text/plain")
    for refused in ("transfer-encoding", "content-encoding", "set-cookie", "location"):
        assert refused not in answer.headers
    assert answer.head_bytes + len(answer.body) < 512
    if b"HTTP/1.0" in probe and kept:
        assert answer.headers["connection"].lower() == "keep-alive"


def test_livez_is_about_the_process_only(state):
    node, _status, _body = state
    answer = ask(node.probe_port, b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (answer.status, answer.body) == (200, b"OK\n")


def test_two_probes_in_one_packet_get_two_answers(healthy):
    with RawConnection(healthy.probe_port) as connection:
        connection.send(PROBES["digitalocean"] + PROBES["kubernetes"])
        answers = [connection.answer(), connection.answer()]
        assert [(a.status, a.body) for a in answers] == [(200, b"OK\n")] * 2
        assert connection.is_closed_by_server()


def test_a_probe_in_single_bytes_is_understood(healthy):
    with RawConnection(healthy.probe_port) as connection:
        for byte in PROBES["nodebalancer"]:
            connection.send(bytes([byte]))
        assert connection.answer().status == 200


@pytest.mark.parametrize("pace", ["stalls", "trickles"])
def test_a_slow_head_ends_at_the_deadline(healthy, pace):
    begin = time.monotonic()
    with RawConnection(healthy.probe_port) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        while pace == "trickles" and time.monotonic() < begin + 0.8:
            connection.send(b"a")
            time.sleep(0.1)  # pause: a client that is slow
        assert connection.answer().status == 408
        assert connection.is_closed_by_server()
    assert 0.8 < time.monotonic() - begin < 10


def head_of(size):
    start, end = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Filler: ", b"\r\n\r\n"
    return start + b"x" * (size - len(start) - len(end)) + end


def test_the_largest_head_is_eight_kib(healthy):
    assert ask(healthy.probe_port, head_of(8192)).status == 200
    for size in (8193, 20000):
        with RawConnection(healthy.probe_port) as connection:
            connection.send(head_of(size))
            answer = connection.answer()
            assert answer.status == 431
            assert answer.headers["content-length"] == str(len(answer.body))
            assert connection.is_closed_by_server()


@pytest.mark.parametrize("garbage", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(64)) + b"\r\n\r\n",
    b"PROXY TCP4 203.0.113.1 203.0.113.2 35646 80\r\n\r\n",
    b"GET /healthz\r\n\r\n",
    b"\x00\xff\xfe\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nno colon here\r\n\r\n",
], ids=["tls", "proxy", "http-0.9", "binary", "header"])
def test_garbage_is_a_bad_request(healthy, garbage):
    with RawConnection(healthy.probe_port) as connection:
        connection.send(garbage)
        assert connection.answer().status == 400
        assert connection.is_closed_by_server()
    assert healthy.healthz()[0] == 200


def test_other_paths_and_methods(healthy):
    for path in (b"/", b"/metrics", b"/status", b"/status.json", b"/healthz/"):
        assert ask(healthy.probe_port, b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n").status == 404
    answer = ask(healthy.probe_port, b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    assert answer.status == 405
    assert {word.strip() for word in answer.headers["allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


def test_five_hundred_probers_at_once(healthy):
    connections = [RawConnection(healthy.probe_port) for _ in range(500)]
    try:
        for _round in range(2):
            for connection in connections:
                connection.send(PROBES["gcp"])
            for connection in connections:
                assert connection.answer().status == 200
    finally:
        for connection in connections:
            connection.socket.close()


def limited_to_eight(node):
    node.set("sidecar", max_connections=8)
    node.sessiond().start()
    node.sidecar().start()
    node.wait_healthz(200, 10)
    return [RawConnection(node.probe_port) for _ in range(8)]


def test_one_connection_too_many_takes_the_place_of_the_one_that_rested_longest(node):
    held = limited_to_eight(node)
    for connection in held:
        connection.send(PROBES["gcp"])
        assert connection.answer().status == 200
    with RawConnection(node.probe_port) as newcomer:
        newcomer.send(PROBES["gcp"])
        assert newcomer.answer().status == 200
        assert held[0].is_closed_by_server()
        for connection in held[1:]:
            connection.send(PROBES["gcp"])
            assert connection.answer().status == 200
    for connection in held:
        connection.socket.close()
    node.wait_healthz(200, 2)


def test_one_connection_too_many_is_closed_when_all_are_busy(node):
    held = limited_to_eight(node)
    for connection in held:
        connection.send(PROBES["gcp"][:10])
    with RawConnection(node.probe_port) as newcomer:
        assert newcomer.is_closed_by_server()
    for connection in held:
        connection.send(PROBES["gcp"][10:])
        assert connection.answer().status == 200
        connection.socket.close()
    node.wait_healthz(200, 2)
