"""`monitor db upgrade` says what is to come, refuses without room, and copies the database before."""

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from monitor.adapters.backup_runs import BackupProcesses
from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_plans import newest_revision, pending_after
from monitor.adapters.persistence.engine.upgrade_estimates import _WAYS
from scripts.system import SEARCH_PATH, SystemPackage, ensure
from tests.integration.cli.running import COMMAND, call, environment, run, server, wait_for
from tests.integration.mariadb import MariaDb
from tests.integration.next_release import next_release
from tests.integration.persistence.engine.interruptions import MySqlPlace, fill
from tests.integration.persistence.history.test_migrations import insert_server

NEWEST = newest_revision()
CLIENT = '#!/bin/sh\necho "$@" with $MYSQL_PWD\n'
SLOW = "#!/bin/sh\n/usr/bin/head -c 7000000 /dev/zero\n/bin/sleep 1\n"
BROKEN = "#!/bin/sh\necho broken; echo mariadb-dump: Got error 1045 >&2; exit 2\n"


DUMP = SystemPackage(
    what="mariadb-dump, by which MariaDB is copied before an upgrade",
    programs=("mariadb-dump",),
    apt=("mariadb-client",),
    brew="mariadb",
    is_service=True,  # it comes with fifty other programs
)


def old(url: str, revision: str) -> None:
    """Make a database at *revision* with one server."""
    migrations.upgrade(url, revision)
    engine = create_migration_engine(url)
    insert_server(engine, 1)


def copies(directory: Path) -> list[Path]:
    return sorted(directory.glob("before-upgrade*"))


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.removeprefix("monitor: ") for line in done.stderr.splitlines()]


def swell(path: Path) -> None:
    """Make the file of a database larger than its disk: a hole at its end stands for rows."""
    os.truncate(path, shutil.disk_usage(path.parent).free + 10**9)


def test_it_says_what_is_to_come_and_copies_first(tmp_path: Path, sqlite_url: str):
    old(sqlite_url, "0018")
    done = call(tmp_path, "db", "upgrade", settings={"DATABASE_URL": sqlite_url})
    assert (0, "the schema is up to date\n") == (done.returncode, done.stdout)
    first, room, copied, backup, *steps, took = lines(done)
    assert re.fullmatch(rf"schema 0018 to {NEWEST}, steps: \d+, about \d+ s; waiting meanwhile: samples", first)
    assert re.fullmatch(rf"\d+ MB are needed in {tmp_path}, and [\d,]+ MB are free", room)
    assert "MB copied in" in copied
    assert ["0019", NEWEST] == [steps[0][:4], steps[-1][:4]]
    assert re.match(r"0019 +\d+\.\d s  Rename a table", steps[0])
    assert "it took" in took
    [copy] = copies(tmp_path)
    assert (f"backed up into {copy}", 0o600) == (backup, copy.stat().st_mode & 0o777)
    with closing(sqlite3.connect(copy)) as connection:
        assert [("0018",)] == connection.execute("SELECT version_num FROM alembic_version").fetchall()
        assert [("web",)] == connection.execute("SELECT server_name FROM servers").fetchall()
    again = call(tmp_path, "db", "upgrade", settings={"DATABASE_URL": sqlite_url})
    assert ("", "the schema is up to date\n") == (again.stderr, again.stdout)


def test_two_copies_are_kept_and_count_for_no_schedule(tmp_path: Path, sqlite_url: str):
    directory = tmp_path / "backups"
    settings = {"DATABASE_URL": sqlite_url, "MONITOR_BACKUP_DIR": str(directory)}
    old(sqlite_url, "0030")
    directory.mkdir()
    for name in ("0009-2026-01-01-000000", "0001-2026-01-02-000000"):
        (directory / f"before-upgrade-{name}.db").touch()
    (directory / "before-upgrade.part").write_text("of one that was killed")
    scheduled = directory / "monitor-2026-12-01-020000.backup"
    scheduled.touch()
    assert 0 == call(tmp_path, "db", "upgrade", "0031", settings=settings).returncode
    BackupProcesses(directory, tmp_path).keep(1)
    assert ["before-upgrade-0001-2026-01-02-000000.db"] == [path.name for path in copies(directory)][:1]
    assert 2 == len(copies(directory))
    assert scheduled.exists()
    assert 0 == call(tmp_path, "db", "upgrade", "--no-backup", settings=settings).returncode
    assert 2 == len(copies(directory))


@pytest.mark.parametrize("options", [(), ("--expand",), ("--beside",), ("--no-backup",)])
def test_without_room_nothing_is_changed(tmp_path: Path, sqlite_url: str, options: tuple[str, ...]):
    old(sqlite_url, "0034")
    settings = {"DATABASE_URL": sqlite_url}
    swell(tmp_path / "monitor.db")
    done = call(tmp_path, "db", "upgrade", *options, settings=settings)
    if options == ("--no-backup",):
        assert 0 == done.returncode, done.stderr
        return
    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(
        r"no room for the upgrade, so nothing was changed: .* MB are needed in .* MB are free", lines(done)[-1]
    )
    assert ("0034", []) == (migrations.present_revision(sqlite_url), copies(tmp_path))


@pytest.mark.parametrize("revision", ["0036", "0034"])
def test_a_start_copies_before_what_rewrites_or_removes(tmp_path: Path, sqlite_url: str, revision: str):
    old(sqlite_url, revision)
    done = call(tmp_path, "db", "upgrade", "--beside", settings={"DATABASE_URL": sqlite_url})
    assert 0 == done.returncode, done.stderr
    assert (revision == "0034") == bool(copies(tmp_path))


def test_a_copy_that_fails_changes_nothing(tmp_path: Path, sqlite_url: str):
    """As on a full disk, no file grows beyond a limit."""
    old(sqlite_url, "0034")
    limited = ("/bin/sh", "-c", 'ulimit -f 200 && exec "$@"', "sh", *COMMAND)
    done = run(tmp_path, "db", "upgrade", command=limited, settings={"DATABASE_URL": sqlite_url})
    assert (1, "") == (done.returncode, done.stdout)
    assert "the database can't be copied: " in lines(done)[-1]
    assert ("0034", []) == (migrations.present_revision(sqlite_url), copies(tmp_path))


def test_a_revision_that_does_not_exist_changes_nothing(tmp_path: Path, sqlite_url: str):
    old(sqlite_url, "0034")
    done = call(tmp_path, "db", "upgrade", "0099", settings={"DATABASE_URL": sqlite_url})
    assert (1, ["there is no revision '0099': see `monitor db history`"]) == (done.returncode, lines(done))


def test_on_mysql_its_own_client_backs_up(tmp_path: Path, mariadb_url: str):
    old(mariadb_url, "0034")
    programs = tmp_path / "programs"
    programs.mkdir()
    settings = {"DATABASE_URL": mariadb_url, "MONITOR_DATA_DIR": str(tmp_path / "data"), "PATH": str(programs)}

    def refusal() -> str:
        done = run(tmp_path, "db", "upgrade", settings=settings)
        assert (1, "", "0034") == (done.returncode, done.stdout, migrations.present_revision(mariadb_url))
        return lines(done)[-1]

    assert "no backup can be made, since there is no mariadb-dump here: install it, or give --no-backup" == refusal()
    (client := programs / "mariadb-dump").write_text(BROKEN)
    client.chmod(0o755)
    assert "mariadb-dump: Got error 1045" == refusal()
    assert [] == copies(tmp_path / "data")
    client.write_text(CLIENT)
    done = run(tmp_path, "db", "upgrade", settings=settings)
    assert (0, "the schema is up to date\n") == (done.returncode, done.stdout), done.stderr
    assert "waiting meanwhile: nothing" in lines(done)[0]
    [copy] = copies(tmp_path / "data")
    assert re.search(r"--host=127\.0\.0\.1 .*--single-transaction .* with$", copy.read_text().strip())
    assert 0o600 == copy.stat().st_mode & 0o777


def test_a_dump_that_takes_long_shows_how_far_it_is(tmp_path: Path, mariadb_url: str):
    old(mariadb_url, "0034")
    (tmp_path / "mariadb-dump").write_text(SLOW)
    (tmp_path / "mariadb-dump").chmod(0o755)
    settings = {"DATABASE_URL": mariadb_url, "MONITOR_DATA_DIR": str(tmp_path / "data"), "PATH": str(tmp_path)}
    done = run(tmp_path, "db", "upgrade", settings=settings)
    assert 0 == done.returncode, done.stderr
    assert any(re.fullmatch(r" *\d+\.\d %  \d MB copied .* left", line) for line in lines(done)), done.stderr
    assert any(re.match(r"7 MB copied in \d+ s", line) for line in lines(done)), done.stderr


def test_the_copy_of_mariadb_is_read_back_by_its_own_client(tmp_path: Path, mariadb: MariaDb):
    """As docs/upgrade.md says: `mariadb DATABASE < FILE`."""
    ensure([DUMP])
    first, second = (MySqlPlace(mariadb.url(mariadb.create_database())) for _ in range(2))
    migrations.upgrade(first.url, "0034")
    with create_migration_engine(first.url).begin() as connection:
        fill(connection, "0034")
        connection.execute(text("UPDATE servers SET server_name = 'wéb 🐘' WHERE id = 1"))
    before = first.snapshot()
    settings = {"DATABASE_URL": first.url, "MONITOR_DATA_DIR": str(tmp_path / "data"), "PATH": SEARCH_PATH}
    done = run(tmp_path, "db", "upgrade", settings=settings)
    assert 0 == done.returncode, done.stderr
    [copy] = copies(tmp_path / "data")
    there = make_url(second.url)
    command = ("mariadb", "--host=127.0.0.1", f"--port={there.port}", "--user=root", "--skip-ssl", str(there.database))
    with copy.open("rb") as file:
        subprocess.run(command, stdin=file, check=True)
    found = second.snapshot()
    assert (before.schema, before.rows) == (found.schema, found.rows)
    assert "0034" == migrations.present_revision(second.url)
    migrations.upgrade(second.url)
    assert first.snapshot().rows == second.snapshot().rows


def test_an_upgrade_that_was_interrupted_keeps_the_copy_of_before(tmp_path: Path, mariadb_url: str):
    """On MySQL a part of the step is there, which nobody wants back."""
    old(mariadb_url, "0035")
    with create_migration_engine(mariadb_url).begin() as connection:
        connection.execute(text("REPLACE INTO migration_lease VALUES (3, '0036', 0)"))
        connection.execute(text("ALTER TABLE servers ADD COLUMN paused BOOLEAN NOT NULL DEFAULT 0"))
    (tmp_path / "mariadb-dump").write_text(BROKEN)
    (tmp_path / "mariadb-dump").chmod(0o755)
    settings = {"DATABASE_URL": mariadb_url, "MONITOR_DATA_DIR": str(tmp_path / "data"), "PATH": str(tmp_path)}
    done = run(tmp_path, "db", "upgrade", settings=settings)
    assert 0 == done.returncode, done.stderr
    migrations.check(mariadb_url)


def test_what_heavy_steps_do_has_a_rate():
    ways = {way for step in pending_after("") for way, _ in step.heavy()}
    assert ways < _WAYS.keys()


@pytest.mark.nightly
def test_no_mark_is_set_where_no_copy_can_be_made(tmp_path: Path):
    """Processes of this version go on beside one of the next version that can do nothing."""
    new = next_release(tmp_path / "next")
    with server(tmp_path) as running:
        path = running.data / "monitor.db"
        with closing(sqlite3.connect(path)) as connection:
            mark = connection.execute("SELECT * FROM schema_contract").fetchall()
            assert mark
            settings = {"MONITOR_DATA_DIR": str(running.data), **new}
            (running.data / "before-upgrade.part").mkdir()
            for command in (("serve", "--migrate"), ("db", "upgrade"), ("db", "upgrade", "--expand")):
                done = run(tmp_path, *command, settings=settings)
                assert 1 == done.returncode, done.stderr
                assert "before-upgrade.part: Is a directory" in lines(done)[-1]
                assert mark == connection.execute("SELECT * FROM schema_contract").fetchall()
        assert running.is_running


@pytest.mark.nightly
def test_a_killed_copy_leaves_nothing_behind(tmp_path: Path, sqlite_url: str):
    old(sqlite_url, "0018")
    with create_migration_engine(sqlite_url).begin() as connection:
        chunk = text("INSERT INTO history_chunks (server_id, hour, samples, data) VALUES (1, :hour, 1, zeroblob(9000))")
        connection.execute(chunk, [{"hour": hour} for hour in range(20_000)])
    settings = {"DATABASE_URL": sqlite_url}
    part = tmp_path / "before-upgrade.part"
    child = subprocess.Popen((*COMMAND, "db", "upgrade"), env=environment(tmp_path, **settings), cwd=tmp_path)
    wait_for(lambda: part.exists() and part.stat().st_size, "the copy")
    child.kill()
    child.wait()
    assert ("0018", [".part"]) == (migrations.present_revision(sqlite_url), [copies(tmp_path)[0].suffix])
    assert 0 == run(tmp_path, "db", "upgrade", settings=settings).returncode
    assert [".db"] == [path.suffix for path in copies(tmp_path)]
