"""The drill's limits: what a scenario must show, and a node that does not show it breaks the limit."""

from datetime import datetime, timezone

import pytest

from drill_report import PHASES, Figures, judge, measure_requests
from drill_scenarios import SCENARIOS
from drill_watch import Watch
from lab_world import NODES
from shop import Request

NOWHERE_TO_MOVE = ("throttle", "credentials", "table", "clock", "control")
HERE, AWAY = ("10.0.0.1", 8080), ("10.0.0.2", 8080)


def figures_of(scenario):
    figures = Figures(scenario.name)
    for phase in PHASES:
        figures.failed[phase], figures.p99[phase] = 0, 0.1
    return figures


@pytest.mark.parametrize("name", NOWHERE_TO_MOVE)
def test_where_no_move_helps_each_node_must_warn_and_count(name):
    scenario = SCENARIOS[name]
    assert not scenario.moves and scenario.warning and scenario.metric
    figures = figures_of(scenario)
    judge(figures, scenario)
    assert figures.broken == []
    figures.unwarned, figures.uncounted = ["node2"], ["node1"]
    judge(figures, scenario)
    assert [sentence.split()[:2] for sentence in figures.broken] == [["no", "warning"], ["nothing", "like"]]


def test_a_node_that_is_cut_off_must_freeze():
    scenario = SCENARIOS["cut"]
    figures = figures_of(scenario)
    figures.unfrozen = ["node1"]
    judge(figures, scenario)
    assert figures.broken == ["did not freeze: node1"]


class Place:
    """As much of a lab as Watch asks for."""

    replicator = None

    def __init__(self, folder):
        self.nodes = {}
        for name in NODES:
            node = Place.__new__(Place)
            node.name, node.folder = name, folder / name
            (node.folder / "log").mkdir(parents=True)
            self.nodes[name] = node

    def log(self, name, line):
        stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        with (self.nodes[name].folder / "log" / "mooring-sidecar.log").open("a", encoding="utf-8") as log:
            log.write(f"ts={stamp}Z {line}\n")


def test_a_warning_counts_for_the_node_that_logged_it_with_the_right_class(tmp_path):
    world = Place(tmp_path)
    watch = Watch(world)
    pattern = SCENARIOS["throttle"].warning
    assert watch.nodes_without_warning(pattern, NODES, 0) == list(NODES)
    world.log("node1", "level=warn event=check.down check=dynamodb.us-east-1 class=overload reason=x")
    world.log("node2", "level=warn event=check.down check=dynamodb.us-east-1 class=down reason=x")
    world.log("node2", "level=debug event=check.down check=dynamodb.us-east-1 class=overload reason=x")
    assert watch.nodes_without_warning(pattern, NODES, 0) == ["node2"]
    assert watch.nodes_without_warning(pattern, NODES, float("inf")) == list(NODES), "before the fault nothing counts"


def test_only_what_touches_the_cut_of_a_node_that_is_cut_off_does_not_count():
    figures = Figures("cut")
    requests = [Request(begin, 2.0, AWAY, failure) for begin, failure in ((0, None), (9, "late"), (15, "late"), (31, "late"))]
    measure_requests(figures, [*requests, Request(15, 0.1, HERE)], 10, 30, {AWAY: "node2"})
    assert figures.unreachable == {"node2": (2, 2)}
    assert figures.requests == {"before": 1, "during": 1, "after": 1}
    assert figures.failed == {"before": 0, "during": 0, "after": 1}
