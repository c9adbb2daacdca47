"""The hooks for DigitalOcean: which requests they send, to the letter, and when they send none."""

import json

import pytest

from api_mock import Reply
from digitalocean_mock import BALANCER, BUSY, TOKEN, DigitalOcean
from hook_cases import CASES
from hook_lab import EX_TEMPFAIL, HookLab, assert_one_line

RECORDS = "/v2/domains/example.com/records"
LOAD_BALANCER = f"/v2/load_balancers/{BALANCER}"
MAX_PAGES = 50
HEALTHY_AFTER = 10 * 5 + 10  # the health check of the mock, which is DigitalOcean's default, and the hook's margin
SLACK = 5  # seconds that a test may take between two runs on a busy machine


@pytest.fixture
def api():
    with DigitalOcean() as created:
        yield created
    assert not created.complaints


@pytest.fixture
def lab(tmp_path):
    return HookLab(tmp_path)


@pytest.fixture
def run(lab, api):
    def run_hook(name, *arguments, settings=None, **environment):
        lab.write(name, CASES[name].settings_for(api.url, **(settings or {})))
        return lab.run(name, *arguments, **environment)
    return run_hook


def test_dns_sends_these_requests(run, api):
    done = run("digitalocean-dns")
    assert done.returncode == 0, done
    assert done.stdout == "digitalocean-dns: did change www.example.com A from 203.0.113.1 to 203.0.113.9\n"
    records, change = api.requests
    assert (records.method, records.path) == ("GET", RECORDS)
    assert records.query == {"type": "A", "name": "www.example.com", "page": "1", "per_page": "200"}
    assert (change.method, change.target) == ("PATCH", f"{RECORDS}/3")
    assert change.json() == {"type": "A", "data": "203.0.113.9"}, "the TTL and all else stay"
    for request in api.requests:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"


def test_dns_of_the_domain_itself(run, api):
    assert run("digitalocean-dns", settings={"RECORD_NAME": "example.com"}).returncode == 0
    assert api.requests[0].query["name"] == "example.com"
    assert api.writes()[0].target == f"{RECORDS}/2"


def test_dns_names_end_with_a_dot_there(run, api):
    settings = {"RECORD_TYPE": "CNAME", "RECORD_NAME": "shop.example.com", "TARGET_eu_west_1": "eu.example.net",
                "TARGET_us_east_1": "us.example.net"}
    assert run("digitalocean-dns", settings=settings).returncode == 0
    assert api.writes()[0].json() == {"type": "CNAME", "data": "eu.example.net."}
    done = run("digitalocean-dns", settings=settings)
    assert done.returncode == 0 and "already" in done.stdout


def test_dns_reads_all_pages_and_follows_no_link(run, api):
    api.records = [api.record(100 + number, "A", "www", "203.0.113.1") for number in range(399)] + api.records
    assert_one_line(run("digitalocean-dns"), 1, "400 records www.example.com A", "delete the others")
    assert [request.query["page"] for request in api.requests] == ["1", "2"]
    assert not api.writes()


def test_dns_reads_so_many_pages_and_no_more(run, api):
    def page(last):
        def reply(request):
            if request.method != "GET":
                return None
            final = request.query["page"] == str(last)
            return Reply(200, {"domain_records": [api.records[2]] if final else [],
                               "links": {} if final else {"pages": {"next": "https://elsewhere.invalid/"}}})
        return reply

    api.fault = page(MAX_PAGES)
    assert run("digitalocean-dns").returncode == 0
    api.requests.clear()
    api.fault = page(MAX_PAGES + 1)
    assert_one_line(run("digitalocean-dns"), 1, "more than 10000 items")
    assert len(api.requests) == MAX_PAGES


def test_load_balancer_removes_only_when_the_new_droplets_may_be_healthy(run, api, lab):
    assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, f"{HEALTHY_AFTER} s to be healthy", "1 2")
    state, added = api.requests
    assert (state.method, state.target) == ("GET", LOAD_BALANCER)
    assert (added.method, added.target, added.json()) == ("POST", f"{LOAD_BALANCER}/droplets", {"droplet_ids": [3, 4]})
    assert api.droplets == [1, 2, 99, 3, 4]
    lab.later(HEALTHY_AFTER - SLACK)
    assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, "1 2", "s from now")
    assert len(api.writes()) == 1
    lab.later(SLACK)
    done = run("digitalocean-loadbalancer")
    assert done.returncode == 0, done
    removed = api.writes()[-1]
    assert (removed.method, removed.target) == ("DELETE", f"{LOAD_BALANCER}/droplets")
    assert removed.json() == {"droplet_ids": [1, 2]}
    assert api.droplets == [99, 3, 4], "one that no setting names stays"
    done = run("digitalocean-loadbalancer")
    assert (done.returncode, done.stdout) == (
        0, "digitalocean-loadbalancer: the load balancer has the droplets of eu-west-1 already\n")
    assert len(api.writes()) == 2


def test_load_balancer_waits_as_long_as_its_health_check_takes(run, api, lab):
    api.health_check.update(check_interval_seconds=60, healthy_threshold=3)
    assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, "190 s to be healthy", "190 s from now")
    lab.later(180)
    assert run("digitalocean-loadbalancer").returncode == EX_TEMPFAIL
    lab.later(10)
    assert run("digitalocean-loadbalancer").returncode == 0


def test_load_balancer_counts_from_now_when_nothing_says_since_when(run, api, lab):
    """Another node has added the droplets, or this one did in another move."""
    api.droplets = [1, 2, 3, 4]
    for epoch in ("7", "8"):
        assert_one_line(run("digitalocean-loadbalancer", MOORING_EPOCH=epoch), EX_TEMPFAIL,
                        f"{HEALTHY_AFTER} s from now")
        lab.later(HEALTHY_AFTER)
    assert not api.writes()
    assert run("digitalocean-loadbalancer", MOORING_EPOCH="8").returncode == 0


@pytest.mark.parametrize("note", [b"", b"\xff", b"[" * 100_000, b"[]", b"{}", b'{"subject": "x", "at": 0}', None])
def test_load_balancer_makes_nothing_of_a_note_that_is_damaged(run, api, tmp_path, note):
    api.droplets = [1, 2, 3, 4]
    path = tmp_path / "digitalocean-loadbalancer.note"
    assert run("digitalocean-loadbalancer").returncode == EX_TEMPFAIL
    right = json.loads(path.read_text(encoding="utf-8"))
    garbage = [note] if note is not None else [json.dumps({**right, "at": at}).encode()
                                               for at in ("0", 1.5, None, True, [], right["at"] + 1000)]
    for content in garbage:
        path.write_bytes(content)
        assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, f"{HEALTHY_AFTER} s from now")
        assert json.loads(path.read_text(encoding="utf-8"))["subject"] == right["subject"]
    assert not api.writes()


def test_load_balancer_changes_nothing_when_it_could_not_remember_it(run, api, tmp_path):
    missing = tmp_path / "missing"
    done = run("digitalocean-loadbalancer", settings={"STATE_FOLDER": missing})
    assert_one_line(done, 1, str(missing), "cannot be written", "STATE_FOLDER")
    assert not api.writes()


def test_load_balancer_that_did_not_answer_counts_from_the_next_run(run, api, lab):
    assert run("digitalocean-loadbalancer").returncode == EX_TEMPFAIL
    api.droplets = [1, 2]
    lab.later(HEALTHY_AFTER)

    def lost(request):
        if request.method != "POST":
            return None
        api.droplets = [1, 2, 3, 4]
        return Reply(504)

    api.fault = lost
    assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, "HTTP 504")
    assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, f"{HEALTHY_AFTER} s from now")


def test_load_balancer_adds_only_what_lacks(run, api):
    api.droplets = [3, 99]
    done = run("digitalocean-loadbalancer")
    assert done.returncode == 0, done
    assert [change.json() for change in api.writes()] == [{"droplet_ids": [4]}]


def test_load_balancer_keeps_a_droplet_that_serves_both(run, api, lab):
    settings = {"DROPLETS_us_east_1": "1 2", "DROPLETS_eu_west_1": "2", "DROPLETS_ap_south_1": "1"}
    assert run("digitalocean-loadbalancer", settings=settings).returncode == EX_TEMPFAIL
    lab.later(HEALTHY_AFTER)
    assert run("digitalocean-loadbalancer", settings=settings).returncode == 0
    assert [change.json() for change in api.writes()] == [{"droplet_ids": [1]}]


def test_load_balancer_dry_run_tells_the_whole_plan(run, api, tmp_path):
    done = run("digitalocean-loadbalancer", "--dry-run")
    assert done.stdout.splitlines() == ["digitalocean-loadbalancer: would add droplets 3 4",
                                        "digitalocean-loadbalancer: would remove droplets 1 2"]
    assert done.returncode == 0 and not api.writes()
    assert not list(tmp_path.glob("*.note*"))


def test_load_balancer_that_is_at_work_is_tried_again(run, api):
    api.fault = lambda request: BUSY if api.is_write(request) else None
    assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, "HTTP 403", "processes previous actions")


def test_load_balancer_by_tag_cannot_be_changed(run, api):
    api.tag = "web"
    assert_one_line(run("digitalocean-loadbalancer"), 1, "tag web", "digitalocean-dns")
    assert not api.writes()


@pytest.mark.parametrize("name, value", [("LOAD_BALANCER_ID", "../../v2/account"), ("DROPLETS_eu_west_1", "3,4"),
                                         ("DROPLETS_eu_west_1", "0"), ("DROPLETS_us_east_1", "web1"),
                                         ("STATE_FOLDER", "notes")])
def test_settings_that_cannot_be_right(run, api, name, value):
    assert_one_line(run("digitalocean-loadbalancer", settings={name: value}), 1, name, value)
    assert not api.requests
