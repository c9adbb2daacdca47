"""DigitalOcean's API v2, as far as the hooks use it: the records of a domain, and the droplets of a load balancer.

https://docs.digitalocean.com/reference/api/reference/domain-records/
https://docs.digitalocean.com/reference/api/reference/load-balancers/
"""

import re

from api_mock import MockApi, Reply

TOKEN = "dop_v1_0123456789abcdef0123456789abcdef"
BALANCER = "4de7ac8b-495b-4884-9a69-1050c6793cd6"
UNPROCESSABLE = Reply(422, {"id": "unprocessable_entity", "message": "request payload validation failed"})
NOT_FOUND = Reply(404, {"id": "not_found", "message": "The resource you requested could not be found."})
BUSY = Reply(403, {"id": "forbidden", "message": "Load Balancer can't be updated while it processes previous actions"})


class DigitalOcean(MockApi):
    def __init__(self):
        super().__init__()
        self.records = [self.record(1, "NS", "@", "ns1.digitalocean.com"), self.record(2, "A", "@", "203.0.113.1"),
                        self.record(3, "A", "www", "203.0.113.1"), self.record(5, "CNAME", "shop", "us.example.net")]
        self.droplets = [1, 2, 99]
        self.tag = ""
        self.health_check = {"protocol": "http", "port": 80, "path": "/healthz", "check_interval_seconds": 10,
                             "response_timeout_seconds": 5, "healthy_threshold": 5, "unhealthy_threshold": 3}

    @staticmethod
    def record(number, kind, name, data):
        return {"id": number, "type": kind, "name": name, "data": data, "ttl": 60, "priority": None, "port": None,
                "weight": None, "flags": None, "tag": None}

    def respond(self, request):
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"id": "Unauthorized", "message": "Unable to authenticate you"})
        if request.method != "GET":
            self.expect(request.headers.get("content-type") == "application/json", "the content type of a change")
        one = re.fullmatch("/v2/domains/example.com/records/([0-9]+)", request.path)
        balancer = f"/v2/load_balancers/{BALANCER}"
        if (request.method, request.path) == ("GET", "/v2/domains/example.com/records"):
            return self._records(request)
        if request.method == "PATCH" and one:
            return self._change_record(int(one[1]), request.json())
        if (request.method, request.path) == ("GET", balancer):
            return Reply(200, {"load_balancer": {"id": BALANCER, "name": "shop", "status": "active", "tag": self.tag,
                                                 "health_check": self.health_check,
                                                 "droplet_ids": self.droplets}})
        if request.path == f"{balancer}/droplets" and request.method in ("POST", "DELETE"):
            return self._change_droplets(request)
        return NOT_FOUND

    def _records(self, request):
        size, page = int(request.query.get("per_page", 20)), int(request.query.get("page", 1))
        if not self.expect(1 <= size <= 200, f"per_page={size}"):
            return UNPROCESSABLE
        kind, name = request.query.get("type"), request.query.get("name")
        self.expect(name == "example.com" or name.endswith(".example.com"), f"the name {name} is not a full one")
        found = [record for record in self.records if record["type"] == kind and self._full_name(record) == name]
        links = {}
        if page * size < len(found):
            following = f"https://elsewhere.invalid/v2/domains/example.com/records?page={page + 1}"
            links = {"pages": {"next": following, "last": following}}
        return Reply(200, {"domain_records": found[(page - 1) * size:page * size], "links": links,
                           "meta": {"total": len(found)}})

    @staticmethod
    def _full_name(record):
        return "example.com" if record["name"] == "@" else f"{record['name']}.example.com"

    def _change_record(self, number, changes):
        found = [record for record in self.records if record["id"] == number]
        if not found:
            return NOT_FOUND
        data = changes.get("data", "")
        if not self.expect(changes.get("type") == found[0]["type"], "a change without the type of the record"):
            return UNPROCESSABLE
        if not self.expect(changes["type"] != "CNAME" or data.endswith("."), "a name without a dot at its end"):
            return UNPROCESSABLE
        found[0].update(changes, data=data.rstrip("."))
        return Reply(200, {"domain_record": found[0]})

    def _change_droplets(self, request):
        numbers = request.json()["droplet_ids"]
        if self.tag:
            return UNPROCESSABLE
        if request.method == "POST":
            self.droplets += [number for number in numbers if number not in self.droplets]
        else:
            self.droplets = [number for number in self.droplets if number not in numbers]
        return Reply(204)
