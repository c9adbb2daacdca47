"""What ./dev drill breaks, and what must come of it."""

from dataclasses import dataclass

# Limits: what must hold with the nodes' default settings.
MOST_FAILED = 0  # requests that were not answered, or with 5xx
MOST_LOST = 0  # visitors whose cart lacks in the end what the shop acknowledged
MOST_OLDER = 0  # carts seen older than acknowledged
MOST_WRONG_MOVES = 0
SLOWEST_P99 = 2.0  # seconds, while a region is bridged
LATEST_SWITCH = 10.0  # seconds from the first failure until the last node has published the other region
LATEST_PAGE = 1.0  # seconds from the publication until PHP's pages show the region
REPLAY_WITHIN = 5.0  # seconds after a region died until every node has what the others stored

SLOW = 1.0  # seconds: a request that a visitor notices
CUT_OFF_PATIENCE = 2.0  # seconds: who waits for a node that is gone cannot ask another one meanwhile

PRIMARY = "east"


@dataclass(frozen=True)
class Scenario:
    name: str
    what: str
    # (fault of lab_faults, place, value), or ("kill", part, None), or ("pin", region, None): an operator does, on all nodes
    faults: tuple
    moves: bool = True  # the other region must be published; else none may be
    hold: float = 20.0
    after: float = 10.0
    lag: float | None = None
    may_fail: bool = False  # the region answers and refuses, so pages that need it show an error
    from_sign: bool = False  # what fails first is known by the daemons only, not by the clock of the fault
    back: bool = False  # goes on until the nodes use the primary again
    latest_switch: float = LATEST_SWITCH
    killed_in_move: tuple = ()  # parts that are killed and started again as soon as a node has published the move
    # Nodes that visitors cannot reach and soon give up, so only pages of the others count; these must freeze.
    cut_off: tuple = ()
    # What the log of each node, or of each that is cut off, must say at level warn; and a metric that is not 0 there.
    warning: str = ""
    metric: str = ""


def failed_as(check, kind):
    """How each node warns of a check that is down, and counts its failures."""
    return {"warning": rf"event=check\.down check={check} class={kind} ",
            "metric": rf'mooring_sidecar_check_failures_total\{{check="{check}",class="{kind}"\}}'}


def refused_as(kind):
    return failed_as(r"dynamodb\.us-east-1", kind)


SCENARIOS = {scenario.name: scenario for scenario in (
    Scenario("blackhole", "packets to the region vanish", (("blackhole", PRIMARY, None),)),
    Scenario("refused", "the region refuses connections", (("refuse", PRIMARY, None),)),
    Scenario("errors", "the region answers 500", (("errors", PRIMARY, 100.0),)),
    # Probes read. So sessiond alone finds out, and each time that it tries the region again.
    Scenario("readonly", "the region answers reads, and fails writes", (("readonly", PRIMARY, None),), moves=False,
             hold=45.0),
    Scenario("tls", "the region's certificate is not trusted", (("tls", PRIMARY, None),)),
    # Addresses are kept for 30 s, and every twelfth probe looks the name up.
    Scenario("dns", "the region's name is empty, while open connections live", (("dns", PRIMARY, None),), hold=70.0,
             from_sign=True),
    Scenario("dead", "the region is killed with 2 s of replication under way", (("dead", PRIMARY, None),), lag=2.0),
    Scenario("failback", "a region comes back with old writes that nobody had seen",
             (("sever", PRIMARY, None), ("blackhole", PRIMARY, None)), back=True),
    Scenario("headless", "packets vanish while the sidecars are dead",
             (("kill", "node1.sidecar", None), ("kill", "node2.sidecar", None), ("blackhole", PRIMARY, None)),
             moves=False),
    Scenario("throttle", "the region asks for less load", (("throttle", PRIMARY, None),), moves=False, may_fail=True,
             **refused_as("overload")),
    Scenario("credentials", "the region does not know the nodes' keys", (("credentials", PRIMARY, None),), moves=False,
             may_fail=True, **refused_as("configuration")),
    Scenario("table", "the table is gone", (("table", PRIMARY, None),), moves=False, may_fail=True,
             **refused_as("configuration")),
    Scenario("clock", "the nodes' clocks are 20 minutes behind", (("skew", "both", 1200.0),), moves=False,
             warning=r"event=dynamodb\.clock_corrected region=us-east-1 ",
             metric=r'mooring_sidecar_clock_correction_seconds\{region="us-east-1"\}'),
    Scenario("control", "the host of the control probe is dead", (("kill", "control", None),), moves=False,
             **failed_as(r"control\.[^\s\"]+", "down")),
    # Who is killed before it has decided has to see the failures anew.
    Scenario("sidecar-kill", "packets vanish, and both sidecars are killed in the middle of the move",
             (("blackhole", PRIMARY, None),), hold=30.0, latest_switch=20.0,
             killed_in_move=("node1.sidecar", "node2.sidecar")),
    Scenario("cut", "a node has no network", (("cut", "node1", None),), moves=False, cut_off=("node1",),
             warning=r"event=region\.changed .*\bmode=frozen "),
    Scenario("pin", "an operator pins the other region, and unpins it", (("pin", "west", None),), latest_switch=2.0),
)}
