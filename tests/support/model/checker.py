"""Whether a history keeps what sessiond promises. Whatever is reported has no innocent explanation."""

from collections import defaultdict
from dataclasses import dataclass, replace

from model import history as h
from model.timeline import Timeline

LOST_UPDATE = "lost update"
STALE_OVERWRITE = "stale overwrite"
OLDER_STATE = "older state served"
EMPTIED = "session emptied"
EXPIRED_SERVED = "expired session served"
FOREIGN_DATA = "data that nobody wrote"
REFUSED_AND_STORED = "refused commit stored"
DOUBLE_GRANT = "lock granted twice"
POSSESSION_BROKEN = "holder refused"

# A granted lease has at least a third of its time left; half of that is for a slow machine.
CERTAIN_PART_OF_LEASE = 1 / 6
# What a killed process had sent may still arrive for so long.
KILLED_SETTLES = 1.0


@dataclass(frozen=True)
class Violation:
    rule: str
    text: str
    proof: tuple  # the operations that contradict each other

    @property
    def found_after(self):
        """How many operations it took."""
        return max(at.number for at in self.proof) + 1


class Checker:
    """`locking` is the setting of the daemons: lost updates are refused with each, locks are promised with some."""

    def __init__(self, history, locking, lease):
        self._history = history
        self._locking = locking
        self._lease = lease
        self._certain_seconds = lease * CERTAIN_PART_OF_LEASE
        self._kills = defaultdict(list)
        self._stops = defaultdict(list)  # whatever may make a node lose its leases, kills included
        for fault in history.faults:
            killed = fault.kind == h.KILL
            if killed:
                self._kills[fault.node].append(fault)
            self._stops[fault.node].append(replace(fault, end=fault.end + KILLED_SETTLES) if killed else fault)

    def violations(self):
        """In the order in which they could be noticed."""
        found = []
        for operations in self._history.by_session().values():
            timeline = Timeline(operations)
            for rule in (self._answers, self._existence, self._commits, self._refusals, self._grants):
                found += rule(timeline)
        return sorted(found, key=lambda violation: violation.found_after)

    def _answers(self, timeline):
        for at in timeline.answers:
            write = timeline.writes.get(at.value)
            if at.value is h.ABSENT:
                mark = timeline.must_exist(at.begin, at.end)
                if mark:
                    yield Violation(EMPTIED, "the session was acknowledged, not destroyed and not expired",
                                    (*mark.proof, at))
            elif write is None:
                yield Violation(FOREIGN_DATA, f"served {at.value!r}", (at,))
            else:
                yield from self._served(timeline, write, at)

    def _served(self, timeline, write, at):
        newer = timeline.superseded(write, at.begin)
        if newer and not self._may_be_handed_over(timeline, at):
            yield Violation(OLDER_STATE, f"write {write.number} was served after it had been replaced",
                            (*write.proof, *newer.proof, at))
        if at.begin >= timeline.expired_by(write):
            yield Violation(EXPIRED_SERVED, f"write {write.number} had expired", (*write.attempts, at))

    def _may_be_handed_over(self, timeline, at):
        """A removal takes no lock. A node that has the lease, and hands the session from request to request, learns of it
        when it renews the lease or writes; what such requests store is refused."""
        return (self._locking == "cluster" and at.kind == h.OPEN
                and timeline.may_be_removed(at.begin - self._lease, at.begin, not_by=at.node))

    def _existence(self, timeline):
        for at in timeline.operations:
            if at.kind == h.EXISTS and at.outcome == h.OK and at.value == 0:
                mark = timeline.must_exist(at.begin, at.end)
                if mark:
                    yield Violation(EMPTIED, "SESSION.EXISTS denied a live session", (*mark.proof, at))

    def _commits(self, timeline):
        followers = {}
        for write in timeline.effective:
            base = timeline.writes.get(write.base)
            if base is None:
                yield from self._first_commit(timeline, write)
                continue
            other = followers.setdefault(base, write)
            if other is not write and not timeline.may_come_back(base):
                yield Violation(LOST_UPDATE, f"writes {other.number} and {write.number} both follow {base.number}",
                                (*other.proof, *write.proof))
                continue
            newer = timeline.superseded(base, write.begin)
            if newer:
                yield Violation(STALE_OVERWRITE, f"write {write.number} follows {base.number}, which had been replaced",
                                (*newer.proof, write.attempts[0].opening, *write.proof))

    def _first_commit(self, timeline, write):
        mark = timeline.must_exist(write.begin, write.done)
        if mark:
            yield Violation(STALE_OVERWRITE, f"write {write.number} was the first of a session that existed",
                            (*mark.proof, write.attempts[0].opening, *write.proof))

    def _refusals(self, timeline):
        for write in timeline.writes.values():
            definite = all(at.outcome in (h.STALE, h.REFUSED) and not self._disturbed(at) for at in write.attempts)
            if definite and write.seen:
                yield Violation(REFUSED_AND_STORED, f"write {write.number} was refused, and is there",
                                (*write.attempts, write.seen[0]))
        if self._locking != "cluster":
            return
        for at in timeline.operations:
            own = at.kind == h.COMMIT and at.base is not h.ABSENT and at.connection == at.opening.connection
            if own and at.outcome == h.STALE:
                if at.end < self._lease_end(timeline, at.opening, at.end):
                    yield Violation(POSSESSION_BROKEN, "the session changed under a request that had its lock",
                                    (at.opening, at))

    def _grants(self, timeline):
        if self._locking == "none":
            return
        on_node, with_lease = {}, []
        for at in sorted(timeline.grants, key=lambda grant: grant.end):
            holder = on_node.get(at.node)
            if holder and at.end < self._connection_end(holder):
                yield Violation(DOUBLE_GRANT, f"twice on node {at.node}", (holder, at))
            if not holder or self._connection_end(at) > self._connection_end(holder):
                on_node[at.node] = at
            # A session that does not exist has no lease: several nodes may begin it, and one of them succeeds.
            if self._locking != "cluster" or at.value is h.ABSENT:
                continue
            with_lease = [other for other in with_lease
                          if at.end < min(other.released, self._lease_end(timeline, other, at.end))]
            for other in with_lease:
                if other.node != at.node and at.end < self._lease_end(timeline, at, at.end):
                    yield Violation(DOUBLE_GRANT, f"on nodes {other.node} and {at.node}", (other, at))
            with_lease.append(at)

    def _connection_end(self, grant):
        """Until then the connection has the lock of its node: only its own end or the node's takes it away."""
        return min([grant.released, *(fault.begin for fault in self._kills[grant.node] if fault.begin >= grant.begin)])

    def _lease_end(self, timeline, grant, until):
        """Until then no other node can have the session, as far as is needed to judge the time `until`."""
        removed = timeline.may_be_removed(grant.begin, until)
        if removed or self._may_be_handed_over(timeline, grant):
            return grant.begin
        end = grant.end + self._certain_seconds
        for fault in self._stops_of(grant.node):
            if fault.begin > grant.end:
                end = min(end, fault.begin)
            elif fault.end >= grant.begin:
                return grant.begin
        return end

    def _stops_of(self, node):
        return self._stops[node] + self._stops[""]

    def _disturbed(self, at):
        return any(fault.begin <= at.end and fault.end >= at.begin for fault in self._stops_of(at.node))
