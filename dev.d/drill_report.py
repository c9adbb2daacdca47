"""A drill's figures, which limits they break, and both as text."""

import math
import os
from collections import Counter
from dataclasses import dataclass, field

from drill_scenarios import (LATEST_PAGE, MOST_FAILED, MOST_LOST, MOST_OLDER, MOST_WRONG_MOVES,
                             REPLAY_WITHIN, SLOW, SLOWEST_P99)
from shoppers import FAILED, LOST, OLDER, STRANGE, UNSEEN

SHOWN = 5
PHASES = ("before", "during", "after")


def percentile(values, share):
    """By nearest rank; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass
class Figures:
    scenario: str
    detected_after: float | None = None  # seconds from the fault to the first sign
    detected_by: str = ""
    published: dict = field(default_factory=dict)  # node: seconds from the first failure, or None
    page_after: dict = field(default_factory=dict)  # node: seconds from the publication
    wrong_moves: list = field(default_factory=list)
    requests: dict = field(default_factory=dict)  # phase: number
    failed: dict = field(default_factory=dict)
    slow: dict = field(default_factory=dict)
    p50: dict = field(default_factory=dict)
    p99: dict = field(default_factory=dict)
    slowest: float | None = None
    resent: int = 0  # requests that met a kept connection which nginx had just closed
    failures: dict = field(default_factory=dict)  # what: how often
    visitors: int = 0
    carts_seen: int = 0
    lost_for_good: list = field(default_factory=list)
    older: int = 0
    older_while_replaying: int = 0  # on a node that had not got another node's last writes yet
    mixed_up: int = 0
    examples: list = field(default_factory=list)
    out_of_service: dict = field(default_factory=dict)
    unreachable: dict = field(default_factory=dict)  # node that is cut off: requests to it, and how many failed
    unwarned: list = field(default_factory=list)  # nodes that have not logged the scenario's warning
    uncounted: list = field(default_factory=list)  # nodes that have not counted it in their metrics
    unfrozen: list = field(default_factory=list)  # nodes that are cut off and did not freeze
    classes: dict = field(default_factory=dict)
    warnings: dict = field(default_factory=dict)
    load: float = 0.0
    healed_after: float = 0.0
    moves: list = field(default_factory=list)  # (seconds after the fault, node, region)
    replication_overdue: list = field(default_factory=list)  # (seconds after the fault, how much later than told)
    older_at: list = field(default_factory=list)  # seconds after the fault
    went_back: bool | None = None
    broken: list = field(default_factory=list)


def measure_requests(figures, requests, fault_at, healed_at, away):
    """requests: of all visitors. What began before the fault and was answered after it counts as during. away: {door:
    name} of nodes that are cut off until they are healed."""
    lost = [request for request in requests if request.door in away
            and request.begin + request.seconds >= fault_at and request.begin < healed_at]
    for door, name in away.items():
        there = [request for request in lost if request.door == door]
        figures.unreachable[name] = len(there), sum(request.failure is not None for request in there)
    reached = set(requests) - set(lost)
    requests = [request for request in requests if request in reached]
    phases = {phase: [] for phase in PHASES}
    for request in requests:
        if request.begin + request.seconds < fault_at:
            phases["before"].append(request)
        else:
            phases["during" if request.begin < healed_at else "after"].append(request)
    for phase, some in phases.items():
        seconds = [request.seconds for request in some]
        figures.requests[phase] = len(some)
        figures.failed[phase] = sum(request.failure is not None for request in some)
        figures.slow[phase] = sum(each > SLOW for each in seconds)
        figures.p50[phase], figures.p99[phase] = percentile(seconds, 0.5), percentile(seconds, 0.99)
    figures.resent = sum(request.resent for request in requests)
    figures.slowest = max((request.seconds for request in requests), default=None)
    figures.failures = dict(Counter(f"{request.failure} from {request.door[0]}:{request.door[1]}" for request in requests
                                    if request.failure))


def measure_carts(figures, visitors, end_at, fault_at):
    violations = [violation for visitor in visitors for violation in visitor.violations]
    older = [violation for violation in violations if violation.kind in (OLDER, LOST)]
    replaying = [violation for violation in older
                 if violation.elsewhere and fault_at <= violation.at <= fault_at + REPLAY_WITHIN]
    figures.visitors = len(visitors)
    figures.carts_seen = sum(visitor.seen_at > end_at for visitor in visitors)
    figures.lost_for_good = [f"{visitor.name} lacks {dict(visitor.missing)}" for visitor in visitors if visitor.missing]
    figures.older, figures.older_while_replaying = len(older) - len(replaying), len(replaying)
    figures.older_at = sorted(round(violation.at - fault_at, 2) for violation in older)
    figures.mixed_up = sum(violation.kind == STRANGE for violation in violations)
    figures.examples = [f"{violation.at - fault_at:+.2f} s: {violation.kind}: {violation.text}{seen_through(violation)}"
                        for violation in sorted(violations, key=lambda each: each.at)
                        if violation.kind not in (FAILED, UNSEEN)]


def seen_through(violation):
    if not violation.door:
        return ""
    return f", through {violation.door[0]}{', acknowledged by the other node' if violation.elsewhere else ''}"


def judge(figures, scenario):
    """The limits that are broken, as sentences."""
    def limit(broken, sentence):
        if broken:
            figures.broken.append(sentence)

    failed = sum(figures.failed.values())
    limit(not scenario.may_fail and failed > MOST_FAILED, f"{failed} requests failed; {MOST_FAILED} may")
    limit(len(figures.lost_for_good) > MOST_LOST, f"{len(figures.lost_for_good)} carts lack what was acknowledged")
    limit(figures.older > MOST_OLDER, f"{figures.older} carts were seen older than acknowledged")
    limit(figures.older_while_replaying and scenario.lag is None,
          f"{figures.older_while_replaying} carts were seen older on another node, though replication was done")
    limit(figures.mixed_up, f"{figures.mixed_up} times a session held what nobody put there")
    limit(figures.carts_seen < figures.visitors, f"{figures.visitors - figures.carts_seen} carts were not seen in the end")
    limit(len(figures.wrong_moves) > MOST_WRONG_MOVES, f"wrong moves: {'; '.join(figures.wrong_moves)}")
    p99 = figures.p99["during"]
    limit(not scenario.may_fail and p99 is not None and p99 >= SLOWEST_P99,
          f"p99 {p99 or 0:.2f} s during the fault; the limit is {SLOWEST_P99:g} s")
    if scenario.moves:
        late = [f"{node} {'not at all' if after is None else f'after {after:.1f} s'}"
                for node, after in figures.published.items() if after is None or after > scenario.latest_switch]
        limit(late, f"the other region was not published within {scenario.latest_switch:g} s: {', '.join(late)}")
        unseen = [node for node, after in figures.page_after.items() if after is None or after > LATEST_PAGE]
        limit(unseen, f"pages did not show the region within {LATEST_PAGE:g} s: {', '.join(unseen)}")
    limit(figures.unwarned, f"no warning like {scenario.warning} in the log of {', '.join(figures.unwarned)}")
    limit(figures.uncounted, f"nothing like {scenario.metric} in the metrics of {', '.join(figures.uncounted)}")
    limit(figures.unfrozen, f"did not freeze: {', '.join(figures.unfrozen)}")
    limit(figures.went_back is False, "the nodes did not go back to the primary")


def seconds(value):
    return "-" if value is None else f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def clusters(times):
    """Times that follow each other within a second as one: "1.3-1.6 s (6)"."""
    groups = []
    for at in times:
        if groups and at - groups[-1][-1] <= 1:
            groups[-1].append(at)
        else:
            groups.append([at])
    return ", ".join(f"{group[0]:.1f}-{group[-1]:.1f} s ({len(group)})" for group in groups)


def counted(found):
    return ", ".join(f"{number} x {what}" for what, number in sorted(found.items(), key=lambda pair: -pair[1])[:SHOWN])


def text_of(figures, scenario):
    """Lines for people."""
    yield f"{scenario.name}: {scenario.what}"
    yield (f"  detected        {'by nobody' if figures.detected_after is None else seconds(figures.detected_after)}"
           f"{f', by {figures.detected_by}' if figures.detected_by else ''}")
    if scenario.moves:
        yield "  published       " + "; ".join(
            f"{node} {'not published' if after is None else f'after {after:.1f} s'}"
            f"{f', on pages {seconds(figures.page_after[node])} later' if node in figures.page_after else ''}"
            for node, after in figures.published.items())
    if figures.went_back is not None:
        yield f"  back again      {'yes' if figures.went_back else 'no'}"
    for phase in PHASES:
        yield (f"  {phase:<15} {figures.requests[phase]} requests, {figures.failed[phase]} failed, {figures.slow[phase]} "
               f"slow; p50 {seconds(figures.p50[phase])}, p99 {seconds(figures.p99[phase])}")
    yield f"  slowest         {seconds(figures.slowest)}"
    if figures.resent:
        yield f"  resent          {figures.resent} on a new connection, as nginx had just closed the kept one"
    for node, (asked, failed) in figures.unreachable.items():
        yield f"  cut off         {node}: {asked} requests, {failed} failed; they are not in the other numbers"
    if figures.failures:
        yield f"  failures        {counted(figures.failures)}"
    yield (f"  carts           {figures.carts_seen} of {figures.visitors} checked in the end; "
           f"{len(figures.lost_for_good)} lost something, {figures.older} seen older than acknowledged, "
           f"{figures.older_while_replaying} more on another node during the replay, {figures.mixed_up} mixed up")
    for example in [*figures.examples[:SHOWN], *figures.lost_for_good[:SHOWN]]:
        yield f"                  {example}"
    yield f"  wrong moves     {len(figures.wrong_moves)}"
    out = ", ".join(f"{node} {value:.1f} s" for node, value in figures.out_of_service.items() if value)
    yield f"  out of service  {out or 'never'}"
    if figures.classes:
        yield f"  failed probes   {counted(figures.classes)}"
    if figures.warnings:
        yield f"  warnings        {counted(figures.warnings)}"
    if figures.older_at:
        yield f"  seen older at   {clusters(figures.older_at)} after the fault"
    if figures.moves:
        yield "  moves           " + ", ".join(f"{node} to {region} at {at:.1f} s" for at, node, region in figures.moves)
    late = max((late for at, late in figures.replication_overdue if at < figures.healed_after), default=None)
    caught_up = max((late for at, late in figures.replication_overdue if at >= figures.healed_after), default=None)
    yield (f"  machine         load {figures.load:.1f} on {os.cpu_count()} cores; replication at most {seconds(late)} later "
           f"than told, {seconds(caught_up)} while it caught up")
    yield f"  {'ok' if not figures.broken else 'BROKEN          ' + '; '.join(figures.broken)}"
