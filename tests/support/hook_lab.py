"""Runs a hook of deploy/hooks as its runner does: no shell, the move in the environment, settings in a file."""

import json
import os
import subprocess
from pathlib import Path

HOOKS = Path(__file__).resolve().parents[2] / "deploy" / "hooks"
AVAILABLE = HOOKS / "available"
EX_TEMPFAIL = 75
MOVE = {"MOORING_FROM": "us-east-1", "MOORING_TO": "eu-west-1", "MOORING_EPOCH": "7", "MOORING_NODE": "web1",
        "MOORING_REASON": "3 regional failures in 12 s"}


def all_hooks():
    return sorted(path.name for path in AVAILABLE.iterdir() if not path.name.startswith("."))


class HookLab:
    """`{lab}` in a setting stands for the lab's folder."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, settings, mode=0o600):
        path = self.folder / f"{name}.conf"
        text = settings if isinstance(settings, str) else "".join(f"{key}={value}\n" for key, value in settings.items())
        path.write_text(text.replace("{lab}", str(self.folder)), encoding="utf-8")
        path.chmod(mode)
        return path

    def later(self, seconds):
        """What the hooks remember was so much longer ago."""
        for path in self.folder.glob("*.note"):
            note = json.loads(path.read_text(encoding="utf-8"))
            path.write_text(json.dumps({**note, "at": note["at"] - seconds}), encoding="utf-8")

    def start(self, hook, *arguments, program=None, **environment):
        """A value of None takes the variable away. This machine's metadata service is never asked."""
        given = {"PATH": os.defpath, "AWS_EC2_METADATA_DISABLED": "true", "MOORING_HOOK_CONF_DIR": str(self.folder),
                 **MOVE, **environment}
        return subprocess.Popen([str(program or AVAILABLE / hook), *arguments], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={name: value for name, value in given.items() if value is not None})

    def run(self, hook, *arguments, program=None, **environment):
        with self.start(hook, *arguments, program=program, **environment) as process:
            try:
                out, err = process.communicate(timeout=30)
            finally:
                process.kill()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def assert_one_line(done, code, *words):
    """The hook ended with that code and one line on stderr that has all the words."""
    assert done.returncode == code, done
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0], lines[0]
