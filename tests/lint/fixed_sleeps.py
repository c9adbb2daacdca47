#!/usr/bin/env python3
"""Checks that no test and no tool sleeps in the hope that something has happened by then.

Whoever waits for an event waits for that event: wait_until() in Python, waitForWaiters() and its like in PHP. What is
left are pauses that are the story itself (a visitor reads, a region is away), or of a loop that looks. Each says so on
its line: "# pause: why", or "// pause: why".

usage: fixed_sleeps.py      exit 1 when a pause has no reason
"""
import re
import sys

from project_files import project_files, python_files, text_of

FOLDERS = ("tests/", "dev.d/", "bench/")
# php-src's own tests are not ours.
FOREIGN = ("tests/php/phpt/",)
SLEEP = re.compile(r"(?<![\w.>])(?:time\.sleep|asyncio\.sleep|usleep|sleep)\s*\(")
REASON = re.compile(r"(?:#|//) pause: \w")
TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")


def faults_of(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        # What a test writes into a program or a page is that program's time.
        code = TEXT.sub("''", line)
        if SLEEP.search(code) and not REASON.search(line) and not code.lstrip().startswith(("#", "//", "*")):
            yield f"{name}:{number}: wait for the event; or say on this line why time has to pass: pause: ..."


def main():
    names = {*python_files(), *project_files(".php")}
    faults = [fault for name in sorted(names) if name.startswith(FOLDERS) and not name.startswith(FOREIGN)
              for fault in faults_of(name, text_of(name) or "")]
    print("".join(f"{fault}\n" for fault in faults), end="")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
