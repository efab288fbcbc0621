"""A store in memory that counts the rows which each transaction writes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields

from monitor.adapters.memory.state import Table
from monitor.adapters.memory.store import MemoryStore, MemoryUnitOfWork


class CountedWrites(MemoryStore):
    """*written*: rows by table, of each transaction that was committed."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[Counter[str]] = []

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> MemoryUnitOfWork:
        written = self.written

        class Counted(MemoryUnitOfWork):
            def commit(self) -> None:
                tables = {field.name: getattr(self._draft, field.name) for field in fields(self._draft)}
                rows = {name: len(table.touched) for name, table in tables.items() if isinstance(table, Table)}
                written.append(Counter({name: count for name, count in rows.items() if count}))
                super().commit()

        return Counted(self._database, on_fleet_change)

    def most(self, table: str) -> int:
        """Return the most rows of *table* that one transaction has written."""
        return max((each[table] for each in self.written), default=0)
