"""Overwriting of secrets."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def without_traces(connection: Connection) -> Iterator[None]:
    """Make SQLite erase what is overwritten; otherwise it stays in the free space of the file."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
