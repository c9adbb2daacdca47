#!/usr/bin/env python3
"""Checks the metrics that the daemons register against the table in docs/health.md, and every text that names one.

usage: metric_names.py      exit 1 when a metric is missing, unknown or of another kind
"""
import re
import sys

from project_files import project_files, text_of

PRODUCT = ("src/", "sessiond/", "sidecar/", "ctl/", "include/")
TABLE = "docs/health.md"
SAMPLES = "tests/lint/lint_test.py"
REGISTERED = re.compile(r'\bmake_(counter|gauge|histogram)\(\s*"(\w+)"')
NOT_A_LITERAL = re.compile(r'\bmake_(?:counter|gauge|histogram)\((?!\s*(?:"|std::string_view ))')
ROW = re.compile(r"^\| `(mooring_\w+)` \|[^|]*\| (histogram)?", re.M)
NAMED = re.compile(r"\bmooring_(?:sidecar|sessiond|journal|dynamodb)_\w+\b(?!\()")
# What Prometheus' text format adds to the name of a histogram.
PARTS = ("_bucket", "_sum", "_count")


def registered_in(texts):
    """{name: kind}"""
    return {name: kind for text in texts for kind, name in REGISTERED.findall(text)}


def documented_in(page):
    return {name: bool(histogram) for name, histogram in ROW.findall(page)}


def faults_of_table(registered, documented):
    for name, kind in registered.items():
        if name not in documented:
            yield f"{TABLE}: {name} is not in the table of metrics"
        elif (kind == "histogram") != documented[name]:
            yield f"{TABLE}: {name} is a {kind}; the meaning of a histogram begins with that word"
        if (kind == "counter") != name.endswith("_total"):
            yield f"{name} is a {kind}; counters and nothing else end in _total"
    for name in documented:
        if name not in registered:
            yield f"{TABLE}: no daemon has the metric {name}"


def is_known(name, registered, names_of_code):
    return (name in registered or name in names_of_code or name.endswith("_")
            or any(name == metric + part for metric, kind in registered.items() if kind == "histogram" for part in PARTS))


def faults_of_texts(registered):
    """Names in pages, settings and tests that no daemon registers."""
    targets = {word for name in project_files("CMakeLists.txt") for word in re.findall(r"\w+", text_of(name))}
    for name in project_files(".md", ".toml", ".py", ".php", ".cpp", ".hpp"):
        if name == SAMPLES:
            continue
        for number, line in enumerate(text_of(name).splitlines(), 1):
            for metric in NAMED.findall(line):
                if not is_known(metric, registered, targets):
                    yield f"{name}:{number}: no daemon has the metric {metric}"


def main():
    product = {name: text_of(name) for name in project_files(".cpp", ".hpp") if name.startswith(PRODUCT)}
    faults = [f"{name}: a metric is registered with a literal name" for name, text in product.items()
              if not name.endswith("base/metrics.cpp") and NOT_A_LITERAL.search(text)]
    registered = registered_in(product.values())
    faults += faults_of_table(registered, documented_in(text_of(TABLE)))
    faults += faults_of_texts(registered)
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
