"""Names that no two rows of a table share, compared like the names of users."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, select

from monitor.adapters.persistence.accounts.users import stored_key
from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.domain.errors import Conflict


@contextmanager
def free_name(
    connection: Connection, table: Table, name: str, taken: type[Conflict], *, but_for: int = 0
) -> Iterator[None]:
    """Write the row *but_for*, or a new one, within this. Raises *taken* if another row has its name."""
    same = select(table.c.id).where(table.c.name_key == stored_key(name), table.c.id != but_for)
    if connection.execute(same).first() is not None:
        raise taken
    try:
        yield
    except KeyTaken as error:  # by a transaction that committed after the check
        raise (taken() if error.key == f"uq_{table.name}_name_key" else error) from error
