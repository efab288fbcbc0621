"""Samples of one server: a sequence that grows without a copy, since there may be millions."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import NamedTuple, Self, TypeVar, overload

from monitor.domain.intake.samples import Sample

T = TypeVar("T")


class Log(Sequence[T]):
    """Immutable sequence that can be extended without a copy: versions share one list, each up to its own size."""

    __slots__ = ("_rows", "_size")

    def __init__(self, rows: Iterable[T] = ()) -> None:
        self._rows = list(rows)
        self._size = len(self._rows)

    def appended(self, rows: Iterable[T]) -> Self:
        if len(self._rows) != self._size:  # an earlier append was rolled back
            return type(self)([*self, *rows])
        longer = type(self)()
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


class Row(NamedTuple):
    id: int
    sample: Sample

    @property
    def at(self) -> datetime:
        return self.sample.recorded_at


_time = attrgetter("sample.recorded_at")


class History(Log[Row]):
    """Rows of one server, oldest first."""

    def place(self, at: datetime | None, default: int = 0) -> int:
        """Return the place of the first row at or after this time; *default* for None."""
        return default if at is None else bisect_left(self, at, key=_time)

    def end(self, at: datetime) -> int:
        """Return the place after the last row at or before this time."""
        return bisect_right(self, at, key=_time)

    def at(self, at: datetime) -> Row | None:
        place = self.place(at)
        return self[place] if place < len(self) and self[place].at == at else None

    def between(self, start: datetime, end: datetime) -> list[Row]:
        return self[self.place(start) : self.place(end)]

    def merged(self, rows: Sequence[Row]) -> "History":
        """Return the history with these rows, given oldest first, in place of those of the same time."""
        if not self or self[-1].at < rows[0].at:
            return self.appended(rows)
        return History(sorted({row.at: row for row in (*self, *rows)}.values(), key=_time))
