"""For each hook that calls an API: the mock of that API, settings that fit it, and what the hook has to tell a
person."""

from dataclasses import dataclass
from typing import Callable

import aws_mock
import digitalocean_mock
import linode_mock
from api_mock import MockApi, Reply
from route53_mock import ZONE, Route53

TARGETS = {"TARGET_us_east_1": "203.0.113.1", "TARGET_eu_west_1": "203.0.113.9"}
RECORD = {"RECORD_NAME": "www.example.com", **TARGETS}
LINODE = {"LINODE_TOKEN": linode_mock.TOKEN}
DIGITALOCEAN = {"DIGITALOCEAN_TOKEN": digitalocean_mock.TOKEN}
AWS = {"AWS_ACCESS_KEY_ID": aws_mock.KEY, "AWS_SECRET_ACCESS_KEY": aws_mock.SECRET}


class Receiver(MockApi):
    """The other end of a webhook."""

    def respond(self, request):
        self.expect((request.method, request.headers["content-type"]) == ("POST", "application/json"), "not JSON")
        return Reply(204)


@dataclass(frozen=True)
class Case:
    hook: str
    mock: Callable
    settings: dict
    secret: str
    needs: str  # what the line for a refused key names
    checks: str  # what the line for an unknown thing names
    first_write: int = 1  # the request that changes something, counted from 1
    url: str = "API_URL"

    def settings_for(self, address, **more):
        return {self.url: address, **self.settings, **more}


CASES = {case.hook: case for case in (
    Case("linode-dns", linode_mock.Linode, {**LINODE, "DOMAIN": "example.com", **RECORD}, linode_mock.TOKEN,
         "LINODE_TOKEN", "DOMAIN", first_write=3),
    Case("linode-nodebalancer", linode_mock.Linode,
         {**LINODE, "NODEBALANCER_ID": "77", "CONFIG_ID": "88", "NODES_us_east_1": "web1 web2",
          "NODES_eu_west_1": "web3"}, linode_mock.TOKEN, "LINODE_TOKEN", "NODEBALANCER_ID", first_write=2),
    Case("digitalocean-dns", digitalocean_mock.DigitalOcean, {**DIGITALOCEAN, "DOMAIN": "example.com", **RECORD},
         digitalocean_mock.TOKEN, "DIGITALOCEAN_TOKEN", "DOMAIN", first_write=2),
    Case("digitalocean-loadbalancer", digitalocean_mock.DigitalOcean,
         {**DIGITALOCEAN, "LOAD_BALANCER_ID": digitalocean_mock.BALANCER, "DROPLETS_us_east_1": "1 2",
          "DROPLETS_eu_west_1": "3 4", "STATE_FOLDER": "{lab}"}, digitalocean_mock.TOKEN, "DIGITALOCEAN_TOKEN", "LOAD_BALANCER_ID",
         first_write=2),
    Case("aws-ssm-parameter", aws_mock.Ssm, {**AWS, "PARAMETER": "/shop/active_region"}, aws_mock.SECRET,
         "AWS_ACCESS_KEY_ID", "settings", first_write=2),
    Case("aws-asg-refresh", aws_mock.AutoScaling, {**AWS, "ENABLED": "yes", "GROUP": "web"}, aws_mock.SECRET,
         "AWS_ACCESS_KEY_ID", "settings", first_write=3),
    Case("aws-route53-record", Route53, {**AWS, "HOSTED_ZONE_ID": ZONE, **RECORD}, aws_mock.SECRET,
         "AWS_ACCESS_KEY_ID", "settings", first_write=2),
    Case("webhook", Receiver, {"SECRET": "webhook-secret"}, "webhook-secret", "SECRET", "URL", url="URL"),
)}
