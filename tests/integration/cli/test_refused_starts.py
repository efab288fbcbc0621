"""A refused start prints one line that names the wrong variable and shows no secret."""

import socket
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from tests.integration.cli import unprivileged
from tests.integration.cli.running import COMMAND, call, run
from tests.integration.mariadb import MariaDb
from tests.integration.ports import free_port

pytestmark = pytest.mark.nightly

SECRET = "s3cret"
WRONG_SETTING = 2


def refusal(
    home: Path,
    *arguments: str,
    code: int,
    settings: dict[str, str] | None = None,
    command: tuple[str, ...] = COMMAND,
    migrate: bool = True,
) -> str:
    """Return the line that `monitor serve` prints. It is a process of its own unless *command* is empty."""
    defaults = {"MONITOR_PORT": str(free_port()), "MONITOR_DATA_DIR": str(home / "data")}
    migration = ("--migrate",) if migrate else ()
    start = partial(run, command=command) if command else call
    done = start(home, "serve", *migration, *arguments, settings=defaults | (settings or {}))
    assert (code, "") == (done.returncode, done.stdout), done.stderr
    line, end = done.stderr[:-1], done.stderr[-1:]
    assert end == "\n"
    assert "\n" not in line, "more than one line"
    assert line.startswith("monitor: ")
    assert SECRET not in line
    return line.removeprefix("monitor: ")


@pytest.mark.parametrize(
    ("variable", "value", "more"),
    [
        ("DATABASE_URL", f"postgres://monitor:{SECRET}@db/monitor_db", {}),
        ("DATABASE_URL", f"mysql://monitor:{SECRET}@db:port/monitor_db", {}),
        ("DB_PORT", "http", {"DB_HOST": "127.0.0.1", "DB_USER": "monitor", "DB_PASS": SECRET}),
        ("DB_USER", "", {"DB_HOST": "127.0.0.1", "DB_PASS": SECRET}),
        ("JWT_SECRET_KEY", SECRET, {}),
        ("MONITOR_ADMIN_PASSWORD", SECRET, {}),
        ("MONITOR_ADMIN_PASSWORD", "admin123", {}),
        ("MONITOR_BASE_URL", "monitor.example.com", {}),
        ("MONITOR_OFFLINE_AFTER", "90s", {}),
        ("MONITOR_PORT", "80800", {}),
        ("MONITOR_TRUSTED_PROXIES", "10.0.0.1/8", {}),
        ("SMTP_FROM", "nobody", {"SMTP_HOST": "mail.example.com", "SMTP_USER": "me", "SMTP_PASS": SECRET}),
        ("SMTP_PORT", "smtp", {"SMTP_HOST": "mail.example.com"}),
        ("SMTP_SECURITY", "ssl", {"SMTP_HOST": "mail.example.com"}),
    ],
)
def test_wrong_setting(tmp_path: Path, variable: str, value: str, more: dict[str, str]):
    """Each is named, even if the start would not use it yet."""
    line = refusal(tmp_path, code=WRONG_SETTING, settings={variable: value, **more}, command=())
    assert line.startswith(f"{variable}: ")


def test_port_taken(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(tmp_path, "--port", str(port), code=WRONG_SETTING)
    assert line == f"MONITOR_PORT: can't listen on 127.0.0.1:{port}: Address already in use"


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b", "2001:db8::1"])
def test_address_of_another_machine(tmp_path: Path, host: str):
    assert refusal(tmp_path, code=WRONG_SETTING, settings={"MONITOR_HOST": host}).startswith(
        f"MONITOR_HOST: can't listen on {host}:"
    )


def test_privileged_port(tmp_path: Path):
    if (port := unprivileged.privileged_port()) is None:
        return  # nothing to refuse on this system
    line = refusal(tmp_path, code=WRONG_SETTING, command=unprivileged.COMMAND, settings={"MONITOR_PORT": str(port)})
    assert line == f"MONITOR_PORT: can't listen on 127.0.0.1:{port}: Permission denied"


def test_data_directory_that_is_a_file(tmp_path: Path):
    (tmp_path / "data").touch()
    assert refusal(tmp_path, code=WRONG_SETTING) == f"MONITOR_DATA_DIR: can't use {tmp_path / 'data'}: File exists"


def test_data_directory_that_is_not_writable(tmp_path: Path):
    (tmp_path / "data").mkdir(mode=0o500)
    line = refusal(tmp_path, code=WRONG_SETTING, command=unprivileged.COMMAND)
    assert line == f"MONITOR_DATA_DIR: can't use {tmp_path / 'data'}: not writable"


def test_missing_database_server(tmp_path: Path):
    port = str(free_port())
    settings = {"DB_HOST": "127.0.0.1", "DB_PORT": port, "DB_USER": "monitor", "DB_PASS": SECRET}
    line = refusal(tmp_path, code=1, settings=settings)
    assert line.startswith(f"DB_HOST: can't use the database 'monitor_db' at 127.0.0.1:{port} as 'monitor': ")
    assert "Connection refused" in line


def test_missing_database_servers(tmp_path: Path):
    hosts = f"127.0.0.1:{free_port()},localhost:{free_port()}"
    settings = {"DB_HOST": hosts, "DB_USER": "monitor", "DB_PASS": SECRET}
    line = refusal(tmp_path, code=1, settings=settings)
    shown = hosts.replace(",", ", ")
    assert line.startswith(f"DB_HOST: can't use the database 'monitor_db' at {shown} as 'monitor': no host can write (")
    assert 2 == line.count("Connection refused")


def test_wrong_database_password(tmp_path: Path, mariadb: MariaDb):
    url = f"mysql://root:{SECRET}@127.0.0.1:{mariadb.port}/monitor_db"
    line = refusal(tmp_path, code=1, settings={"DATABASE_URL": url})
    assert line.startswith("DATABASE_URL: can't use the database 'monitor_db' at ")
    assert "Access denied for user 'root'" in line


def test_unknown_database(tmp_path: Path, mariadb: MariaDb):
    settings = {"DB_HOST": "127.0.0.1", "DB_PORT": str(mariadb.port), "DB_USER": "root", "DATABASE": "nobody's"}
    line = refusal(tmp_path, code=1, settings=settings)
    assert line.startswith("DB_HOST: can't use the database \"nobody's\" at ")
    assert "Unknown database" in line


def test_old_schema_is_migrated_only_on_request(tmp_path: Path, database_url: str):
    line = refusal(tmp_path, code=WRONG_SETTING, migrate=False, settings={"DATABASE_URL": database_url})
    assert line == "the database's schema is not this version's: run `monitor db upgrade`, or `monitor serve --migrate`"


@pytest.mark.parametrize("migrate", [True, False])
def test_newer_schema(tmp_path: Path, sqlite_url: str, migrate: bool):
    """An older version of monitor was installed again; what it needs is gone."""
    assert run(tmp_path, "db", "upgrade", settings={"DATABASE_URL": sqlite_url}).returncode == 0
    with sqlite3.connect(tmp_path / "monitor.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.execute("UPDATE schema_contract SET revision = '9998'")
    database.close()
    line = refusal(tmp_path, code=1, migrate=migrate, settings={"DATABASE_URL": sqlite_url})
    assert line == "the database's schema is newer than this version of monitor: install the newer one"


@pytest.mark.parametrize("intact", [0, 512], ids=["from the start", "after the header"])
def test_corrupt_sqlite_file(tmp_path: Path, sqlite_url: str, intact: int):
    assert run(tmp_path, "db", "upgrade", settings={"DATABASE_URL": sqlite_url}).returncode == 0
    file = tmp_path / "monitor.db"
    contents = file.read_bytes()
    file.write_bytes(contents[:intact] + b"\xa5" * (len(contents) - intact))
    line = refusal(tmp_path, code=1, settings={"DATABASE_URL": sqlite_url})
    assert line.startswith(f"DATABASE_URL: can't use the database {file}: ")


def test_read_only_sqlite_file(tmp_path: Path):
    assert run(tmp_path, "db", "upgrade", settings={"MONITOR_DATA_DIR": str(tmp_path / "data")}).returncode == 0
    file = tmp_path / "data" / "monitor.db"
    file.chmod(0o400)
    line = refusal(tmp_path, code=1, command=unprivileged.COMMAND)
    assert line.startswith(f"MONITOR_DATA_DIR: can't use the database {file}: ")


@pytest.mark.parametrize("contents", [b"", b"\xff" * 64, b"too short"], ids=["empty", "garbage", "short"])
def test_corrupt_token_secret(tmp_path: Path, contents: bytes):
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "jwt-secret"
    file.write_bytes(contents)
    line = refusal(tmp_path, code=WRONG_SETTING)
    assert line == (
        f"MONITOR_DATA_DIR: {file} does not hold a secret: delete it to get a new one; all users must log in again"
    )
    assert file.read_bytes() == contents


def test_unreadable_token_secret(tmp_path: Path):
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "jwt-secret"
    file.write_text("x" * 64)
    file.chmod(0)
    line = refusal(tmp_path, code=WRONG_SETTING, command=unprivileged.COMMAND)
    assert line == f"MONITOR_DATA_DIR: can't use {file}: Permission denied"
