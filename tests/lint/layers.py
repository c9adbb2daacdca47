#!/usr/bin/env python3
"""Checks the picture of folders in docs/architecture.md: it has them all, what they link to is further down, and those
with a star are the pure ones.

usage: layers.py      exit 1 when the picture is not true
"""
import re
import sys

from project_files import project_files, text_of
from pure_folders import PURE

PAGE = "docs/architecture.md"
PICTURE = re.compile(r"^## Folders.*?^```\n(.*?)^```", re.M | re.S)
LIBRARY = re.compile(r"\bmooring(?:_asio)?_library\((\w+)(?:\s+LINK\s+([^)]*))?\)")
PRODUCT = ("src/", "sessiond/", "sidecar/", "ctl/")


def links_in(texts):
    """{folder: folders it links to} of {folder/CMakeLists.txt: text}; libraries of others are left out."""
    folders, links = {}, {}
    for name, text in texts.items():
        for target, linked in LIBRARY.findall(text):
            folders[target] = name.rpartition("/")[0]
            links[target] = linked.split()
    return {folders[target]: [folders[other] for other in linked if other in folders] for target, linked in links.items()}


def lines_of(picture):
    """{name: (line, is pure)}; the words that explain a line stand behind two spaces and a hyphen."""
    found = {}
    for number, line in enumerate(picture.splitlines()):
        for name, star in re.findall(r"(\w+)(\*?)", line.partition("  - ")[0]):
            found.setdefault(name, (number, star == "*"))
    return found


def faults_of(links, picture, pure):
    lines = lines_of(picture)
    for folder in sorted(links):
        name = folder.rpartition("/")[2]
        if name not in lines:
            yield f"{PAGE}: the picture of folders does not have {folder}"
            continue
        if lines[name][1] != (f"{folder}/" in pure):
            yield f"{PAGE}: {folder} has a star exactly when it is pure (tests/lint/pure_folders.py)"
        for other in links[folder]:
            below = lines.get(other.rpartition("/")[2])
            if below is not None and below[0] <= lines[name][0]:
                yield f"{PAGE}: {folder} includes {other}, which is not below it"


def main():
    links = links_in({name: text_of(name) for name in project_files("CMakeLists.txt") if name.startswith(PRODUCT)})
    picture = PICTURE.search(text_of(PAGE))
    faults = list(faults_of(links, picture[1] if picture else "", PURE))
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
