#!/usr/bin/env python3
"""Checks that folders of decisions know no Asio, no socket and no client library, and base no event loop.

Which folder may include which other is the link line of its CMakeLists.txt: the compiler does not find the rest.

usage: pure_folders.py      exit 1 when an include is not allowed
"""
import re
import sys

from project_files import ROOT, project_files, text_of

# They include the standard library and folders of the project, so what these include is what they may know.
PURE = ("sidecar/health/", "sidecar/failover/", "include/mooring/resp/", "src/resp/", "sessiond/lock/")
BASE = ("include/mooring/base/", "src/base/")
NOT_IN_BASE = ("boost/asio", "boost/beast", "curl/")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def is_standard(target):
    return re.fullmatch(r"[a-z_0-9]+", target) is not None


def is_of_the_project(target):
    return any((ROOT / folder / target).is_file() for folder in (".", "include"))


def fault_of(name, quote, target):
    if name.startswith(PURE) and not is_standard(target):
        own = is_of_the_project(target) or (quote == '"' and (ROOT / name).with_name(target).is_file())
        if not own:
            return f"this folder is pure: it includes the standard library and the project, not <{target}>"
        if target.startswith("mooring/net/"):
            return f"this folder is pure: it may not know {target}"
    if name.startswith(BASE) and target.startswith(NOT_IN_BASE):
        return f"base knows no event loop, so it may not include <{target}>"
    return None


def main():
    faults = 0
    for folder in PURE:
        if not (ROOT / folder).is_dir():
            print(f"{folder} is named in {sys.argv[0]} and is not there")
            faults += 1
    for name in project_files(".hpp", ".cpp"):
        if not name.startswith(PURE + BASE):
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
