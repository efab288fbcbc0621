from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, String, Table, insert


def insert_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """The id that the database gave it."""
    key = connection.execute(insert(table), row).inserted_primary_key
    assert key is not None  # noqa: S101 (the type allows for other statements)
    return int(key[0])


def cut_to_fit(value: str, column: Column[Any]) -> str:
    """For what is only ever shown: too long a text must not keep its row from being stored."""
    assert isinstance(column.type, String)  # noqa: S101 (for the type checker)
    return value[: column.type.length]
