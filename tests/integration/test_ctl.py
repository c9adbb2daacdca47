"""mooringctl: what an operator types."""

from daemons import mooringctl
from node import TABLE


def test_status_of_a_node_that_is_well(node):
    node.sessiond().start()
    node.sidecar().start()
    node.wait_healthz(200, 10)
    done = mooringctl(node.write(), "status")
    assert done.returncode == 0, done.stderr
    for word in ("pass", "sessiond"):
        assert word in done.stdout


def test_status_of_a_node_that_is_not(node):
    node.sidecar().start()
    node.wait_healthz(503, 10)
    done = mooringctl(node.write(), "status")
    assert done.returncode == 1
    assert "fail" in done.stdout


def test_status_when_nothing_runs(node):
    done = mooringctl(node.write(), "status")
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert str(node.admin_port) in text or str(node.socket) in text


def test_doctor_of_a_node_that_is_well(node):
    node.start_emulator(create_table=False)
    assert mooringctl(node.write(), "table", "create").returncode == 0
    node.start_database()
    node.sessiond().start()
    node.sidecar().start()
    node.wait_healthz(200, 10)
    done = mooringctl(node.write(), "doctor")
    assert done.returncode == 0, done.stdout + done.stderr


def test_doctor_names_a_missing_table(node):
    node.start_emulator(create_table=False)
    done = mooringctl(node.write(), "doctor")
    assert done.returncode != 0
    assert TABLE in done.stdout
    assert "mooringctl table create" in done.stdout


def test_doctor_names_daemons_that_do_not_run(node):
    done = mooringctl(node.write(), "doctor")
    assert done.returncode != 0
    assert str(node.socket) in done.stdout
    assert str(node.admin_port) in done.stdout or str(node.probe_port) in done.stdout


def test_doctor_names_a_faulty_configuration(node):
    node.set("checks", fall="often")
    done = mooringctl(node.write(), "doctor")
    assert done.returncode == 2
    assert "checks.fall" in done.stdout + done.stderr
