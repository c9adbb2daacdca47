#!/usr/bin/env python3
"""Flags the co_await forms that g++ 12 miscompiles (aggregate temporaries destroyed twice, ?: around co_await).

usage: gcc12_coroutine_lint.py FILE...     exit 1 when a line is flagged
With g++ 12 an aggregate temporary in the same full expression as co_await is destroyed twice (gcc PR 107288, 99576).
Remedy: build the argument on the line above. Aggregate paren-initialisation is not detected, so it is banned by review.
"""
import re
import sys

KEYWORD = r"(?:else|do|try|const|noexcept|mutable|override|final)"
PATTERNS = [
    ("braced temporary in a co_await expression",
     re.compile(r"co_await[^;{}]*(?<!\))(?<!\)\s)(?<!->)[\w>(,=]\s*\{")),
    ("co_await inside a braced list",
     re.compile(r"\b(?!%s\b)\w+\s*\{[^;{}]*\bco_await" % KEYWORD)),
    ("co_await inside ?:",
     re.compile(r"\?[^;{}]*co_await[^;{}]*:|co_await[^;{}]*\?[^;{}]*:|\?[^;:{}]*:[^;{}]*co_await")),
    ("capturing lambda in a co_await expression",
     re.compile(r"co_await[^;{}]*[(,]\s*\[[^\]]+\]\s*[({]")),
]


def blank_comments_and_strings(text):
    """Keeps line numbers: every removed character but a newline becomes a space."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group())
    text = re.sub(r"//[^\n]*", blank, text)
    text = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
    return re.sub(r'"(?:\\.|[^"\\])*"', lambda m: '"' + "_" * (len(m.group()) - 2) + '"', text)


def conditions_that_await(code):
    """Where `if (co_await a()) co_return b();` and its like start: g++ 12 resumes them at the wrong place."""
    for start in re.finditer(r"\b(?:if|while|switch)\s*\(", code):
        depth, end = 1, start.end()
        while depth and end < len(code):
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            end += 1
        if "co_await" in code[start.end():end]:
            yield start


def main(paths):
    found = 0
    for path in paths:
        code = blank_comments_and_strings(open(path, encoding="utf-8").read())
        hits = [("co_await in a condition; name its value on the line above", match)
                for match in conditions_that_await(code)]
        hits += [(why, match) for why, pattern in PATTERNS for match in pattern.finditer(code)]
        for why, match in hits:
            print(f"{path}:{code.count(chr(10), 0, match.start()) + 1}: {why}")
        found += len(hits)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
