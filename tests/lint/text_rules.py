#!/usr/bin/env python3
"""Checks on plain text: files and lines stay short enough to read, and none names a folder of somebody's machine.

usage: text_rules.py      exit 1 when a rule is broken
"""
import re
import sys

from project_files import project_files, python_files, text_of

LONGEST_FILE = 300
# clang-format breaks code; comments are left as they are, and literals cannot be broken.
LONGEST_LINE = 120
LIMITED = (".cpp", ".hpp", ".php")
# Where people keep checkouts. Such a path works on one machine only.
PERSONAL = re.compile(r"(?<![\w.~}\])@*-])/(?:home|root|Users|work|farm)/[\w.-]")


def faults_of(name, text, is_limited):
    lines = text.splitlines()
    if is_limited and len(lines) > LONGEST_FILE:
        yield f"{name}: {len(lines)} lines; {LONGEST_FILE} is the limit, split it"
    for number, line in enumerate(lines, 1):
        if name.endswith((".cpp", ".hpp")) and len(line) > LONGEST_LINE and '"' not in line:
            yield f"{name}:{number}: {len(line)} columns; {LONGEST_LINE} is the limit"
        found = PERSONAL.search(line)
        if found:
            yield f"{name}:{number}: {found.group()}... is a path of one machine"


def main():
    limited = {*project_files(*LIMITED), *python_files()}
    faults = [fault for name in project_files() for fault in faults_of(name, text_of(name) or "", name in limited)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
