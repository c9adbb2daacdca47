#!/usr/bin/env python3
"""Checks that what a text names of the project is there: files, folders, anchors and identifiers.

| in | a name is |
|---|---|
| every text | what starts with a folder at the top of the project: "sessiond/store", "tests/unit/run.py", "docs/redis.md" |
| pages, and comments of programs | also what ends like a source or a page (SUFFIXES): "net/task.hpp", "error.hpp" |
| pages | also the target of a link without a scheme |
| ABOUT_THE_SOURCE | also `snake_case` in a code span: a word of some source, or of a file's name |

The last part may leave out its suffix ("sessiond/store/lease_terms"); "*" and words in capitals stand for anything.
Paths of an installed system or a visitor's machine start with "/", "~" or "$", so they are no names of the project.
A file of another project is written with its project first: "botocore/auth.py".

usage: named_paths.py      exit 1 when something is not there
"""
import re
import sys
from fnmatch import fnmatchcase

from project_files import ROOT, project_files, text_of

SUFFIXES = (".cpp", ".hpp", ".md")
SOURCES = (".cpp", ".hpp", ".py", ".php")
# Bytes that tests feed to parsers, texts that others wrote, and samples for this check.
DATA = ("tests/lint/lint_test.py", "tests/fuzz/corpus/", "tests/fuzz/crashes/", "tests/data/", "tests/php/phpt/expected/", "LICENSE")
ABOUT_THE_SOURCE = ("README.md", "CONTRIBUTING.md", "docs/architecture.md")

PART = r"[\w.*+-]*[\w*+]"
PATH = re.compile(r"(?<![\w./~$}>)*@:%%-])(?:\.\./)*((?:%s/)*%s/?)(#[\w-]+)?(?![\w/({$])" % (PART, PART))
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.M)
COMMENT = re.compile(r"(?:^|\s)(?://|#(?!include)|\*)(.*)")
CODE_SPAN = re.compile(r"`([^`]+)`")
IDENTIFIER = re.compile(r"(?<![\w/.-])[a-z]+(?:_[a-z0-9]+)+(?![\w/.-])")
PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,}(?![A-Za-z0-9]|\.md)")
CODE_BLOCK = re.compile(r"^```.*?^```$", re.M | re.S)


def slug(heading):
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-")


def anchors_of(page):
    anchors = []
    for heading in HEADING.findall(CODE_BLOCK.sub("", text_of(page))):
        name = slug(heading)
        repeated = anchors.count(name)
        anchors.append(name)
        if repeated:
            anchors.append(f"{name}-{repeated}")
    return anchors


class Tree:
    """What is in the project: files, their folders, and files without their suffix."""

    def __init__(self, files):
        self.files = files
        self.folders = {name.rpartition("/")[0] for name in files} - {""}
        for folder in list(self.folders):
            while "/" in folder:
                folder = folder.rpartition("/")[0]
                self.folders.add(folder)
        self.top = {folder for folder in self.folders if "/" not in folder}
        self.names = {*files, *self.folders, *(re.sub(r"\.\w+$", "", name) for name in files)}
        # Every way to write a name when folders at its start are left out.
        self.ends = {name[cut:] for name in self.names for cut in starts_of_parts(name)}

        self.words = {stem for name in files for stem in re.findall(r"\w+", name)}
        self.words.update(word for name in files if name.endswith(SOURCES)
                          for word in re.findall(r"\w+", text_of(name)))

    def has(self, path, within):
        pattern = PLACEHOLDER.sub("*", path.rstrip("/"))
        if "*" in pattern:
            return any(fnmatchcase(name, pattern) for name in within)
        return pattern in within

    def missing(self, path, is_prose):
        """Why `path` is a name of the project that is not there; None when it is there or no name of the project."""
        if path.split("/")[0] in self.top and "/" in path.rstrip("/"):
            return None if self.has(path, self.names) else "is not there"
        if is_prose and path.endswith(SUFFIXES) and path not in SUFFIXES:
            return None if self.has(path, self.ends) else "is not there, in no folder"
        return None


def starts_of_parts(name):
    return [0, *(match.end() for match in re.finditer("/", name))]


def resolved(page, target):
    return (ROOT / page).parent.joinpath(target).resolve().relative_to(ROOT).as_posix()


def faults_of_link(tree, page, target):
    path, _, anchor = target.partition("#")
    if re.match(r"[a-z]+:", path):
        return
    named = resolved(page, path) if path else page
    if named not in tree.files and named not in tree.folders:
        yield f"the link to {target} leads nowhere"
    elif anchor and named.endswith(".md") and anchor not in anchors_of(named):
        yield f"{named} has no heading #{anchor}"


def faults_of_name(tree, path, anchor, is_prose):
    why = tree.missing(path, is_prose)
    if why:
        yield f"{path} {why}"
    elif anchor and path in tree.files and path.endswith(".md") and anchor[1:] not in anchors_of(path):
        yield f"{path} has no heading {anchor}"


def faults_of_identifiers(tree, line):
    for span in CODE_SPAN.findall(line):
        for identifier in IDENTIFIER.findall(span):
            if identifier not in tree.words:
                yield f"no source has the name {identifier}"


def faults_of_line(tree, name, line):
    if name in ABOUT_THE_SOURCE:
        yield from faults_of_identifiers(tree, line)
    is_page = name.endswith(".md")
    if is_page:
        for target in LINK.findall(line):
            yield from faults_of_link(tree, name, target)
        line = LINK.sub("", line)
    comment = COMMENT.search(line)
    prose_begins = 0 if is_page else comment.start(1) if comment else len(line)
    for match in PATH.finditer(line):
        yield from faults_of_name(tree, match[1], match[2], match.start() >= prose_begins)


def main():
    tree = Tree(project_files())
    faults = 0
    for name in tree.files:
        if name.startswith(DATA):
            continue
        for number, line in enumerate((text_of(name) or "").splitlines(), 1):
            for fault in faults_of_line(tree, name, line):
                print(f"{name}:{number}: {fault}")
                faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
