"""`monitor import`, and the commands of docs/import.md.

The exports of Zabbix 7.0 and of Healthchecks (August 2026) were made by running these; those of Kuma and Beszel by
hand, as documented.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, call, server

EXPORTS = Path(__file__).parent / "exports"
TEXT = (Path(__file__).parents[3] / "docs/import.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
EXPECTED = {
    "kuma": (
        ["+ create check Shop", "+ create check Shop (2)", "+ create check_in Nightly backup"],
        [
            "! monitor Shop: ignoreTls: certificates are verified; a check may have a CA of its own",
            "! monitor Mail records: there is no check of its type, dns",
            "! monitor Old site: it is paused",
            "! monitor Container: there is no check of its type, docker",
            "! monitor Intranet: a check is not like it: basic_auth_user",
            "! notification Ops chat: add a channel in its place",
        ],
    ),
    "healthchecks": (
        [f"+ create check_in {name}" for name in ("Certificate renewal", "Database backup", "Mail of the backup")],
        [
            "! check Database backup: desc: check-ins have no description",
            "! check Old sync: it is paused",
            "! check Queue worker: ping_url: the check-in has another address",
            "! check Weekly report: ",
            "! check Mail of the backup: methods: each method counts",
            "! check Mail of the backup: filter_subject: each ping counts, whatever it says",
            "! check Certificate renewal: filter_default_fail: each ping counts, whatever it says",
        ],
    ),
    "beszel": (
        ["+ create server 192.0.2.11", "+ create policy cpu of ", "+ create policy offline of "],
        [
            "! system db-1: users: they have other accounts here",
            "! system nas: ",
            "! alert CPU: there is another one",
            "! alert Bandwidth: no metric is like it; server 192.0.2.11",
            "! alert Disk: its system is not taken over",
        ],
    ),
    "zabbix": (
        ["+ create server 192.0.2.21", "+ create check Web 1: Front page"],
        [
            "! template Linux by Zabbix agent of Web 1: it is not translated",
            "! trigger SSH is down of Web 1: it is not translated",
            "! item Jobs of Web 1: ",
            "! web scenario Log in of Web 1: ",
            "! web scenario By macro of Web 1: this is not translated: a macro",
            "! host printer: ",
            "! host old: ",
        ],
    ),
}
FILES = {program: next(EXPORTS.glob(f"{program}.*")) for program in EXPECTED}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, Client]]:
    with server(tmp_path_factory.mktemp("server")) as process, process.admin() as admin:
        process.settings["MONITOR_TOKEN"] = admin.post("/api/tokens", {"name": "import", "scope": "write"}).data[
            "token"
        ]
        yield process, admin


def ask(process: Process, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    settings = {"MONITOR_URL": process.origin, "MONITOR_TOKEN": process.settings["MONITOR_TOKEN"]}
    done = call(process.home, *arguments, stdin=stdin, settings=settings)
    assert "Traceback" not in done.stderr
    return done


def kept(admin: Client) -> tuple[object, object]:
    servers = [
        {name: each[name] for name in ("server_name", "ip_address", "tags")} for each in admin.pages("/api/servers")
    ]
    return servers, admin.get("/api/config").body


@pytest.mark.parametrize("program", EXPECTED)
def test_a_plan_is_applied_once(running: tuple[Process, Client], program: str):
    """What is planned is applied, each thing left out has a line, and a second import plans nothing."""
    process, admin = running
    before, file = kept(admin), str(FILES[program])
    added, left_out = EXPECTED[program]
    planned = ask(process, "import", program, file)
    assert (2, "") == (planned.returncode, planned.stderr)
    assert [] == [line for line in added + left_out if f"\n{line}" not in f"\n{planned.stdout}"]
    assert "hidden-from-output" not in planned.stdout
    assert before == kept(admin)
    applied = ask(process, "import", program, file, "--apply")
    assert (0, planned.stdout, "") == (applied.returncode, applied.stdout, applied.stderr)
    after = kept(admin)
    assert before != after
    again = ask(process, "import", program, file, "--apply", "--json")
    assert (0, []) == (again.returncode, json.loads(again.stdout)["changes"])
    assert after == kept(admin)


def test_what_is_stored(running: tuple[Process, Client]):
    """Follows the imports above: entries as a file has them, which others have not changed."""
    process, admin = running
    for program, file in FILES.items():
        assert ask(process, "import", program, str(file), "--apply").returncode == 0
    checks = {each["name"]: each for each in admin.pages("/api/checks")}
    shop, login, page = checks["Shop"], checks["Login page"], checks["Web 1: Front page"]
    assert ("http", "https://shop.example.com/", 60, 48, 3) == tuple(
        shop[name] for name in ("kind", "target", "interval", "timeout", "attempts")
    )
    assert (5, "200-299") == (shop["request"]["redirects"], shop["expect"]["statuses"])
    assert ("200,401", "Sign in", 60) == (login["expect"]["statuses"], login["expect"]["text"], login["timeout"])
    assert ("[2001:db8::7]:22", "example.com@1.1.1.1:53") == (checks["SSH"]["target"], checks["Zone"]["target"])
    assert (300, 15, 3, "Welcome") == (page["interval"], page["timeout"], page["attempts"], page["expect"]["pattern"])
    backup = next(each for each in admin.pages("/api/check-ins") if each["name"] == "Database backup")
    assert ("0 2 * * *", "Asia/Shanghai", 1800) == (backup["schedule"], backup["timezone"], backup["grace"])
    [web] = [each for each in admin.pages("/api/servers") if each["ip_address"] == "192.0.2.21"]
    assert ("Web 1", ["Web servers", "rack:7"]) == (web["server_name"], sorted(web["tags"]))
    assert web["id"] == page["server_id"]
    policies = [each for each in admin.pages("/api/alert-policies") if each["sustained_for"] == 600]
    assert [("cpu", 80)] == [(each["metric"], each["warning"]) for each in policies]


def test_changes_of_people_stay(running: tuple[Process, Client]):
    """What has the name of an imported thing is not changed by an import."""
    process, admin = running
    file = "check_ins:\n  Queue worker: {period: 7200, grace: 60}\n"
    assert ask(process, "apply", "-", stdin=file).returncode == 0
    assert ask(process, "import", "healthchecks", str(FILES["healthchecks"]), "--apply").returncode == 0
    periods = {each["name"]: each["period"] for each in admin.pages("/api/check-ins")}
    assert (7200, None) == (periods["Queue worker"], periods["Database backup"])


@pytest.mark.parametrize("program", EXPECTED)
@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "null", "[" * 100_000, "<a/>", "a: &x 1\nb: *x", '{"a": 1', "\x00"]
)
def test_a_hostile_file_changes_nothing(running: tuple[Process, Client], program: str, content: str):
    process, admin = running
    before = kept(admin)
    done = ask(process, "import", program, "-", "--apply", stdin=content)
    assert (1, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith("monitor: ")
    assert before == kept(admin)


def test_a_missing_file_is_no_difference(running: tuple[Process, Client]):
    """Nor is a missing setting."""
    process, _ = running
    assert ask(process, "import", "kuma", "nowhere.json").returncode == 1
    done = call(process.home, "import", "kuma", str(FILES["kuma"]), settings={"MONITOR_URL": process.origin})
    assert done.returncode == 1


def test_the_commands_of_the_document(running: tuple[Process, Client]):
    process, _ = running
    for file in FILES.values():
        shutil.copy(file, process.home)
    codes = [ask(process, *command.removeprefix("monitor ").split()).returncode for command in COMMANDS]
    assert len(codes) == 5
    assert {0, 2} >= set(codes)
