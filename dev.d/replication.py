"""Global Tables' replication (MREC) of one table between two regions: the last writer wins, item by item. No threads and
no sockets in here: what each table holds goes in by note(), deliver() applies what is due.

A write counts from when it was made in its own region. One that surfaces late does not replace a newer one; deletions
are writes. A change is applied only while the other region's item is still as it was seen last: what is written there in
between is seen first, and compared. Writes between two looks are one, and count from the last of them.

An emulator's stream would tell each write; but with each record of it every write takes longer, and in a minute of
shopping it is ten times as long.
"""

from collections import deque
from dataclasses import dataclass, field

from dynamo_wire import Refused, Unreachable

# Of one direction. More means that nobody is going to mend it.
MOST_PENDING = 1_000_000
AFTER = 1e-6


class TooMuchPending(Exception):
    pass


@dataclass(frozen=True)
class Write:
    when: float
    origin: str
    key: str
    image: dict | None  # None: deleted

    @property
    def order(self):
        return self.when, self.origin


@dataclass
class Side:
    """One region's table as it was seen last, or changed since. `call` is Wire.call."""

    name: str
    call: object
    known: dict = field(default_factory=dict)
    newest: dict = field(default_factory=dict)
    # What may have been applied here: the answer did not come.
    doubtful: dict = field(default_factory=dict)
    seen_at: float | None = None
    # When its endpoint has written what was not seen yet.
    written_at: dict = field(default_factory=dict)


class Replication:
    def __init__(self, table, key, calls, most_pending=MOST_PENDING):
        """calls: {region: Wire.call}, of two regions."""
        self._most_pending = most_pending
        self.table, self.key = table, key
        self.sides = {name: Side(name, call) for name, call in calls.items()}
        self.lag = 0.0
        self.cut = set()
        self.pending = {(a, b): deque() for a in calls for b in calls if a != b}
        self.delivered = self.superseded = 0
        self._attributes = set()

    def note(self, name, items, now, written_at=None):
        """items: {key: image}, all that the region has. written_at: {key: time} of writes up to now, as far as they are
        known; another change counts from the look before: a region that did not answer for a while has not been written
        since."""
        side = self.sides[name]
        since = now if side.seen_at is None else side.seen_at
        side.seen_at = now
        side.written_at.update(written_at or {})
        changed = [key for key, image in items.items() if side.known.get(key) != image]
        changed += [key for key, image in side.known.items() if image is not None and key not in items]
        for key in changed:
            image = items.get(key)
            self._attributes.update(image or ())
            doubtful = side.doubtful.get(key)
            if doubtful and doubtful.image == image:
                self._is_there(side, doubtful)
            else:
                self._written(side, key, image, max(since, side.written_at.pop(key, since)))
        side.written_at = {key: when for key, when in side.written_at.items() if when >= since}

    def _written(self, side, key, image, when):
        if key in side.newest:
            when = max(when, side.newest[key][0] + AFTER)
        write = Write(when, side.name, key, image)
        side.known[key], side.newest[key] = image, write.order
        for (origin, _target), queue in self.pending.items():
            if origin == side.name:
                queue.append(write)
                if len(queue) > self._most_pending:
                    raise TooMuchPending(f"{self._most_pending} changes of {origin} wait for the other region")

    def deliver(self, now):
        """Applies what is at least `lag` old, where it is not cut; true when something was done. Unreachable and Refused
        of the target come through; what could not be applied stays pending."""
        done = False
        for direction, queue in self.pending.items():
            if direction not in self.cut:
                done = self._deliver_to(self.sides[direction[1]], queue, now) or done
        return done

    def _deliver_to(self, side, queue, now):
        # An item that has changed there waits for the next look, and the other items do not wait for it.
        waiting, keys = deque(), set()
        before = len(queue)
        try:
            while queue and queue[0].when + self.lag <= now:
                if queue[0].key in keys or not self._apply(side, queue[0]):
                    keys.add(queue[0].key)
                    waiting.append(queue[0])
                queue.popleft()
        finally:
            queue.extendleft(reversed(waiting))
        return len(queue) < before

    def overdue(self, now):
        """How many seconds the most delayed change that nothing holds back is later than the lag."""
        heads = [queue[0].when for direction, queue in self.pending.items() if queue and direction not in self.cut]
        return max(0.0, now - self.lag - min(heads)) if heads else 0.0

    def _apply(self, side, write):
        """False when something else is there than was seen last."""
        if side.newest.get(write.key, (0.0, "")) >= write.order:
            self.superseded += 1
            return True
        old = side.known.get(write.key)
        if old is not None or write.image is not None:
            try:
                if not self._replace(side, write, old):
                    return False
            except Unreachable:
                side.doubtful[write.key] = write
                raise
        self._is_there(side, write)
        self.delivered += 1
        return True

    @staticmethod
    def _is_there(side, write):
        side.doubtful.pop(write.key, None)
        side.known[write.key] = write.image
        side.newest[write.key] = write.order

    def _replace(self, side, write, old):
        condition = self._is_still(old)
        try:
            if write.image is None:
                side.call("DeleteItem", TableName=self.table, Key={self.key: {"S": write.key}}, **condition)
            else:
                side.call("PutItem", TableName=self.table, Item=write.image, **condition)
        except Refused as refusal:
            if refusal.kind == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _is_still(self, old):
        """The condition that an item is exactly `old`."""
        if old is None:
            return {"ConditionExpression": "attribute_not_exists(#k)", "ExpressionAttributeNames": {"#k": self.key}}
        names, values, terms = {}, {}, []
        for number, name in enumerate(sorted(self._attributes | set(old))):
            names[f"#{number}"] = name
            if name in old:
                values[f":{number}"] = old[name]
                terms.append(f"#{number} = :{number}")
            else:
                terms.append(f"attribute_not_exists(#{number})")
        return {"ConditionExpression": " AND ".join(terms), "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values}
