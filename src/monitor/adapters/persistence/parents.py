from collections.abc import Collection

from sqlalchemy import Connection, Table, select

from monitor.adapters.persistence.batches import batches


class Parents:
    """Which rows of *table* there are to refer to. Those that were found stay until the transaction ends.

    Whoever decides by what it remembers may refer to what another has just deleted, and is not to fail for it.
    """

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._id = table.c.id
        self._found: set[int] = set()

    def existing(self, ids: Collection[int]) -> set[int]:
        unknown = sorted(set(ids) - self._found)
        for batch in batches(unknown):
            # The lock that inserting a row which refers to them takes anyway.
            wanted = select(self._id).where(self._id.in_(batch)).order_by(self._id).with_for_update(read=True)
            self._found.update(self._connection.scalars(wanted))
        return self._found.intersection(ids)
