"""The pages about the hooks and Route 53: each example is tried, each command is held against AWS's own description."""

import json
import re
import shutil
import subprocess

import boto3
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from hook_cases import CASES
from hook_lab import HOOKS, HookLab, all_hooks

README = (HOOKS / "README.md").read_text(encoding="utf-8")
ROUTE53 = (HOOKS.parents[1] / "docs" / "cloudwatch-route53.md").read_text(encoding="utf-8")
GLOBAL_OPTIONS = {"--region", "--query"}
# Options that the CLI names differently from the API.
CLI_NAMES = {"notification-endpoint": "endpoint"}
# Newer than Debian's botocore:
# https://docs.aws.amazon.com/cli/latest/reference/route53/update-hosted-zone-features.html
NEWER = {("route53", "update-hosted-zone-features"): {"--hosted-zone-id", "--enable-accelerated-recovery"}}


def section(hook):
    return README.split(f"\n## {hook}\n")[1].split("\n## ")[0]


def switching_on(page):
    """The commands that link a hook into its folder."""
    text, = (block for block in blocks(page, "") if "ln -s" in block)
    return text


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


@pytest.fixture
def lab(tmp_path):
    return HookLab(tmp_path)


@pytest.mark.parametrize("hook", all_hooks())
def test_each_hook_has_its_paragraph(hook, lab):
    text = section(hook)
    assert f"| [{hook}](#{hook}) |" in README
    assert "ermissions" in text, "which permissions it needs"
    assert hook == "exec" or "https://" in text, "where the API is described"
    common = {"TIMEOUT", "API_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    for key in re.findall(r"^  ([A-Z_]+)(?:_<region>)?$", lab.run(hook, "--help").stdout, re.M):
        assert key in (README if key in common else text), f"{key} of {hook} is not in the README"


@pytest.mark.parametrize("hook", all_hooks())
def test_the_example_settings_are_right(hook, lab):
    settings, = blocks(section(hook), "ini")
    uncommented = re.sub(r"^# (?=[A-Za-z_]+[0-9]*=)", "", settings, flags=re.M)
    keys = "AWS_ACCESS_KEY_ID=x\nAWS_SECRET_ACCESS_KEY=y12345678\n" if hook.startswith("aws") else ""
    # The example is complete when the only thing that is missing is the API.
    if hook in CASES and hook != "webhook":
        uncommented += f"{keys}API_URL=http://127.0.0.1:1\n"
    lab.write(hook, uncommented.replace("ENABLED=no", "ENABLED=yes"))
    done = lab.run(hook, "--dry-run")
    if hook in ("webhook", "exec"):
        assert done.returncode == 0, done
    else:
        assert "cannot reach 127.0.0.1:1" in done.stderr, done.stderr


def test_a_hook_is_switched_on_as_shown_and_a_copy_is_none(lab, tmp_path):
    commands = switching_on(README)
    assert switching_on((HOOKS.parents[1] / "docs" / "hooks.md").read_text(encoding="utf-8")) == commands
    shutil.copytree(HOOKS, tmp_path / "share" / "hooks")
    for shown, here in (("sudo ", ""), ("/usr/share/mooring", f"{tmp_path}/share"), ("/etc/mooring", f"{tmp_path}/etc")):
        assert shown in commands
        commands = commands.replace(shown, here)
    subprocess.run(["bash", "-euc", commands], check=True)
    fleet = tmp_path / "etc" / "hooks" / "fleet.d"
    assert [path.name for path in fleet.iterdir()] == ["linode-dns"]
    (fleet / "linode-dns").rename(fleet / "20-linode-dns")
    for name in ("20-linode-dns", "copy"):
        lab.write(name, CASES["linode-dns"].settings_for("http://127.0.0.1:1"))
    assert "20-linode-dns: cannot reach 127.0.0.1:1" in lab.run("", program=fleet / "20-linode-dns").stderr
    shutil.copy(HOOKS / "available" / "linode-dns", fleet / "copy")
    assert "ModuleNotFoundError" in lab.run("", program=fleet / "copy").stderr


def test_the_policies_are_json_and_name_what_the_hooks_ask_for(lab):
    for hook in (name for name in CASES if name.startswith("aws")):
        text, = blocks(section(hook), "json")
        policy = json.loads(text)
        assert policy["Version"] == "2012-10-17"
        actions = set()
        for statement in policy["Statement"]:
            assert statement["Effect"] == "Allow"
            granted = statement["Action"]
            actions |= {granted} if isinstance(granted, str) else set(granted)
        source = (HOOKS / "available" / hook).read_text(encoding="utf-8")
        wanted, = re.findall(r'^PERMISSIONS = \(?(".*"(?:\n +".*")?)\)?$', source, re.M)
        assert actions == set(re.findall(r"[a-z0-9]+:[A-Z]\w+", wanted))


def test_the_body_of_the_webhook_is_as_shown(lab):
    lab.write("webhook", {"URL": "https://example.com/moves"})
    out = lab.run("webhook", "--dry-run").stdout
    shown, made = json.loads(blocks(section("webhook"), "json")[0]), json.loads(out[out.index("{"):out.rindex("}") + 1])
    assert made == {**shown, "time": made["time"]}
    assert type(made["time"]) is type(shown["time"])


RECORDER = """#!/usr/bin/python3
import json, os, sys
with open(os.environ["RECORD"], "a") as out:
    print(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]), file=out)
"""


@pytest.fixture
def commands(tmp_path):
    """What bash runs when the page's commands are pasted into it, each as a list of words."""
    for name, content in re.findall(r"^([a-z-]+\.json):\n\n```json\n(.*?)```", ROUTE53, re.M | re.S):
        (tmp_path / name).write_text(content, encoding="utf-8")
    for program in ("aws", "curl", "jq", "dig"):
        (tmp_path / program).write_text(RECORDER, encoding="utf-8")
        (tmp_path / program).chmod(0o755)
    record = tmp_path / "record"
    subprocess.run(["bash", "-euo", "pipefail", "-c", "".join(blocks(ROUTE53, "sh"))], cwd=tmp_path, check=True,
                   env={"PATH": f"{tmp_path}:/usr/bin:/bin", "RECORD": str(record)})
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def value_of(words, shape, folder):
    """An option's words as the parameter that the CLI makes of them."""
    text = words[0]
    if text.startswith("file://"):
        text = (folder / text.removeprefix("file://")).read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        return json.loads(text)
    if shape.type_name == "list":
        return [dict(pair.split("=") for pair in word.split(",")) if "=" in word else word for word in words]
    convert = {"integer": int, "double": float, "string": str}[shape.type_name]
    assert len(words) == 1, words
    return convert(text)


def parameters(words, shape, folder):
    """The input of the operation, from the options of the command."""
    members = {xform_name(name, "-"): (name, member) for name, member in shape.members.items()}
    given = {}
    for index, word in enumerate(words):
        if not word.startswith("--") or word in GLOBAL_OPTIONS:
            continue
        values = []
        for following in words[index + 1:]:
            if following.startswith("--"):
                break
            values.append(following)
        option = word.removeprefix("--").removeprefix("no-")
        name, member = members[CLI_NAMES.get(option, option)]
        is_flag = member.type_name == "boolean"
        assert bool(values) != is_flag, word
        given[name] = not word.startswith("--no-") if is_flag else value_of(values, member, folder)
    return given


def test_each_command_is_one_that_aws_takes(commands, tmp_path):
    checked = set()
    for _aws, service, operation, *words in (words for words in commands if words[0] == "aws"):
        if (service, operation) in NEWER:
            assert {word for word in words if word.startswith("--")} == NEWER[service, operation]
            continue
        client = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        names = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
        shape = client.meta.service_model.operation_model(names[operation]).input_shape
        report = ParamValidator().validate(parameters(words, shape, tmp_path), shape)
        assert not report.has_errors(), report.generate_report()
        checked.add((service, operation))
    assert checked == {("route53", "create-health-check"), ("route53", "change-resource-record-sets"),
                       ("route53", "get-health-check-status"), ("route53", "update-health-check"),
                       ("ec2", "describe-managed-prefix-lists"), ("sns", "create-topic"), ("sns", "subscribe"),
                       ("cloudwatch", "put-metric-alarm")}


def test_health_checks_ask_an_address_or_the_load_balancers_own_name(commands):
    asked = [json.loads(words[words.index("--health-check-config") + 1]) for words in commands
             if "create-health-check" in words]
    assert [check.get("IPAddress") for check in asked] == ["203.0.113.1", "203.0.113.9", None, None]
    records = json.loads(re.findall(r"^failover-alias.json:\n\n```json\n(.*?)```", ROUTE53, re.M | re.S)[0])
    balancers = [change["ResourceRecordSet"]["AliasTarget"]["DNSName"] for change in records["Changes"]]
    assert [check["FullyQualifiedDomainName"] for check in asked[2:]] == balancers


def test_the_alarm_rings_when_the_check_is_unhealthy(commands):
    alarm, = (words for words in commands if "put-metric-alarm" in words)
    options = dict(zip(alarm[3::2], alarm[4::2]))
    assert {name: options[f"--{name}"] for name in ("region", "namespace", "metric-name", "statistic", "threshold",
                                                    "comparison-operator", "dimensions")} == {
        "region": "us-east-1", "namespace": "AWS/Route53", "metric-name": "HealthCheckStatus", "statistic": "Minimum",
        "threshold": "1", "comparison-operator": "LessThanThreshold",
        "dimensions": "Name=HealthCheckId,Value=11111111-1111-1111-1111-111111111111"}
    assert ":us-east-1:" in options["--alarm-actions"]


@pytest.mark.parametrize("name", ["failover.json", "failover-alias.json"])
def test_failover_records_are_pairs(commands, tmp_path, name):
    batch = json.loads((tmp_path / name).read_text(encoding="utf-8"))
    shape = boto3.client("route53", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x") \
        .meta.service_model.operation_model("ChangeResourceRecordSets").input_shape
    report = ParamValidator().validate({"HostedZoneId": "Z1", "ChangeBatch": batch}, shape)
    assert not report.has_errors(), report.generate_report()
    first, second = (change["ResourceRecordSet"] for change in batch["Changes"])
    assert (first["Failover"], second["Failover"]) == ("PRIMARY", "SECONDARY")
    assert (first["Name"], first["Type"]) == (second["Name"], second["Type"])
    assert first["SetIdentifier"] != second["SetIdentifier"]
    assert first["HealthCheckId"] != second["HealthCheckId"]
    for record in (first, second):
        assert ("TTL" in record) != ("AliasTarget" in record), "an alias has no TTL of its own"
