"""The hooks for Linode: which requests they send, to the letter, and when they send none."""

import pytest

from api_mock import Reply
from hook_cases import CASES
from hook_lab import EX_TEMPFAIL, HookLab, assert_one_line
from linode_mock import TOKEN, Linode

RECORDS = "/v4/domains/12/records"
NODES = "/v4/nodebalancers/77/configs/88/nodes"
MAX_PAGES = 50


@pytest.fixture
def linode():
    with Linode() as created:
        yield created
    assert not created.complaints


class Hook:
    def __init__(self, name, lab, api):
        self.name, self._lab, self._api = name, lab, api

    def __call__(self, *arguments, settings=None, **environment):
        self._lab.write(self.name, CASES[self.name].settings_for(self._api.url, **(settings or {})))
        return self._lab.run(self.name, *arguments, **environment)


@pytest.fixture
def dns(tmp_path, linode):
    return Hook("linode-dns", HookLab(tmp_path), linode)


@pytest.fixture
def balancer(tmp_path, linode):
    return Hook("linode-nodebalancer", HookLab(tmp_path), linode)


def modes(linode):
    return {node["label"]: node["mode"] for node in linode.nodes}


def test_dns_sends_these_requests(dns, linode):
    done = dns()
    assert done.returncode == 0, done
    assert done.stdout == "linode-dns: did change www.example.com A from 203.0.113.1 to 203.0.113.9\n"
    domains, records, change = linode.requests
    assert (domains.method, domains.target) == ("GET", "/v4/domains")
    assert domains.headers["x-filter"] == '{"domain": "example.com"}'
    assert (records.method, records.path, records.query) == ("GET", RECORDS, {"page": "1", "page_size": "500"})
    assert (change.method, change.target) == ("PUT", f"{RECORDS}/3")
    assert change.json() == {"target": "203.0.113.9"}, "the TTL and all else stay"
    assert change.headers["content-type"] == "application/json"
    for request in linode.requests:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert linode.records[2]["target"] == "203.0.113.9"


def test_dns_says_so_when_nothing_is_to_do(dns, linode):
    done = dns(MOORING_TO="us-east-1")
    assert (done.returncode, done.stdout) == (0, "linode-dns: www.example.com A is 203.0.113.1 already\n")
    assert not linode.writes()


@pytest.mark.parametrize("kind, name, target, number", [
    ("A", "example.com", "203.0.113.9", 2), ("AAAA", "www.example.com", "2001:db8::9", 4),
    ("CNAME", "shop.example.com", "eu.example.net", 5)])
def test_dns_finds_the_record_by_name_and_type(dns, linode, kind, name, target, number):
    done = dns(settings={"RECORD_TYPE": kind, "RECORD_NAME": name, "TARGET_eu_west_1": target})
    assert done.returncode == 0, done
    assert linode.writes()[0].target == f"{RECORDS}/{number}"


def test_dns_compares_addresses_and_not_their_letters(dns, linode):
    linode.records[3]["target"] = "2001:0DB8::0001"
    done = dns(settings={"RECORD_TYPE": "AAAA", "TARGET_eu_west_1": "2001:db8:0::1"})
    assert done.returncode == 0 and "already" in done.stdout
    assert not linode.writes()


def test_dns_does_not_take_the_first_domain_that_comes(dns, linode):
    everything = Reply(200, {"data": linode.domains, "page": 1, "pages": 1, "results": 2})
    linode.fault = lambda request: everything if request.path == "/v4/domains" else None
    assert dns().returncode == 0
    assert linode.writes()[0].target == f"{RECORDS}/3"


def test_dns_reads_all_pages(dns, linode):
    others = [linode.record(100 + number, "TXT", f"t{number}", "x") for number in range(1200)]
    linode.records = others + linode.records
    assert dns().returncode == 0
    pages = [request.query["page"] for request in linode.requests if request.path == RECORDS and not request.body]
    assert pages == ["1", "2", "3"]
    assert linode.writes()[0].target == f"{RECORDS}/3"


def test_dns_reads_so_many_pages_and_no_more(dns, linode):
    def page(request, last):
        found = linode.records if request.query["page"] == str(last) else []
        return Reply(200, {"data": found, "page": int(request.query["page"]), "pages": last, "results": 1})

    linode.fault = lambda request: page(request, MAX_PAGES) if request.target.startswith(f"{RECORDS}?") else None
    assert dns().returncode == 0
    linode.requests.clear()
    linode.fault = lambda request: page(request, MAX_PAGES + 1) if request.target.startswith(f"{RECORDS}?") else None
    assert_one_line(dns(), 1, "more than 25000 items", "DOMAIN")
    assert len(linode.requests) == 1 + MAX_PAGES


def test_dns_changes_one_record_only(dns, linode):
    linode.records.append(linode.record(9, "A", "www", "203.0.113.2"))
    assert_one_line(dns(), 1, "2 records www.example.com A", "Linode's DNS manager")
    linode.records = []
    assert_one_line(dns(), 1, "no records www.example.com A", "create it")
    assert not linode.writes()


def test_dns_settings_that_do_not_fit(dns, linode):
    assert_one_line(dns(settings={"DOMAIN": "absent.example"}), 1, "RECORD_NAME www.example.com is not in DOMAIN")
    assert_one_line(dns(settings={"DOMAIN": "absent.example", "RECORD_NAME": "www.absent.example"}), 1,
                    "no domain absent.example", "DOMAIN")
    assert_one_line(dns(settings={"TARGET_eu_west_1": "eu.example.net"}), 1, "TARGET_eu_west_1", "A record")
    assert_one_line(dns(MOORING_TO="ap-south-1"), 1, "TARGET_ap_south_1 is not set in")
    assert not linode.writes()


def test_nodebalancer_sends_these_requests(balancer, linode):
    done = balancer(settings={"REQUIRE_UP": "no"})
    assert done.returncode == 0, done
    listed, *changes = linode.requests
    assert (listed.method, listed.path, listed.query) == ("GET", NODES, {"page": "1", "page_size": "500"})
    assert [(change.method, change.target, change.json()) for change in changes] == [
        ("PUT", f"{NODES}/3", {"mode": "accept"}), ("PUT", f"{NODES}/1", {"mode": "drain"}),
        ("PUT", f"{NODES}/2", {"mode": "drain"})], "those who serve come first"
    assert modes(linode) == {"web1": "drain", "web2": "drain", "web3": "accept", "web4": "reject"}
    done = balancer()
    assert (done.returncode, done.stdout) == (0, "linode-nodebalancer: the nodes of eu-west-1 serve already\n")


def test_nodebalancer_waits_until_a_new_node_is_up(balancer, linode):
    linode.nodes[2]["status"] = "unknown"
    assert_one_line(balancer(), EX_TEMPFAIL, "no node of eu-west-1 is UP yet")
    assert modes(linode) == {"web1": "accept", "web2": "accept", "web3": "accept", "web4": "reject"}
    linode.nodes[2]["status"] = "DOWN"
    assert_one_line(balancer(), EX_TEMPFAIL, "no node of eu-west-1 is UP yet")
    linode.nodes[2]["status"] = "UP"
    assert balancer().returncode == 0
    assert modes(linode) == {"web1": "drain", "web2": "drain", "web3": "accept", "web4": "reject"}


@pytest.mark.parametrize("mode", ["reject", "backup"])
def test_nodebalancer_has_other_idle_modes(balancer, linode, mode):
    assert balancer(settings={"IDLE_MODE": mode}).returncode == 0
    assert modes(linode) == {"web1": mode, "web2": mode, "web3": "accept", "web4": "reject"}
    count = len(linode.writes())
    assert balancer(settings={"IDLE_MODE": mode}).returncode == 0
    assert len(linode.writes()) == count


def test_nodebalancer_leaves_idle_nodes_as_somebody_set_them(balancer, linode):
    linode.nodes[0]["mode"] = "reject"
    assert balancer().returncode == 0
    assert modes(linode)["web1"] == "reject"


def test_nodebalancer_knows_nodes_by_address_and_number(balancer, linode):
    settings = {"NODES_us_east_1": "1 192.168.140.2:80", "NODES_eu_west_1": "192.168.140.3:80 web1"}
    assert balancer(settings=settings).returncode == 0
    assert modes(linode) == {"web1": "accept", "web2": "drain", "web3": "accept", "web4": "reject"}, \
        "who is in both lists serves"


def test_nodebalancer_reads_all_pages(balancer, linode):
    linode.nodes = [linode.node(100 + number, f"n{number}", "accept", "UP") for number in range(600)] + linode.nodes
    assert balancer().returncode == 0
    assert [change.target for change in linode.writes()] == [f"{NODES}/{number}" for number in (3, 1, 2)]


def test_nodebalancer_without_the_nodes_that_should_serve_takes_none_out(balancer, linode):
    assert_one_line(balancer(settings={"NODES_eu_west_1": "web8 web9"}), 1, "none of web8 web9", "NODES_eu_west_1")
    assert not linode.writes()


def test_nodebalancer_with_some_of_them_serves_and_complains(balancer, linode):
    done = balancer(settings={"NODES_eu_west_1": "web3 web9"})
    assert_one_line(done, 1, "no web9", "the rest is done")
    assert "web9" not in done.stdout, "it is none of those to take out"
    assert modes(linode) == {"web1": "drain", "web2": "drain", "web3": "accept", "web4": "reject"}


def test_nodebalancer_does_not_mind_that_a_node_to_take_out_is_gone(balancer, linode):
    done = balancer(settings={"NODES_us_east_1": "web1 web9"})
    assert done.returncode == 0, done
    assert "no web9" in done.stdout
    assert modes(linode)["web1"] == "drain"


def test_nodebalancer_dry_run_tells_the_whole_plan(balancer, linode):
    linode.nodes[2]["status"] = "DOWN"
    done = balancer("--dry-run")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [f"linode-nodebalancer: would change node {node}" for node in (
        "web3 from drain to accept", "web1 from accept to drain", "web2 from accept to drain")]
    assert not linode.writes()
