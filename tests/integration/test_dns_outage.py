"""A name server that does not answer may not stall the probes: getaddrinfo() blocks for ten seconds and more."""

import subprocess
import sys
from pathlib import Path

from daemons import AWS_KEYS, binary
from processes import clean_environment
from servers import LOOPBACK, running_as_root

INSIDE = Path(__file__).resolve().parents[1] / "support" / "silent_dns.py"
# Without the fix a probe waited for the resolver's own 10 s, twice in this time.
SECONDS = 12


def test_probes_are_answered_while_the_name_server_is_silent(node):
    node.set("checks.dynamodb", timeout="1s").set("sessions", store="dynamodb")
    node.set("checks.sessiond", enabled=False)
    root = [] if running_as_root() else ["--map-root-user"]
    done = subprocess.run(
        ["unshare", *root, "--mount", "--net", sys.executable, INSIDE, binary("mooring-sidecar"), node.write(), LOOPBACK,
         str(node.probe_port), str(SECONDS)],
        capture_output=True, text=True, timeout=60, check=False, env=clean_environment(**AWS_KEYS))
    assert done.returncode == 0, done.stderr
    assert "event=check.down check=dynamodb" in done.stderr
    assert float(done.stdout) < 1000
