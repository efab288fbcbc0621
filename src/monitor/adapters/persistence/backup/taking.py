"""Takes a backup: one moment of the database, while it is used."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from msgspec.structs import replace
from sqlalchemy import Connection, insert

from monitor.adapters.persistence.backup.backup_file import (
    FORMAT,
    BackupReader,
    BackupRefused,
    BackupWriter,
    Manifest,
    Table,
    checked,
)
from monitor.adapters.persistence.backup.drafts import draft_of, sync_directory
from monitor.adapters.persistence.backup.snapshot import (
    count_of,
    known_revision,
    next_id_of,
    one_moment,
    rows_of,
    tables_of,
)
from monitor.adapters.persistence.engine.engine import create_migration_engine, writing
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from monitor.adapters.persistence.tables.operations import audit_log

Progress = Callable[[str, float, int], object]
"""Called with what happens to the rows, the share that is done, and the number of rows."""


@dataclass(slots=True)
class Counted:
    """Reports progress over *total* rows."""

    progress: Progress
    what: str
    total: int
    done: int = 0

    def __call__(self, rows: int) -> None:
        self.done += rows
        self.progress(self.what, self.done / max(self.total, 1), self.done)


def back_up(
    url: str, path: Path, keys: Mapping[str, str], *, now: datetime, version: str, progress: Progress
) -> Manifest:
    """Write a backup of the database at *url* to *path*, which appears when it was read back and compared.

    *keys*: the server's secrets by name; none without secrets. *version*: of monitor. The schema may be an older one.
    Raises BackupRefused, StorageUnavailable, OSError; there is no new file then.
    """
    with draft_of(path) as draft, draft.open("r+b") as file:
        manifest = _written(url, file, keys, now, version, progress)
        file.flush()
        os.fsync(file.fileno())
        _read_from_disk(file)
        with checked():
            reader = BackupReader(file)
            reader.check(Counted(progress, "compared", manifest.rows))
        if (reader.manifest, reader.keys) != (manifest, dict(keys)):
            raise BackupRefused("what was written reads differently: check the disk")
        draft.replace(path)
    sync_directory(path.parent)
    return manifest


def _written(
    url: str, file: IO[bytes], keys: Mapping[str, str], now: datetime, version: str, progress: Progress
) -> Manifest:
    with BackupWriter(file) as writer:
        with one_moment(url) as connection:
            revision = known_revision(connection)
            tables = tuple(_tables_written(connection, writer, progress))
            database = connection.dialect.name
        manifest = Manifest(
            format=FORMAT,
            version=version,
            taken_at=f"{now:%Y-%m-%d %H:%M:%S}",
            database=database,
            revision=revision,
            keys=writer.add_keys(keys) if keys else None,
            tables=tables,
        )
        writer.end(manifest)
    return manifest


def _tables_written(connection: Connection, writer: BackupWriter, progress: Progress) -> list[Table]:
    sources = tables_of(connection)
    counts = {source.name: count_of(connection, source) for source in sources}
    counted, written = Counted(progress, "written", sum(counts.values())), []
    for source in sources:
        columns = tuple(column.name for column in source.columns)
        began = Table(name=source.name, columns=columns, rows=0, sha256="")
        done = writer.add(began, rows_of(connection, source), counted)
        if done.rows != counts[source.name]:
            raise BackupRefused(f"{source.name} has {counts[source.name]} rows, and {done.rows} were read")
        done = replace(done, next_id=next_id_of(connection, source.name))
        written.append(done)
    return written


def _read_from_disk(file: IO[bytes]) -> None:
    """Have what follows read the disk, not the memory that holds what was just written. A wish, where it is known."""
    with suppress(AttributeError, OSError):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def note(url: str, at: datetime, action: str, target: str, detail: str, username: str) -> None:
    """Write an entry of the audit log, unless the schema is an older one. Raises StorageUnavailable."""
    if version_of(url) not in (SchemaVersion.CURRENT, SchemaVersion.EXPANDED, SchemaVersion.PART):
        return
    entry = {"at": at, "action": action, "target": target[-255:], "detail": detail, "username": username}
    with writing(create_migration_engine(url)) as connection:
        connection.execute(insert(audit_log), entry)
        connection.commit()
