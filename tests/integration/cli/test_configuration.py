"""`monitor config export`, `plan` and `apply`, as docs/configuration-as-code.md shows them."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.running import Process, call, server

TEXT = (Path(__file__).parents[3] / "docs/configuration-as-code.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)[0]
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, str]]:
    with server(tmp_path_factory.mktemp("server")) as process:
        with process.admin() as admin:
            admin.post("/api/servers", {"server_name": "web", "ip_address": "192.0.2.1", "tags": ["web"]})
            token = admin.post("/api/tokens", {"name": "script", "scope": "write"}).data["token"]
        yield process, str(token)


def ask(running: tuple[Process, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    process, token = running
    settings = {"MONITOR_URL": process.origin, "MONITOR_TOKEN": token}
    done = call(process.home, *arguments, stdin=stdin, settings=settings)
    assert token not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def said(running: tuple[Process, str], *arguments: str, stdin: str = "", code: int = 0) -> str:
    done = ask(running, *arguments, stdin=stdin)
    assert (code, "") == (done.returncode, done.stderr)
    return done.stdout


def test_the_commands_of_the_document(running: tuple[Process, str]):
    """An export plans nothing, and applied it changes nothing."""
    file, redirected = running[0].home / "monitor.yaml", 0
    for command in COMMANDS:
        words, _, target = command.removeprefix("monitor ").partition(" > ")
        printed = said(running, *[str(file) if word == file.name else word for word in words.split()])
        if target:
            file.write_text(printed, encoding="utf-8")
            redirected += 1
    assert (redirected, len(COMMANDS)) == (1, 4)
    assert said(running, "config", "export") == file.read_text(encoding="utf-8")


def test_the_file_of_the_document(running: tuple[Process, str]):
    planned = said(running, "plan", "-", stdin=EXAMPLE, code=2)
    assert "+ create check shop\n" in planned
    assert "~ update policy cpu of everything\n    warning: 70 -> 80\n" in planned
    assert "Pages in the last 30 days: 0 now, 0 with this file (+0 -0)" in planned
    revision = planned.split()[-1]
    assert "+ create team web\n" in said(running, "apply", "-", "--revision", revision, stdin=EXAMPLE)
    again = ask(running, "apply", "-", "--revision", revision, stdin=EXAMPLE)
    assert (1, "") == (again.returncode, again.stdout)
    assert "changed since this plan" in again.stderr
    assert said(running, "plan", "-", "--days", "0", stdin=EXAMPLE).startswith("No changes.\n")
    exported = said(running, "config", "export")
    assert said(running, "apply", "-", stdin=exported) == "No changes.\n"
    assert exported == said(running, "config", "export")


def test_a_wrong_file_is_refused_with_its_line(running: tuple[Process, str]):
    for command in ("plan", "apply"):
        done = ask(running, command, "-", stdin="policies:\n  - {metric: cpu, warning: 101}\n")
        assert (1, "") == (done.returncode, done.stdout)
        assert "policies[0].warning (line 2) must be between 0 and 100" in done.stderr


def test_a_wrong_setting_is_no_difference(running: tuple[Process, str]):
    """2 would say that the file changes something."""
    done = call(running[0].home, "plan", "-", stdin="", settings={"MONITOR_URL": running[0].origin})
    assert done.returncode == 1


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_no_difference(running: tuple[Process, str], content: bytes | None):
    file = running[0].home / f"unreadable-{content is None}.yaml"
    if content is not None:
        file.write_bytes(content)
    for command in ("plan", "apply"):
        done = ask(running, command, str(file))
        assert (1, "") == (done.returncode, done.stdout)
        assert str(file) in done.stderr
