"""Runs the disaster drill: breaks the lab's primary region in every way, each time in a new lab under shopping load, and
reports what visitors and balancers saw. Exit code 1 when a limit is broken. Started by ./dev drill."""

import argparse
import json
import os
import re
import sys
import time
from dataclasses import asdict, replace

import lab_faults
from demo_node import RunFolder, run_until_the_end, say
from drill_report import Figures, judge, measure_carts, measure_requests, text_of
from drill_scenarios import CUT_OFF_PATIENCE, LATEST_SWITCH, PRIMARY, SCENARIOS
from drill_watch import Watch
from lab_settings import add_setting_option, read_settings
from lab_world import REGIONS, LabWorld
from processes import Failure, wait_until
from servers import running_as_root
from shoppers import MOST_VISITORS, Shoppers

WARM_UP = 8.0
# Between two clicks of a visitor. Everything runs on one machine: faster, and the drill would measure the machine.
PAUSE = 3.0
# With the sidecar's default a primary is used again after five good minutes.
BACK_WITHIN = 420.0
SHORTEST_HOLD, LONGEST_HOLD = 1.0, 3600.0
# sessiond tries a region that it bridges every five seconds.
BRIDGE_ENDS_WITHIN = 12.0
FAILURES_METRIC = 'mooring_sidecar_check_failures_total{{check="dynamodb.{region}",class="'


def shortened(scenario, hold):
    """With another time of the fault; the time after it is no longer than that."""
    return scenario if hold is None else replace(scenario, hold=hold, after=min(hold, scenario.after))


class Drill:
    """One scenario after another, each in a lab of its own."""

    def __init__(self, names, visitors, hold, settings, lines):
        self._scenarios = [shortened(SCENARIOS[name], hold) for name in names]
        self._visitors = visitors
        # Single failed probes are logged for who debugs.
        self._settings = {"log": {"level": "debug"}, **settings}
        self._say = lines
        self.folder = RunFolder("lab")
        self._world = None
        self.results = []

    def start(self):
        """Nothing runs before the first scenario."""

    def stop(self):
        if self._world:
            self._world.stop()
            self._world = None

    def run(self):
        for scenario in self._scenarios:
            self._say(f"\n{scenario.name} ...")
            self._world = LabWorld(self.folder, self._settings)
            self._world.start()
            figures = self._play(scenario)
            self.stop()
            self.results.append(figures)
            for line in text_of(figures, scenario):
                self._say(line)
        broken = [figures.scenario for figures in self.results if figures.broken]
        self._say(f"\n{len(self.results) - len(broken)} of {len(self.results)} scenarios within the limits"
                  f"{'; broken: ' + ', '.join(broken) if broken else ''}")
        return 1 if broken else 0

    def _play(self, scenario):
        world = self._world
        if scenario.lag is not None:
            world.set_lag(scenario.lag)
        watch = Watch(world).start()
        away = {world.nodes[name].door: name for name in scenario.cut_off}
        shoppers = Shoppers(world.doors(), PAUSE, dict.fromkeys(away, CUT_OFF_PATIENCE))
        shoppers.send(self._visitors)
        all_in_at = time.monotonic()
        time.sleep(min(WARM_UP, scenario.hold))  # pause: the visitors shop
        fault_at = time.monotonic()
        for fault, place, value in scenario.faults:
            self._break(fault, place, value)
        if scenario.killed_in_move:
            self._kill_in_move(scenario, watch, fault_at)
        time.sleep(max(0.0, fault_at + scenario.hold - time.monotonic()))  # pause: the visitors shop
        figures = Figures(scenario.name, classes=self._failure_classes(), load=os.getloadavg()[0])
        figures.out_of_service = watch.seconds_out_of_service(fault_at)
        self._measure_warnings(figures, scenario, watch, fault_at)
        world.heal()
        self._unpin(scenario)
        healed_at = time.monotonic()
        if scenario.back:
            figures.went_back = self._wait_until_back(watch, healed_at)
        time.sleep(scenario.after)  # pause: the visitors shop
        end_at = time.monotonic()
        shoppers.leave()
        watch.stop()
        if not world.replicator.process.alive():
            raise Failure(f"replication has ended: {world.replicator.process.last_words()}")
        self._measure_moves(figures, scenario, watch, fault_at, healed_at)
        visitors = shoppers.visitors()
        # All at once they come in and look a last time, which is no shopping.
        requests = [request for visitor in visitors for request in visitor.requests
                    if all_in_at <= request.begin < end_at]
        measure_requests(figures, requests, fault_at, healed_at, away)
        measure_carts(figures, visitors, end_at, fault_at)
        figures.healed_after = healed_at - fault_at
        # What was cut and is caught up with is no fault of the lab.
        figures.replication_overdue = [(round(at - fault_at, 1), round(late, 2)) for at, late in watch.overdue]
        figures.moves = [(round(each.at - fault_at, 2), each.node, each.active) for node in watch.names()
                         for each in watch.moves(node, fault_at)]
        figures.warnings = watch.warnings(fault_at)
        judge(figures, scenario)
        return figures

    def _break(self, fault, place, value):
        if fault == "kill":
            self._world.parts[place].process.kill()
        elif fault == "pin":
            for node in self._world.nodes.values():
                self._operate(node, f"pin {REGIONS[place]} 3600 drill")
        else:
            lab_faults.put(self._world, fault, place, value)

    def _unpin(self, scenario):
        if any(fault == "pin" for fault, _place, _value in scenario.faults):
            for node in self._world.nodes.values():
                self._operate(node, "unpin")

    @staticmethod
    def _operate(node, line):
        answer = node.operate(line)
        if answer != "OK":
            raise Failure(f"{node.name}: {line}: {answer}")

    def _kill_in_move(self, scenario, watch, fault_at):
        wait_until(lambda: any(watch.moves(node, fault_at) for node in watch.names()), LATEST_SWITCH + WARM_UP,
                   "a node publishes the other region")
        for name in scenario.killed_in_move:
            self._world.parts[name].process.kill()
        for name in scenario.killed_in_move:
            self._world.parts[name].start()

    def _measure_warnings(self, figures, scenario, watch, fault_at):
        nodes = scenario.cut_off or watch.names()
        if scenario.warning:
            figures.unwarned = watch.nodes_without_warning(scenario.warning, nodes, fault_at)
        if scenario.metric:
            figures.uncounted = [name for name in nodes if not any(
                value and re.fullmatch(scenario.metric, metric) for metric, value in self._world.nodes[name].metrics().items())]
        figures.unfrozen = [name for name in scenario.cut_off if "frozen" not in watch.modes(name, fault_at)]

    def _failure_classes(self):
        found = {}
        begin = FAILURES_METRIC.format(region=REGIONS[PRIMARY])
        for node in self._world.nodes.values():
            for name, value in node.metrics().items():
                if name.startswith(begin):
                    kind = name[len(begin):].partition('"')[0]
                    found[kind] = found.get(kind, 0) + int(value)
        return found

    def _wait_until_back(self, watch, healed_at):
        """Whether the nodes use the primary again: the published one, or where nothing is published, the bridge's
        end."""
        nodes = self._world.nodes.values()
        published = any(node.published() for node in nodes)
        end = healed_at + (BACK_WITHIN if published else BRIDGE_ENDS_WITHIN)
        while time.monotonic() < end:
            if published and all((node.published() or {}).get("active") == REGIONS[PRIMARY] for node in nodes):
                return True
            time.sleep(0.2)  # pause: of a loop that looks on
        return not published and watch.all_bridges_ended(healed_at)

    @staticmethod
    def _measure_moves(figures, scenario, watch, fault_at, healed_at):
        primary = REGIONS[PRIMARY]
        sign = watch.first_sign(primary, fault_at)
        if sign:
            figures.detected_after = sign[0]
            figures.detected_by = " ".join(sign[1].split()[2:5])
        failing_since = fault_at + sign[0] if sign and scenario.from_sign else fault_at
        for node in watch.names():
            moves = watch.moves(node, fault_at)
            away = [move for move in moves if move.active != primary]
            if scenario.moves:
                figures.published[node] = away[0].at - failing_since if away else None
                if away:
                    figures.page_after[node] = away[0].page_after
            wrong = [move for move in moves if not scenario.moves or (move.active == primary and move.at < healed_at)]
            figures.wrong_moves += [f"{node} to {move.active} after {move.at - fault_at:.1f} s" for move in wrong]
        if watch.epochs_went_back():
            figures.wrong_moves.append(f"{watch.epochs_went_back()} times an older epoch was published")


def needs_root(scenario):
    return any(fault in lab_faults.FOR_ROOT for fault, _place, _value in scenario.faults)


def all_scenarios():
    return [name for name, scenario in SCENARIOS.items() if running_as_root() or not needs_root(scenario)]


def arguments():
    parser = argparse.ArgumentParser(prog="./dev drill", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="default: all that this user can play; --list names them")
    parser.add_argument("--list", action="store_true", help="the scenarios, and no drill")
    parser.add_argument("--visitors", type=int, default=200, metavar="N", help="how many shop (default: 200)")
    parser.add_argument("--hold", type=float, metavar="SECONDS",
                        help="how long each fault lasts, instead of the scenario's own time")
    parser.add_argument("--json", action="store_true", help="the figures as JSON instead of text")
    add_setting_option(parser)
    options = parser.parse_args()
    unknown = [name for name in options.scenarios if name not in SCENARIOS]
    if unknown:
        parser.error(f"no scenario '{unknown[0]}'; there are {', '.join(SCENARIOS)}")
    if not running_as_root():
        refused = [name for name in options.scenarios if needs_root(SCENARIOS[name])]
        if refused:
            parser.error(f"{refused[0]}: only root can break a region in this way")
    if options.hold is not None and not SHORTEST_HOLD <= options.hold <= LONGEST_HOLD:
        parser.error(f"--hold {options.hold:g}: from {SHORTEST_HOLD:g} to {LONGEST_HOLD:g} seconds")
    if not 1 <= options.visitors <= MOST_VISITORS:
        parser.error(f"--visitors {options.visitors}: from 1 to {MOST_VISITORS}")
    return options


def main():
    options = arguments()
    if options.list:
        for scenario in SCENARIOS.values():
            say(f"{scenario.name:<12} {scenario.what}{' (as root)' if needs_root(scenario) else ''}")
        return 0
    lines = (lambda text: print(text, file=sys.stderr, flush=True)) if options.json else say

    def make_drill():
        return Drill(options.scenarios or all_scenarios(), options.visitors, options.hold, read_settings(options.settings), lines)

    def use(drill):
        try:
            code = drill.run()
        except Failure as failure:
            raise Failure(f"{failure}; see {drill.folder.path}") from failure
        if options.json:
            say(json.dumps([asdict(figures) for figures in drill.results], indent=2))
        return code

    return run_until_the_end("drill", make_drill, use)


if __name__ == "__main__":
    sys.exit(main())
