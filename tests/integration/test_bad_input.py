"""Every mistake in a configuration ends in one line that names the setting, and exit code 2."""

import json
import os
import re
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from daemons import AWS_KEYS, binary
from node import REGION, TABLE
from processes import clean_environment, free_port
from resp_client import RespClient
from servers import LOOPBACK, running_as_root

DAEMONS = ("mooring-sessiond", "mooring-sidecar")


def run(program, *arguments, environment=None, user=None):
    """Runs a program that is expected to end by itself; (exit code, stdout, lines of stderr)."""
    done = subprocess.run([binary(program), *map(str, arguments)], capture_output=True, text=True, timeout=15,
                          check=False, user=user, env=clean_environment(**{**AWS_KEYS, **(environment or {})}))
    assert "terminate called" not in done.stderr
    return done.returncode, done.stdout, done.stderr.splitlines()


def refuses(program, node, *named, user=None):
    """The daemon ends with code 2 and one line that has all of `named`."""
    code, _out, lines = run(program, "--config", node.write(), user=user)
    assert code == 2
    assert len(lines) == 1, lines
    for word in named:
        assert str(word) in lines[0]
    return lines[0]


def faults_in(node, program, text):
    node.config.write_text(text, encoding="utf-8")
    code, _out, lines = run(program, "--config", node.config, "--check-config")
    return code, lines


@pytest.mark.parametrize("program", DAEMONS)
def test_a_good_configuration(node, program):
    code, out, lines = run(program, "--config", node.write(), "--check-config")
    assert (code, out.strip(), lines) == (0, "configuration ok", [])
    assert run(program, "--version")[0] == 0
    assert "--config" in run(program, "--help")[1]


@pytest.mark.parametrize("program", DAEMONS)
def test_faults_have_file_line_and_key(node, program):
    text = ('[sessions]\nsoket = "/tmp/a.sock"\nmax_connections = "many"\nlock_wait = "10 parsecs"\n'
            'store = "floppy"\n[checks]\nfall = 0\n[chekcs.mysql]\nhost = "a"\n')
    expected = {2: "sessions.soket", 3: "sessions.max_connections", 4: "sessions.lock_wait", 5: "sessions.store",
                7: "checks.fall", 8: "chekcs"}
    code, lines = faults_in(node, program, text)
    assert code == 2
    assert len(lines) == len(expected), lines
    for number, key in expected.items():
        start = f"{node.config}:{number}: "
        found = [line for line in lines if line.startswith(start)]
        assert len(found) == 1, f"no single fault at line {number} in {lines}"
        assert key in found[0]
        assert ";" in found[0], "the remedy follows a semicolon"
    run_code, _out, run_lines = run(program, "--config", node.config)
    assert (run_code, run_lines) == (2, lines), "starting says the same as --check-config"


@pytest.mark.parametrize("text", ["[sessions\nsocket = 1\n", "sessions = \n", "a = 1\na = 2\n", "\x00\x01"],
                         ids=["bracket", "value", "twice", "binary"])
def test_not_toml(node, text):
    code, lines = faults_in(node, "mooring-sessiond", text)
    assert code == 2
    assert len(lines) == 1 and lines[0].startswith(f"{node.config}:")


@pytest.mark.parametrize("program", DAEMONS)
def test_files_that_cannot_be_read(node, program):
    for path in (node.folder / "absent.toml", node.folder):
        code, _out, lines = run(program, "--config", path)
        assert code == 2
        assert len(lines) == 1 and str(path) in lines[0]
    secret = node.write()
    secret.chmod(0)
    code, _out, lines = run(program, "--config", secret, user="nobody" if running_as_root() else None)
    assert code == 2
    assert len(lines) == 1 and str(secret) in lines[0] and "Permission denied" in lines[0]


def test_an_absent_password_file(node):
    node.set("checks.mysql", host=LOOPBACK, user="a", password_file=node.folder / "absent")
    refuses("mooring-sidecar", node, "checks.mysql.password_file", node.folder / "absent")


@pytest.mark.parametrize("program", [*DAEMONS, "mooringctl"])
def test_an_unknown_flag(program):
    command = ["status"] if program == "mooringctl" else []
    code, _out, lines = run(program, "--conifg", "a.toml", *command)
    assert code == 2
    assert len(lines) == 1 and "--conifg" in lines[0]


def test_a_bad_environment_variable(node):
    code, _out, lines = run("mooring-sidecar", "--config", node.write(), environment={"DB_HOST": "a", "DB_PORT": "x"})
    assert code == 2
    assert len(lines) == 1 and "DB_PORT" in lines[0]


def test_a_socket_that_is_taken(node):
    running = node.sessiond().start()
    refuses("mooring-sessiond", node, "sessions.socket", node.socket)
    with RespClient(node.socket) as client:
        assert client.call("PING") == b"PONG", "the one that was there is not disturbed"
    running.process.kill()
    assert node.socket.exists(), "killed, it left its socket"
    running.start()


def test_a_socket_path_that_is_too_long(node):
    deep = node.folder / ("d" * 60)
    deep.mkdir()

    def path_of(size):
        return deep / ("s" * (size - len(str(deep)) - 1))

    node.set("sessions", socket=path_of(108))
    line = refuses("mooring-sessiond", node, "sessions.socket", "108 bytes")
    longest = int(re.search(r"at most (\d+)", line)[1])
    assert 90 <= longest <= 107
    node.set("sessions", socket=path_of(longest + 1))
    refuses("mooring-sessiond", node, "sessions.socket", f"{longest + 1} bytes")
    node.set("sessions", socket=path_of(longest))
    node.sessiond().start()


def test_a_socket_in_a_folder_that_is_not_there(node):
    node.set("sessions", socket=node.folder / "nowhere" / "s.sock")
    refuses("mooring-sessiond", node, "sessions.socket", node.folder / "nowhere")


def test_a_path_where_a_file_is(node):
    node.socket.write_text("precious", encoding="utf-8")
    refuses("mooring-sessiond", node, "sessions.socket")
    assert node.socket.read_text(encoding="utf-8") == "precious"


def test_a_group_that_is_not_there(node):
    node.set("sessions", socket_group="no-such-group")
    refuses("mooring-sessiond", node, "sessions.socket_group", "no-such-group")


def test_an_embedded_file_that_cannot_be(node):
    node.set("sessions", embedded_file=node.folder / "nowhere" / "sessions.db")
    refuses("mooring-sessiond", node, "sessions.embedded_file", node.folder / "nowhere")
    broken = node.folder / "broken.db"
    broken.write_bytes(os.urandom(8192))
    node.set("sessions", embedded_file=broken)
    refuses("mooring-sessiond", node, "sessions.embedded_file", broken)


@pytest.mark.parametrize("setting", ["listen", "admin"])
def test_a_port_in_use(node, setting):
    with socket.create_server((LOOPBACK, free_port())) as other:
        port = other.getsockname()[1]
        node.set("sidecar", **{setting: f"{LOOPBACK}:{port}"})
        refuses("mooring-sidecar", node, f"sidecar.{setting}", port)


def test_a_missing_table(node):
    node.start_emulator(create_table=False)
    refuses("mooring-sessiond", node, "dynamodb.table", TABLE, "mooringctl table create")


class RefusingDynamoDb(BaseHTTPRequestHandler):
    """Answers as DynamoDB does to keys it does not know."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"__type": "com.amazon.coral.service#UnrecognizedClientException",
                           "message": "The security token included in the request is invalid."}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


def test_wrong_aws_keys(node):
    with ThreadingHTTPServer((LOOPBACK, 0), RefusingDynamoDb) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        node.set("dynamodb", endpoints={REGION: f"http://{LOOPBACK}:{server.server_port}"})
        node.set("sessions", store="dynamodb")
        line = refuses("mooring-sessiond", node, "UnrecognizedClientException", "AWS credentials")
        assert AWS_KEYS["AWS_SECRET_ACCESS_KEY"] not in line
        server.shutdown()


def test_no_aws_keys_at_all(node):
    node.set("dynamodb", endpoints={REGION: f"http://{LOOPBACK}:{free_port()}"})
    node.set("sessions", store="dynamodb")
    nobody = {**dict.fromkeys(AWS_KEYS, ""), "HOME": str(node.folder), "AWS_EC2_METADATA_DISABLED": "true"}
    code, _out, lines = run("mooring-sessiond", "--config", node.write(), environment=nobody)
    assert code == 2
    assert len(lines) == 1 and "AWS_ACCESS_KEY_ID" in lines[0]
