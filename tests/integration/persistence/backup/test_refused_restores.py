"""What can't be restored is refused in one line, and nothing is changed."""

import fcntl
import os
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import inspect, make_url, text

from monitor.adapters.persistence.backup.backup_file import BackupReader, BackupRefused, Table, write_backup
from monitor.adapters.persistence.backup.places import draft_of
from monitor.adapters.persistence.backup.taking import back_up
from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_plans import newest_revision
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from tests.integration.persistence.backup.scene import KEYS, NOW, filled, ignore, put, stored, take


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    place = tmp_path_factory.mktemp("good")
    url = f"sqlite:///{place}/source.db"
    migrations.upgrade(url)
    filled(url, newest_revision())
    take(url, place / "a.backup")
    return (place / "a.backup").read_bytes()


def is_untouched(url: str) -> bool:
    if url.startswith("sqlite"):
        path = Path(make_url(url).database or "")
        return not path.exists() and not list(path.parent.glob(f"{path.name}*"))
    with create_migration_engine(url).connect() as connection:
        return inspect(connection).get_table_names() == []


def rewritten(good: bytes, change: Callable[[Table, list[Any]], object] = ignore, **changes: Any) -> bytes:
    """Return the backup with other rows or another header, and a right digest, as a hostile hand would make it."""
    reader, out = BackupReader(BytesIO(good)), BytesIO()
    rows: dict[str, list[list[Any]]] = {table.name: [] for table in reader.header.tables}
    for table, block in reader.blocks():
        for row in map(list, block):
            change(table, row)
            rows[table.name].append(row)
    write_backup(out, replace(reader.header, **changes), lambda table: [rows[table.name]], ignore)
    return out.getvalue()


HOSTILE: dict[str, tuple[str, Callable[[list[Any]], object]]] = {
    "a child without its parent": ("server_tags", lambda row: row.__setitem__(0, 99)),
    "two rows with one key": ("users", lambda row: row.__setitem__(0, 1)),
    "no value where one is needed": ("users", lambda row: row.__setitem__(slice(None), [1, *[None] * (len(row) - 1)])),
    "a number that no column holds": ("server_tags", lambda row: row.__setitem__(0, 2**63)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_rows_that_do_not_fit_are_refused(target: str, good: bytes, what: str):
    name, change = HOSTILE[what]
    bad = rewritten(good, lambda table, row: change(row) if table.name == name else None)
    with pytest.raises(BackupRefused, match="does not fit"):
        put(target, bad)
    assert is_untouched(target)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.999])
def test_a_file_that_was_cut_is_refused(target: str, good: bytes, share: float):
    with pytest.raises(BackupRefused):
        put(target, good[: int(len(good) * share)])
    assert is_untouched(target)


def test_a_changed_file_is_refused(target: str, good: bytes):
    data = bytearray(good)
    data[-40] ^= 1
    with pytest.raises(BackupRefused, match="changed"):
        put(target, bytes(data))
    assert is_untouched(target)


def test_a_backup_of_a_newer_version_is_refused(target: str, good: bytes):
    with pytest.raises(BackupRefused, match="schema 9999"):
        put(target, rewritten(good, revision="9999"))
    assert is_untouched(target)


def test_a_backup_with_the_tables_of_another_schema_is_refused(target: str, good: bytes):
    with pytest.raises(BackupRefused, match="other tables"):
        put(target, rewritten(good, revision="0010"))
    assert is_untouched(target)


def test_a_store_that_is_not_empty_is_refused(target: str, good: bytes):
    migrations.upgrade(target)
    before = stored(target)
    with pytest.raises(BackupRefused, match="not empty"):
        put(target, good)
    assert before == stored(target)


def test_a_failure_at_the_very_end_changes_nothing(target: str, good: bytes):
    def fail() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        put(target, good, fail)
    assert is_untouched(target)
    assert 2 == put(target, good).users


def test_nobody_else_restores_or_begins_meanwhile(target: str, good: bytes):
    """A server that starts finds no database, or one that is not ready."""
    seen: list[object] = []

    def another() -> None:
        with pytest.raises(BackupRefused, match="another process"):
            put(target, good)
        if not target.startswith("sqlite"):
            seen.append(version_of(target))

    def run() -> None:
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()

    put(target, good, run)
    assert seen in ([], [SchemaVersion.PART])
    assert SchemaVersion.CURRENT is version_of(target)


def test_an_sqlite_file_that_appears_meanwhile_stays(tmp_path: Path, good: bytes):
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    with pytest.raises(BackupRefused, match="not empty"):
        put(url, good, lambda: migrations.upgrade(url))
    assert [] == stored(url)["users"]
    assert ["monitor.db"] == [path.name for path in tmp_path.iterdir()]


def test_an_empty_file_and_the_log_of_a_lost_one_are_replaced(tmp_path: Path, good: bytes):
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    (tmp_path / "monitor.db").touch()
    (tmp_path / "monitor.db-wal").write_bytes(b"of another file")
    assert 2 == put(url, good).users
    assert 0o600 == (tmp_path / "monitor.db").stat().st_mode & 0o777
    assert ["monitor.db"] == [path.name for path in tmp_path.iterdir()]


def test_an_empty_database_has_no_backup(source: str, tmp_path: Path):
    with pytest.raises(BackupRefused, match="is empty"):
        take(source, tmp_path / "a.backup")
    assert not list(tmp_path.glob("a.backup*"))


def test_a_database_that_fails_leaves_the_backup_before(tmp_path: Path, source: str):
    migrations.upgrade(source)
    take(source, tmp_path / "a.backup")
    before = (tmp_path / "a.backup").read_bytes()
    with create_migration_engine(source).begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(BackupRefused):
        back_up(source, tmp_path / "a.backup", KEYS, now=NOW, version="2", progress=ignore)
    assert before == (tmp_path / "a.backup").read_bytes()
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("place", ["source.db", "secrets-key", "link", "pipe"])
def test_a_backup_replaces_nothing_but_a_backup(tmp_path: Path, place: str):
    url = f"sqlite:///{tmp_path}/source.db"
    migrations.upgrade(url)
    (tmp_path / "secrets-key").write_bytes(b"key")
    (tmp_path / "link").symlink_to("secrets-key")
    os.mkfifo(tmp_path / "pipe")
    before = os.lstat(tmp_path / place)
    with pytest.raises(BackupRefused, match=r"is no regular file|is no backup"):
        take(url, tmp_path / place)
    after = os.lstat(tmp_path / place)
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)
    assert not list(tmp_path.glob("*.part"))


def test_a_draft_that_got_its_name_before_it_was_locked_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two backups into one file: the second opened the draft of the first just before that one ended."""
    good, lock = tmp_path / "a.backup", fcntl.flock

    def late(number: int, how: int) -> None:
        (tmp_path / "a.backup.part").write_bytes(b"whole")
        (tmp_path / "a.backup.part").rename(good)
        lock(number, how)

    (tmp_path / "a.backup.part").touch(0o600)
    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(BackupRefused, match="another process"), draft_of(good):
        pass
    assert b"whole" == good.read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_draft_of_somebody_else_is_not_written_to(tmp_path: Path):
    """They could read all secrets."""
    part = tmp_path / "a.backup.part"
    part.touch()
    os.chown(part, 65534, 65534)
    with pytest.raises(BackupRefused, match="belongs to somebody else"), draft_of(tmp_path / "a.backup"):
        pass
    assert part.exists()


def test_a_draft_that_others_may_read_becomes_private(tmp_path: Path):
    part = tmp_path / "a.backup.part"
    part.touch(0o666)
    with draft_of(tmp_path / "a.backup"):
        assert 0o600 == part.stat().st_mode & 0o777


def test_a_draft_with_another_name_is_not_written_to(tmp_path: Path):
    """Who may write into the directory could have any file emptied that belongs to who takes the backup."""
    other = tmp_path / "other"
    other.write_text("kept")
    os.link(other, tmp_path / "a.backup.part")
    with pytest.raises(BackupRefused, match="another name"), draft_of(tmp_path / "a.backup"):
        pass
    (tmp_path / "b.backup.part").symlink_to(other)
    with pytest.raises(BackupRefused, match="a link"), draft_of(tmp_path / "b.backup"):
        pass
    assert "kept" == other.read_text()


def close_idle(url: str) -> None:
    """Close what idles, as a proxy does, or the server itself (`wait_timeout`)."""
    found = text("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()")
    with create_migration_engine(url).connect() as connection:
        for number in connection.scalars(found).all():
            connection.execute(text(f"KILL {number:d}"))


def test_connections_that_idle_too_long_do_not_end_a_restore(mariadb_url: str, good: bytes):
    assert 2 == put(mariadb_url, good, lambda: close_idle(mariadb_url)).users
    assert SchemaVersion.CURRENT is version_of(mariadb_url)


def test_a_restore_that_fails_after_a_long_time_leaves_nothing(mariadb_url: str, good: bytes):
    def fail() -> None:
        close_idle(mariadb_url)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        put(mariadb_url, good, fail)
    assert is_untouched(mariadb_url)
