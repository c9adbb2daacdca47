"""The settings of a hook: KEY=value lines in a file of their own.

Blank lines and lines that start with # are left out, quotes around a whole value are taken off, and KEY= counts as not
set. A key that the hook does not know, one that is set twice, and a value that cannot be right are faults, so that a
slip of the pen is found when the hook is tried and not in the night of the move.
"""

import os
import re
import stat
from dataclasses import dataclass
from typing import Callable, Optional
from urllib.parse import urlsplit

from .errors import Failed

MAX_BYTES = 64 * 1024
MAX_TIMEOUT = 300
SHORTEST_SECRET = 4  # a shorter one would blot out half of every message, and protects nothing


@dataclass(frozen=True)
class Setting:
    name: str
    what: str  # completes "it is ..."
    default: Optional[str] = None  # None: has to be set
    secret: bool = False  # never printed, and its file must not be readable for everybody
    per_region: bool = False  # NAME_us_east_1, NAME_eu_west_1, ...
    convert: Callable = str  # text -> value; raises ValueError with what to write instead

    @property
    def key(self):
        return f"{self.name}_<region>" if self.per_region else self.name


def is_plain(text):
    """Whether it can go into a header or an address as it is."""
    return re.fullmatch(r"[!-~]+", text) is not None


def secret_text(text):
    if not is_plain(text):
        raise ValueError("it has spaces or letters that are not ASCII; copy it again")
    return text


def region(text):
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError('write a region such as "us-east-1"')
    return text


def yes_or_no(text):
    if text not in ("yes", "no"):
        raise ValueError('write "yes" or "no"')
    return text == "yes"


def integer(low, high):
    def convert(text):
        if not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"write a number from {low} to {high}")
        return int(text)
    return convert


def one_of(*words):
    def convert(text):
        if text not in words:
            raise ValueError(f"write one of {' '.join(words)}")
        return text
    return convert


def matching(pattern, example):
    def convert(text):
        if not re.fullmatch(pattern, text):
            raise ValueError(f'write something like "{example}"')
        return text
    return convert


def is_loopback(host):
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host or "") is not None


def http_url(text, example):
    """Its parts. urlsplit() itself raises ValueError for some of what cannot be an address, and so does its port."""
    parts = urlsplit(text)
    is_http = is_plain(text) and parts.scheme in ("http", "https")
    if not is_http or not parts.hostname or parts.username or parts.fragment or parts.port == 0:
        raise ValueError(f'write an address such as "{example}"')
    return parts


def base_url(text):
    """An address without a query that a secret may be sent to: https, or http on this machine."""
    parts = http_url(text, "https://api.example.com")
    if parts.query:
        raise ValueError("take away the ? and what follows it")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("secrets would cross the network unencrypted; write https://")
    return text.rstrip("/")


def api_url(default):
    return Setting("API_URL", "where the API is", default, convert=base_url)


TIMEOUT = Setting("TIMEOUT", "the seconds for the whole hook; keep it below the timeout of whoever runs it", "10",
                  convert=integer(1, MAX_TIMEOUT))


def parse(text, path):
    values = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        found = re.fullmatch(r"([A-Za-z][A-Za-z0-9_]*)=(.*)", line)
        if not found:
            raise Failed(f"{path}:{number} is not KEY=value; put # before a comment")
        key, value = found[1], found[2].strip()
        if key in values:
            raise Failed(f"{path}:{number} sets {key} for the second time; keep one of them")
        quoted = re.fullmatch(r"""(["'])(?P<inner>((?!\1).)*)\1""", value)
        values[key] = quoted["inner"] if quoted else value
    return values


def read(path):
    """The text of the file and its mode."""
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Failed(f"{path} does not exist; write the hook's settings there, --help lists them") from None
    except OSError as error:
        raise Failed(f"{path} cannot be read ({error.strerror}); give it to the user that runs the hook") from None
    if len(content) > MAX_BYTES:
        raise Failed(f"{path} is longer than {MAX_BYTES} bytes; keep nothing but settings in it")
    if mode & 0o022:
        raise Failed(f"{path} can be changed by others (mode {mode:04o}); chmod 0600 it")
    try:
        return content.decode(), mode
    except UnicodeDecodeError:
        raise Failed(f"{path} is not UTF-8 text; write it again") from None


class Settings:
    def __init__(self, declared, path):
        self.declared = declared
        self.path = path
        self.secrets = set()
        self._values = {}

    def load(self):
        text, mode = read(self.path)
        for key, value in parse(text, self.path).items():
            setting = self._declared_as(key)
            if setting is None:
                raise Failed(f"{key} in {self.path} is no setting of this hook; --help lists them")
            if not value:
                continue
            if setting.secret and mode & 0o004:
                raise Failed(f"{self.path} holds {key} and everybody can read it (mode {mode:04o}); chmod 0600 it")
            if setting.secret and len(value) >= SHORTEST_SECRET:
                self.secrets.add(value)
            self._values[key] = self._converted(key, value, setting)
        for setting in self.declared:
            if setting.per_region or setting.name in self._values:
                continue
            if setting.default is None:
                raise Failed(f"{setting.name} is not set in {self.path}; it is {setting.what}")
            self._values[setting.name] = setting.convert(setting.default) if setting.default else ""

    def _declared_as(self, key):
        for setting in self.declared:
            if re.fullmatch(f"{setting.name}_[a-z0-9_]+" if setting.per_region else setting.name, key):
                return setting
        return None

    def _converted(self, key, value, setting):
        try:
            return setting.convert(value)
        except ValueError as error:
            found = "" if setting.secret else f' is "{value}"'
            raise Failed(f"{key}{found} in {self.path}: {error}") from None

    def __getitem__(self, name):
        return self._values[name]

    def where(self, name):
        return f"{name} in {self.path}"

    def for_region(self, name, wanted):
        """The value of NAME_<wanted>, its default, or the fault that it is missing."""
        key = f"{name}_{wanted.replace('-', '_')}"
        if key in self._values:
            return self._values[key]
        setting = next(setting for setting in self.declared if setting.name == name)
        if setting.default is None:
            raise Failed(f"{key} is not set in {self.path}; it is {setting.what}")
        return setting.default

    def for_others(self, name, wanted):
        """The values of NAME_... of all other regions."""
        own = f"{name}_{wanted.replace('-', '_')}"
        return [value for key, value in self._values.items() if key.startswith(f"{name}_") and key != own]
