"""A store in memory that counts the rows which each transaction writes."""

from collections import Counter
from collections.abc import Callable

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
                written.append(Counter({table.definition.name: len(table.touched) for table in self.state.changed}))
                super().commit()

        return Counted(self._database, on_fleet_change)

    def most(self, table: str) -> int:
        """Return the most rows of *table* that one transaction has written."""
        return max((each[table] for each in self.written), default=0)
