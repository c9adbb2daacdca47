"""Replicates one table both ways between two DynamoDB emulators, as Global Tables do, a chosen time later.

usage: replicator.py SOCKET TABLE KEY REGION=HOST:PORT REGION=HOST:PORT

Orders (agents.py): {"do": "lag", "seconds": 2}, {"do": "cut", "origin": A, "target": B}, "mend" likewise, and "facts".
Each answers with the facts: what is pending in each direction, by how much it is overdue, delivered, superseded.
"""

import queue
import sys
import threading
import time

from agents import serve
from dynamo_wire import Refused, Stream, Unreachable, Wire
from replication import Replication

READ_EVERY = 0.02
RETRY_EVERY = 0.25
LONGEST_LAG = 3600.0


class Replicator:
    def __init__(self, table, key, addresses):
        """addresses: {region: (host, port)} of two regions whose tables are there, made by create_table()."""
        self._addresses = addresses
        self._table = table
        self._wires = {name: Wire(address) for name, address in addresses.items()}
        self.replication = Replication(table, key, {name: wire.call for name, wire in self._wires.items()})
        # Reading goes on while a delivery waits, so that the times of writes are right.
        self._records = queue.Queue()
        self._over = threading.Event()
        self._rest_until = 0.0
        self._threads = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in addresses]
        self._threads.append(threading.Thread(target=self._work, daemon=True))

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join(10)

    def wait(self):
        """Until a thread has ended."""
        while all(thread.is_alive() for thread in self._threads):
            time.sleep(0.2)

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
        return {"lag": replication.lag, "overdue": replication.overdue(time.time()), "delivered": replication.delivered, "superseded": replication.superseded,
                "pending": {f"{a} to {b}": len(waiting) for (a, b), waiting in replication.pending.items()},
                "cut": [f"{a} to {b}" for a, b in sorted(replication.cut)]}

    def _read(self, name):
        stream = Stream(Wire(self._addresses[name]), self._table)
        while not self._over.is_set():
            try:
                records = stream.read()
            except (Unreachable, Refused):
                time.sleep(RETRY_EVERY)
                continue
            if records:
                self._records.put((name, records, time.time()))
            else:
                time.sleep(READ_EVERY)

    def _work(self):
        while not self._over.is_set():
            try:
                self.replication.note(*self._records.get(timeout=READ_EVERY))
                while not self._records.empty():
                    self.replication.note(*self._records.get())
            except queue.Empty:
                pass
            if time.monotonic() < self._rest_until:
                continue
            try:
                self.replication.deliver(time.time())
            except (Unreachable, Refused) as error:
                print(f"replicator: {error}; trying again", file=sys.stderr, flush=True)
                self._rest_until = time.monotonic() + RETRY_EVERY


def main(path, table, key, *regions):
    addresses = {}
    for region in regions:
        name, _, address = region.partition("=")
        host, _, port = address.rpartition(":")
        addresses[name] = host, int(port)
    replicator = Replicator(table, key, addresses).start()
    serve(path, replicator.obey)
    replicator.wait()
    sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
