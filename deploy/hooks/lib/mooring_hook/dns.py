"""Which record should point where. The hooks for DNS change the target of one record that is there already."""

import ipaddress
import re
from dataclasses import dataclass

from .errors import Failed
from .settings import Setting, one_of

TYPES = ("A", "AAAA", "CNAME")
MAX_NAME = 253
LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"


def name(text):
    text = text.lower().rstrip(".")
    if len(text) > MAX_NAME or not re.fullmatch(rf"(\*\.)?({LABEL}\.)+[a-z0-9-]{{2,63}}", text):
        raise ValueError('write a full name such as "www.example.com"')
    return text


SETTINGS = (
    Setting("RECORD_NAME", "the full name of the record, such as www.example.com", convert=name),
    Setting("RECORD_TYPE", f"its type: {' '.join(TYPES)}", "A", convert=one_of(*TYPES)),
    Setting("TARGET", "the address (CNAME: the name) that the record has while that region is active",
            per_region=True),
)


@dataclass(frozen=True)
class Record:
    name: str
    type: str
    target: str

    def __str__(self):
        return f"{self.name} {self.type}"

    def has(self, target):
        """Whether `target`, as an API writes it, is this one."""
        try:
            return normal(self.type, target) == self.target
        except ValueError:
            return False


def normal(kind, target):
    if kind == "A":
        return str(ipaddress.IPv4Address(target))
    return str(ipaddress.IPv6Address(target)) if kind == "AAAA" else name(target)


def wanted(hook):
    found = hook.for_region("TARGET")
    try:
        target = normal(hook["RECORD_TYPE"], found)
    except ValueError:
        key = f"TARGET_{hook.move.to.replace('-', '_')}"
        raise Failed(f'{hook.where(key)} is "{found}", which no {hook["RECORD_TYPE"]} record can hold; '
                     "mend it or RECORD_TYPE") from None
    return Record(hook["RECORD_NAME"], hook["RECORD_TYPE"], target)


def label_in(domain, hook):
    """The record's name within its domain; "" for the domain itself."""
    record = hook["RECORD_NAME"]
    if record == domain:
        return ""
    if not record.endswith("." + domain):
        raise Failed(f"RECORD_NAME {record} is not in DOMAIN {domain}; mend one of them in {hook.settings.path}")
    return record[:-len(domain) - 1]


def only_one(found, record, remedy):
    if len(found) != 1:
        count = "no" if not found else str(len(found))
        raise Failed(f"there are {count} records {record}, and the hook changes exactly one; {remedy}")
    return found[0]
