"""How fast commits are acknowledged with durability = "journal" and with "write-through", in one run on one emulator.

A client serves visitors of its own, one after the other: it opens a session and commits 3 KB to it. The emulator answers in a fraction of a
millisecond, which no region does, so each row is measured twice: as it is, and behind a relay that holds each answer
back for the time in the column "DynamoDB". Rounds alternate between the two, and the median round is shown. What the
journal costs is the fsync of the disk that holds the temporary folder; both are told in front of the table.
"""

import asyncio
import itertools
import multiprocessing
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "dev.d"), str(ROOT / "tests" / "support")]

from daemons import Sessiond, write_config  # noqa: E402  the paths above come first
from node import REGION, TABLE, Node  # noqa: E402
from processes import Failure, free_port  # noqa: E402
from resp_client import RespClient  # noqa: E402

SECONDS = 2  # of a round
ROUNDS = 5
CLIENTS = (1, 16)
DELAYS_MS = (0, 5)
VISITORS = 20  # of a client: nobody comes back while his last commit is on its way to DynamoDB
DATA = os.urandom(3 * 1024)
MODES = ("write-through", "journal")


async def relay(port, target, delay):
    """Passes bytes on at once, and answers after `delay` seconds."""
    loop = asyncio.get_running_loop()

    async def serve(reader, writer):
        from_target, to_target = await asyncio.open_connection("127.0.0.1", target)

        async def answers():
            while data := await from_target.read(1 << 16):
                loop.call_later(delay, writer.write, data)

        task = asyncio.create_task(answers())
        while data := await reader.read(1 << 16):
            to_target.write(data)
        to_target.close()
        task.cancel()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


def commit_for_a_while(socket, name, ready, go, times):
    client = RespClient(socket)
    visitors = itertools.cycle([f"{name}v{i}" for i in range(VISITORS)])
    for visitor in itertools.islice(visitors, VISITORS):
        token, _old = client.open(visitor)
        client.commit(visitor, token, DATA)
    taken = []
    ready.release()
    go.wait()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        visitor = next(visitors)
        token, _old = client.open(visitor)
        begun = time.monotonic()
        client.commit(visitor, token, os.urandom(8) + DATA)
        taken.append(time.monotonic() - begun)
    times.put(taken)


def one_round(socket, count):
    """(commits per second, sorted milliseconds of each)"""
    ready, go, times = multiprocessing.Semaphore(0), multiprocessing.Event(), multiprocessing.Queue()
    clients = [multiprocessing.Process(target=commit_for_a_while, args=(socket, f"bench{i}", ready, go, times))
               for i in range(count)]
    for client in clients:
        client.start()
    for _client in clients:
        ready.acquire()
    go.set()
    taken = sorted(1e3 * each for _client in clients for each in times.get(timeout=60))
    for client in clients:
        client.join()
    return len(taken) / SECONDS, taken


def start_daemon(node, mode, delay, port):
    folder = node.folder / f"{mode}-{delay}"
    folder.mkdir()
    config = write_config(folder / "mooring.toml", {
        "region": {"primary": REGION},
        "dynamodb": {"table": TABLE, "endpoints": {REGION: f"http://127.0.0.1:{port}"}},
        "sessions": {"socket": folder / "sessiond.sock", "durability": mode, "journal_file": folder / "journal.db"}})
    daemon = Sessiond(folder, config)
    node.own(daemon.process)
    daemon.start()
    return folder / "sessiond.sock"


def fsync_ms(folder):
    with open(folder / "fsync", "wb", buffering=0) as file:
        times = []
        for _ in range(200):
            file.write(DATA)
            begun = time.monotonic()
            os.fsync(file.fileno())
            times.append(1e3 * (time.monotonic() - begun))
    return sorted(times)[len(times) // 2]


def measure(node):
    target = int(node.start_emulator().endpoint.rpartition(":")[2])
    print(f"on {os.cpu_count()} processors for clients, sessiond and emulator; an fsync takes "
          f"{fsync_ms(node.folder):.2f} ms (median) in {node.folder.parent}")
    print(f"{'durability':14} {'DynamoDB':>9} {'clients':>8} {'commits/s':>10} {'p50 ms':>8} {'p99 ms':>8}")
    for delay in DELAYS_MS:
        port = free_port() if delay else target
        relaying = multiprocessing.Process(target=lambda: asyncio.run(relay(port, target, delay / 1e3)), daemon=True)
        if delay:
            relaying.start()
            time.sleep(0.5)  # pause: of a loop that looks on
        sockets = {mode: start_daemon(node, mode, delay, port) for mode in MODES}
        for count in CLIENTS:
            rounds = {mode: [] for mode in MODES}
            for _round in range(ROUNDS):
                for mode in MODES:
                    rounds[mode].append(one_round(sockets[mode], count))
            for mode in MODES:
                rate, taken = sorted(rounds[mode])[ROUNDS // 2]
                print(f"{mode:14} {f'+{delay} ms':>9} {count:8} {rate:10.0f} {taken[len(taken) // 2]:8.2f} "
                      f"{taken[len(taken) * 99 // 100]:8.2f}", flush=True)
        if delay:
            relaying.kill()


def main():
    node = Node()
    try:
        measure(node)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    finally:
        node.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
