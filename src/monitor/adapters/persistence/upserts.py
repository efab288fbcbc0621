from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.sql.base import ReadOnlyColumnCollection

New = ReadOnlyColumnCollection[str, Any]


def upsert(
    connection: Connection, table: Table, *, key: str | Sequence[str], changes: Callable[[New], Mapping[str, Any]]
) -> Insert:
    """An INSERT that makes *changes* (given the new row) instead where the value of the *key* column, or of all of
    several, is there already."""
    # Imported here: the other database's dialect takes 2 MB.
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        in_sqlite = sqlite.insert(table)
        keys = [key] if isinstance(key, str) else key
        return in_sqlite.on_conflict_do_update(index_elements=keys, set_=changes(in_sqlite.excluded))
    from sqlalchemy.dialects import mysql

    in_mysql = mysql.insert(table)
    return in_mysql.on_duplicate_key_update(dict(changes(in_mysql.inserted)))
