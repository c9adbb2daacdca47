"""sessiond with durability = "journal" over a DynamoDB emulator, and visitors who count what was acknowledged."""

import os
import shutil
import threading
import time

from daemons import AWS_KEYS, Sessiond, binary
from node import TABLE
from processes import Child, clean_environment, wait_until
from resp_client import Closed, RespClient, RespError

GONE = (OSError, Closed, TimeoutError)


def start_journal(node, **settings):
    """(emulator, running sessiond)"""
    emulator = node.start_emulator()
    node.set("sessions", durability="journal", journal_file=node.folder / "journal.db", **settings)
    return emulator, node.sessiond().start()


def small_disk_sessiond(node, size):
    """A sessiond whose folder node.folder/"disk" is a disk of its own, of so many bytes, that nobody else sees. Not
    started yet. Works for root and, by a user namespace, for everyone else."""
    disk = node.folder / "disk"
    disk.mkdir()
    daemon = Sessiond(node.folder, node.write())
    spaces = ["--mount", "--propagation", "private"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    mount = f'mount -t tmpfs -o size={size} tmpfs "$1" && exec "$2" --config "$3"'
    daemon.process = Child("mooring-sessiond", [shutil.which("unshare"), *spaces, "sh", "-c", mount, "sh", disk,
                                                binary("mooring-sessiond"), node.config],
                           node.folder / "mooring-sessiond.log", env=clean_environment(**AWS_KEYS))
    node.own(daemon.process)
    return daemon


def info(node):
    with RespClient(node.socket) as client:
        lines = client.call("INFO").decode().splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def metric(node, name):
    with RespClient(node.socket) as client:
        for line in client.call("METRICS").decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rpartition(" ")[2])
    raise AssertionError(f"no metric {name}")


def wait_flushed(node, within=15):
    wait_until(lambda: info(node)["journal_pending"] == "0", within, "the journal is flushed")


def items(node, emulator):
    """{last 8 digits of the id's digest: item} as the table has them, read by AWS's own library."""
    pages = node.dynamodb(emulator.endpoint).get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    return {item["session_id"]["S"]: item for page in pages for item in page["Items"]}


class Visitor(threading.Thread):
    """One visitor on a session of his own: each page adds one to its number."""

    def __init__(self, node, session, page_time=0.0):
        super().__init__(daemon=True)
        self.node, self.session, self.page_time = node, session, page_time
        self.acknowledged = 0
        self.possible = {0}      # what may be stored
        self.commits = []        # times of acknowledgements
        self.failed_commits = []
        self.failed_opens = 0
        self.violations = []
        self.ends = threading.Event()

    def run(self):
        while not self.ends.is_set():
            try:
                with RespClient(self.node.socket, timeout=30) as client:
                    while not self.ends.is_set():
                        self.page(client)
            except GONE:
                time.sleep(0.02)  # pause: before a page is tried again

    def page(self, client):
        try:
            token, data = client.open(self.session)
        except RespError:
            self.failed_opens += 1
            return
        number = int(data or 0)
        if number not in self.possible:
            self.violations.append(f"{self.session} is {number}, not one of {sorted(self.possible)}")
        self.possible = {number}
        time.sleep(self.page_time)  # pause: of a page at work
        self.possible.add(number + 1)
        try:
            client.commit(self.session, token, b"%d" % (number + 1))
        except RespError as refusal:
            self.failed_commits.append(str(refusal))
            return
        self.acknowledged = number + 1
        self.possible = {number + 1}
        self.commits.append(time.monotonic())

    def finish(self):
        self.ends.set()
        self.join(60)
        assert not self.is_alive()


def check(visitors, stored):
    """`stored`: {session: number} as it is now."""
    for visitor in visitors:
        assert not visitor.violations, visitor.violations[:3]
        assert stored[visitor.session] in visitor.possible, (visitor.session, stored[visitor.session], visitor.possible)
