"""Runs inside namespaces of its own (unshare --mount --net): a node whose name server takes questions and says nothing.

usage: silent_dns.py SIDECAR CONFIG HOST PORT SECONDS    prints the slowest answer of /healthz in milliseconds
"""

import fcntl
import socket
import struct
import subprocess
import sys
import tempfile
import time

SIOCSIFFLAGS = 0x8914
IFF_UP_AND_RUNNING = 0x41
NAME_SERVER = "127.0.0.9"
PROBE = b"GET /healthz HTTP/1.0\r\n\r\n"


def bring_loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP_AND_RUNNING))


def make_name_server_silent():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((NAME_SERVER, 53))
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolv:
        resolv.write(f"nameserver {NAME_SERVER}\n")
        resolv.flush()
        subprocess.run(["mount", "--bind", resolv.name, "/etc/resolv.conf"], check=True)
    return server


def probe(host, port):
    """Milliseconds until the whole answer is there; None while nobody listens."""
    started = time.monotonic()
    try:
        with socket.create_connection((host, port), timeout=30) as peer:
            peer.sendall(PROBE)
            while peer.recv(4096):
                pass
    except ConnectionRefusedError:
        return None
    return (time.monotonic() - started) * 1000


def main(sidecar, config, host, port, seconds):
    bring_loopback_up()
    silent = make_name_server_silent()
    daemon = subprocess.Popen([sidecar, "--config", config])
    try:
        times = []
        end = time.monotonic() + 20
        while time.monotonic() < end:
            took = probe(host, int(port))
            if took is not None:
                if not times:
                    end = time.monotonic() + float(seconds)
                times.append(took)
            time.sleep(0.02)  # pause: of a loop that looks for the end
        print(max(times))
    finally:
        daemon.kill()
        daemon.wait()
        silent.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
