"""Databases with rows in every table, their backups, and what both hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from monitor.adapters.persistence.backup.backup_file import BackupReader, Header
from monitor.adapters.persistence.backup.restoring import Content, restore
from monitor.adapters.persistence.backup.taking import back_up, described, one_moment, rows_of, tables_of
from monitor.adapters.persistence.engine.engine import create_engine, create_migration_engine
from tests.integration.persistence.engine.interruptions import fill

NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)
KEYS = {"jwt-secret": "s" * 40}
KINDS = ("sqlite", "mariadb")
Stored = dict[str, list[dict[str, Any]]]


def ignore(*_: object) -> None: ...


@contextmanager
def changing(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def filled(url: str, revision: str) -> None:
    with create_migration_engine(url).begin() as connection:
        fill(connection, revision)


def take(url: str, path: Path, keys: dict[str, str] | None = None) -> Header:
    return back_up(url, path, KEYS if keys is None else keys, now=NOW, version="1", progress=ignore)


def put(url: str, data: bytes, before_end: Any = ignore) -> Content:
    reader = BackupReader(BytesIO(data))
    return restore(url, reader, target="a file", now=NOW, progress=ignore, before_end=before_end)


def stored(url: str) -> Stored:
    """All rows, of both kinds of databases in the same form and order."""
    with one_moment(url) as connection:
        return {
            source.name: sorted(
                (
                    dict(sorted(zip(source.columns.keys(), row, strict=True)))
                    for batch in rows_of(connection, source)
                    for row in batch
                ),
                key=repr,
            )
            for source in tables_of(connection)
        }


def next_ids(url: str) -> dict[str, int | None]:
    with one_moment(url) as connection:
        return {source.name: described(connection, source).next_id for source in tables_of(connection)}
