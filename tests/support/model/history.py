"""What visitors asked and were answered, and what was done to the nodes meanwhile.

Times are of one monotonic clock. An operation is recorded before it is sent and completed after its answer has arrived,
so what it did happened between `begin` and `end`; without an answer, at any time after `begin`.
"""

import itertools
from dataclasses import dataclass

FOREVER = float("inf")
ABSENT = None  # what an open finds when there is no session

RECENT = 4000  # operations among which a pause looks for what it should last for

# Outcomes.
OK = "ok"
STALE = "stale"  # refused: nothing was changed
REFUSED = "refused"  # any other answer that says that nothing was changed
UNKNOWN = "unknown"  # no answer, or one that cannot tell

# Kinds. OPEN, READ, COMMIT, TOUCH, CLOSE, DESTROY and EXISTS are commands; HANG_UP ends the connection.
OPEN, READ, COMMIT, TOUCH = "open", "read", "commit", "touch"
CLOSE, DESTROY, EXISTS, HANG_UP = "close", "destroy", "exists", "hang up"

# Faults.
KILL, PAUSE, STALL = "kill", "pause", "stall"


def session_id(number, lifetime):
    """An id that says how long its session lives after each write, in seconds."""
    return f"visitor{number}-ttl{lifetime}"


def lifetime(session):
    return int(session.rpartition("ttl")[2])


@dataclass(slots=True, eq=False)
class Operation:
    number: int
    kind: str
    session: str
    node: str
    connection: int
    begin: float
    end: float = FOREVER
    outcome: str = UNKNOWN
    # OPEN and READ: the write that was found, or ABSENT. COMMIT: the write, which is unique in the whole history unless
    # an unanswered commit is repeated. DESTROY and EXISTS: what was answered.
    value: object = ABSENT
    opening: "Operation | None" = None  # of COMMIT, TOUCH, CLOSE and HANG_UP: the OPEN that they end
    released: float = FOREVER  # of OPEN: when the visitor began to give the session back

    @property
    def base(self):
        """The write that a commit or touch follows."""
        return self.opening.value


@dataclass(frozen=True)
class Fault:
    kind: str
    node: str  # "" is every node
    begin: float
    end: float


class History:
    def __init__(self):
        self.operations = []
        self.faults = []
        self.is_paused = False  # whether a node is stopped now
        self._writes = itertools.count(1)

    def new_write(self):
        return next(self._writes)

    def begin(self, kind, session, node, connection, begin, **more):
        operation = Operation(len(self.operations), kind, session, node, connection, begin, **more)
        self.operations.append(operation)
        return operation

    def fault(self, kind, node, begin, end):
        self.faults.append(Fault(kind, node, begin, end))

    def contested(self, node):
        """How many sessions another node has opened that a request of `node` has read and is about to store."""
        recent = self.operations[-RECENT:]
        wanted = {(at.session, at.base) for at in recent
                  if at.kind == COMMIT and at.node == node and at.end == FOREVER and at.base is not ABSENT}
        held = {at.session for at in recent if at.kind == OPEN and at.outcome == OK and at.node != node
                and at.released == FOREVER and (at.session, at.value) in wanted}
        return len(held)

    def by_session(self):
        sessions = {}
        for operation in self.operations:
            sessions.setdefault(operation.session, []).append(operation)
        return sessions
