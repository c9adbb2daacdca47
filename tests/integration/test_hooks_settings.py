"""What every hook does with its settings and its environment: a mistake is one line that says where and what to write,
and nothing is asked of any API."""

import os
import re
import shutil
import stat

import pytest

from hook_cases import CASES
from hook_lab import AVAILABLE, EX_TEMPFAIL, HOOKS, HookLab, all_hooks, assert_one_line

MAX_BYTES = 64 * 1024
SECRET_HOOK = CASES["linode-dns"]


@pytest.fixture
def lab(tmp_path):
    return HookLab(tmp_path)


@pytest.fixture
def api():
    with SECRET_HOOK.mock() as created:
        yield created
    assert not created.complaints


@pytest.fixture
def run(lab, api):
    """linode-dns, which stands for all: the settings are read in one place."""
    def run_hook(*arguments, mode=0o600, text=None, environment=None, **settings):
        path = lab.write(SECRET_HOOK.hook, text or SECRET_HOOK.settings_for(api.url, **settings), mode)
        done = lab.run(SECRET_HOOK.hook, *arguments, **(environment or {}))
        assert SECRET_HOOK.secret not in done.stdout + done.stderr
        return done, str(path)
    return run_hook


def test_the_hooks_are_those_of_the_cases():
    assert set(all_hooks()) == set(CASES) | {"exec"}


@pytest.mark.parametrize("hook", all_hooks())
def test_each_hook_can_be_run_and_explains_itself(hook, lab):
    path = AVAILABLE / hook
    assert stat.S_IMODE(path.stat().st_mode) & 0o111 == 0o111
    done = lab.run(hook, "--help", MOORING_TO=None, MOORING_EPOCH=None)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: {hook} [--dry-run]")
    assert f"{lab.folder}/{hook}.conf" in done.stdout


@pytest.mark.parametrize("hook", all_hooks())
def test_each_hook_without_settings_says_which_file_it_wants(hook, lab):
    assert_one_line(lab.run(hook), 1, f"{lab.folder}/{hook}.conf does not exist", "--help")


@pytest.mark.parametrize("hook", sorted(CASES))
def test_each_setting_that_has_to_be_set_is_asked_for(hook, lab):
    case = CASES[hook]
    complete = case.settings_for("http://127.0.0.1:1")
    optional = {"API_URL", "SECRET", "TOKEN", "STATE_FOLDER"}
    for left_out in set(complete) - optional:
        lab.write(hook, {key: value for key, value in complete.items() if key != left_out})
        done = lab.run(hook)
        if left_out.endswith("_us_east_1"):
            assert "cannot reach" in done.stderr, "a region that is left needs no target"
        else:
            assert_one_line(done, 1, left_out, str(lab.folder))


@pytest.mark.parametrize("name, value, words", [
    ("MOORING_TO", None, ['MOORING_TO is ""', '"us-east-1"']), ("MOORING_TO", "../x", ['MOORING_TO is "../x"']),
    ("MOORING_TO", "EU West", ["MOORING_TO"]), ("MOORING_EPOCH", None, ["MOORING_EPOCH"]),
    ("MOORING_EPOCH", "-1", ['MOORING_EPOCH is "-1"']), ("MOORING_EPOCH", "9" * 21, ["MOORING_EPOCH"])])
def test_a_move_that_is_none(run, api, name, value, words):
    done, _path = run(environment={name: value})
    assert_one_line(done, 1, *words)
    assert not api.requests


def test_an_epoch_has_so_many_digits(run):
    assert run(environment={"MOORING_EPOCH": "9" * 20})[0].returncode == 0


def test_arguments_that_it_does_not_know(run, api):
    done, _path = run("--force")
    assert_one_line(done, 1, "--force", "--dry-run")
    assert not api.requests


def test_a_file_with_a_secret_is_closed_to_others(run):
    for mode in (0o600, 0o640, 0o400):
        assert run(mode=mode)[0].returncode == 0
    for mode in (0o644, 0o604):
        done, path = run(mode=mode)
        assert_one_line(done, 1, path, "LINODE_TOKEN", f"{mode:04o}", "chmod 0600")
    for mode in (0o620, 0o602, 0o666):
        done, path = run(mode=mode)
        assert_one_line(done, 1, path, "changed by others", "chmod 0600")


def test_a_file_without_a_secret_may_be_read_but_not_changed_by_others(lab):
    lab.write("exec", {"COMMAND": "/bin/true"}, 0o644)
    assert lab.run("exec").returncode == 0
    lab.write("exec", {"COMMAND": "/bin/true"}, 0o664)
    assert_one_line(lab.run("exec"), 1, "changed by others")


def test_settings_are_forgiving_about_form(run, api):
    quoted = [f'  {key}="{value}"  ' for key, value in SECRET_HOOK.settings_for(api.url).items()]
    text = "\n".join(["# a comment", "", "   ", *quoted, "TIMEOUT='9'", "RECORD_TYPE="])
    assert run(text=text)[0].returncode == 0


@pytest.mark.parametrize("line, words", [
    ("LINODE_TOKEN: x", ["linode-dns.conf:2 is not KEY=value"]), ("export DOMAIN=x", ["linode-dns.conf:2"]),
    ("DOMAIN=example.com", ["linode-dns.conf:2 sets DOMAIN for the second time"])])
def test_lines_that_are_no_settings(run, api, line, words):
    done, _path = run(text=f"DOMAIN=example.com\n{line}\n")
    assert_one_line(done, 1, *words)


@pytest.mark.parametrize("name, value, remedy", [
    ("LINODE_TOKE", "x", "--help lists them"), ("TARGET_EU_WEST_1", "203.0.113.9", "--help lists them"),
    ("TARGET", "203.0.113.9", "--help lists them"), ("RECORD_TYPE", "MX", "A AAAA CNAME"),
    ("RECORD_NAME", "www", "www.example.com"), ("RECORD_NAME", "www..example.com", "www.example.com"),
    ("DOMAIN", 'example.com", "x": "', "www.example.com"), ("TIMEOUT", "0", "1 to 300"),
    ("TIMEOUT", "301", "1 to 300"), ("TIMEOUT", "2s", "1 to 300"), ("LINODE_TOKEN", "two words", "spaces"),
    ("LINODE_TOKEN", "café", "ASCII"),
    ("API_URL", "http://192.0.2.1", "unencrypted"), ("API_URL", "ftp://x", "https://"),
    ("API_URL", "https://me:pw@x", "https://"), ("API_URL", "https://x/?a=b", "take away"),
    ("API_URL", "x", "https://"), ("API_URL", "https://x:99999", "0-65535"), ("API_URL", "https://x:y", "Port"),
    ("API_URL", "https://é.example", "https://"), ("API_URL", "https://[::1", "Invalid IPv6")])
def test_values_that_cannot_be_right(run, api, name, value, remedy):
    done, path = run(**{name: value})
    assert_one_line(done, 1, name, path, remedy)
    if name == "LINODE_TOKEN":
        assert value not in done.stderr
    assert not api.requests


def test_the_timeout_is_well_under_the_fleets_lease(lab):
    for hook in sorted(CASES):
        assert re.search(r"TIMEOUT\n .*\(default: 10\)", lab.run(hook, "--help").stdout), hook


def test_the_timeout_has_limits(run):
    for seconds in ("1", "300"):
        assert run(TIMEOUT=seconds)[0].returncode in (0, EX_TEMPFAIL)


def test_the_file_has_a_limit(run, api):
    text = "".join(f"{key}={value}\n" for key, value in SECRET_HOOK.settings_for(api.url).items())
    filler = "#" * (MAX_BYTES - len(text) - 1) + "\n"
    assert run(text=text + filler)[0].returncode == 0
    done, path = run(text=text + "#" + filler)
    assert_one_line(done, 1, path, f"longer than {MAX_BYTES} bytes")


def test_a_file_that_is_no_text_or_no_file(lab):
    path = lab.write("linode-dns", "")
    path.write_bytes(b"DOMAIN=\xff\n")
    assert_one_line(lab.run("linode-dns"), 1, str(path), "UTF-8")
    path.unlink()
    path.mkdir()
    assert_one_line(lab.run("linode-dns"), 1, str(path), "cannot be read")


def test_two_links_to_one_hook_have_two_files(lab, api, tmp_path):
    link = tmp_path / "linode-dns-shop"
    link.symlink_to(AVAILABLE / "linode-dns")
    lab.write("linode-dns-shop", SECRET_HOOK.settings_for(api.url))
    done = lab.run("linode-dns", program=link)
    assert done.returncode == 0, done
    assert done.stdout.startswith("linode-dns-shop: did change")


def test_an_installed_copy_works_and_writes_nothing(lab, api, tmp_path):
    installed = tmp_path / "hooks"
    shutil.copytree(HOOKS, installed, ignore=shutil.ignore_patterns("__pycache__"))
    before = sorted(installed.rglob("*"))
    lab.write("linode-dns", SECRET_HOOK.settings_for(api.url))
    assert lab.run("linode-dns", program=installed / "available" / "linode-dns").returncode == 0
    assert sorted(installed.rglob("*")) == before


def test_python_settings_of_the_runner_do_not_matter(lab, api, tmp_path):
    (tmp_path / "ssl.py").write_text("raise SystemExit(99)", encoding="ascii")
    lab.write("linode-dns", SECRET_HOOK.settings_for(api.url))
    done = lab.run("linode-dns", PYTHONPATH=str(tmp_path), PYTHONSTARTUP=os.devnull, LC_ALL="POSIX",
                   MOORING_REASON="é\udcff")
    assert done.returncode == 0, done
