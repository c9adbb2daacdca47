"""What a hook remembers until its next run on this node: one subject, and when it was written down.

A note may get lost or be damaged. Then there is none, and the hook begins to count anew.
"""

import json
import os
import time
from pathlib import Path

from .errors import Failed
from .settings import Setting

MAX_BYTES = 4096


def folder(text):
    if not text.startswith("/"):
        raise ValueError("write a full path")
    return text


STATE_FOLDER = Setting("STATE_FOLDER", "the folder where the hook remembers what it has begun", "/var/lib/mooring",
                       convert=folder)


class Note:
    def __init__(self, hook):
        self._path = Path(hook["STATE_FOLDER"]) / f"{hook.name}.note"
        self._remedy = f"mend {hook.where('STATE_FOLDER')}"

    def age(self, subject):
        """The seconds since the subject was written down, or None. A time in the future is a wrong clock's."""
        try:
            with open(self._path, "rb") as file:
                found = json.loads(file.read(MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or found.get("subject") != subject or type(found.get("at")) is not int:
            return None
        age = int(time.time()) - found["at"]
        return age if age >= 0 else None

    def write(self, subject):
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                json.dump({"subject": subject, "at": int(time.time())}, file)
            os.replace(fresh, self._path)
        except OSError as error:
            raise Failed(f"{fresh} cannot be written ({error.strerror}); {self._remedy}") from None

    def forget(self):
        """Also shows, before anything is changed elsewhere, that a note can be written."""
        self.write("")
