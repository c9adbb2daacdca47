"""A move is told to nginx by a reload: no request is lost by it, and within a second every page has the new region."""

import time

import pytest

from node import REGION
from processes import wait_until
from reload_clients import Client
from servers import DemoSite, LOOPBACK, program
from test_follow import OTHER
from test_regions import Fleet, start

MOVES = 8
BETWEEN_MOVES = 1.5
LATEST_PAGE = 1.0  # seconds from the epoch in the state file
CLIENTS = 6  # of each kind
LEAST_PER_SECOND = 200
SLOW_PAGE = 4.0  # seconds
PAGES = {"region.php": "<?php echo $_SERVER['DYNAMODB_REGION'], ' ', $_SERVER['AWS_REGION'];",
         "slow.php": f"<?php touch('FOLDER/marks/slow.began'); usleep({int(SLOW_PAGE * 1e6)}); echo $_SERVER['DYNAMODB_REGION'];"}


class Site(Fleet):
    """nginx and php-fpm with two pages of the test, and a sidecar that tells nginx the region."""

    def __init__(self, node):
        super().__init__(node)
        nginx = [program("nginx"), "-p", node.folder, "-c", node.folder / "nginx.conf", "-e", node.folder / "log" / "nginx.log"]
        node.set("publish", nginx_test=[*nginx, "-t"], nginx_reload=[*nginx, "-s", "reload"])
        pages = node.folder / "pages"
        pages.mkdir()
        # For php-fpm, which runs as another user.
        marks = node.folder / "marks"
        marks.mkdir()
        marks.chmod(0o777)
        for name, text in PAGES.items():
            (pages / name).write_text(text.replace("FOLDER", str(node.folder)), encoding="ascii")
        self.address = LOOPBACK, node.shop_port
        site = DemoSite(node.folder, node.shop_port, node.probe_port)
        conf = node.folder / "nginx.conf"
        text = conf.read_text(encoding="utf-8")
        assert text.count("dev.d/demo/public;") == 1
        conf.write_text("\n".join(f"root {pages};" if "dev.d/demo/public;" in line else line for line in text.splitlines()),
                        encoding="utf-8")
        node.own(site.php.process)
        node.own(site.nginx.process)
        node.site = site

    def move(self, region):
        """When the state file had the epoch of it, by the steady clock."""
        assert self.ask(f"pin {region} 600 the test says so") == "OK"
        wait_until(lambda: self.published()["active"] == region, 2, f"{region} is published", every=0.002)
        return time.monotonic()


@pytest.fixture
def site(node):
    site = Site(node)
    node.sessiond().start()
    site.sidecar = start(site)
    node.site.start()
    # The start's own reload, which comes again until nginx runs.
    wait_until(lambda: "event=nginx.reloaded" in site.sidecar.process.log_text(), 10, "nginx is told at the start")
    return site


def clients_at(site, path="/region.php"):
    return [Client(site.address, path, keeps).start() for keeps in (True, False) for _ in range(CLIENTS)]


def test_moves_under_load_lose_no_request_and_every_page_has_the_region_within_a_second(site):
    clients = clients_at(site)
    began = time.monotonic()
    time.sleep(1)  # pause: the load before the first move
    told = [(began - LATEST_PAGE, REGION)]
    for number in range(MOVES):
        region = REGION if number % 2 else OTHER
        told.append((site.move(region), region))
        time.sleep(BETWEEN_MOVES)  # pause: the load between two moves
    for client in clients:
        client.stop()
    seconds = time.monotonic() - began
    answers = [answer for client in clients for answer in client.answers]
    wrong = [answer for answer in answers if answer.status != 200]
    failures = [failure for client in clients for failure in client.failures]
    closed = sum(client.closed_between for client in clients)
    latest = [latest_page(answers, told, number) for number in range(1, len(told))]
    print(f"{len(answers)} requests in {seconds:.1f} s, {len(failures)} failed, {len(wrong)} not 200; {closed} found their kept "
          f"connection closed between two requests, in {MOVES} moves; the last page of the former region began "
          f"{', '.join(f'{1000 * late:.0f}' for late in latest)} ms after the epoch")
    assert not failures
    assert not wrong
    assert len(answers) > LEAST_PER_SECOND * seconds
    assert site.node.logs(400).count("event=nginx.reloaded") == 1 + MOVES
    assert max(latest) < LATEST_PAGE
    # Each kept connection can be closed once by each reload.
    assert closed <= CLIENTS * MOVES


def test_clients_whose_connections_are_not_kept_see_no_closed_one(site):
    conf = site.node.folder / "nginx.conf"
    conf.write_text(conf.read_text(encoding="utf-8").replace("index index.php;", "index index.php; keepalive_timeout 0;"),
                    encoding="utf-8")
    site.node.site.nginx.process.stop()
    site.node.site.nginx.start()
    clients = clients_at(site)
    for number in range(MOVES // 2):
        site.move(REGION if number % 2 else OTHER)
        time.sleep(0.5)  # pause: the load between two moves
    for client in clients:
        client.stop()
    assert sum(len(client.answers) for client in clients) > 100
    assert [client.failures for client in clients] == [[]] * len(clients)
    assert sum(client.closed_between for client in clients) == 0


def latest_page(answers, told, number):
    """How long after move `number` the last page began that had the former region."""
    (at, region) = told[number]
    end = told[number + 1][0] if number + 1 < len(told) else float("inf")
    late = [answer.begin - at for answer in answers if at <= answer.begin and answer.end < end
            and answer.body != f"{region} {region}"]
    return max(late, default=0.0)


def test_a_page_that_takes_longer_than_several_moves_is_answered(site):
    slow = Client(site.address, "/slow.php", keeps=True).start()
    began = time.monotonic()
    wait_until(lambda: (site.node.folder / "marks" / "slow.began").exists(), 5, "the slow page has begun")
    moves = 0
    while time.monotonic() < began + SLOW_PAGE - 1:
        site.move(REGION if moves % 2 else OTHER)
        moves += 1
        time.sleep(0.5)  # pause: the load between two moves
    wait_until(lambda: slow.answers or slow.failures, 2 * SLOW_PAGE, "the slow page is answered")
    assert moves >= 3
    assert not slow.failures
    assert (slow.answers[0].status, slow.answers[0].body) == (200, REGION), "it began before the first move"
    slow.stop()
