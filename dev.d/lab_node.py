"""One app node of the lab: nginx, php-fpm, sidecar and sessiond, with sockets, ports and a state file of its own."""

import json

from daemons import Sessiond, Sidecar, ask_operator_socket, get
from lab_config import write_known
from processes import free_port, wait_until
from servers import ROOT, DemoSite, MariaDb, program, web_user

ANSWER_TIMEOUT = 1.0
# Not every version has these.
NEWER = ("region.memory_file", "region.control", "sidecar.control", "publish.nginx_test", "publish.nginx_reload",
         "hooks.node_folder", "hooks.fleet_folder")


class LabNode:
    """place: (network, name). endpoints: {region: URL}, the primary first. outside: the database, and the URL of the
    control host. settings: {section: {key: value}}, which win over the lab's."""

    def __init__(self, folder, place, endpoints, outside, files, settings):
        network, self.name = place
        self._host = network.addresses[self.name]
        inside = network.inside(self.name, **files)
        self.folder = folder
        ports = [8080, 8081, 8082] if network.namespaces else [free_port() for _ in range(3)]
        self.shop_port, self.probe_port, self.admin_port = ports
        self.config = folder / "mooring.toml"
        self.sessiond_config = folder / "sessiond.toml"
        self.state_file = folder / "region.json"
        self.region_conf = folder / "region.conf"
        self.socket = folder / "sessiond.sock"
        user = web_user(folder, ROOT)
        (folder / "log").mkdir(parents=True, exist_ok=True)
        self._configure(user, endpoints, outside, settings)
        site = DemoSite(folder, self.shop_port, self.probe_port, user, self._host, inside)
        self.parts = {"sessiond": Sessiond(folder / "log", self.sessiond_config, inside=inside),
                      "sidecar": Sidecar(folder / "log", self.config, inside=inside),
                      "php-fpm": site.php, "nginx": site.nginx}

    def _configure(self, user, endpoints, outside, settings):
        database, control = outside
        password = self.folder / "mysql-password"
        password.write_text(MariaDb.PASSWORD + "\n", encoding="utf-8")
        primary, secondary = endpoints
        nginx = [program("nginx"), "-p", self.folder, "-c", self.folder / "nginx.conf", "-e",
                 self.folder / "log" / "nginx.log"]
        group = {"socket_group": "www-data"} if user == "www-data" else {}
        sections = {
            "region": {"primary": primary, "secondary": secondary, "state_file": self.state_file,
                       "memory_file": self.folder / "sidecar.json", "control": control},
            "dynamodb": {"endpoints": endpoints},
            "sessions": {"socket": self.socket, "socket_mode": "0660", **group},
            # nginx asks on loopback, balancers from outside.
            "sidecar": {"listen": f"0.0.0.0:{self.probe_port}", "admin": f"{self._host}:{self.admin_port}",
                        "drain_delay": "0s", "control": self.folder / "control.sock"},
            "checks.mysql": {"host": database.host, "port": database.port, "user": MariaDb.USER,
                             "password_file": password},
            "publish": {"nginx_region_conf": self.region_conf, "nginx_test": [*nginx, "-t"],
                        "nginx_reload": [*nginx, "-s", "reload"]},
            "hooks": {"node_folder": self.folder / "hooks" / "node.d", "fleet_folder": self.folder / "hooks" / "fleet.d"},
        }
        for section, keys in settings.items():
            sections.setdefault(section, {}).update(keys)
        write_known(self.config, "mooring-sidecar", sections, NEWER)
        write_known(self.sessiond_config, "mooring-sessiond", sections, NEWER)

    @property
    def door(self):
        return self._host, self.shop_port

    def start(self):
        for part in self.parts.values():
            part.start()
        wait_until(lambda: self.healthz()[0] == 200, 20, f"{self.name}'s sidecar says 200 to /healthz")
        wait_until(lambda: get(self.shop_port, "/", host=self._host)[0] == 200, 15, f"{self.name} serves the shop")

    def healthz(self, through_nginx=False):
        port = self.shop_port if through_nginx else self.probe_port
        return get(port, "/healthz", ANSWER_TIMEOUT, self._host)

    def status(self):
        """/status.json as a value; None while the sidecar does not answer."""
        code, body = get(self.admin_port, "/status.json", ANSWER_TIMEOUT, self._host)
        return None if code is None else json.loads(body)

    def operate(self, line):
        """What the sidecar answers to an operator: "OK", or "ERR" and why."""
        return ask_operator_socket(self.folder / "control.sock", line)

    def metrics(self):
        """{name with labels: value}; empty while the sidecar does not answer."""
        code, body = get(self.admin_port, "/metrics", ANSWER_TIMEOUT, self._host)
        if code is None:
            return {}
        rows = (line.rpartition(" ") for line in body.decode().splitlines() if line and line[0] != "#")
        return {name: float(value) for name, _, value in rows}

    def published(self):
        """The state file's content; None while there is none that can be read."""
        try:
            return json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
