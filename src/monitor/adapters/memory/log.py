from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, overload

T = TypeVar("T")


class Log(Sequence[T]):
    """Rows in the order of their append; immutable to whoever holds it.

    Longer versions share one list with the shorter ones, which look no further than their own size. So an append costs
    what it adds, and not a copy of all history. Only the one writer appends, and only to publish.
    """

    __slots__ = ("_rows", "_size")

    def __init__(self, rows: Iterable[T] = ()) -> None:
        self._rows = list(rows)
        self._size = len(self._rows)

    def appended(self, rows: Iterable[T]) -> "Log[T]":
        if len(self._rows) != self._size:  # somebody else's append was never published
            return Log([*self, *rows])
        longer: Log[T] = Log()
        longer._rows = self._rows
        longer._rows.extend(rows)
        longer._size = len(longer._rows)
        return longer

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[T]:
        return islice(self._rows, self._size)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            start, stop, step = index.indices(self._size)
            return self._rows[start:stop] if step == 1 else [self._rows[i] for i in range(start, stop, step)]
        if not -self._size <= index < self._size:
            raise IndexError(index)
        return self._rows[index % self._size]
