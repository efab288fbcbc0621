"""The mark in the database that tells older code whether it still runs on the schema. See decision 36.

Older code does not know the migrations of a later version. The mark names the newest of them that
contracted the schema.
"""

from sqlalchemy import Connection, delete, insert, inspect, select

from monitor.adapters.persistence.engine.halves import newest_contract
from monitor.adapters.persistence.engine.schema_scripts import pending_after
from monitor.adapters.persistence.tables.operations import schema_contract as t


def of(connection: Connection) -> str | None:
    """Return the revision that code must know to run on the schema ("": none); None without a mark."""
    return connection.scalar(select(t.c.revision)) if inspect(connection).has_table(t.name) else None


def put(connection: Connection, revision: str) -> None:
    """Mark the schema as that of *revision*, where its version has the table. A later mark than the schema is safe."""
    if inspect(connection).has_table(t.name):
        newest = newest_contract(each for each in pending_after("") if each.revision <= revision)
        connection.execute(delete(t))
        connection.execute(insert(t).values(id=1, revision=newest))
