"""Sealed history in memory, and the marks of what lies in an archive."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from monitor.adapters.memory.log import History
from monitor.adapters.memory.parts import MemoryPart, having
from monitor.adapters.memory.state import State
from monitor.adapters.memory.table import Table
from monitor.application.history import ports
from monitor.application.history.blocks import Block, BlockMarks, Chunk, Place, Rollup, block_of
from monitor.application.history.ports import OpenHour, RawHour, RawRows, RawSpan, TierSize
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import frame_of
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS, hours_between, start_of_hour
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.times import MICROSECOND, microseconds

_HOUR = 3600


class MemoryHistoryWriter(MemoryPart, ports.HistoryWriter):
    def sealed(self, server_id: ServerId, hours: Collection[int]) -> dict[int, tuple[int, int]]:
        chunks = self._state.chunks.of([(server_id, hour) for hour in hours])
        return {chunk.hour: (chunk.samples, chunk.raw_samples) for chunk in chunks}

    def save_chunks(self, chunks: Sequence[Chunk]) -> None:
        for chunk in chunks:
            held = self._state.chunks.get((chunk.server_id, chunk.hour))
            self._state.chunks.put(chunk._replace(generation=_next(held)))

    def set_raw_samples(self, server_id: ServerId, hours: Mapping[int, int]) -> None:
        for hour, raw_samples in hours.items():
            self._state.chunks.amend((server_id, hour), raw_samples=raw_samples)

    def rollups(self, server_id: ServerId, width: int, periods: Collection[int]) -> list[Rollup]:
        return self._state.rollups.of([(server_id, width, period) for period in periods])

    def save_rollups(self, rollups: Sequence[Rollup]) -> None:
        for rollup in rollups:
            self._state.rollups.put(rollup._replace(generation=_next(self._state.rollups.get(rollup[:3]))))

    def remove_rows(self, ids: Collection[int]) -> int:
        wanted = set(ids)
        return self._remove_rows(lambda history: [row.id for row in history if row.id in wanted], len(ids))

    def prune_chunks(self, before: int, limit: int) -> int:
        due = sorted((chunk.hour, chunk.server_id) for chunk in self._state.chunks.values() if chunk.hour < before)
        return self._state.chunks.delete(*[(server_id, hour) for hour, server_id in due[:limit]])

    def prune_rollups(self, width: int, before: int, limit: int) -> int:
        due = self._state.rollups.where(lambda rollup: rollup.width == width and rollup.period < before)
        due.sort(key=lambda rollup: rollup.period)
        return self._state.rollups.delete(*[rollup[:3] for rollup in due[:limit]])

    def prune_rows(self, before: datetime, limit: int) -> int:
        return self._remove_rows(lambda history: [row.id for row in history[: history.place(before)]], limit)

    def _remove_rows(self, due: Callable[[History], list[int]], limit: int) -> int:
        """Remove at most *limit* rows that are *due*, the oldest of each server first. Returns how many."""
        removed = 0
        for server_id, history in list(self._state.samples.items()):
            if gone := set(due(history)[: limit - removed]):
                self._state.samples[server_id] = History(row for row in history if row.id not in gone)
                removed += len(gone)
        return removed


class MemoryHistoryQueries(MemoryPart, ports.HistoryQueries):
    name = "chunks"
    chunks_of = having(lambda chunk, ids, first, last: chunk.server_id in ids and first <= chunk.hour < last)

    def raw_spans(self, after: ServerId, limit: int) -> list[RawSpan]:
        samples = self._state.samples
        found = sorted(server_id for server_id, history in samples.items() if server_id > after and history)
        return [RawSpan(id_, samples[id_][0].at, samples[id_][-1].at) for id_ in found[:limit]]

    def raw_hours(self, server_id: ServerId, first: int, last: int) -> list[RawHour]:
        return raw_hours(self._state, server_id, first, last)

    def open_hours(self, server_id: ServerId, first: int, last: int, metric: str) -> list[OpenHour]:
        hours = [each for each in self.raw_hours(server_id, first, last) if each.is_open]
        if metric not in COLUMN_METRICS:
            return [OpenHour(each.hour, each.rows) for each in hours]
        found = [self.raw_rows(server_id, each.hour).frame.column(metric) for each in hours]
        values = [[value for value in column if value is not None] for column in found]
        return [OpenHour(each.hour, each.rows, min(of), max(of)) for each, of in zip(hours, values, strict=True)]

    def open_hours_of_all(self, metric: str, report: Callable[[float], None]) -> dict[ServerId, list[OpenHour]]:
        report(0.0)
        found = {}
        for span in self.raw_spans(ServerId(0), len(self._state.samples)):
            within = hours_between(span.oldest, span.newest + MICROSECOND)
            if hours := self.open_hours(span.server_id, *within, metric):
                found[span.server_id] = hours
        return found

    def raw_rows(self, server_id: ServerId, hour: int) -> RawRows:
        rows = self._state.history(server_id).between(start_of_hour(hour), start_of_hour(hour + 1))
        return RawRows([row.id for row in rows], frame_of([row.sample for row in rows]))

    def chunks_at(self, server_id: ServerId, hours: Collection[int]) -> list[Chunk]:
        return self._state.chunks.of([(server_id, hour) for hour in hours])

    def rollups_of(self, server_ids: Collection[ServerId], width: int, first: int, last: int) -> list[Rollup]:
        return self._state.rollups.where(
            lambda each: each.server_id in server_ids and each.width == width and first <= each.period < last
        )

    def newest_hour(self, server_ids: Collection[ServerId] | None, before: int) -> int | None:
        chunks = self._state.chunks.values()
        own = (chunk.hour for chunk in chunks if server_ids is None or chunk.server_id in server_ids)
        return max((hour for hour in own if hour < before), default=None)

    def chunks_of_hour(self, server_ids: Collection[ServerId] | None, hour: int) -> list[Chunk]:
        found = self._state.chunks.where(lambda chunk: chunk.hour == hour and chunk.raw_samples < chunk.samples)
        return [chunk for chunk in found if server_ids is None or chunk.server_id in server_ids]

    def sizes(self) -> dict[str, TierSize]:
        """Bytes of the content. Samples count 0 bytes here."""
        state = self._state
        times = [row.at for history in state.samples.values() for row in history]
        chunks = state.chunks.values()
        sizes = {
            "samples": TierSize(len(times), len(times), 0, True, min(times, default=None), max(times, default=None)),
            "chunks": _size(chunks, sum(chunk.samples for chunk in chunks), [chunk.hour for chunk in chunks], _HOUR),
        }
        for width, span in ROLLUP_SPANS.items():
            rollups = [rollup for rollup in state.rollups.values() if rollup.width == width]
            sizes[str(width)] = _size(rollups, 0, [rollup.period for rollup in rollups], span)
        return sizes


def raw_hours(state: State, server_id: ServerId, first: int, last: int) -> list[RawHour]:
    """See HistoryQueries.raw_hours."""
    history = state.history(server_id)
    place, end = (history.place(start_of_hour(hour)) for hour in (first, last))
    found = []
    while place < end:
        hour = microseconds(history[place].at) // HOUR
        until = history.place(start_of_hour(hour + 1))
        chunk = state.chunks.get((server_id, hour))
        found.append(RawHour(hour, until - place, None if chunk is None else chunk.raw_samples))
        place = until
    return found


def _next(row: Chunk | Rollup | None) -> int:
    """Return the generation of a content that replaces *row*."""
    return row.generation + 1 if row is not None and row.generation else 0


def _size(rows: Collection[Chunk | Rollup], samples: int, numbers: Sequence[int], span: int) -> TierSize:
    limits = (min(numbers) * span, (max(numbers) + 1) * span) if numbers else ()
    first, last = [datetime.fromtimestamp(at, UTC) for at in limits] or (None, None)
    return TierSize(len(rows), samples, sum(len(row.data) for row in rows), True, first, last)


class MemoryBlockMarks(MemoryPart, BlockMarks):
    def take(self, width: int, before: int, after: Place | None, limit: int) -> list[Chunk | Rollup]:
        found = self._after(after, self._here(width, before))[:limit]
        taken = [row._replace(generation=row.generation or 1) for row in found]
        for row in taken:
            self._rows(width).put(row)
        return taken

    def mark_moved(self, blocks: Collection[Block]) -> int:
        return self._replace(
            row._replace(data=b"") for row in self._held(blocks) if row.data and not getattr(row, "raw_samples", 0)
        )

    def renumber(self, blocks: Collection[Block]) -> None:
        self._replace(row._replace(generation=row.generation + 1) for row in self._held(blocks) if row.data)

    def moved(self, width: int, after: Place | None, limit: int) -> list[Chunk | Rollup]:
        return self._after(after, self._moved(width))[:limit]

    def bring_back(self, contents: Mapping[Block, bytes]) -> int:
        rows = self._held(contents)
        return self._replace(row._replace(data=contents[block_of(row)]) for row in rows if not row.data)

    def count(self, width: int, before: int) -> tuple[int, int]:
        return len(self._here(width, before)), len(self._moved(width))

    def deleted_servers(self) -> list[ServerId]:
        return sorted(self._state.history_deletions)

    def forget_servers(self, server_ids: Collection[ServerId]) -> None:
        self._state.history_deletions.delete(*server_ids)

    def _here(self, width: int, before: int) -> list[Chunk | Rollup]:
        of_width = [row for row in self._rows(width).values() if block_of(row).width == width and row.data]
        return [row for row in of_width if block_of(row).period < before and not getattr(row, "raw_samples", 0)]

    def _moved(self, width: int) -> list[Chunk | Rollup]:
        return [row for row in self._rows(width).values() if block_of(row).width == width and not row.data]

    def _after(self, after: Place | None, rows: list[Chunk | Rollup]) -> list[Chunk | Rollup]:
        return sorted((row for row in rows if after is None or _place(row) > after), key=_place)

    def _held(self, blocks: Collection[Block]) -> list[Chunk | Rollup]:
        """Return the rows of blocks that have their generation."""
        keys = [(each, each[:3] if each.width else (each.server_id, each.period)) for each in blocks]
        found = [(block, self._rows(block.width).get(key)) for block, key in keys]
        return [row for block, row in found if row is not None and row.generation == block.generation]

    def _replace(self, rows: Iterator[Chunk | Rollup]) -> int:
        replaced = list(rows)
        for row in replaced:
            self._rows(block_of(row).width).put(row)
        return len(replaced)

    def _rows(self, width: int) -> Table[Any, Chunk | Rollup]:
        return cast(Table[Any, Chunk | Rollup], self._state.rollups if width else self._state.chunks)


def _place(row: Chunk | Rollup) -> Place:
    return block_of(row).period, row.server_id
