"""What the daemons do during a drill: what they publish, seen in the state files, and what they log."""

import re
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone

from daemons import get

LOOK_EVERY = 0.02
REPLICATION_EVERY = 0.5
# Longer than any page that PHP may take to show a published region.
PAGE_PATIENCE = 5.0
REGION_ON_PAGE = re.compile(r"<dt>Region</dt><dd>([^<]*)</dd>")
TIME = re.compile(r"^ts=(\S+) ")
SIGN = re.compile(r" event=(?:region\.bridged|check\.failed|check\.down|region\.suspect)\b")
MOVE = re.compile(r" event=region\.(?:bridged|joined|followed)\b")
VERDICT = re.compile(r" event=verdict\.changed verdict=(\w+)")


@dataclass(frozen=True)
class Publication:
    at: float  # monotonic
    node: str
    epoch: int
    active: str
    mode: str
    page_after: float | None = None  # seconds until a page of PHP showed the region; None: it did not, or was not asked


class Watch:
    """Looks at the nodes' state files, and how late replication is, until stop()."""

    def __init__(self, world):
        self._nodes = world.nodes
        self._replicator = world.replicator
        # (monotonic time, seconds): a lab that is too busy replicates later than it was told.
        self.overdue = []
        self._over = threading.Event()
        # Log lines have the time of day.
        self._offset = time.time() - time.monotonic()
        self.publications = []
        self._threads = [threading.Thread(target=self._look, args=(node,), daemon=True) for node in world.nodes.values()]
        self._threads.append(threading.Thread(target=self._look_at_replication, daemon=True))

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join(2 * PAGE_PATIENCE)

    def _look(self, node):
        last = None
        while not self._over.wait(LOOK_EVERY):
            state = node.published()
            facts = state and (state["epoch"], state["active"], state["mode"])
            if not facts or facts == last:
                continue
            at = time.monotonic()
            moved = last is not None and last[1] != facts[1]
            last = facts
            self.publications.append(Publication(at, node.name, *facts, self._page_after(node, facts[1], at) if moved
                                                 else None))

    def _look_at_replication(self):
        while self._replicator.process.alive() and not self._over.wait(REPLICATION_EVERY):
            self.overdue.append((time.monotonic(), self._replicator.ask(do="facts")["overdue"]))

    def _page_after(self, node, region, since):
        while time.monotonic() < since + PAGE_PATIENCE and not self._over.is_set():
            host, port = node.door
            _code, body = get(port, "/", host=host)
            found = REGION_ON_PAGE.search(body.decode("utf-8", "replace"))
            if found and found[1] == region:
                return time.monotonic() - since
            time.sleep(LOOK_EVERY)  # pause: of a loop that looks on
        return None

    def names(self):
        return list(self._nodes)

    def all_bridges_ended(self, since):
        """Whether the last that each sessiond logged of its region is that it follows the published one, after `since`."""
        for node in self._nodes.values():
            moves = [(at, line) for at, line in self._lines_of(node) if MOVE.search(line)]
            if moves and ("region.followed" not in moves[-1][1] or moves[-1][0] < since):
                return False
        return True

    def moves(self, node, since):
        """Publications of another region than before, by one node."""
        found, active = [], None
        for publication in (each for each in self.publications if each.node == node):
            if active is not None and publication.active != active and publication.at >= since:
                found.append(publication)
            active = publication.active
        return found

    def epochs_went_back(self):
        last = {}
        back = 0
        for publication in self.publications:
            back += publication.epoch < last.get(publication.node, 0)
            last[publication.node] = publication.epoch
        return back

    def first_sign(self, region, since):
        """(seconds since `since`, the log line) of the first daemon that noticed `region`; None when nobody did."""
        signs = [(at - since, line) for at, line in self._lines() if at >= since and region in line and SIGN.search(line)]
        return min(signs, default=None)

    def seconds_out_of_service(self, since):
        """Of each node: how long its sidecar told balancers to leave it out."""
        found = {}
        for node in self._nodes.values():
            out, began = 0.0, None
            for at, line in self._lines_of(node):
                verdict = VERDICT.search(line)
                if at < since or not verdict:
                    continue
                if began is not None:
                    out += at - began
                began = at if verdict[1] == "fail" else None
            found[node.name] = out + (time.monotonic() - began if began is not None else 0.0)
        return found

    def warnings(self, since):
        """{event: how often} of log lines with level warn or error."""
        found = {}
        for at, line in self._lines():
            if at >= since and re.search(r" level=(warn|error) ", line):
                event = re.search(r" event=(\S+)", line)[1]
                found[event] = found.get(event, 0) + 1
        return found

    def nodes_without_warning(self, pattern, nodes, since):
        """Of `nodes`, those that have logged nothing like it at level warn."""
        wanted = re.compile(pattern)
        return [name for name in nodes
                if not any(at >= since and " level=warn " in line and wanted.search(line)
                           for at, line in self._lines_of(self._nodes[name]))]

    def modes(self, node, since):
        """What a node has published since then."""
        return {each.mode for each in self.publications if each.node == node and each.at >= since}

    def _lines(self):
        return [pair for node in self._nodes.values() for pair in self._lines_of(node)]

    def _lines_of(self, node):
        found = []
        for log in sorted((node.folder / "log").glob("mooring-*.log")):
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
                stamp = TIME.match(line)
                if stamp:
                    at = datetime.strptime(stamp[1], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()
                    found.append((at - self._offset, line))
        return found
