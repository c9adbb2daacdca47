"""redis-cli and redis-benchmark on a node's socket."""

import subprocess


def redis_cli(node, *words):
    done = subprocess.run(["redis-cli", "-s", str(node.socket), *words], capture_output=True, text=True, timeout=10,
                          check=False)
    return done.stdout.strip()


def redis_benchmark(node, *words, timeout=60):
    """The completed process; its output has one line of CSV for each kind of request."""
    return subprocess.run(["redis-benchmark", "-s", str(node.socket), "--csv", *words], capture_output=True, text=True,
                          timeout=timeout, check=False)
