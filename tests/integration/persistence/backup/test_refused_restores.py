"""What can't be restored is refused in one line, and nothing is changed."""

import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from msgspec.structs import replace
from sqlalchemy import inspect, make_url, text

from monitor.adapters.persistence.backup.backup_file import BackupReader, BackupRefused, BackupWriter
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
    take(url, place / "a.zip")
    return (place / "a.zip").read_bytes()


def is_untouched(url: str) -> bool:
    if url.startswith("sqlite"):
        path = Path(make_url(url).database or "")
        return not path.exists() and not list(path.parent.glob(f"{path.name}*"))
    with create_migration_engine(url).connect() as connection:
        return inspect(connection).get_table_names() == []


def with_other_rows(good: bytes, table: str, change: Callable[[list[object]], object]) -> bytes:
    """Return the backup with other rows in *table*, and right counts and digests, as a hostile hand would make it."""
    reader, out = BackupReader(BytesIO(good)), BytesIO()
    writer, tables = BackupWriter(out), []
    for each in reader.manifest.tables:
        rows = [list(row) for block in reader.blocks(each) for row in block]
        if each.name == table:
            for row in rows:
                change(row)
        tables.append(writer.add(each, [rows], ignore))
    writer.end(replace(reader.manifest, tables=tuple(tables), keys=writer.add_keys(reader.keys)))
    return out.getvalue()


def set_first(value: object) -> Callable[[list[object]], object]:
    return lambda row: row.__setitem__(0, value)


HOSTILE: dict[str, tuple[str, Callable[[list[object]], object]]] = {
    "a child without its parent": ("server_tags", set_first(99)),
    "two rows with one key": ("users", set_first(1)),
    "no value where one is needed": ("users", lambda row: row.__setitem__(slice(None), [1, *[None] * (len(row) - 1)])),
    "a number that no column holds": ("server_tags", set_first(2**63 - 1)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_rows_that_do_not_fit_are_refused(target: str, good: bytes, what: str):
    with pytest.raises(BackupRefused, match="does not fit"):
        put(target, with_other_rows(good, *HOSTILE[what]))
    assert is_untouched(target)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.999])
def test_a_file_that_was_cut_is_refused(target: str, good: bytes, share: float):
    with pytest.raises(BackupRefused):
        put(target, good[: int(len(good) * share)])
    assert is_untouched(target)


def test_a_changed_file_is_refused(target: str, good: bytes):
    out = BytesIO()
    with ZipFile(BytesIO(good)) as read, ZipFile(out, "w") as written:
        for name in read.namelist():
            data = read.read(name)
            written.writestr(name, data[:-1] + bytes([data[-1] ^ 1]) if name == "users.rows" else data)
    with pytest.raises(BackupRefused, match="users"):
        put(target, out.getvalue())
    assert is_untouched(target)


def rewritten(good: bytes, **changes: object) -> bytes:
    reader, out = BackupReader(BytesIO(good)), BytesIO()
    writer = BackupWriter(out)
    for table in reader.manifest.tables:
        writer.add(table, reader.blocks(table), ignore)
    writer.add_keys(reader.keys)
    writer.end(replace(reader.manifest, **changes))
    return out.getvalue()


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
        take(source, tmp_path / "a.zip")
    assert not list(tmp_path.glob("a.zip*"))


def test_a_database_that_fails_leaves_the_backup_before(tmp_path: Path, source: str):
    migrations.upgrade(source)
    take(source, tmp_path / "a.zip")
    before = (tmp_path / "a.zip").read_bytes()
    with create_migration_engine(source).begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(BackupRefused):
        back_up(source, tmp_path / "a.zip", KEYS, now=NOW, version="2", progress=ignore)
    assert before == (tmp_path / "a.zip").read_bytes()
    assert not list(tmp_path.glob("*.part"))
