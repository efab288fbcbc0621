from collections.abc import Iterator, Mapping, MutableMapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Table(MutableMapping[K, V]):
    """Committed rows and one unit of work's changes to them.

    Copied at the first change: reading costs nothing, and what is never published leaves no trace. Rows are immutable
    values, so the copy is a shallow one.
    """

    def __init__(self, committed: Mapping[K, V]) -> None:
        self.rows = committed
        self._own: dict[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self.rows[key]

    def __setitem__(self, key: K, row: V) -> None:
        self._copied()[key] = row

    def __delitem__(self, key: K) -> None:
        del self._copied()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def _copied(self) -> dict[K, V]:
        if self._own is None:
            self.rows = self._own = dict(self.rows)
        return self._own
