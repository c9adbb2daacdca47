#!/usr/bin/env python3
"""Runs clang-tidy, with the checks of .clang-tidy, over the C++ of the product, several files as one as they are built.

usage: clang_tidy.py [--all]     exit 1 when it finds something
Without --all: only the units with a file that differs from the commit before the last one, or whose headers of the same
folder do. One unit takes about six seconds, because of Asio; all of them some minutes.
"""
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from project_files import ROOT, project_files

BUILD = ROOT / "build" / "tidy"
CONFIGURE = ["cmake", "-S", str(ROOT), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-14",
             "-DCMAKE_BUILD_TYPE=Debug", "-DMOORING_UNITY=ON", "-DMOORING_TESTS=OFF"]
INCLUDED = re.compile(r'^#include "(.+)"$', re.M)
# clang-tidy has no precompiled headers of clang's: they are included as text.
PRECOMPILED = re.compile(r"-Winvalid-pch |-fpch-instantiate-templates |-Xclang -include-pch -Xclang \S+ ")


def git(*arguments):
    return subprocess.run(["git", "-c", "safe.directory=*", *arguments], cwd=ROOT, capture_output=True, text=True,
                          check=False)


def changed_files():
    """What differs from the commit before the last one; every file when there is none."""
    before = git("diff", "--name-only", "HEAD~1")
    if before.returncode != 0:
        return project_files()
    return before.stdout.splitlines() + git("ls-files", "--others", "--exclude-standard").stdout.splitlines()


def room_of(name):
    return re.sub(r"^include/mooring/", "src/", name.rpartition("/")[0])


def sources_of(unit):
    """The files of the project that a unit consists of, relative to ROOT."""
    files = INCLUDED.findall(Path(unit).read_text(encoding="utf-8")) if "/Unity/" in unit else [unit]
    return [Path(name).relative_to(ROOT).as_posix() for name in files]


def is_wanted(sources, changed):
    rooms = {room_of(name) for name in changed if name.endswith(".hpp")}
    return any(name in changed or room_of(name) in rooms for name in sources)


def units(changed):
    """The commands of all units, or of those that `changed` concerns; Asio's own sources and headers are no units."""
    for command in json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8")):
        if command["file"].endswith((".hxx.cxx", "asio_impl.cpp")):
            continue
        if changed is None or is_wanted(sources_of(command["file"]), changed):
            yield {**command, "command": PRECOMPILED.sub("", command["command"])}


def tidy(command):
    arguments = shlex.split(command["command"])[1:]
    done = subprocess.run(["clang-tidy-14", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", command["file"], "--",
                           *arguments], cwd=command["directory"], capture_output=True, text=True, check=False)
    # clang-tidy counts the warnings that it suppresses on standard error.
    return done.returncode, done.stdout + ("" if done.returncode == 0 else done.stderr)


def main(arguments):
    configured = subprocess.run(CONFIGURE, cwd=ROOT, capture_output=True, text=True, check=False)
    if configured.returncode != 0:
        print(configured.stdout + configured.stderr)
        return 1
    changed = None if "--all" in arguments else set(changed_files())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(tidy, units(changed)))
    print("".join(output for _code, output in outcomes).replace(f"{ROOT}/", ""), end="")
    return 1 if any(code or output.strip() for code, output in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
