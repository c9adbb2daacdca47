"""A node's configuration for programs of several versions: MOORING_BIN may name an older build, which refuses keys that
it does not know."""

import re
import subprocess

from daemons import binary, write_config
from processes import Failure, clean_environment

UNKNOWN = re.compile(r": ([\w.]+): unknown key;")


def write_known(path, program, sections, newer):
    """Writes `sections` for `program`, without those of `newer`, such as "region.control", that it does not know."""
    left_out = set()
    while True:
        kept = {section: {key: value for key, value in keys.items() if f"{section}.{key}" not in left_out}
                for section, keys in sections.items()}
        write_config(path, {section: keys for section, keys in kept.items() if keys})
        done = subprocess.run([binary(program), "--config", path, "--check-config"], capture_output=True, text=True,
                              check=False, env=clean_environment())
        # A whole section may be unknown, too.
        named = set(UNKNOWN.findall(done.stdout + done.stderr))
        unknown = {name for name in newer if name in named or name.partition(".")[0] in named} - left_out
        if not unknown:
            break
        left_out |= unknown
    if done.returncode:
        raise Failure((done.stderr or done.stdout).strip().splitlines()[0])
    return left_out
