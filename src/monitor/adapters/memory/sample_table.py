"""Samples by server. A unit of work copies none of the stored rows, which may be millions."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypeVar, overload

from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample

T = TypeVar("T")


class Log(Sequence[T]):
    """Immutable sequence that can be extended without a copy.

    All versions share one list, and each reads only up to its own size. So an append costs only the rows that it adds.
    A single writer appends, and only to publish.
    """

    __slots__ = ("_rows", "_size")

    def __init__(self, rows: Iterable[T] = ()) -> None:
        self._rows = list(rows)
        self._size = len(self._rows)

    def appended(self, rows: Iterable[T]) -> "Log[T]":
        if len(self._rows) != self._size:  # an earlier append was never published
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


class Row(NamedTuple):
    id: int
    sample: Sample

    @property
    def recorded_at(self) -> datetime:
        return self.sample.recorded_at


History = Log[Row]
"""Rows of one server, oldest first."""


def first_at_or_after(history: History, at: datetime) -> int:
    return bisect_left(history, at, key=_time)


def _time(row: Row) -> datetime:
    return row.sample.recorded_at


class SampleTable:
    """Committed rows, plus the changes of one unit of work."""

    def __init__(self, committed: Mapping[ServerId, History] | None = None) -> None:
        self.committed: Mapping[ServerId, History] = {} if committed is None else committed
        self._dropped: set[ServerId] = set()
        self._added: dict[ServerId, dict[datetime, Row]] = {}
        self._removed: dict[ServerId, set[datetime]] = {}

    def __contains__(self, key: tuple[ServerId, datetime]) -> bool:
        server_id, at = key
        if at in self._added.get(server_id, ()):
            return True
        history = self._history(server_id)
        index = first_at_or_after(history, at)
        return index < len(history) and history[index].recorded_at == at

    def add(self, row: Row) -> None:
        self._added.setdefault(row.sample.server_id, {})[row.recorded_at] = row

    def amend(self, sample: Sample) -> None:
        """Replace CPU, memory, disk and extra of the row of this server and time, if there is one."""
        server_id, at = sample.server_id, sample.recorded_at
        row = self._added.get(server_id, {}).get(at)
        if row is None:
            history = self._history(server_id)
            index = first_at_or_after(history, at)
            if index == len(history) or history[index].recorded_at != at:
                return
            row = history[index]
            self._removed.setdefault(server_id, set()).add(at)
        held = row.sample
        self.add(Row(row.id, sample._replace(received_at=held.received_at, interval=held.interval, processes=())))

    def remove(self, wanted: Callable[[Row], bool], limit: int | None = None) -> int:
        """Remove at most *limit* committed rows that are *wanted*, oldest of each server first. Returns how many."""
        found = [row for server_id in self.committed for row in self._history(server_id) if wanted(row)][:limit]
        for row in found:
            self._removed.setdefault(row.sample.server_id, set()).add(row.recorded_at)
        return len(found)

    def drop(self, server_id: ServerId) -> None:
        self._dropped.add(server_id)
        self._added.pop(server_id, None)

    def newest(self, server_id: ServerId) -> Sample | None:
        rows = [*self._history(server_id)[-1:], *self._added.get(server_id, {}).values()]
        return max(rows, key=_time).sample if rows else None

    def times(self, server_id: ServerId, until: datetime, count: int) -> list[datetime]:
        """Return the last *count* times at or before *until*, oldest first."""
        history = self._history(server_id)
        end = bisect_right(history, until, key=_time)
        committed = [row.recorded_at for row in history[max(0, end - count) : end]]
        added = [at for at in self._added.get(server_id, ()) if at <= until]
        return sorted(committed + added)[-count:]

    def times_after(self, server_id: ServerId, at: datetime) -> list[datetime]:
        history = self._history(server_id)
        committed = [row.recorded_at for row in history[bisect_right(history, at, key=_time) :]]
        return committed + [added for added in self._added.get(server_id, ()) if added > at]

    def published(self) -> Mapping[ServerId, History]:
        """Return the rows after a commit. Call once only."""
        if not self._added and not self._dropped and not self._removed:
            return self.committed
        histories = {server_id: rows for server_id, rows in self.committed.items() if server_id not in self._dropped}
        for server_id in self._removed:
            histories[server_id] = self._history(server_id)
        for server_id, rows in self._added.items():
            histories[server_id] = _merged(self._history(server_id), sorted(rows.values(), key=_time))
        return histories

    def _history(self, server_id: ServerId) -> History:
        if server_id in self._dropped:
            return Log()
        committed = self.committed.get(server_id, Log())
        if (removed := self._removed.get(server_id)) is None:
            return committed
        return Log(row for row in committed if row.recorded_at not in removed)


def _merged(history: History, rows: list[Row]) -> History:
    if not history or history[-1].recorded_at < rows[0].recorded_at:
        return history.appended(rows)
    return Log(sorted([*history, *rows], key=_time))


def newest_first(history: History, start: int, end: int) -> Iterator[Row]:
    return (history[index] for index in range(end - 1, start - 1, -1))
