"""The hooks for DigitalOcean: which requests they send, to the letter, and when they send none."""

import pytest

from api_mock import Reply
from digitalocean_mock import BALANCER, BUSY, TOKEN, DigitalOcean
from hook_cases import CASES
from hook_lab import EX_TEMPFAIL, HookLab, assert_one_line

RECORDS = "/v2/domains/example.com/records"
LOAD_BALANCER = f"/v2/load_balancers/{BALANCER}"
MAX_PAGES = 50


@pytest.fixture
def api():
    with DigitalOcean() as created:
        yield created
    assert not created.complaints


@pytest.fixture
def run(tmp_path, api):
    def run_hook(name, *arguments, settings=None, **environment):
        lab = HookLab(tmp_path)
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


def test_load_balancer_adds_first_and_removes_in_the_next_run(run, api):
    assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, "1 2", "next run")
    state, added = api.requests
    assert (state.method, state.target) == ("GET", LOAD_BALANCER)
    assert (added.method, added.target, added.json()) == ("POST", f"{LOAD_BALANCER}/droplets", {"droplet_ids": [3, 4]})
    assert api.droplets == [1, 2, 99, 3, 4]
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


def test_load_balancer_adds_only_what_lacks(run, api):
    api.droplets = [3, 99]
    done = run("digitalocean-loadbalancer")
    assert done.returncode == 0, done
    assert [change.json() for change in api.writes()] == [{"droplet_ids": [4]}]


def test_load_balancer_keeps_a_droplet_that_serves_both(run, api):
    settings = {"DROPLETS_us_east_1": "1 2", "DROPLETS_eu_west_1": "2", "DROPLETS_ap_south_1": "1"}
    assert run("digitalocean-loadbalancer", settings=settings).returncode == 0
    assert [change.json() for change in api.writes()] == [{"droplet_ids": [1]}]


def test_load_balancer_dry_run_tells_the_whole_plan(run, api):
    done = run("digitalocean-loadbalancer", "--dry-run")
    assert done.stdout.splitlines() == ["digitalocean-loadbalancer: would add droplets 3 4",
                                        "digitalocean-loadbalancer: would remove droplets 1 2"]
    assert done.returncode == 0 and not api.writes()


def test_load_balancer_that_is_at_work_is_tried_again(run, api):
    api.fault = lambda request: BUSY if api.is_write(request) else None
    assert_one_line(run("digitalocean-loadbalancer"), EX_TEMPFAIL, "HTTP 403", "processes previous actions")


def test_load_balancer_by_tag_cannot_be_changed(run, api):
    api.tag = "web"
    assert_one_line(run("digitalocean-loadbalancer"), 1, "tag web", "digitalocean-dns")
    assert not api.writes()


@pytest.mark.parametrize("name, value", [("LOAD_BALANCER_ID", "../../v2/account"), ("DROPLETS_eu_west_1", "3,4"),
                                         ("DROPLETS_eu_west_1", "0"), ("DROPLETS_us_east_1", "web1")])
def test_settings_that_cannot_be_right(run, api, name, value):
    assert_one_line(run("digitalocean-loadbalancer", settings={name: value}), 1, name, value)
    assert not api.requests
