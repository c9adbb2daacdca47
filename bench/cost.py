"""What a page view costs in DynamoDB's capacity units: Mooring, and the session handler of the AWS SDK for PHP.

Both talk to a DynamoDB emulator and take its ReturnConsumedCapacity. Each number is also computed by AWS's published
rules from the items as they are stored; what the emulator counts otherwise is listed. Text is a cart as
PHP serialises it; bytes do not compress, as if they were encrypted. A visitor views a page every 30 s with a TTL of
24 min, which decides how often an unchanged session has to be touched. Exit code 1 when Mooring, with 3 KB of text,
takes more than half of the units of the SDK with locking.
"""

import hashlib
import math
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "dev.d"), str(ROOT / "tests" / "support")]

from node import TABLE, Node  # noqa: E402  the paths above come first
from processes import Failure  # noqa: E402
from resp_client import RespClient  # noqa: E402
from sdk_handler import SdkHandler, create_sdk_table  # noqa: E402

VIEWS = 100  # measured; shown per 1,000
SECONDS_BETWEEN_VIEWS = 30
TTL = 1440
NAME = "PHPSESSID"
SIZES = (1, 3, 10)
PROMISED = "3 KB text"
LEASE = {"lock_owner": {"S": "0" * 34}, "lock_until": {"N": "0" * 13}}  # as in docs/formats.md
REFERENCE = "SDK, locking"
PROMISING = ("mooring, cluster", "mooring, node", "mooring, none")


def text_session(size, rng):
    """A cart: names from a small vocabulary, numbers and tokens that do not repeat."""
    words = ("shirt", "blue", "cotton", "large", "mug", "poster", "winter", "jacket", "green", "small", "gift")
    out = f"customer_id|i:{rng.randrange(10**6)};form_key|s:16:\"{rng.randbytes(8).hex()}\";cart|a:40:{{"
    while len(out) < size:
        name = " ".join(rng.sample(words, 3))
        out += (f"i:{rng.randrange(10**6)};a:4:{{s:3:\"sku\";s:8:\"{rng.randbytes(4).hex()}\";s:4:\"name\";"
                f"s:{len(name)}:\"{name}\";s:3:\"qty\";i:{rng.randrange(1, 9)};"
                f"s:5:\"price\";d:{rng.randrange(9999) / 100};}}")
    return out[:size].encode()


def binary_session(size, rng):
    return b"\xff" + rng.randbytes(size - 1)  # 0xff: no text in any case


@dataclass
class Units:
    read: float = 0
    write: float = 0

    def __add__(self, other):
        return Units(self.read + other.read, self.write + other.write)

    def per_thousand(self):
        return Units(self.read * 1000 / VIEWS, self.write * 1000 / VIEWS)

    def total(self):
        return self.read + self.write


def bytes_of(item):
    """As AWS measures; see CapacityUnitCalculations in its developer guide."""
    def value(typed):
        (kind, content), = typed.items()
        if kind == "N":
            return math.ceil(len(content) / 2) + 1
        return len(content.encode() if isinstance(content, str) else content)
    return sum(len(name) + value(typed) for name, typed in item.items())


def read_units(size):
    return max(1, math.ceil(size / 4096))


def write_units(before, after):
    return max(1, math.ceil(max(before, after) / 1024))


class MooringVisitor:
    """Page views through sessiond."""

    def __init__(self, node, client, table, key, locking):
        self.resp, self.client, self.table, self.key = RespClient(node.socket), client, table, key
        self.leases = locking == "cluster"

    def spent(self):
        def of(command):
            start = f'mooring_sessiond_capacity_units_total{{command="session.{command}"}} '
            return sum(float(line[len(start):]) for line in text.splitlines() if line.startswith(start))
        text = self.resp.call("METRICS").decode()
        if self.leases:  # the lease and the read are one write
            return Units(0, of("open") + of("commit"))
        return Units(of("open"), of("commit"))

    def item(self):
        return self.client.get_item(TableName=self.table, Key=self.key, ConsistentRead=True).get("Item", {})

    def view(self, data):
        token, _read = self.resp.open("visitor")
        self.resp.commit("visitor", token, data, TTL)

    def time_passes(self):
        self.client.update_item(TableName=self.table, Key=self.key, UpdateExpression="SET expires = expires - :s",
                                ExpressionAttributeValues={":s": {"N": str(SECONDS_BETWEEN_VIEWS)}})

    def by_the_rules(self, before, after):
        """Units of one view, from the items before and after it."""
        if self.leases:
            leased = bytes_of({**before, **LEASE})
            return Units(0, write_units(bytes_of(before), leased) + write_units(leased, bytes_of(after)))
        write = 0 if before == after else write_units(bytes_of(before), bytes_of(after))
        return Units(read_units(bytes_of(before)), write)


class SdkVisitor:
    """Page views through the SDK's handler."""

    def __init__(self, client, table, locking):
        self.client, self.table = client, table
        self.key = {"id": {"S": SdkHandler.key_of(NAME, "visitor")}}
        self.handler = SdkHandler(client, table, locking, TTL)

    item = MooringVisitor.item
    time_passes = MooringVisitor.time_passes

    def spent(self):
        return Units(self.handler.read_units, self.handler.write_units)

    def view(self, data):
        self.handler.read(NAME, "visitor")
        self.handler.write(data)

    def by_the_rules(self, before, after):
        locked = {**before, "lock": {"N": "1"}}
        if not self.handler.locking:
            return Units(read_units(bytes_of(before)), write_units(bytes_of(before), bytes_of(after)))
        size = bytes_of(locked)
        return Units(0, write_units(bytes_of(before), size) + write_units(size, bytes_of(after)))


def measure(visitor, sessions):
    """(units by the emulator, units by the rules) of VIEWS views; the first view of all is not counted."""
    visitor.view(next(sessions))
    begin, ruled = visitor.spent(), Units()
    for _view in range(VIEWS):
        visitor.time_passes()
        before = visitor.item()
        visitor.view(next(sessions))
        ruled += visitor.by_the_rules(before, visitor.item())
    end = visitor.spent()
    return Units(end.read - begin.read, end.write - begin.write).per_thousand(), ruled.per_thousand()


def contents(make, size, changes, text):
    """Sessions one after the other. A change replaces some bytes in the middle."""
    rng = random.Random(size)
    data = make(size * 1024, rng)
    while True:
        yield data.decode() if text else data
        if changes:
            middle = len(data) // 2
            data = data[:middle] + rng.randbytes(4).hex().encode() + data[middle + 8:]


def with_mooring(locking, schema):
    node = Node()
    try:
        client = node.dynamodb(node.start_emulator(create_table=schema == "mooring").endpoint)
        table, key = TABLE, {"session_id": {"S": f"{NAME}:{hashlib.sha256(b'visitor').hexdigest()}"}}
        if schema != "mooring":
            create_sdk_table(client, TABLE)
            key = {"id": {"S": f"{NAME}_visitor"}}
        node.set("sessions", locking=locking, schema=schema)
        node.sessiond().start()
        yield from every_row(lambda: MooringVisitor(node, client, table, key, locking), client, table, text=False)
    finally:
        node.close()


def with_sdk(locking):
    node = Node()
    try:
        client = node.dynamodb(node.start_emulator(create_table=False).endpoint)
        create_sdk_table(client, TABLE)
        yield from every_row(lambda: SdkVisitor(client, TABLE, locking), client, TABLE, text=True)
    finally:
        node.close()


def every_row(make_visitor, client, table, text):
    """((session, page), measured, ruled)"""
    for size in SIZES:
        for kind, make in (("text", text_session), ("bytes", binary_session)):
            for page in ("unchanged", "changed"):
                visitor = make_visitor()
                sessions = contents(make, size, page == "changed", text and kind == "text")
                yield (f"{size} KB {kind}", page), *measure(visitor, sessions)
                client.delete_item(TableName=table, Key=visitor.key)


def handlers():
    yield "mooring, cluster", with_mooring("cluster", "mooring")
    yield "mooring, node", with_mooring("node", "mooring")
    yield "mooring, none", with_mooring("none", "mooring")
    yield "aws-sdk-php schema, cluster", with_mooring("cluster", "aws-sdk-php")
    yield "aws-sdk-php schema, node", with_mooring("node", "aws-sdk-php")
    yield "SDK, no locking", with_sdk(False)
    yield REFERENCE, with_sdk(True)


def place(row):
    """In the order of size, text before bytes, unchanged before changed."""
    (session, page) = row
    size, _unit, kind = session.split()
    return int(size), kind != "text", page != "unchanged"


def table_of(results):
    """results: {(session, page): {handler: (measured, ruled)}}"""
    names = list(next(iter(results.values())))
    yield "| session | page | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 2) + "|"
    for row in sorted(results, key=place):
        reference = results[row][REFERENCE][0].total()
        cells = [f"{measured.read:,.0f} + {measured.write:,.0f} ({measured.total() / reference:.0%})"
                 for measured, _ruled in results[row].values()]
        yield f"| {row[0]} | {row[1]} | " + " | ".join(cells) + " |"


def differences(results):
    for row, cells in results.items():
        for handler, (measured, ruled) in cells.items():
            if measured != ruled:
                yield f"{row[0]} {row[1]}, {handler}: the emulator counts {measured}, AWS's rules give {ruled}"


def main():
    results, started = {}, time.monotonic()
    try:
        for handler, rows in handlers():
            for row, measured, ruled in rows:
                results.setdefault(row, {})[handler] = (measured, ruled)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    print("\n".join(table_of(results)))
    print(f"\nread + write units for 1,000 page views (part of what \"{REFERENCE}\" takes); {VIEWS} views measured; "
          f"{time.monotonic() - started:.0f} s")
    print("\n".join(differences(results)) or "AWS's rules, applied to the stored items, give the same numbers")
    kept = all(results[row][handler][0].total() <= results[row][REFERENCE][0].total() / 2
               for row in results if row[0] == PROMISED for handler in PROMISING)
    print(f"promise: with {PROMISED}, Mooring takes at most half of the units of \"{REFERENCE}\": "
          f"{'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
