#!/usr/bin/env python3
"""Checks that dependencies point down only: which folder may include which, and which may not know Asio.

usage: include_direction.py      exit 1 when an include is not allowed
"""
import re
import sys
from pathlib import PurePosixPath

from project_files import ROOT, project_files, text_of

# What each folder may include besides itself. A folder that is not named here is a fault: name it with its place.
MAY_INCLUDE = {
    "base": [],
    "net": ["base"],
    "settings": ["base"],
    "region": ["base"],
    "aws": ["net", "settings", "base"],
    "aws/credentials": ["aws", "net", "settings", "base"],
    "sidecar/health": ["base"],
    "sidecar/region": ["region", "settings", "base"],
    "sidecar/check": ["sidecar/health", "settings", "aws", "net", "base"],
    "sidecar/http": ["sidecar/health", "settings", "net", "base"],
    "sidecar/publish": ["sidecar/region", "region", "settings", "aws", "net", "base"],
    "sidecar/keeper": ["sidecar/region", "sidecar/publish", "region", "settings", "aws", "net", "base"],
    "sidecar/control": ["net", "base"],
    "sidecar": ["sidecar/health", "sidecar/region", "sidecar/keeper", "sidecar/control", "sidecar/check", "sidecar/http", "sidecar/publish",
                "region", "settings", "aws/credentials", "aws", "net", "base"],
    "sessiond/resp": ["base"],
    "sessiond/lock": ["base"],
    "sessiond/redis": ["sessiond/resp", "sessiond/lock", "base"],
    "sessiond/store": ["settings", "aws", "net", "base"],
    "sessiond/region": ["sessiond/store", "region", "settings", "aws", "net", "base"],
    "sessiond/journal": ["sessiond/store", "settings", "net", "base"],
    "sessiond/command": ["sessiond/resp", "sessiond/lock", "sessiond/store", "settings", "net", "base"],
    "sessiond/dialect": ["sessiond/redis", "sessiond/command", "sessiond/resp", "sessiond/lock", "sessiond/store",
                         "settings", "net", "base"],
    "sessiond/server": ["sessiond/command", "sessiond/resp", "sessiond/lock", "settings", "net", "base"],
    "sessiond": ["sessiond/resp", "sessiond/lock", "sessiond/store", "sessiond/region", "sessiond/journal", "sessiond/command", "sessiond/dialect",
                 "sessiond/server", "region",
                 "settings", "aws/credentials", "aws", "net", "base"],
    "ctl/report": ["sessiond/store", "region", "settings", "aws", "base"],
    "ctl": ["ctl/report", "sessiond/resp", "sessiond/store", "region", "settings", "aws/credentials", "aws",
            "net", "base"],
}
# Decisions only: no Asio, no socket, no client library. They know the standard library and what is named above.
PURE = ("sidecar/health", "sidecar/region", "sessiond/resp", "sessiond/lock", "sessiond/redis")
# base is below the event loop.
NOT_IN_BASE = ("boost/asio", "boost/beast", "curl/")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
TOP_FOLDERS = ("include/", "src/", "sidecar/", "sessiond/", "ctl/")


def folder_of(name):
    """include/mooring/net/x.hpp and src/net/x.cpp are "net", sidecar/http/x.cpp is "sidecar/http"."""
    parent = str(PurePosixPath(name).parent)
    for prefix in ("include/mooring/", "src/"):
        if parent.startswith(prefix):
            return parent[len(prefix):]
    return parent


def resolve(name, target):
    """The project file that `target` means when `name` includes it, or None for a foreign header."""
    parent = PurePosixPath(name).parent
    for base in (str(parent), "include", ".", parent.parts[0]):
        candidate = (ROOT / base / target).resolve()
        if candidate.is_file() and candidate.is_relative_to(ROOT):
            return candidate.relative_to(ROOT).as_posix()
    return None


def is_standard(target):
    return re.fullmatch(r"[a-z_0-9]+", target) is not None


def fault_of(name, quote, target):
    folder = folder_of(name)
    if folder not in MAY_INCLUDE:
        return f"folder {folder} has no place in the order of dependencies; add it to MAY_INCLUDE"
    own = resolve(name, target)
    if own is None:
        if quote == '"' and not target.startswith(("boost/", "nlohmann/", "spdlog/")):
            return f'"{target}" is not a file of the project'
        if folder in PURE and not is_standard(target):
            return f"{folder} is pure: it may include base and the standard library, not <{target}>"
        if folder == "base" and target.startswith(NOT_IN_BASE):
            return f"base knows no event loop, so it may not include <{target}>"
        return None
    other = folder_of(own)
    if other == folder or other in MAY_INCLUDE[folder]:
        return None
    return f"{folder} may not include {other} ({own})"


def main():
    faults = 0
    for name in project_files(".hpp", ".cpp", ".h"):
        if not name.startswith(TOP_FOLDERS):
            continue
        text = text_of(name)
        for match in INCLUDE.finditer(text):
            fault = fault_of(name, match[1], match[2])
            if fault:
                print(f"{name}:{text.count(chr(10), 0, match.start(2)) + 1}: {fault}")
                faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
