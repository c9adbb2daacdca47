"""Linode's API v4, as far as the hooks use it: domains, their records, and the nodes of a NodeBalancer.

https://techdocs.akamai.com/linode-api/reference/put-domain-record
https://techdocs.akamai.com/linode-api/reference/put-node-balancer-node
"""

import ipaddress
import json
import re

from api_mock import MockApi, Reply

TOKEN = "linode-token-0123456789abcdef"
MODES = ("accept", "reject", "drain", "backup")
BALANCER, CONFIG = 77, 88


def error(status, reason, field=None):
    return Reply(status, {"errors": [{"reason": reason, **({"field": field} if field else {})}]})


class Linode(MockApi):
    def __init__(self):
        super().__init__()
        self.domains = [{"id": 11, "domain": "other.example", "type": "master"},
                        {"id": 12, "domain": "example.com", "type": "master"}]
        self.records = [self.record(1, "MX", "", "mail.example.com"), self.record(2, "A", "", "203.0.113.1"),
                        self.record(3, "A", "www", "203.0.113.1"), self.record(4, "AAAA", "www", "2001:db8::1"),
                        self.record(5, "CNAME", "shop", "us.example.net")]
        self.nodes = [self.node(1, "web1", "accept", "UP"), self.node(2, "web2", "accept", "UP"),
                      self.node(3, "web3", "drain", "UP"), self.node(4, "web4", "reject", "UP")]

    @staticmethod
    def record(number, kind, name, target):
        return {"id": number, "type": kind, "name": name, "target": target, "ttl_sec": 300, "priority": 0, "weight": 0,
                "port": 0, "service": None, "protocol": None, "tag": None}

    @staticmethod
    def node(number, label, mode, status):
        return {"id": number, "label": label, "address": f"192.168.140.{number}:80", "status": status, "mode": mode,
                "weight": 50, "config_id": CONFIG, "nodebalancer_id": BALANCER}

    def respond(self, request):
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return error(401, "Invalid Token")
        nodes = f"/v4/nodebalancers/{BALANCER}/configs/{CONFIG}/nodes"
        for path, items, update in (("/v4/domains/12/records", self.records, self._update_record),
                                    (nodes, self.nodes, self._update_node)):
            one = re.fullmatch(f"{path}/([0-9]+)", request.path)
            if request.method == "GET" and request.path == path:
                return self._page(request, items)
            if request.method == "PUT" and one:
                return self._put(request, items, int(one[1]), update)
        if (request.method, request.path) == ("GET", "/v4/domains"):
            wanted = json.loads(request.headers.get("x-filter", "{}"))
            return self._page(request, [item for item in self.domains if wanted.items() <= item.items()])
        return error(404, "Not found")

    def _page(self, request, items):
        size, page = int(request.query.get("page_size", 100)), int(request.query.get("page", 1))
        if not self.expect(25 <= size <= 500, f"page_size={size}"):
            return error(400, "Must be 25-500", "page_size")
        shown = items[(page - 1) * size:page * size]
        return Reply(200, {"data": shown, "page": page, "pages": max(1, -(-len(items) // size)), "results": len(items)})

    def _put(self, request, items, number, update):
        self.expect(request.headers.get("content-type") == "application/json", "the content type of a PUT")
        found = [item for item in items if item["id"] == number]
        if not found:
            return error(404, "Not found")
        changes = request.json()
        fault = update(found[0], changes)
        if fault:
            self.complaints.append(f"{request.path}: {changes}")
            return error(400, "is not valid", fault)
        found[0].update(changes)
        return Reply(200, found[0])

    def _update_record(self, record, changes):
        if set(changes) - {"name", "target", "priority", "weight", "port", "service", "protocol", "ttl_sec", "tag"}:
            return "unknown"
        try:
            if record["type"] in ("A", "AAAA"):
                assert ipaddress.ip_address(changes["target"]).version == {"A": 4, "AAAA": 6}[record["type"]]
        except (AssertionError, ValueError):
            return "target"
        return None

    def _update_node(self, node, changes):
        if set(changes) - {"address", "label", "mode", "weight"} or changes.get("mode", "accept") not in MODES:
            return "mode"
        return None
