#!/usr/bin/env python3
"""Runs every static check and prints one line for each; the last line is "N passed, N failed".

usage: run.py [--all]      exit 1 when a check fails
--all, or MOORING_LONG in the environment: clang-tidy over everything, not only over what the last commit changed.
"""
import os
import subprocess
import sys

from project_files import ROOT, project_files, python_files, shell_scripts

LINT = "tests/lint"


def run(*command):
    """(passed, output)"""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def each(command, names):
    """Runs `command` on each file for tools that take only one."""
    failures = [output for passed, output in (run(*command, name) for name in names) if not passed]
    return not failures, "".join(failures)


def formatted(names):
    passed, output = run("clang-format-14", "--dry-run", "-Werror", *names)
    files = sorted({line.split(":")[0] for line in output.splitlines() if ": error:" in line})
    return passed, "".join(f"{name}: run clang-format-14 -i {name}\n" for name in files) or output


def clang_tidy():
    everything = "--all" in sys.argv[1:] or os.environ.get("MOORING_LONG")
    return run(sys.executable, f"{LINT}/clang_tidy.py", *(["--all"] if everything else []))


def checks():
    cpp = project_files(".cpp", ".hpp")
    yield "clang-format", lambda: formatted(cpp)
    yield "co_await forms that g++ 12 breaks", lambda: run(sys.executable, f"{LINT}/gcc12_coroutine_lint.py", *cpp)
    yield "pure folders", lambda: run(sys.executable, f"{LINT}/pure_folders.py")
    yield "picture of folders", lambda: run(sys.executable, f"{LINT}/layers.py")
    yield "length of files, paths of machines", lambda: run(sys.executable, f"{LINT}/text_rules.py")
    yield "size of classes", lambda: run(sys.executable, f"{LINT}/class_size.py")
    yield "names in texts", lambda: run(sys.executable, f"{LINT}/named_paths.py")
    yield "names of settings and log events", lambda: run(sys.executable, f"{LINT}/dotted_names.py")
    yield "names of metrics", lambda: run(sys.executable, f"{LINT}/metric_names.py")
    yield "clang-tidy", clang_tidy
    yield "pauses have a reason", lambda: run(sys.executable, f"{LINT}/fixed_sleeps.py")
    yield "php syntax", lambda: each(["php", "-l"], project_files(".php"))
    yield "pyflakes", lambda: run("pyflakes3", *python_files())
    yield "shellcheck", lambda: run("shellcheck", *shell_scripts())
    yield "lints find what they look for", lambda: run(sys.executable, f"{LINT}/lint_test.py")


def main():
    failed = total = 0
    for name, check in checks():
        passed, output = check()
        total += 1
        failed += not passed
        print(f"{'ok  ' if passed else 'FAIL'} {name}")
        if not passed:
            print("".join(f"     {line}\n" for line in output.splitlines()), end="")
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
