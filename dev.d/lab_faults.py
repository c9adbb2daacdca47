"""The ways to break a region or a node of the lab, by name: for the prompt of ./dev lab and the scenarios of ./dev
drill."""

import math
from dataclasses import dataclass
from typing import Callable

from lab_world import NODES, REGIONS
from processes import Failure

LONGEST_DELAY = 60.0
FURTHEST_CLOCK = 86400.0


@dataclass(frozen=True)
class Fault:
    """`value` says what number it takes; empty: none. `refuses`: the region answers, and moving would not help, so
    visitors may see errors."""

    what: str
    places: tuple
    put: Callable
    value: str = ""
    lowest: float = 0.0
    highest: float = 0.0
    usual: float | None = None
    refuses: bool = False

    def read(self, name, words):
        """(place, number) from the words that follow the fault's name."""
        usage = f"{name} {'|'.join(self.places)}{f' {self.value}' if self.value else ''}"
        if not words or words[0] not in self.places or len(words) > (2 if self.value else 1):
            raise Failure(f"{name}: wants '{usage}'")
        if not self.value:
            return words[0], None
        if len(words) == 1 and self.usual is not None:
            return words[0], self.usual
        try:
            number = float(words[1])
        except (IndexError, ValueError):
            number = math.nan
        if not self.lowest <= number <= self.highest:
            raise Failure(f"{name}: wants '{usage}', {self.value} from {self.lowest:g} to {self.highest:g}")
        return words[0], number


def spoilt(fault):
    return lambda world, place, value: world.regions[place].spoil(fault, value)


def skew(world, place, value):
    for name in REGIONS if place == "both" else [place]:
        world.regions[name].spoil("skew", value)


REGION = tuple(REGIONS)
# Without namespaces packets cannot vanish, names are the machine's, and endpoints speak no TLS.
FOR_ROOT = ("blackhole", "cut", "dns", "tls")

FAULTS = {
    "blackhole": Fault("packets to and from the region's endpoint vanish", REGION,
                       lambda world, place, _value: world.network.drop(place, "endpoint")),
    "refuse": Fault("connections to the endpoint are refused", REGION, spoilt("refuse")),
    "errors": Fault("so many of its answers are 500", REGION, spoilt("errors"), "PERCENT", 1, 100, 100),
    "readonly": Fault("it answers reads, and fails writes", REGION, spoilt("readonly")),
    "tls": Fault("its certificate is not trusted any more", REGION, spoilt("tls")),
    "dns": Fault("its name has no addresses any more", REGION, lambda world, place, _value: world.empty_name(place)),
    "dead": Fault("its DynamoDB is killed, and what was not replicated yet stays there", REGION,
                  lambda world, place, _value: world.kill_region(place)),
    "slow": Fault("each answer comes so much later", REGION, spoilt("slow"), "SECONDS", 0.001, LONGEST_DELAY),
    "throttle": Fault("it asks for less load", REGION, spoilt("throttle"), refuses=True),
    "credentials": Fault("it does not know the nodes' keys", REGION, spoilt("credentials"), refuses=True),
    "table": Fault("it has no such table", REGION, spoilt("table"), refuses=True),
    "skew": Fault("its clock is so far ahead of the nodes'", (*REGION, "both"), skew, "SECONDS", -FURTHEST_CLOCK,
                  FURTHEST_CLOCK),
    "sever": Fault("what it stores is not replicated", REGION, lambda world, place, _value: world.replicate("cut", place)),
    "cut": Fault("the node's network: its packets vanish", NODES,
                 lambda world, place, _value: world.network.drop(place, "everything")),
}


def put(world, name, place, value=None):
    FAULTS[name].put(world, place, value)
