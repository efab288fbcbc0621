"""Takes a backup: one moment of the database, while it is used."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import insert

from monitor.adapters.persistence.backup.backup_file import BackupReader, BackupRefused, Header, write_backup
from monitor.adapters.persistence.backup.places import draft_of
from monitor.adapters.persistence.backup.snapshot import described, known_revision, one_moment, rows_of, tables_of
from monitor.adapters.persistence.engine.engine import create_migration_engine, writing
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from monitor.adapters.persistence.tables.operations import audit_log

Progress = Callable[[str, int, int], object]
"""Called with what happens to the rows, how many are done, and how many there are."""


@dataclass(slots=True)
class Counted:
    progress: Progress
    what: str
    total: int
    done: int = 0

    def __call__(self, rows: int) -> None:
        self.done += rows
        self.progress(self.what, self.done, self.total)


def back_up(
    url: str, path: Path, keys: Mapping[str, str], *, now: datetime, version: str, progress: Progress
) -> Header:
    """Write a backup of the database at *url* to *path*, which appears when it was read back and compared.

    *keys*: see `Header`. *version*: of monitor. The schema may be an older one. Raises BackupRefused,
    StorageUnavailable, OSError; there is no new file then.
    """
    with draft_of(path) as (draft, file):
        written = _written(url, file, keys, now, version, progress)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        reader = BackupReader(file)
        if (reader.header, reader.check(Counted(progress, "compared", reader.header.rows))) != written:
            raise BackupRefused("what was written reads differently: check the disk")
        draft.replace(path)
    return reader.header


def _written(
    url: str, file: IO[bytes], keys: Mapping[str, str], now: datetime, version: str, progress: Progress
) -> tuple[Header, bytes]:
    """Return what was written, and its digest."""
    with one_moment(url) as connection:
        revision = known_revision(connection)
        sources = {source.name: source for source in tables_of(connection)}
        header = Header(
            version=version,
            taken_at=f"{now:%Y-%m-%d %H:%M:%S}",
            revision=revision,
            keys=dict(keys),
            tables=tuple(described(connection, source) for source in sources.values()),
        )
        count = Counted(progress, "written", header.rows)
        digest = write_backup(file, header, lambda table: rows_of(connection, sources[table.name]), count)
    return header, digest


def note(url: str, at: datetime, action: str, target: str, detail: str, username: str = "command line") -> None:
    """Write an entry of the audit log, unless the schema is an older one. Raises StorageUnavailable."""
    if version_of(url) not in (SchemaVersion.OLDER, SchemaVersion.NEWER):
        entry = {"at": at, "action": action, "target": target[-255:], "detail": detail, "username": username}
        with writing(create_migration_engine(url)) as connection:
            connection.execute(insert(audit_log), entry)
            connection.commit()
