#!/usr/bin/env python3
"""Checks that C++ classes stay small, however many files one is spread over.

A class has the lines of its declaration and of each definition `name::member(...) { ... }` in its room (the folder of the
declaration; include/mooring/NAME and src/NAME are one room). Its methods are the member functions that it declares, without
constructors, destructors and what is defaulted or deleted.

usage: class_size.py [--all]     exit 1 when a class is over a limit; --all prints every class, the largest first
"""
import re
import sys
from dataclasses import dataclass

from gcc12_coroutine_lint import blank_comments_and_strings
from project_files import project_files, text_of

MOST_LINES = 400
MOST_METHODS = 25
# Over a limit today: (lines, methods). They may shrink and may not grow; what is under both limits has no place here.
KNOWN = {
    "sessiond/journal/journal_store": (609, 47),
    "sessiond/region/region_route": (240, 30),
}

CLASS = re.compile(r"(?<!enum )\b(?:class|struct)\s+(?:\w+::)*(\w+)(?:\s+final)?\s*(?::[^;{}()]*)?\{")
DEFINITION = re.compile(r"^(?![\s#}/])(?:[^(;={]*?[\s*&>])??(?:\w+::)*(\w+)::(?:~?\w+|operator[^\s(]*)\s*\(", re.M)


@dataclass
class ClassSize:
    file: str
    line: int
    lines: int = 0
    methods: int = 0


def room_of(name):
    return re.sub(r"^include/mooring/", "src/", name.rpartition("/")[0])


def end_of_block(code, opening):
    """Where the brace at `opening` closes, behind it."""
    depth = 0
    for brace in re.finditer(r"[{}]", code[opening:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return opening + brace.end()
    return len(code)


def without_template_arguments(text):
    text = text.replace("->", "  ")
    while True:
        shorter = re.sub(r"<[^<>;]*>", "", text)
        if shorter == text:
            return text
        text = shorter


def members_of(body):
    """The declarations at the top of a class body, without what is in their braces."""
    depth, begin, text = 0, 0, []
    for mark in re.finditer(r"[{};]", body):
        if depth == 0:
            text.append(body[begin:mark.start()])
        if mark[0] == "{":
            depth += 1
        elif mark[0] == "}":
            depth -= 1
        begin = mark.end()
        # A body ends a member function; `int a{1};` and `struct a {};` end with the semicolon.
        if depth == 0 and (mark[0] == ";" or (mark[0] == "}" and "(" in "".join(text))):
            yield " ".join("".join(text).split())
            text = []


def is_method(member, class_name):
    member = re.sub(r"^(?:(?:public|protected|private)\s*:\s*)+", "", member)
    if re.match(r"(?:using|typedef|friend|static_assert|class|struct|enum)\b", member):
        return False
    if re.search(r"=\s*(?:default|delete)$", member):
        return False
    head = re.match(r"([^(=]*?(?:operator\s*\S+?\s*)?)\(", without_template_arguments(member))
    if head is None:
        return False
    name = re.search(r"(~?\w+|operator\s*\S+?)\s*$", head[1])
    return name is not None and name[1].lstrip("~") != class_name


def lines_between(code, begin, end):
    return code.count("\n", begin, end) + 1


def declared_in(name, code):
    for match in CLASS.finditer(code):
        opening = match.end() - 1
        end = end_of_block(code, opening)
        members = members_of(code[opening + 1:end - 1])
        yield match[1], ClassSize(name, lines_between(code, 0, match.start()), lines_between(code, match.start(), end),
                                  sum(is_method(member, match[1]) for member in members))


def defined_in(code):
    """(class, lines) for each member function that is defined outside of its class."""
    for match in DEFINITION.finditer(code):
        length = length_of_definition(code[match.start():].split("\n"))
        if length:
            yield match[1], length


def length_of_definition(lines):
    """0 for a declaration. A definition ends with the line in which its last brace closes."""
    depth = 0
    opened = False
    for number, line in enumerate(lines, 1):
        depth += line.count("{") - line.count("}")
        opened = opened or "{" in line
        if not opened and line.rstrip().endswith(";"):
            return 0
        if opened and depth == 0 and line.rstrip().endswith("}"):
            return number
    return 0


def class_sizes(texts):
    """{(room, class): ClassSize} of {file: text}."""
    codes = {name: blank_comments_and_strings(text) for name, text in texts.items()}
    sizes = {}
    for name, code in codes.items():
        for class_name, size in declared_in(name, code):
            sizes.setdefault((room_of(name), class_name), size)
    for name, code in codes.items():
        for class_name, lines in defined_in(code):
            size = sizes.get((room_of(name), class_name))
            if size:
                size.lines += lines
    return sizes


def faults_of(sizes, known):
    for (room, name), size in sorted(sizes.items()):
        lines, methods = known.get(f"{room}/{name}", (MOST_LINES, MOST_METHODS))
        where = f"{size.file}:{size.line}: class {name}"
        if size.lines > max(lines, MOST_LINES):
            yield f"{where} has {size.lines} lines in all its files; {max(lines, MOST_LINES)} is the limit"
        if size.methods > max(methods, MOST_METHODS):
            yield f"{where} has {size.methods} methods; {max(methods, MOST_METHODS)} is the limit"
    for key in known:
        size = sizes.get(tuple(key.rsplit("/", 1)))
        if size is None or (size.lines <= MOST_LINES and size.methods <= MOST_METHODS):
            yield f"{key} is under the limits: take it out of KNOWN in tests/lint/class_size.py"


def main(arguments):
    sizes = class_sizes({name: text_of(name) for name in project_files(".hpp", ".cpp")})
    if "--all" in arguments:
        for (room, name), size in sorted(sizes.items(), key=lambda item: -item[1].lines):
            print(f"{size.lines:5} lines {size.methods:3} methods  {room}/{name}")
        return 0
    faults = list(faults_of(sizes, KNOWN))
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
