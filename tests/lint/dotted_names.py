#!/usr/bin/env python3
"""Checks names with dots: log events against the table in docs/operations.md, settings against docs/configuration.md.

| what | rule |
|---|---|
| an event that code logs | is in the table of events |
| an event in the table | is a word of the code |
| `section.key` in a page, where the section is one of configuration.md's | is a setting, a table of settings or an event |

usage: dotted_names.py      exit 1 when a name is missing or unknown
"""
import re
import sys

from project_files import project_files, text_of

PRODUCT = ("src/", "sessiond/", "sidecar/", "ctl/", "include/")
EVENTS = "docs/operations.md"
SETTINGS = "docs/configuration.md"
NAME = r"[a-z_]+(?:\.[a-z_]+)+"
LOGGED = re.compile(r'\b(?:debug|info|warn|error)\(\s*"(%s)"|\bevent=(%s)' % (NAME, NAME))
LITERAL = re.compile(r'"(%s)"' % NAME)
EVENT_ROW = re.compile(r"^\| (`[^|]+`) \| (?:debug|info|warn|error)", re.M)
SETTING_ROW = re.compile(r"^\| `(%s)` \|" % NAME, re.M)
IN_CODE_SPAN = re.compile(r"`(%s)(?:\s*=[^`]*)?`" % NAME)


def events_of_code(text):
    return {first or second for first, second in LOGGED.findall(text)}


def events_of_page(page):
    return {name for row in EVENT_ROW.findall(page) for name in re.findall(f"`({NAME})`", row)}


def faults_of_events(code, page):
    logged, described = events_of_code(code), events_of_page(page)
    for name in sorted(logged - described):
        yield f"{EVENTS}: the event {name} is not in the table of events"
    for name in sorted(described - logged - set(LITERAL.findall(code))):
        yield f"{EVENTS}: nothing logs the event {name}"


def faults_of_settings(page, settings, events):
    """(line, what is wrong) for settings that a page names and that are none."""
    tables = {key.rpartition(".")[0] for key in settings}
    sections = {key.partition(".")[0] for key in settings}
    for number, line in enumerate(page.splitlines(), 1):
        for name in IN_CODE_SPAN.findall(line):
            if name.partition(".")[0] in sections and name not in settings | tables | events:
                yield number, f"{name} is no setting of {SETTINGS} and no event of {EVENTS}"


def main():
    code = "\n".join(text_of(name) for name in project_files(".cpp", ".hpp") if name.startswith(PRODUCT))
    faults = list(faults_of_events(code, text_of(EVENTS)))
    settings = set(SETTING_ROW.findall(text_of(SETTINGS)))
    for name in project_files(".md"):
        faults += [f"{name}:{number}: {fault}"
                   for number, fault in faults_of_settings(text_of(name), settings, events_of_page(text_of(EVENTS)))]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
