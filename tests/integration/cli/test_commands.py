"""Administration from the command line, beside a running server."""

import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pyotp
import pytest

import monitor
from monitor.adapters.agent.install.bundle import install_command
from tests.integration.cli.client import Client
from tests.integration.cli.running import COMMAND, PASSWORD, Process, call, environment, run, server, wait_for

CHECKOUT = Path(monitor.__file__).parents[2]
SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with server(tmp_path_factory.mktemp("server")) as process:
        yield process


def beside(running: Process, *arguments: str, stdin: str = "") -> str:
    """Run a command on the server's data; return its output."""
    done = call(running.home, *arguments, stdin=stdin, settings={"MONITOR_DATA_DIR": str(running.data)})
    assert 0 == done.returncode, done.stderr
    return done.stdout


def started(arguments: tuple[str, ...]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Where a process begins, the agent goes another way than the other commands."""
    return run if arguments[:1] == ("agent",) else call


def can_log_in(running: Process, username: str, password: str) -> bool:
    with running.client() as client:
        return client.post("/api/auth/login", {"username": username, "password": password}).status == 200


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ((), ["monitor up", "serve", "agent", "db", "user", "key", "environment", "silence", "MONITOR_URL"]),
        (("up",), ["admin123", "--data-dir", "MONITOR_PORT", "--host"]),
        (("serve",), ["--migrate", "MONITOR_ADMIN_PASSWORD", "--data-dir"]),
        (("agent",), ["API_URL", "API_KEY", "INTERVAL", "AGENT_SPOOL", "AGENT_IP", "--print-payload"]),
        (("db",), ["upgrade", "downgrade", "history", "revision", "check"]),
        (("db", "upgrade"), ["REVISION", "--expand", "--contract"]),
        (("db", "downgrade"), ["REVISION", "base", "db history", "--yes"]),
        (("user",), ["create", "reset-password", "reset-factors"]),
        (("user", "create"), ["USERNAME", "--admin", "--email", "--password-stdin", "--permanent"]),
        (("key",), ["create", "revoke"]),
        (("key", "create"), ["NAME", "--server", "--owner", "fleet"]),
        (("key", "revoke"), ["KEY_ID"]),
        (("silence",), ["SERVER", "--for", "2h", "--reason", "--json", "MONITOR_PLAIN_HTTP"]),
        (("api",), ["METHOD", "PATH", "--data", "--pages"]),
    ],
)
def test_help_says_what_a_newcomer_needs(tmp_path: Path, arguments: tuple[str, ...], mentions: list[str]):
    done = started(arguments)(tmp_path, *arguments, "--help")
    assert (0, "") == (done.returncode, done.stderr)
    assert [] == [word for word in mentions if word not in done.stdout]


@pytest.mark.parametrize(
    "arguments", [("fly",), ("db", "fly"), ("user",), ("serve", "--fly"), ("key", "revoke", "all"), ("agent", "--fly")]
)
def test_a_wrong_command_line_ends_with_2(tmp_path: Path, arguments: tuple[str, ...]):
    done = started(arguments)(tmp_path, *arguments)
    assert (2, "") == (done.returncode, done.stdout)
    assert "Traceback" not in done.stderr


def test_version(tmp_path: Path):
    assert run(tmp_path, "--version").stdout.startswith("monitor, version ")


def test_schema_up_and_down(tmp_path: Path, sqlite_url: str):
    settings = {"DATABASE_URL": sqlite_url}
    for arguments, code in (
        (("check",), 1),
        (("upgrade",), 0),
        (("check",), 0),
        (("downgrade", "-1"), 0),
        (("upgrade", "nowhere"), 1),
    ):
        done = call(tmp_path, "db", *arguments, settings=settings)
        assert code == done.returncode, f"{arguments}: {done.stdout}{done.stderr}"
        said = done.stdout + done.stderr
        assert (1 if arguments[0] != "downgrade" else 3) == said.count("\n"), said  # it says first what is lost


def test_a_new_revision(tmp_path: Path):
    """It is written beside the others, here in a copy of the source."""
    for part in ("src/monitor", "alembic"):
        shutil.copytree(CHECKOUT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "static"))
    settings = {"PYTHONPATH": str(tmp_path / "src"), "MONITOR_DATA_DIR": str(tmp_path / "data")}
    before = set((tmp_path / "alembic" / "versions").iterdir())
    assert 0 == run(tmp_path, "db", "upgrade", settings=settings).returncode
    done = run(tmp_path, "db", "revision", "-m", "add a thing", settings=settings)
    assert 0 == done.returncode, done.stderr
    written = Path(done.stdout.strip())
    assert {written} == set((tmp_path / "alembic" / "versions").glob("*.py")) - before
    assert written.name == f"{len(before) + 1:04d}_add_a_thing.py"
    assert 0 == run(tmp_path, "db", "upgrade", settings=settings).returncode


def test_commands_refuse_an_old_schema(tmp_path: Path):
    done = run(tmp_path, "user", "create", "ann", settings={"MONITOR_DATA_DIR": str(tmp_path / "data")})
    assert (2, 1) == (done.returncode, done.stderr.count("\n"))
    assert "monitor db upgrade" in done.stderr


def test_create_a_user(running: Process):
    """The password comes from standard input or is random."""
    said = beside(
        running, "user", "create", "ann", "--email", "ann@example.com", "--password-stdin", stdin=PASSWORD + "\n"
    )
    assert "created ann (user)\n" == said
    assert can_log_in(running, "ann", PASSWORD)
    said = beside(running, "user", "create", "root", "--admin")
    assert said.startswith("created root (admin) with the password ")
    assert can_log_in(running, "root", said.split()[-1])


def test_reset_a_password(running: Process):
    """It ends all sessions of the user."""
    beside(running, "user", "create", "bob", "--password-stdin", stdin=PASSWORD)
    with running.client() as client:
        client.log_in("bob", PASSWORD)
        said = beside(running, "user", "reset-password", "bob")
        assert said.startswith("bob has a new password: ")
        assert 401 == client.get("/api/auth/me").status
    assert can_log_in(running, "bob", said.split()[-1])


def test_reset_second_factors(running: Process):
    """For an administrator who lost the authenticator, and whom no other can help."""
    beside(running, "user", "create", "gina", "--permanent", "--password-stdin", stdin=PASSWORD)
    with running.client() as client:
        client.log_in("gina", PASSWORD)
        secret = client.post("/api/auth/totp", {"password": PASSWORD}).data["secret"]
        code = pyotp.TOTP(secret).now()
        assert 200 == client.put("/api/auth/totp", {"code": code}).status
        assert not can_log_in(running, "gina", PASSWORD)
        assert beside(running, "user", "reset-factors", "gina") == "gina logs in without a second factor\n"
        assert 401 == client.get("/api/auth/me").status
    assert can_log_in(running, "gina", PASSWORD)


def test_a_password_is_to_be_changed_unless_it_is_permanent(running: Process):
    for name, options, must_change in (("frank", (), True), ("script", ("--permanent",), False)):
        beside(running, "user", "create", name, *options, "--password-stdin", stdin=PASSWORD)
        assert must_change is must_change_password(running, name)
        beside(running, "user", "reset-password", name, *options, "--password-stdin", stdin=PASSWORD)
        assert must_change is must_change_password(running, name)


def must_change_password(running: Process, name: str) -> bool:
    with running.client() as client:
        client.log_in(name, PASSWORD)
        return client.get("/api/auth/me").data["must_change_password"] is True


def test_reset_the_password_of_a_user_inserted_by_hand(running: Process):
    with closing(sqlite3.connect(next(running.data.glob("*.db")))) as database, database:
        database.execute("INSERT INTO users (username, password) VALUES ('Dave', 'what the seed wrote')")
    said = beside(running, "user", "reset-password", "dave")
    assert can_log_in(running, "dave", said.split()[-1])


def test_a_terminal_is_asked_for_the_password(running: Process):
    """It is asked twice and not shown."""
    ours, theirs = pty.openpty()
    settings = environment(running.home, MONITOR_DATA_DIR=str(running.data))
    command = (*COMMAND, "user", "create", "carol")
    with subprocess.Popen(
        command, env=settings, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as asked:
        os.close(theirs)
        shown = b""
        for prompt in (b"New password: ", b"Repeat for confirmation: "):
            while prompt not in shown:
                shown += os.read(ours, 1000)
            os.write(ours, PASSWORD.encode() + b"\n")
        while b"created carol (user)" not in shown:
            shown += os.read(ours, 1000)
        assert 0 == asked.wait(30)
    os.close(ours)
    assert PASSWORD.encode() not in shown
    assert can_log_in(running, "carol", PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "stdin", "why"),
    [
        (("user", "create", "dave", "--password-stdin"), "short", "password at least 8 characters"),
        (("user", "create", "admin", "--password-stdin"), PASSWORD, "This user name is already taken"),
        (("user", "create", "erin", "--email", "nobody"), "", "email not a valid e-mail address"),
        (("user", "create", "erin", "--admin", "--password-stdin"), "password123", "too common"),
        (("user", "reset-password", "nobody"), "", "there is no user 'nobody'"),
        (("user", "reset-factors", "nobody"), "", "there is no user 'nobody'"),
        (("key", "create", "k", "--server", "10.9.9.9"), "", "no server has the address 10.9.9.9"),
        (("key", "create", "k", "--server", "home"), "", "not a valid IP address"),
        (("key", "create", "k", "--owner", "nobody"), "", "there is no user 'nobody'"),
        (("key", "revoke", "999"), "", "there is no key with the id 999"),
    ],
)
def test_a_refusal_is_one_line(running: Process, arguments: tuple[str, ...], stdin: str, why: str):
    done = call(running.home, *arguments, stdin=stdin, settings={"MONITOR_DATA_DIR": str(running.data)})
    assert (1, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
    assert why in done.stderr


def test_keys(running: Process):
    """Keys of one server and of the fleet work and end within a second."""
    with running.admin() as admin:
        admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.1"})
    for arguments, address in ((("--server", "10.0.0.1"), {}), ((), {"ip_address": "10.0.0.1"})):
        done = run(running.home, "key", "create", "agent", *arguments, settings={"MONITOR_DATA_DIR": str(running.data)})
        key, number = done.stdout.strip(), done.stderr.split("`")[1].split()[-1]
        with running.client(key) as agent:
            wait_for_status(agent, {**SAMPLE, **address}, 200)
            assert "revoked\n" == beside(running, "key", "revoke", number)
            wait_for_status(agent, {**SAMPLE, **address}, 401)


def test_a_new_key_comes_with_the_line_that_installs_the_agent(running: Process):
    settings = {"MONITOR_DATA_DIR": str(running.data), "MONITOR_BASE_URL": "https://monitor.example.com"}
    done = call(running.home, "key", "create", "agent", settings=settings)
    assert (0, 1) == (done.returncode, done.stdout.count("\n"))
    assert done.stderr.splitlines()[-1] == install_command("https://monitor.example.com")
    assert done.stdout.strip() not in done.stderr


def wait_for_status(agent: Client, body: dict[str, object], status: int) -> None:
    wait_for(lambda: agent.post("/api/monitor/data", body).status == status, f"a {status}", deadline=3)


def test_print_payload(tmp_path: Path):
    """It needs neither a key nor a server."""
    done = run(tmp_path, "agent", "--print-payload")
    assert (0, "") == (done.returncode, done.stderr)
    assert {"cpu_value", "memory_value", "disk_value", "extra"} == json.loads(done.stdout)["metrics"].keys()


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (("db", "upgrade"), ("monitor.container", "dependency_injector", "jwt", "http.server", "litestar")),
        (("history", "status"), ("alembic", "mako", "litestar")),
    ],
)
def test_a_command_loads_only_what_it_needs(tmp_path: Path, arguments: tuple[str, ...], unwanted: tuple[str, ...]):
    """Each start runs the first in a child, whose memory comes on top of the server's."""
    code = (
        f"import atexit, sys; sys.argv[1:] = {list(arguments)}\n"
        f"atexit.register(lambda: print([name for name in {unwanted} if name in sys.modules], file=sys.stderr))\n"
        "from monitor.cli import main; main()"
    )
    call(tmp_path, "db", "upgrade")
    done = run(tmp_path, command=(sys.executable, "-c", code))
    assert (0, "[]") == (done.returncode, done.stderr.splitlines()[-1])


def test_the_agent_loads_no_module_of_the_server(tmp_path: Path):
    """It runs on every host and must stay small."""
    code = (
        "import atexit, sys; sys.argv[1:] = ['agent', '--print-payload']\n"
        "heavy = ('litestar', 'sqlalchemy', 'click', 'msgspec', 'structlog', 'monitor.domain', 'monitor.container')\n"
        "atexit.register(lambda: print([name for name in heavy if name in sys.modules], file=sys.stderr))\n"
        "from monitor.cli import main; main()"
    )
    done = run(tmp_path, command=(sys.executable, "-c", code))
    assert (0, "[]\n") == (done.returncode, done.stderr)
