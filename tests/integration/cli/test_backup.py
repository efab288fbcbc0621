"""`monitor backup` and `monitor restore` (docs/backup.md), beside a server that runs, killed, and without room."""

import os
import re
import subprocess
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from monitor.adapters.backup_runs import BackupProcesses
from monitor.adapters.persistence.backup.backup_file import BackupReader, Header
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from tests.integration.cli.client import Client
from tests.integration.cli.running import COMMAND, Process, call, environment, run, server, wait_for
from tests.integration.faults.senders import sending
from tests.integration.mariadb import MariaDb
from tests.integration.persistence.backup.scene import NOW, stored

SECRET = "https://hooks.example.org/secret-of-the-channel"


def header_of(path: Path) -> Header:
    with path.open("rb") as file:
        return BackupReader(file).header


def settings(home: Path, url: str = "") -> dict[str, str]:
    return {"MONITOR_DATA_DIR": str(home / "data")} | ({"DATABASE_URL": url} if url else {})


def fire(running: Process, admin: Client) -> None:
    """Let a host have an alert: what the senders report is of the past."""
    web = admin.post("/api/servers", {"server_name": "web", "ip_address": "192.0.2.1"}).data["id"]
    policy = {"metric": "cpu", "warning": 70, "scope": {"server_id": web}, "sustained_for": 0}
    assert admin.post("/api/alert-policies", policy).status == 200
    with running.client(admin.post("/api/api-keys", {"name": "web", "server_id": web}).data["key"]) as agent:
        sample = {"metrics": {"cpu_value": 81.5, "memory_value": 2, "disk_value": 3}}
        assert agent.post("/api/monitor/data", sample).status == 200
    wait_for(lambda: admin.get("/api/alerts?state=firing").data, "the alert")


@pytest.mark.parametrize("kinds", ["sqlite to mariadb", "mariadb to sqlite"])
def test_a_backup_under_load_is_restored_on_the_other_kind(tmp_path: Path, mariadb: MariaDb, kinds: str):
    """History, users, alerts and audit are equal row by row, and the server goes on with them."""
    at_server = mariadb.url(mariadb.create_database())
    urls = ["", at_server] if kinds.startswith("sqlite") else [at_server, ""]
    home, other = tmp_path / "one", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    with server(home, urls[0]) as running, running.admin() as admin:
        hook = {"name": "hook", "kind": "webhook", "settings": {"url": SECRET}, "least_level": "warning"}
        assert admin.post("/api/channels", hook).status < 300
        fire(running, admin)
        with sending(running, requests=4000) as senders:
            senders.wait_for_more(300)
            before = senders.acknowledged
            taken = run(home, "backup", "a.backup", settings=settings(home, urls[0]))
            after = senders.acknowledged
            senders.wait_for_more(50)
        assert 0 == taken.returncode, taken.stderr
        assert re.search(r"a\.backup: [\d,]+ rows, \d+\.\d MB, read back and equal$", taken.stdout.strip())
        assert "rows compared in" in taken.stderr
        assert after > before
        assert running.is_running
    restored = run(other, "restore", str(home / "a.backup"), settings=settings(other, urls[1]))
    assert 0 == restored.returncode, restored.stderr
    assert re.fullmatch(
        r"9 servers, 1 users, last sample (\d{4}-\d\d-\d\d )?\d\d:\d\d", restored.stdout.splitlines()[-1]
    )
    there = stored(urls[1] or f"sqlite:///{other}/data/monitor.db")
    with (home / "a.backup").open("rb") as file:
        reader = BackupReader(file)
        rows: dict[str, list[dict[str, object]]] = {table.name: [] for table in reader.header.tables}
        for table, block in reader.blocks():
            rows[table.name] += [dict(sorted(zip(table.columns, row, strict=True))) for row in block]
    assert rows["alerts"]
    there["audit_log"] = [row for row in there["audit_log"] if row["action"] != "backup.restore"]
    assert {name: sorted(found, key=repr) for name, found in rows.items()} == there
    with server(other, urls[1]) as again, again.admin() as admin:
        [channel] = admin.get("/api/channels").data
        assert "hook" == channel["name"]
        assert "MONITOR_SECRETS_KEY" not in again.said
        [entry] = admin.get("/api/audit?action=backup.restore").data
        assert str(home / "a.backup") == entry["target"]


def prepared(home: Path, *simulated: str) -> dict[str, str]:
    """Return the settings of a database with an account, and a simulated fleet if *simulated* says how large."""
    home.mkdir(exist_ok=True)
    chosen = settings(home)
    done = run(home, "db", "upgrade", settings=chosen)
    assert 0 == done.returncode, done.stderr
    if simulated:
        done = run(home, "simulate", *simulated, settings=chosen)
        assert 0 == done.returncode, done.stderr
    return chosen


def test_a_backup_has_all_secrets_or_no_keys(tmp_path: Path):
    home = prepared(tmp_path)
    assert 0 == run(tmp_path, "user", "create", "ann", settings=home).returncode
    assert 0 == call(tmp_path, "backup", "with.backup", settings=home).returncode
    assert 0 == call(tmp_path, "backup", "without.backup", "--without-secrets", settings=home).returncode
    keys = {name: (tmp_path / "data" / name).read_text() for name in ("jwt-secret", "secrets-key")}
    found = [header_of(tmp_path / name).keys for name in ("with.backup", "without.backup")]
    assert [keys, {}] == found
    there = tmp_path / "there"
    restored = call(tmp_path, "restore", "with.backup", settings=settings(there))
    assert "0 servers, 1 users, last sample none" == restored.stdout.splitlines()[-1]
    assert keys == {name: (there / "data" / name).read_text() for name in keys}
    assert [0o600] * 3 == [path.stat().st_mode & 0o777 for path in (there / "data").iterdir()]
    elsewhere = tmp_path / "elsewhere"
    restored = call(tmp_path, "restore", "without.backup", settings=settings(elsewhere))
    assert (0, True) == (restored.returncode, "has no keys" in restored.stderr)
    assert ["monitor.db"] == [path.name for path in (elsewhere / "data").iterdir()]


def test_another_key_is_refused_before_anything_is_changed(tmp_path: Path):
    home = prepared(tmp_path)
    assert 0 == run(tmp_path, "user", "create", "ann", settings=home).returncode
    assert 0 == call(tmp_path, "backup", "a.backup", settings=home).returncode
    there = tmp_path / "there"
    key = (tmp_path / "data" / "secrets-key").read_text()
    other = b64encode(bytes(range(32))).decode()
    refused = call(tmp_path, "restore", "a.backup", settings=settings(there) | {"MONITOR_SECRETS_KEY": other})
    assert (1, 1) == (refused.returncode, refused.stderr.count("\n"))
    assert "MONITOR_SECRETS_KEY" in refused.stderr
    assert not (there / "data").exists()
    both = settings(there) | {"MONITOR_SECRETS_KEY": f"{other},{key}"}
    assert 0 == call(tmp_path, "restore", "a.backup", settings=both).returncode
    assert not (there / "data" / "secrets-key").exists()


@pytest.mark.parametrize("file", ["missing.backup", "a.txt", "missing/a.backup"])
def test_what_is_no_backup_is_refused_in_one_line(tmp_path: Path, file: str):
    (tmp_path / "a.txt").write_text("hello")
    refused = call(tmp_path, "restore", file, settings=settings(tmp_path))
    assert (1, 1) == (refused.returncode, refused.stderr.count("\n"))
    assert not (tmp_path / "data").exists()


FLEET = ("--servers", "3", "--days", "1")


@pytest.mark.nightly(each=True)
def test_killed_backups_leave_nothing_that_looks_good(tmp_path: Path):
    home = prepared(tmp_path, *FLEET)
    for enough in (1, 20_000, 100_000):
        part = tmp_path / "a.backup.part"
        part.unlink(missing_ok=True)
        child = subprocess.Popen((*COMMAND, "backup", "a.backup"), env=environment(tmp_path, **home), cwd=tmp_path)
        wait_for(lambda: part.exists() and part.stat().st_size >= enough, "the file")  # noqa: B023 (called at once)
        child.kill()
        child.wait()
        assert not (tmp_path / "a.backup").exists()
        assert part.exists()
        assert 1 == call(tmp_path, "restore", "a.backup.part", settings=settings(tmp_path / "there")).returncode
    assert 0 == call(tmp_path, "backup", "a.backup", settings=home).returncode
    assert not part.exists()


def test_without_room_there_is_no_file(tmp_path: Path):
    """As on a full disk, no file grows beyond a limit; a backup of before stays."""
    home = prepared(tmp_path, *FLEET)
    assert 0 == call(tmp_path, "backup", "a.backup", settings=home).returncode
    before = (tmp_path / "a.backup").read_bytes()
    assert len(before) > 120_000
    limited = ("/bin/sh", "-c", 'ulimit -f 200 && exec "$@"', "sh", *COMMAND)
    for name in ("a.backup", "b.backup"):
        refused = run(tmp_path, "backup", name, command=limited, settings=home)
        assert (1, "File too large") == (refused.returncode, refused.stderr.strip().rpartition(": ")[2])
    assert before == (tmp_path / "a.backup").read_bytes()
    assert [tmp_path / "a.backup"] == [*tmp_path.glob("*.backup*")]
    there = settings(tmp_path / "there")
    refused = run(tmp_path, "restore", "a.backup", command=limited, settings=there)
    assert (1, False) == (refused.returncode, (tmp_path / "there" / "data" / "monitor.db").exists()), refused.stderr
    assert not [*(tmp_path / "there" / "data").iterdir()]


def tables_in(url: str) -> int:
    with create_migration_engine(url).connect() as connection:
        return len(inspect(connection).get_table_names())


def rows_in(url: str, table: str) -> int:
    """None without the table, which a restore that begins anew removes at any moment."""
    with create_migration_engine(url).connect() as connection, suppress(ProgrammingError):
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 (of this test)
    return 0


STAGES: dict[str, Callable[[str], bool]] = {
    "noted": lambda url: version_of(url) is SchemaVersion.PART,
    "migrating": lambda url: tables_in(url) > 30,
    "filling": lambda url: rows_in(url, "monitor_data") > 0,
}


@pytest.mark.nightly(each=True)
def test_killed_restores_into_mariadb_begin_anew(tmp_path: Path, mariadb: MariaDb):
    """No server starts on a part, and no command takes it for a whole."""
    home = prepared(tmp_path, *FLEET)
    assert 0 == call(tmp_path, "backup", "a.backup", settings=home).returncode
    url = mariadb.url(mariadb.create_database())
    there = settings(tmp_path / "there", url)
    for stage, is_reached in STAGES.items():
        child = subprocess.Popen((*COMMAND, "restore", "a.backup"), env=environment(tmp_path, **there), cwd=tmp_path)
        wait_for(lambda: is_reached(url), stage)  # noqa: B023 (called at once)
        child.kill()
        child.wait()
        for command in (("db", "upgrade"), ("db", "history"), ("serve", "--migrate"), ("backup", "b.backup")):
            refused = run(tmp_path, *command, settings=there)
            assert refused.returncode, (stage, command)
            assert "restore" in refused.stderr.splitlines()[-1], (stage, command, refused.stderr)
    restored = run(tmp_path, "restore", "a.backup", settings=there)
    assert 0 == restored.returncode, restored.stderr
    assert "3 servers" in restored.stdout
    assert 0 == run(tmp_path, "db", "check", settings=there).returncode


@pytest.mark.nightly(each=True)
def test_a_killed_restore_into_sqlite_leaves_no_database(tmp_path: Path):
    home = prepared(tmp_path, *FLEET)
    assert 0 == call(tmp_path, "backup", "a.backup", settings=home).returncode
    there = settings(tmp_path / "there")
    part = tmp_path / "there" / "data" / "monitor.db.part"
    for enough in (1, 800_000):
        child = subprocess.Popen((*COMMAND, "restore", "a.backup"), env=environment(tmp_path, **there), cwd=tmp_path)
        wait_for(lambda: part.exists() and part.stat().st_size >= enough, "the file")  # noqa: B023 (called at once)
        child.kill()
        child.wait()
        assert not part.with_suffix("").exists()
    restored = run(tmp_path, "restore", "a.backup", settings=there)
    assert 0 == restored.returncode, restored.stderr
    assert {"monitor.db", "jwt-secret", "secrets-key"} >= {path.name for path in part.parent.iterdir()}


def test_so_many_scheduled_backups_are_kept(tmp_path: Path):
    runs, names = BackupProcesses(tmp_path, tmp_path), []
    for day in range(1, 15):
        names.append(f"monitor-2026-12-{day:02}-020000.backup")
        (tmp_path / names[-1]).touch()
        runs.keep(7)
        assert names[-7:] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.nightly(each=True)
def test_scheduled_backups_are_kept_and_their_failures_said(tmp_path: Path):
    home, directory = prepared(tmp_path), tmp_path / "backups"
    os.environ.pop("DATABASE_URL", None)
    runs = BackupProcesses(directory, tmp_path / "data")

    def take(now: datetime) -> str | None:
        runs.begin(now)
        wait_for(lambda: runs.result() is not None, "the backup")
        return runs.result()

    assert ["", ""] == [take(NOW + timedelta(days=day)) for day in range(2)]
    other = directory / "other.backup"
    other.touch()
    (directory / "monitor-2026-11-30-020000.backup.part").touch()
    assert "" == take(NOW + timedelta(days=2))
    runs.keep(2)
    names = ["monitor-2026-12-02-020000.backup", "monitor-2026-12-03-020000.backup", "other.backup"]
    assert names == sorted(path.name for path in directory.iterdir())
    assert 0 == call(tmp_path, "restore", str(directory / names[1]), settings=settings(tmp_path / "there")).returncode
    with create_migration_engine(f"sqlite:///{home['MONITOR_DATA_DIR']}/monitor.db").connect() as connection:
        taken = connection.execute(text("SELECT username, target FROM audit_log WHERE action = 'backup.create'")).all()
    assert [("schedule", str(directory / names[1]))] == [tuple(row) for row in taken[-1:]]
    ahead = [directory / f"monitor-2030-01-0{day}-020000.backup" for day in (1, 2, 3)]
    for file in ahead:  # of a clock that was wrong
        file.touch()
    with open(directory / "monitor-2026-12-09-020000.backup.part", "w") as draft:
        flock(draft, LOCK_EX)  # of another installation, which writes it now
        assert "" == take(NOW + timedelta(days=3))
        assert Path(draft.name).exists()
    runs.keep(2)
    names = ["monitor-2026-12-03-020000.backup", "monitor-2026-12-04-020000.backup"]
    assert names == sorted(path.name for path in directory.glob("monitor-*.backup"))
    failing = BackupProcesses(tmp_path / "data" / "monitor.db" / "no-directory", tmp_path / "data")
    failing.begin(NOW)
    assert "Not a directory" in (failing.result() or "")
    empty = BackupProcesses(directory, tmp_path / "nothing")
    empty.begin(NOW)
    wait_for(lambda: empty.result() is not None, "the failure")
    assert "the database is empty" == empty.result()
    runs.begin(NOW)
    runs.stop()
    assert runs.result()
