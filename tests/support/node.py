"""One app node for a test: its servers, daemons, ports and configuration in one folder, all ended by close()."""

import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from daemons import AWS_KEYS, Sessiond, Sidecar, get, write_config
from processes import Child, Failure, free_port, wait_until
from servers import DemoSite, Dynoxide, LOOPBACK, MariaDb, running_as_root

REGION = "us-east-1"
TABLE = "mooring_sessions"
# Set where the daemons are built with a sanitizer (./dev test sanitized).
SANITIZED = bool(os.environ.get("MOORING_SANITIZED"))
SANITIZER_REPORT = re.compile(r"ERROR: (?:Address|Leak)Sanitizer|runtime error:|WARNING: ThreadSanitizer")


class Node:
    def __init__(self):
        # Not pytest's own folder: that one is closed to other users, and mariadbd and php-fpm run as such.
        self.folder = Path(tempfile.mkdtemp(prefix="mooring-"))
        self.folder.chmod(0o755)
        self.socket = self.folder / "sessiond.sock"
        self.config = self.folder / "mooring.toml"
        self.shop_port, self.probe_port, self.admin_port = free_port(), free_port(), free_port()
        self.processes = []
        self.site = None
        self.sections = {
            "log": {"level": "info"},
            "region": {"primary": REGION, "state_file": self.folder / "region.json",
                       "memory_file": self.folder / "sidecar.json"},
            "dynamodb": {"table": TABLE},
            "sessions": {"socket": self.socket, "socket_mode": "0666" if running_as_root() else "0660",
                         "store": "embedded", "embedded_file": self.folder / "sessions.db"},
            "sidecar": {"listen": f"{LOOPBACK}:{self.probe_port}", "admin": f"{LOOPBACK}:{self.admin_port}",
                        "control": self.folder / "control.sock",
                        "drain_delay": "0s", "drain_grace": "5s"},
            "checks": {"interval": "300ms", "fast_interval": "100ms", "rise": 2, "fall": 3},
            "checks.mysql": {},
            "checks.dynamodb": {"timeout": "1s"},
            "checks.sessiond": {"timeout": "500ms"},
            "publish": {"nginx_region_conf": self.folder / "region.conf"},
        }

    def set(self, section, **keys):
        self.sections[section].update(keys)
        return self

    def write(self):
        return write_config(self.config, self.sections)

    def close(self):
        """Ends everything. Raises when a sanitizer has said something of a daemon, which must end by itself for that: leaks
        are told at the end."""
        for process in reversed(self.processes):
            if SANITIZED and isinstance(process, Child) and process.name.startswith("mooring-"):
                process.stop()
            process.kill()
        reports = self._sanitizer_reports()
        shutil.rmtree(self.folder, ignore_errors=True)
        if reports:
            raise Failure("a daemon was caught by its sanitizer:\n" + "\n".join(reports))

    def _sanitizer_reports(self):
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in self.folder.rglob("*.log")]
        return [text[found.start():] for text in texts if (found := SANITIZER_REPORT.search(text))]

    def logs(self, lines=40):
        """The ends of all log files, for the report of a failed test."""
        parts = []
        for path in sorted([*self.folder.glob("*.log"), *self.folder.glob("log/*")]):
            text = path.read_text(encoding="utf-8", errors="replace").splitlines()
            parts.append(f"--- {path.name} ({len(text)} lines)\n" + "\n".join(text[-lines:]))
        return "\n".join(parts)

    def own(self, process):
        self.processes.append(process)
        return process

    def start_emulator(self, create_table=True, kind=Dynoxide):
        emulator = kind(self.folder, free_port())
        self.own(emulator.process)
        emulator.start()
        self.set("dynamodb", endpoints={REGION: emulator.endpoint})
        self.set("sessions", store="dynamodb")
        if create_table:
            self.create_table(emulator.endpoint)
        return emulator

    def start_region(self, name):
        """One more emulator with the table, as another region; it is in nobody's configuration yet."""
        folder = self.folder / name
        folder.mkdir()
        emulator = Dynoxide(folder, free_port())
        self.own(emulator.process)
        emulator.start()
        self.create_table(emulator.endpoint)
        return emulator

    def dynamodb(self, endpoint):
        """A client of AWS's own library, so that the tests do not check our client against itself."""
        import boto3
        from botocore.config import Config

        return boto3.client("dynamodb", region_name=REGION, endpoint_url=endpoint,
                            aws_access_key_id=AWS_KEYS["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=AWS_KEYS["AWS_SECRET_ACCESS_KEY"],
                            config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 1}))

    def create_table(self, endpoint):
        self.dynamodb(endpoint).create_table(
            TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}])

    def start_database(self):
        database = MariaDb(self.folder / "mariadb", free_port()).install()
        self.own(database.process)
        database.start()
        password = self.folder / "mysql-password"
        password.write_text(MariaDb.PASSWORD + "\n", encoding="utf-8")
        self.set("checks.mysql", host=LOOPBACK, port=database.port, user=MariaDb.USER, password_file=password,
                 timeout="1s")
        return database

    def sessiond(self, environment=None):
        """Not started yet."""
        daemon = Sessiond(self.folder, self.write(), environment)
        self.own(daemon.process)
        return daemon

    def sidecar(self, environment=None):
        """Not started yet."""
        daemon = Sidecar(self.folder, self.write(), environment)
        self.own(daemon.process)
        return daemon

    def start_site(self):
        self.site = DemoSite(self.folder, self.shop_port, self.probe_port)
        self.own(self.site.php.process)
        self.own(self.site.nginx.process)
        return self.site.start()

    def healthz(self, timeout=2.0):
        return get(self.probe_port, "/healthz", timeout)

    def status(self):
        code, body = get(self.admin_port, "/status.json")
        return code, json.loads(body)

    def wait_healthz(self, status, within):
        wait_until(lambda: self.healthz()[0] == status, within, f"/healthz answers {status}")
