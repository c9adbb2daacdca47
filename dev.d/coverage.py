"""Which lines of the product the unit tests run: builds them with counters, runs them, and prints a table by folder.

usage: ./dev coverage [FOLDER]     a folder of the sources, such as sessiond/store: its files, and their lines that never ran

Only what unit tests are built of is counted. The rest (the programs' own files, ctl) is the integration tests' to run.
"""

import json
import os
import struct
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "coverage"
PRODUCT = ("ctl/", "include/", "sessiond/", "sidecar/", "src/")
MOST_RANGES = 12
# Of g++ 12's notes (gcov-io.h): words of four bytes; a record is its tag, its length in bytes, and that many bytes.
# The header: magic number, version, stamp and checksum; then the working folder with its length, and one word more.
NOTES_HEADER = 4 * 4
FUNCTION_RECORD = 0x01000000


def run(*command):
    code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
    if code != 0:
        sys.exit(code)


def with_coroutines(notes):
    """The notes of an object, in which the bodies of coroutines are functions like others.

    g++ 12 marks them as made by the compiler, and gcov leaves such functions out.
    """
    out = bytearray(notes)
    at = NOTES_HEADER + 4 + struct.unpack_from("<I", out, NOTES_HEADER)[0] + 4
    while at + 8 <= len(out):
        tag, length = struct.unpack_from("<II", out, at)
        if tag == FUNCTION_RECORD:
            name_at = at + 8 + 3 * 4  # behind the record's head, an identifier and two checksums
            name_end = name_at + 4 + struct.unpack_from("<I", out, name_at)[0]
            if out[name_at + 4:name_end].rstrip(b"\0").endswith(b".actor"):
                struct.pack_into("<I", out, name_end, 0)
        at += 8 + length
    return bytes(out)


def counts_of(notes):
    """gcov's JSON for one object file; counters of the last run lie beside its notes."""
    notes.write_bytes(with_coroutines(notes.read_bytes()))
    done = subprocess.run(["gcov-12", "--json-format", "--stdout", str(notes)], cwd=BUILD, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line]


def named(path):
    """A file of the product relative to ROOT; folders are seen through links while building. None for other files."""
    real = (BUILD / path).resolve()
    name = real.relative_to(ROOT).as_posix() if real.is_relative_to(ROOT) else ""
    return name if name.startswith(PRODUCT) else None


def lines_that_ran():
    """{file: {line: ran}}. A line of a header or of a template has run when it has in any object."""
    ran = defaultdict(dict)
    names = {}
    # Objects whose program never ran have no counters, but their lines count.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for documents in pool.map(counts_of, sorted(BUILD.rglob("*.gcno"))):
            for source in (source for document in documents for source in document["files"]):
                path = source["file"]
                name = names[path] if path in names else names.setdefault(path, named(path))
                if name is None:
                    continue
                for line in source["lines"]:
                    number = line["line_number"]
                    ran[name][number] = ran[name].get(number, False) or line["count"] > 0
    return ran


def row(name, lines):
    return f"{name:<40} {sum(lines):>6} of {len(lines):>6} lines  {100 * sum(lines) / max(len(lines), 1):5.1f} %"


def ranges(numbers):
    """"3-5, 9" of 3, 4, 5, 9."""
    found = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    text = [str(first) if first == last else f"{first}-{last}" for first, last in found]
    return ", ".join(text[:MOST_RANGES]) + (f", and {len(text) - MOST_RANGES} more" if len(text) > MOST_RANGES else "")


def print_folders(ran):
    folders = defaultdict(list)
    for name, lines in ran.items():
        folders[name.rpartition("/")[0]].extend(lines.values())
    for folder in sorted(folders):
        print(row(folder, folders[folder]))
    print(row("all", [line for lines in folders.values() for line in lines]))


def print_files(ran):
    for name in sorted(ran):
        print(row(name, list(ran[name].values())))
        never = ranges(number for number, has_run in sorted(ran[name].items()) if not has_run)
        if never:
            print(f"    never: {never}")


def main(arguments):
    folder = arguments[0].strip("/") + "/" if arguments else ""
    if folder and not (ROOT / folder).is_dir():
        print(f"coverage: there is no folder {folder}", file=sys.stderr)
        return 2
    run("cmake", "--preset", "coverage")
    run("cmake", "--build", "--preset", "coverage", "--parallel", str(os.cpu_count()))
    for counters in BUILD.rglob("*.gcda"):
        counters.unlink()
    run(sys.executable, "tests/unit/run.py", str(BUILD))
    ran = lines_that_ran()
    if folder:
        print_files({name: lines for name, lines in ran.items() if name.startswith(folder)})
    else:
        print_folders(ran)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
