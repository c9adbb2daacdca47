"""Histories written by hand, for tests of the checker. An operation takes ANSWER seconds unless it says otherwise."""

from model import history as h
from model.checker import Checker

ANSWER = 0.01
LEASE = 2.0


class Story:
    """One session."""

    def __init__(self, lifetime=1440):
        self.history = h.History()
        self._session = h.session_id(1, lifetime)

    def _add(self, kind, node, at, outcome=h.OK, connection=1, lasts=ANSWER, **more):
        operation = self.history.begin(kind, self._session, node, connection, at, outcome=outcome, **more)
        if outcome != h.UNKNOWN:
            operation.end = at + lasts
        return operation

    def open(self, node, at, found, **more):
        return self._add(h.OPEN, node, at, value=found, **more)

    def read(self, node, at, found, **more):
        return self._add(h.READ, node, at, value=found, **more)

    def destroy(self, node, at, answer=1, **more):
        return self._add(h.DESTROY, node, at, value=answer, **more)

    def exists(self, node, at, answer):
        return self._add(h.EXISTS, node, at, value=answer)

    def _end(self, kind, opening, at, outcome, **more):
        opening.released = min(opening.released, at)
        return self._add(kind, opening.node, at, outcome, opening=opening, connection=opening.connection, **more)

    def commit(self, opening, at, write, outcome=h.OK, **more):
        return self._end(h.COMMIT, opening, at, outcome, value=write, **more)

    def touch(self, opening, at, outcome=h.OK):
        return self._end(h.TOUCH, opening, at, outcome)

    def close(self, opening, at):
        return self._end(h.CLOSE, opening, at, h.OK)

    def stored(self, node, at, write):
        """A visitor who begins the session and stores that write."""
        return self.commit(self.open(node, at, h.ABSENT, connection=9), at + 2 * ANSWER, write)

    def fault(self, kind, node, begin, end):
        self.history.fault(kind, node, begin, end)

    def violations(self, locking="cluster"):
        return Checker(self.history, locking, LEASE).violations()

    def broken_rules(self, locking="cluster"):
        return {violation.rule for violation in self.violations(locking)}
