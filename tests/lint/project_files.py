"""The files of the project: what git tracks, and what is new and not ignored."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def project_files(*suffixes):
    """Paths relative to ROOT, in order; only those that end in one of `suffixes`, when any are given."""
    # A checkout that belongs to another user (a container, a mounted folder) is still ours to read.
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    present = [name for name in sorted(set(listed)) if name and (ROOT / name).is_file()]
    return [name for name in present if not suffixes or name.endswith(suffixes)]


def text_of(name):
    """The text of a file, or None when it is not text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def shell_scripts():
    return [name for name in project_files() if _first_line(name).startswith("#!") and "sh" in _first_line(name)]


def python_files():
    """Those that are named so, and programs without a suffix."""
    return [name for name in project_files()
            if name.endswith(".py") or ("." not in name.rpartition("/")[2] and "python" in _first_line(name))]


def _first_line(name):
    with open(ROOT / name, "rb") as content:
        return content.readline(200).decode("utf-8", "replace").strip()
