"""The promise: whatever dies, no cart is emptied or goes back to an older state, and no visitor is logged out."""

import time

from daemons import get
from node import REGION
from processes import wait_until
from servers import LOOPBACK
from shop import Crowd, Outages

VISITORS = 200
PAUSE = 0.8  # a visitor's mean time between two clicks, in seconds
SLACK = 1.5  # after a server is back: queued requests are still being worked off
QUIET = 2.0  # between two kinds of faults
DOWN = [0.0] * 8 + [0.3, 2.0]  # how long sessiond stays away; PHP waits out the short times, not the long one


def shop_on(crowd, seconds):
    """Lets the crowd shop, and makes sure that it does."""
    before = crowd.answered()
    time.sleep(seconds)  # pause: the crowd shops
    assert crowd.answered() - before > VISITORS * seconds / PAUSE / 10, "the shop is at a stand-still"


def restart_sessiond(crowd, outages, sessiond, end):
    for seconds in DOWN:
        with outages.during():
            end(sessiond.process)
            time.sleep(seconds)  # pause: sessiond is away
            sessiond.start()
        shop_on(crowd, 0.4)
    shop_on(crowd, QUIET)


def stop_the_store(crowd, outages, emulator):
    with outages.during():
        emulator.process.pause()
        time.sleep(3.0)  # pause: DynamoDB hangs
        emulator.process.resume()
    shop_on(crowd, QUIET)


def kill_the_database(node, crowd, database):
    database.process.kill()
    begin = time.monotonic()
    node.wait_healthz(503, 10)
    # fall = 3: at most one interval of 300 ms until the first failure, then two at 100 ms.
    assert time.monotonic() - begin < 0.3 + 2 * 0.1 + SLACK
    assert node.healthz()[1] == b"FAIL\n"
    shop_on(crowd, QUIET)
    database.start()
    node.wait_healthz(200, 10)


def test_no_cart_is_lost(node):
    database = node.start_database()
    emulator = node.start_emulator()
    # Shorter than the store's outage, so that commits end in doubt; with the default of 5 s the visitors only wait.
    node.set("sessions", deadline="2s")
    sessiond = node.sessiond().start()
    node.sidecar().start()
    node.start_site()
    node.wait_healthz(200, 10)

    outages = Outages(SLACK)
    crowd = Crowd(VISITORS, [(LOOPBACK, node.shop_port)], outages, PAUSE)
    crowd.enter()
    try:
        wait_until(lambda: all(visitor.kept_count() > 0 for visitor in crowd.visitors), 15, "every visitor has a cart")
        restart_sessiond(crowd, outages, sessiond, lambda process: process.stop())
        restart_sessiond(crowd, outages, sessiond, lambda process: process.kill())
        stop_the_store(crowd, outages, emulator)
        kill_the_database(node, crowd, database)
    finally:
        crowd.leave()

    violations = [violation.text for violation in crowd.violations()]
    assert not violations, f"{len(violations)} violations:\n" + "\n".join(violations[:20])
    assert crowd.failed() > 0, "no request failed, so nothing was proved about failures"


def test_the_balancer_sees_the_node_through_nginx(node):
    from raw_http import ask

    node.sessiond().start()
    sidecar = node.sidecar().start()
    node.start_site()
    node.wait_healthz(200, 10)

    def through_nginx(path):
        head = f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nCookie: {'x' * 4000}\r\nConnection: close\r\n\r\n"
        answer = ask(node.shop_port, head.encode())
        return answer.status, answer.body

    paths = ("/healthz", "/healthz?at=1", "/readyz", "/livez", f"/region/{REGION}", "/region/us-gov-west-1")
    for path in paths:
        expected = (200, b"OK\n") if path != "/region/us-gov-west-1" else (503, b"FAIL\n")
        assert through_nginx(path) == expected == get(node.probe_port, path), path
    for path in ("/region/", "/region/france", f"/region/{REGION}/", f"/region/{REGION}%0A", "/healthz/", "/healthz.php"):
        assert get(node.shop_port, path)[1] not in (b"OK\n", b"FAIL\n", b"NOTFOUND\n"), f"{path} is the shop's"
    sidecar.process.kill()
    for path in paths:
        assert through_nginx(path) == (503, b"FAIL\n"), path
