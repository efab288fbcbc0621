"""Sealed history in memory, and the marks of what lies in an archive."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter

from monitor.adapters.memory.log import History
from monitor.adapters.memory.parts import MemoryPart, having
from monitor.application.history import ports
from monitor.application.history.blocks import Block, BlockMarks, Place, StoredBlock, amended_chunk
from monitor.application.history.ports import OpenHour, RawHour, RawRows, RawSpan, TierSize
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import frame_of
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS, hours_between, start_of_hour
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.times import MICROSECOND, microseconds

_HOUR = 3600


class MemoryHistoryWriter(MemoryPart, ports.HistoryWriter):
    def sealed(self, server_id: ServerId, hours: Collection[int]) -> dict[int, tuple[int, int]]:
        chunks = self._state.blocks.of([(server_id, 0, hour) for hour in hours])
        return {chunk.period: (chunk.samples, chunk.raw_samples) for chunk in chunks}

    def save(self, blocks: Sequence[StoredBlock]) -> None:
        for block in blocks:
            held = self._state.blocks.get(block[:3])
            renewed = held.generation + 1 if held is not None and held.generation else 0
            self._state.blocks.put(block._replace(generation=renewed))

    def set_raw_samples(self, server_id: ServerId, hours: Mapping[int, int]) -> None:
        for hour, raw_samples in hours.items():
            self._state.blocks.amend((server_id, 0, hour), raw_samples=raw_samples)

    def note_amended(self, server_id: ServerId, hours: Collection[int]) -> None:
        for hour in hours:
            held = self._state.blocks.get((server_id, 0, hour))
            fewer = (
                amended_chunk(server_id, hour)
                if held is None
                else held._replace(raw_samples=min(held.raw_samples, 0) - 1)
            )
            self._state.blocks.put(fewer)

    def rollups(self, server_id: ServerId, width: int, periods: Collection[int]) -> list[StoredBlock]:
        return self._state.blocks.of([(server_id, width, period) for period in periods])

    def remove_rows(self, ids: Collection[int]) -> int:
        wanted = set(ids)
        return self._remove_rows(lambda history: [row.id for row in history if row.id in wanted], len(ids))

    def prune(self, width: int, before: int, limit: int) -> int:
        due = self._state.blocks.where(lambda block: block.width == width and block.period < before)
        due.sort(key=attrgetter("place"))
        return self._state.blocks.delete(*[block[:3] for block in due[:limit]])

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
    name = "blocks"
    blocks = having(
        lambda block, ids, width, first, last: (
            block.server_id in ids and block.width == width and first <= block.period < last
        )
    )

    def raw_spans(self, after: ServerId, limit: int) -> list[RawSpan]:
        samples = self._state.samples
        found = sorted(server_id for server_id, history in samples.items() if server_id > after and history)
        return [RawSpan(id_, samples[id_][0].at, samples[id_][-1].at) for id_ in found[:limit]]

    def raw_hours(self, server_id: ServerId, first: int, last: int) -> list[RawHour]:
        history = self._state.history(server_id)
        place, end = (history.place(start_of_hour(hour)) for hour in (first, last))
        found = []
        while place < end:
            hour = microseconds(history[place].at) // HOUR
            until = history.place(start_of_hour(hour + 1))
            chunk = self._state.blocks.get((server_id, 0, hour))
            found.append(RawHour(hour, until - place, None if chunk is None else chunk.raw_samples))
            place = until
        return found

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

    def chunks_at(self, server_id: ServerId, hours: Collection[int]) -> list[StoredBlock]:
        return self._state.blocks.of([(server_id, 0, hour) for hour in hours])

    def newest_hour(self, server_ids: Collection[ServerId] | None, before: int) -> int | None:
        own = [block for block in self._of(0) if server_ids is None or block.server_id in server_ids]
        return max((chunk.period for chunk in own if chunk.period < before), default=None)

    def chunks_of_hour(self, server_ids: Collection[ServerId] | None, hour: int) -> list[StoredBlock]:
        found = [chunk for chunk in self._of(0) if chunk.period == hour and chunk.raw_samples < chunk.samples]
        return sorted(chunk for chunk in found if server_ids is None or chunk.server_id in server_ids)

    def _of(self, width: int) -> list[StoredBlock]:
        return [block for block in self._state.blocks.values() if block.width == width]

    def sizes(self) -> dict[str, TierSize]:
        """Bytes of the content. Samples count 0 bytes here."""
        times = [row.at for history in self._state.samples.values() for row in history]
        samples = TierSize(len(times), len(times), 0, True, min(times, default=None), max(times, default=None))
        rollups = {str(width): _size(self._of(width), span) for width, span in ROLLUP_SPANS.items()}
        return {"samples": samples, "chunks": _size(self._of(0), _HOUR), **rollups}


def _size(blocks: Collection[StoredBlock], span: int) -> TierSize:
    numbers = [block.period for block in blocks]
    limits = (min(numbers) * span, (max(numbers) + 1) * span) if numbers else ()
    first, last = [datetime.fromtimestamp(at, UTC) for at in limits] or (None, None)
    samples, size = sum(block.samples for block in blocks), sum(len(block.data) for block in blocks)
    return TierSize(len(blocks), samples, size, True, first, last)


class MemoryBlockMarks(MemoryPart, BlockMarks):
    def take(self, width: int, before: int, after: Place | None, limit: int) -> list[StoredBlock]:
        found = _after(after, self._here(width, before))[:limit]
        return self._replaced(row._replace(generation=row.generation or 1) for row in found)

    def mark_moved(self, blocks: Collection[Block]) -> int:
        held = [row for row in self._held(blocks) if row.data and row.raw_samples <= 0]
        return len(self._replaced(row._replace(data=b"") for row in held))

    def renumber(self, blocks: Collection[Block]) -> None:
        self._replaced(row._replace(generation=row.generation + 1) for row in self._held(blocks) if row.data)

    def moved(self, width: int, after: Place | None, limit: int) -> list[StoredBlock]:
        return _after(after, self._moved(width))[:limit]

    def bring_back(self, contents: Mapping[Block, bytes]) -> int:
        moved = [row for row in self._held(contents) if not row.data]
        return len(self._replaced(row._replace(data=contents[row.block]) for row in moved))

    def count(self, width: int, before: int) -> tuple[int, int]:
        return len(self._here(width, before)), len(self._moved(width))

    def deleted_servers(self) -> list[ServerId]:
        return sorted(self._state.history_deletions)

    def forget_servers(self, server_ids: Collection[ServerId]) -> None:
        self._state.history_deletions.delete(*server_ids)

    def _here(self, width: int, before: int) -> list[StoredBlock]:
        return self._state.blocks.where(
            lambda row: row.width == width and row.period < before and bool(row.data) and row.raw_samples <= 0
        )

    def _moved(self, width: int) -> list[StoredBlock]:
        return self._state.blocks.where(lambda row: row.width == width and not row.data)

    def _held(self, blocks: Collection[Block]) -> list[StoredBlock]:
        """Return the rows of blocks that have their generation."""
        found = [(block, self._state.blocks.get(block[:3])) for block in blocks]
        return [row for block, row in found if row is not None and row.generation == block.generation]

    def _replaced(self, rows: Iterable[StoredBlock]) -> list[StoredBlock]:
        replaced = list(rows)
        for row in replaced:
            self._state.blocks.put(row)
        return replaced


def _after(after: Place | None, rows: list[StoredBlock]) -> list[StoredBlock]:
    return sorted((row for row in rows if after is None or row.place > after), key=attrgetter("place"))
