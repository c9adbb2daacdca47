"""The units of systemd, as README.md installs them: nginx is reloaded for the file that the shipped settings name."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def value_in(unit, key):
    value, = re.findall(rf"^{key}=(.*)$", (DEPLOY / unit).read_text(encoding="utf-8"), re.M)
    return value


def units():
    return {path.name for path in DEPLOY.iterdir() if path.suffix in (".service", ".path")}


def test_the_readme_installs_every_unit():
    line, = re.findall(r"^sudo install (.*) /etc/systemd/system/$", README, re.M)
    patterns = [word.removeprefix("deploy/") for word in line.split() if word.startswith("deploy/")]
    assert {unit for unit in units() if any(fnmatch(unit, pattern) for pattern in patterns)} == units()


def test_the_readme_enables_what_can_be_enabled():
    enabled = set()
    for words in re.findall(r"^sudo systemctl enable --now ([^#\n]*)", README, re.M):
        enabled |= {word if "." in word else f"{word}.service" for word in words.split()}
    assert enabled == {unit for unit in units() if "[Install]" in (DEPLOY / unit).read_text(encoding="utf-8")}


def test_nginx_is_reloaded_for_the_file_that_the_sidecar_writes():
    settings = tomllib.loads((DEPLOY / "mooring.toml").read_text(encoding="utf-8"))
    assert value_in("mooring-nginx-reload.path", "PathChanged") == settings["publish"]["nginx_region_conf"]
    assert value_in("mooring-nginx-reload.path", "Unit") in units()
    assert "nginx_reload" not in settings["publish"], "the sidecar does not do it, too"
