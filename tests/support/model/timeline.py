"""What is certain, and what is possible, about one session at which time.

A write follows the state that its writer was given, its base. A write is effective when it was acknowledged, or when
somebody was given it. An effective write has happened at the latest when it was acknowledged or first seen: `done`.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from model import history as h

# An unanswered command can be carried out for so long: the deadline of the store, a paused node, and some.
UNANSWERED_SETTLES = 20.0
CLOCK_MARGIN = 0.2  # expiries are of the wall clock, and in whole seconds of it
TOUCH_FRACTION = 10  # an expiry that moves by up to this part of the lifetime is not written


@dataclass(eq=False)
class Write:
    number: int
    base: object
    attempts: list = field(default_factory=list)
    seen: list = field(default_factory=list)  # opens and reads that were given it
    done: float = h.FOREVER
    effective: bool = False

    @property
    def begin(self):
        return self.attempts[0].begin

    @property
    def proof(self):
        """What shows that it happened."""
        acknowledged = any(at.outcome == h.OK for at in self.attempts)
        return (*self.attempts, *([] if acknowledged else self.seen[:1]))

    @property
    def settled(self):
        """From then on it is not carried out any more."""
        return max(min(at.end, at.begin + UNANSWERED_SETTLES) for at in self.attempts)


@dataclass(frozen=True, eq=False)
class Change:
    """A write or a removal that has certainly happened between `begin` and `done`."""
    begin: float
    done: float
    write: object  # None: a removal
    proof: tuple


@dataclass(frozen=True, eq=False)
class Mark:
    """From `done` until `until` the session exists, unless it was destroyed after `since`."""
    since: float
    done: float
    until: float
    proof: tuple


class Timeline:
    def __init__(self, operations):
        self.operations = operations
        self.lifetime = h.lifetime(operations[0].session)
        self.grants = [at for at in operations if at.kind == h.OPEN and at.outcome == h.OK]
        self.answers = [at for at in operations if at.kind in (h.OPEN, h.READ) and at.outcome == h.OK]
        self._touches = [at for at in operations if at.kind == h.TOUCH]
        self._removals = sorted((at for at in operations if at.kind == h.DESTROY), key=lambda at: at.begin)
        self.writes = self._gather_writes()
        self.effective = sorted((write for write in self.writes.values() if write.effective), key=lambda w: w.begin)
        self._changes = self._gather_changes()
        self._change_begins = [change.begin for change in self._changes]
        self._marks = sorted(self._gather_marks(), key=lambda mark: mark.since)
        self._mark_sinces = [mark.since for mark in self._marks]

    def _gather_writes(self):
        writes = {}
        for at in self.operations:
            if at.kind == h.COMMIT:
                write = writes.setdefault(at.value, Write(at.value, at.base))
                write.attempts.append(at)
                if at.outcome == h.OK:
                    write.done = min(write.done, at.end)
        for at in self.answers:
            if at.value in writes:
                writes[at.value].seen.append(at)
                writes[at.value].done = min(writes[at.value].done, at.end)
        for write in writes.values():
            write.effective = write.done < h.FOREVER
        return writes

    def _gather_changes(self):
        changes = [Change(write.begin, write.done, write, write.proof)
                   for write in self.effective]
        changes += [Change(at.begin, at.end, None, (at,)) for at in self._removals
                    if at.outcome == h.OK and at.value == 1]
        return sorted(changes, key=lambda change: change.begin)

    def _gather_marks(self):
        for write in self.effective:
            yield Mark(write.begin, write.done, write.begin + self.lifetime - 1, write.proof)
        for touch in self._touches:
            base = self.writes.get(touch.base)
            if touch.outcome == h.OK and base is not None and not self._may_follow(base, touch.end):
                moved = touch.begin - self.lifetime // TOUCH_FRACTION
                yield Mark(base.begin, touch.end, moved + self.lifetime - 1, (*base.attempts, touch))

    def _may_follow(self, base, before):
        """Whether another write may have taken the place of `base` before that time."""
        return any(write.done > base.done and write is not base and write.begin < before for write in self.effective)

    def superseded(self, write, before):
        """A change that certainly came after `write` and before that time, or None."""
        if self.may_come_back(write):
            return None
        first = bisect_right(self._change_begins, write.done)
        last = bisect_left(self._change_begins, before)
        for change in self._changes[first:last]:
            if change.done < before and change.write is not write:
                return change
        return None

    def must_exist(self, begin, end):
        """Why there is a session all the time from `begin` to `end`, or None when it may be absent."""
        last = bisect_left(self._mark_sinces, begin)
        for mark in reversed(self._marks[:last]):
            if mark.since + 2 * self.lifetime < begin:
                return None
            if mark.done < begin and end < mark.until - CLOCK_MARGIN and not self.may_be_removed(mark.since, end):
                return mark
        return None

    def may_be_removed(self, begin, end, not_by=None):
        """Whether a removal may have happened in that time; those by the node `not_by` do not count."""
        for at in self._removals:
            if at.begin > end:
                return False
            settled = min(at.end, at.begin + UNANSWERED_SETTLES)
            if settled >= begin and at.node != not_by:
                return True
        return False

    def may_come_back(self, write):
        """Whether the first write of a session may have happened twice: it was carried out, the session was removed or
        expired, and it was carried out once more because its answer had been lost. That is no other than a visitor who
        begins the session anew."""
        brief = write.settled - write.begin > self.lifetime - 1 - CLOCK_MARGIN
        return write.base is h.ABSENT and (brief or self.may_be_removed(write.begin, write.settled))

    def expired_by(self, write):
        """When `write` has expired for certain."""
        moved = [at.end for at in write.attempts if at.outcome in (h.OK, h.UNKNOWN)]
        moved += [touch.end for touch in self._touches if touch.base == write.number]
        return max(moved, default=h.FOREVER) + self.lifetime + CLOCK_MARGIN
