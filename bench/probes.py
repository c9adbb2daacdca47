"""How fast a probe is answered, all measured in one run: the sidecar, and the usual ways to answer one.

  nginx return 200   says nothing about the node; it is the floor
  PHP health page    what most shops have: connects to MySQL on every probe

wrk probes over two connections, each probe on a fresh one as load balancers do. Exit code 1 when the sidecar's p99 with
both backends hanging is over 5 ms.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "dev.d"), str(ROOT / "tests" / "support")]

from daemons import get  # noqa: E402  the paths above come first
from node import Node  # noqa: E402
from processes import Child, Failure, can_connect, clean_environment, free_port  # noqa: E402
from servers import LOOPBACK, MariaDb, program, web_user  # noqa: E402

SECONDS = 5
SLOW_PROBES = 4
PROMISED_P99_MS = 5.0
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}

NGINX = """
{user}
worker_processes 1;
error_log {run}/nginx-error.log;
pid {run}/bench-nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {run}/tmp; proxy_temp_path {run}/tmp; fastcgi_temp_path {run}/tmp;
  uwsgi_temp_path {run}/tmp; scgi_temp_path {run}/tmp;
  server {{
    listen {host}:{port};
    location = /static {{ return 200 "OK\\n"; }}
    location = /health.php {{
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME {run}/health.php;
      fastcgi_pass unix:{run}/bench-fpm.sock;
    }}
  }}
}}
"""
FPM = """
[global]
error_log = {run}/bench-fpm.log
[bench]
{user}
listen = {run}/bench-fpm.sock
listen.mode = 0666
pm = static
pm.max_children = 4
"""
HEALTH_PAGE = """<?php
mysqli_report(MYSQLI_REPORT_OFF);
$database = mysqli_init();
$database->options(MYSQLI_OPT_CONNECT_TIMEOUT, 2);
$database->options(MYSQLI_OPT_READ_TIMEOUT, 2);
$up = @$database->real_connect('{host}', '{db_user}', '{password}', '{name}', {db_port})
    && $database->query('SELECT 1');
http_response_code($up ? 200 : 503);
echo $up ? "OK\\n" : "FAIL\\n";
"""


def start_usual_ways(node, database):
    """nginx and php-fpm with the health page; returns the port."""
    run, port, user = node.folder, free_port(), web_user(node.folder)
    (run / "tmp").mkdir()
    (run / "tmp").chmod(0o1777)
    as_root = user in ("root", "www-data")
    (run / "bench-nginx.conf").write_text(
        NGINX.format(run=run, host=LOOPBACK, port=port, user=f"user {user};" if as_root else ""), encoding="utf-8")
    (run / "bench-fpm.conf").write_text(
        FPM.format(run=run, user=f"user = {user}\ngroup = {user}" if as_root else ""), encoding="utf-8")
    (run / "health.php").write_text(
        HEALTH_PAGE.format(host=LOOPBACK, db_port=database.port, db_user=MariaDb.USER, password=MariaDb.PASSWORD,
                           name=MariaDb.DATABASE), encoding="utf-8")
    fpm = [program("php-fpm[78]*"), "--nodaemonize", "--fpm-config", run / "bench-fpm.conf"]
    if user == "root":
        fpm.append("--allow-to-run-as-root")
    node.own(Child("php-fpm", fpm, run / "bench-fpm.out", env=clean_environment())).start()
    nginx = node.own(Child("nginx", [program("nginx"), "-c", run / "bench-nginx.conf", "-e", run / "nginx-error.log",
                                     "-g", "daemon off;"], run / "bench-nginx.out", env=clean_environment())).start()
    nginx.wait_ready(lambda: can_connect((LOOPBACK, port)) and get(port, "/health.php")[0] == 200, 10, "serves")
    return port


def wrk(port, path):
    """(probes, p50 ms, p99 ms)"""
    done = subprocess.run([program("wrk"), "-t1", "-c2", f"-d{SECONDS}s", "--latency", "-H", "Connection: close",
                           f"http://{LOOPBACK}:{port}{path}"], capture_output=True, text=True, check=True)
    percentiles = {rank: float(value) * UNITS[unit]
                   for rank, value, unit in re.findall(r"^\s+(\d+)%\s+([\d.]+)(us|ms|s)\s*$", done.stdout, re.M)}
    probes = int(re.search(r"(\d+) requests in", done.stdout)[1])
    return probes, percentiles["50"], percentiles["99"]


def one_by_one(port, path):
    """The same for answers that take seconds; the p99 of so few is their maximum."""
    taken = []
    for _probe in range(SLOW_PROBES):
        begin = time.monotonic()
        get(port, path, timeout=30)
        taken.append((time.monotonic() - begin) * 1e3)
    taken.sort()
    return len(taken), taken[len(taken) // 2], taken[-1]


def measure(node):
    database = node.start_database()
    emulator = node.start_emulator()
    node.set("checks", interval="2s", fast_interval="500ms")
    node.sessiond().start()
    node.sidecar().start()
    node.wait_healthz(200, 15)
    usual = start_usual_ways(node, database)
    rows = [("mooring-sidecar /healthz", "healthy", *wrk(node.probe_port, "/healthz")),
            ("nginx return 200", "healthy", *wrk(usual, "/static")),
            ("PHP health page", "healthy", *wrk(usual, "/health.php"))]
    database.process.pause()
    emulator.process.pause()
    node.wait_healthz(503, 30)
    rows += [("mooring-sidecar /healthz", "hanging", *wrk(node.probe_port, "/healthz")),
             ("nginx return 200", "hanging", *wrk(usual, "/static")),
             ("PHP health page", "hanging", *one_by_one(usual, "/health.php"))]
    return rows


def main():
    node = Node()
    try:
        rows = measure(node)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    finally:
        node.close()
    hanging = next(row[4] for row in rows if row[:2] == ("mooring-sidecar /healthz", "hanging"))
    print(f"{'answers the probe':26} {'backends':9} {'probes':>8} {'p50 ms':>10} {'p99 ms':>10} {'x sidecar':>10}")
    for name, backends, probes, p50, p99 in rows:
        print(f"{name:26} {backends:9} {probes:8} {p50:10.2f} {p99:10.2f} {p99 / hanging:10.1f}")
    kept = hanging <= PROMISED_P99_MS
    print(f"promise: p99 of /healthz with MySQL and DynamoDB hanging is at most {PROMISED_P99_MS:g} ms: "
          f"{hanging:.2f} ms, {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
