"""A hook's life: the move comes from the environment, the settings from a file, and there are three ends.

    MOORING_FROM MOORING_TO MOORING_EPOCH MOORING_REASON MOORING_NODE    set by whoever runs the hook
    /etc/mooring/hooks/NAME.conf    the settings; NAME is what the hook was started as, so that two links to one hook
                                    have two files
    exit 0   done, or there was nothing to do
    exit 75  not now; run it again (EX_TEMPFAIL)
    exit 1   failed for good; the line on stderr says what to change
"""

import contextlib
import os
import re
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from .errors import Failed, TryAgain
from .settings import TIMEOUT, Settings, region

EX_FAILED = 1
EX_TEMPFAIL = 75
DEFAULT_FOLDER = "/etc/mooring/hooks"
MAX_LINE = 400


@dataclass(frozen=True)
class Move:
    origin: str
    to: str
    epoch: int
    reason: str
    node: str


def move_of(environment):
    to, epoch = environment.get("MOORING_TO", ""), environment.get("MOORING_EPOCH", "")
    try:
        region(to)
    except ValueError as error:
        raise Failed(f'MOORING_TO is "{to}"; {error}') from None
    if not re.fullmatch(r"[0-9]{1,20}", epoch):
        raise Failed(f'MOORING_EPOCH is "{epoch}"; write the number of the move, such as "1"')
    return Move(environment.get("MOORING_FROM", ""), to, int(epoch), environment.get("MOORING_REASON", ""),
                environment.get("MOORING_NODE", ""))


class Hook:
    def __init__(self, name, declared, path, environment, dry_run):
        self.name = name
        self.environment = environment
        self.dry_run = dry_run
        self.settings = Settings(declared, path)
        self.move = None
        self.doing = "starting"  # for the line that says why it gave up

    def load(self):
        self.move = move_of(self.environment)
        self.settings.load()

    def __getitem__(self, name):
        return self.settings[name]

    def for_region(self, name):
        return self.settings.for_region(name, self.move.to)

    def for_other_regions(self, name):
        return self.settings.for_others(name, self.move.to)

    def where(self, name):
        return self.settings.where(name)

    def keep_secret(self, text):
        self.settings.secrets.add(text)

    def say(self, text):
        print(f"{self.name}: {self._line(text)}", flush=True)

    def complain(self, text):
        print(f"{self.name}: {self._line(text)}", file=sys.stderr, flush=True)

    def write(self, what, action):
        """Does action() and says so; a dry run only says it. The result of action(), or None."""
        if self.dry_run:
            self.say(f"would {what}")
            return None
        result = action()
        self.say(f"did {what}")
        return result

    def _line(self, text):
        for secret in self.settings.secrets:
            text = text.replace(secret, "***")
        text = "".join(letter if letter.isprintable() else " " for letter in text)
        return " ".join(text.split())[:MAX_LINE]


@contextlib.contextmanager
def deadline(hook, seconds):
    """Ends the process when it takes longer. A look-up of a name cannot be interrupted in any gentler way, and the next
    run repairs what this one left half done."""
    def give_up():
        hook.complain(f"gave up after {seconds} s while {hook.doing}; raise {hook.where('TIMEOUT')} if that is normal")
        os._exit(EX_TEMPFAIL)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def help_text(name, description, declared, path):
    lines = [f"usage: {name} [--dry-run]", "", description.strip(), "",
             "--dry-run reads, says what it would change, and changes nothing.", "", f"Settings, in {path}:"]
    for setting in declared:
        default = "has to be set" if setting.default is None else f"default: {setting.default or 'none'}"
        lines += [f"  {setting.key}", f"      {setting.what} ({default})"]
    lines += ["", "In the key of a region - becomes _, as in TARGET_us_east_1. The move comes from MOORING_TO and",
              "MOORING_EPOCH, and for texts from MOORING_FROM, MOORING_REASON and MOORING_NODE.",
              "MOORING_HOOK_CONF_DIR names another folder of settings."]
    return "\n".join(lines)


def perform(hook, arguments, run):
    if arguments not in ([], ["--dry-run"]):
        raise Failed(f"unknown arguments {' '.join(arguments)}; it takes --dry-run or --help")
    hook.load()
    if TIMEOUT in hook.settings.declared:
        with deadline(hook, hook["TIMEOUT"]):
            run(hook)
    else:
        run(hook)


def main(description, declared, run):
    """The exit code of run(hook)."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
    path = Path(os.environ.get("MOORING_HOOK_CONF_DIR") or DEFAULT_FOLDER) / f"{name}.conf"
    if arguments == ["--help"]:
        print(help_text(name, description, declared, path))
        return 0
    hook = Hook(name, declared, path, dict(os.environ), arguments == ["--dry-run"])
    try:
        perform(hook, arguments, run)
    except TryAgain as error:
        hook.complain(str(error))
        return EX_TEMPFAIL
    except Failed as error:
        hook.complain(str(error))
        return EX_FAILED
    return 0
