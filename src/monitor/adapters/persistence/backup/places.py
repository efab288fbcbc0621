"""Where backups and restores go: a file that gets its name when it is whole, or an empty database of a server."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import IO

from sqlalchemy import URL, Connection, inspect, make_url, text

from monitor.adapters.persistence.backup.backup_file import MAGIC, BackupRefused
from monitor.adapters.persistence.engine import migration_lease
from monitor.adapters.persistence.engine.engine import connected, create_migration_engine
from monitor.adapters.persistence.engine.schema_state import has_part_of_restore, note_restore

_LOCK = text("SELECT GET_LOCK(LEFT(CONCAT('monitor restore ', DATABASE()), 64), 0)")
"""It ends with its connection, and so tells who restores from who was killed."""
_BESIDE = ("-journal", "-wal", "-shm")
"""SQLite's files beside a database, which it would take for those of another one with the same name."""


def check_replaceable(path: Path) -> None:
    """Raises BackupRefused if a backup would replace what is no backup, such as the database; OSError."""
    if not os.path.lexists(path):
        return
    if not stat.S_ISREG(path.lstat().st_mode):
        raise BackupRefused(f"{path} is no regular file")
    with path.open("rb") as file:
        if file.read(len(MAGIC)) not in (MAGIC, b""):
            raise BackupRefused(f"{path} is there, and is no backup: choose another name, or delete it")


@contextmanager
def draft_of(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Open an empty file beside *target*, for its owner only, and delete it at the end unless it was moved.

    What a killed process left is overwritten. Raises BackupRefused while another process writes there, and for a file
    that somebody else may have put there; OSError.
    """
    path = target.with_name(f"{target.name}.part")
    if path.is_symlink():
        raise BackupRefused(f"{path} is a link: delete it")
    with open(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600), "r+b") as file:
        _lock(file, path)
        os.fchmod(file.fileno(), 0o600)
        file.truncate()
        _delete(path, *_BESIDE)
        try:
            yield path, file
        finally:
            _delete(path, "", *_BESIDE)


def _lock(file: IO[bytes], path: Path) -> None:
    """Raises BackupRefused, before anything is changed."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        present, held = path.stat(), os.fstat(file.fileno())
    except (BlockingIOError, FileNotFoundError):
        raise BackupRefused(f"another process writes {path}") from None
    if not os.path.samestat(present, held):  # it got its name after we opened it
        raise BackupRefused(f"another process writes {path}")
    if held.st_uid != os.geteuid():
        raise BackupRefused(f"{path} belongs to somebody else: delete it")
    if held.st_nlink > 1:
        raise BackupRefused(f"{path} is a file that has another name too: delete it")


def _delete(path: Path, *endings: str) -> None:
    for ending in endings:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def empty_place(url: str, size: int) -> AbstractContextManager[str]:
    """Yield the address to fill, whose database takes its place at the end. *size*: bytes of the rows.

    After an error all is as before. Raises BackupRefused unless the place is empty, StorageUnavailable, OSError.
    """
    place = make_url(url)
    return _new_file(place, size) if place.get_backend_name() == "sqlite" else _empty_database(place)


@contextmanager
def _new_file(url: URL, size: int) -> Iterator[str]:
    path = Path(url.database or "")
    _must_be_empty(url, path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (free := disk_usage(path.parent).free) < size:
        raise BackupRefused(f"no room: {size / 1e6:,.0f} MB are needed at least, and {free / 1e6:,.0f} MB are free")
    with draft_of(path) as (draft, file):
        yield url.set(database=str(draft)).render_as_string(hide_password=False)
        os.fsync(file.fileno())
        _must_be_empty(url, path)
        _delete(path, "", *_BESIDE)
        try:
            os.link(draft, path)
        except FileExistsError:
            raise BackupRefused("a server has made a database there meanwhile") from None


def _must_be_empty(url: URL, path: Path) -> None:
    if path.exists() and path.stat().st_size:
        with connected(create_migration_engine(url)) as connection:
            _must_have_no_tables(connection)


def _must_have_no_tables(connection: Connection) -> None:
    if _names(connection):
        raise BackupRefused("the database is not empty: restore into a new one")


def _names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {migration_lease.TABLE}


@contextmanager
def _empty_database(url: URL) -> Iterator[str]:
    """Note the restore while there are no tables. What one that was killed left is dropped."""
    engine = create_migration_engine(url)
    with connected(engine) as alone:
        if not alone.scalar(_LOCK):
            raise BackupRefused("another process restores into this database")
        alone.commit()
        with connected(engine) as connection:
            if has_part_of_restore(connection):
                _clear(connection)
            _must_have_no_tables(connection)
            with migration_lease.alone(engine, connection, patience=10):
                note_restore(connection, begins=True)
                connection.commit()
        # Connections of their own: a proxy, or the server, may close one that idles until all rows are there.
        try:
            yield url.render_as_string(hide_password=False)
        except BaseException:
            with connected(engine) as connection:
                _clear(connection)
            raise
        with connected(engine) as connection:
            note_restore(connection, begins=False)
            connection.commit()


def _clear(connection: Connection) -> None:
    """Drop all tables: there were none when the restore was noted, which is forgotten last."""
    connection.exec_driver_sql("SET foreign_key_checks = 0")
    for name in (*_names(connection), migration_lease.TABLE):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS `{name}`")
    connection.commit()
