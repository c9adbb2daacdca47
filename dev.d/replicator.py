"""Replicates one table both ways between two DynamoDB emulators, as Global Tables do, a chosen time later.

usage: replicator.py SOCKET TABLE KEY REGION=HOST:PORT=ENDPOINT REGION=HOST:PORT=ENDPOINT

ENDPOINT is the socket of the region's fault_proxy.py, which knows when an item was written: two nodes may write the same
one in both regions within a look.

Orders (agents.py): {"do": "lag", "seconds": 2}, {"do": "cut", "origin": A, "target": B}, "mend" likewise, and "facts".
Each answers with the facts: what is pending in each direction, by how much it is overdue, delivered, superseded.
"""

import sys
import threading
import time

from agents import ask, serve
from dynamo_wire import Refused, Unreachable, Wire, all_items
from processes import Failure
from replication import Replication

LOOK_EVERY = 0.1
# A region that did not answer is left alone for so long, so that the other one is looked at.
REST = 1.0
LONGEST_LAG = 3600.0


class Replicator:
    def __init__(self, table, key, addresses, endpoints=None):
        """addresses: {region: (host, port)} of two regions whose tables are there, made by create_table(). endpoints:
        {region: sockets of the fault proxies} through which nodes write."""
        self._table = table
        self._endpoints = endpoints or {}
        self._wires = {name: Wire(address) for name, address in addresses.items()}
        self.replication = Replication(table, key, {name: wire.call for name, wire in self._wires.items()})
        self._key = key
        self._rests_until = dict.fromkeys(addresses, 0.0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._over.set()
        self._thread.join(10)

    def wait(self):
        """Until it has ended."""
        self._thread.join()

    def obey(self, do, seconds=None, origin=None, target=None):
        replication = self.replication
        if do == "lag":
            if not 0 <= seconds <= LONGEST_LAG:
                raise ValueError(f"a lag is 0 to {LONGEST_LAG:g} seconds")
            replication.lag = seconds
        elif do in ("cut", "mend"):
            if (origin, target) not in replication.pending:
                raise ValueError(f"there is no replication from {origin} to {target}")
            cut = {(origin, target)}
            replication.cut = replication.cut | cut if do == "cut" else replication.cut - cut
        elif do != "facts":
            raise ValueError(f"no order '{do}'")
        return self.facts()

    def facts(self):
        replication = self.replication
        return {"lag": replication.lag, "overdue": replication.overdue(time.time()),
                "delivered": replication.delivered, "superseded": replication.superseded,
                "pending": {f"{a} to {b}": len(waiting) for (a, b), waiting in replication.pending.items()},
                "cut": [f"{a} to {b}" for a, b in sorted(replication.cut)]}

    def _work(self):
        while not self._over.wait(LOOK_EVERY):
            for name, wire in self._wires.items():
                if time.monotonic() >= self._rests_until[name]:
                    self._look(name, wire)
            # What is not known to be there as it is told must not be written over: so only right after a look.
            if not any(until > time.monotonic() for until in self._rests_until.values()):
                try:
                    self.replication.deliver(time.time())
                except (Unreachable, Refused) as error:
                    print(f"replicator: {error}; trying again", file=sys.stderr, flush=True)

    def _look(self, name, wire):
        before = time.time()
        try:
            items = all_items(wire, self._table, self._key)
            self.replication.note(name, items, before, self._writes_in(name))
        except (Unreachable, Refused, Failure) as error:
            self._rests_until[name] = time.monotonic() + REST
            print(f"replicator: {name}: {error}; trying again", file=sys.stderr, flush=True)

    def _writes_in(self, name):
        """When what items were written there. After the items, so that each that is among them has its time."""
        writes = {}
        for endpoint in self._endpoints.get(name, ()):
            for key, when in ask(endpoint, do="writes")["writes"].items():
                writes[key] = max(when, writes.get(key, 0.0))
        return writes


def main(path, table, key, *regions):
    addresses, endpoints = {}, {}
    for region in regions:
        name, address, endpoint = region.split("=", 2)
        host, _, port = address.rpartition(":")
        addresses[name] = host, int(port)
        endpoints[name] = [endpoint]
    replicator = Replicator(table, key, addresses, endpoints).start()
    serve(path, replicator.obey)
    replicator.wait()
    sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
