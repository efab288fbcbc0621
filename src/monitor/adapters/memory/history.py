from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.sample_table import Log, first_at_or_after
from monitor.adapters.memory.state import State
from monitor.application.history.blocks import Chunk, Rollup
from monitor.application.history.ports import (
    HistoryQueries,
    HistoryWriter,
    OpenHour,
    RawHour,
    RawRows,
    RawSpan,
    TierSize,
)
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import frame_of
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS, hours_between, start_of_hour
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.times import MICROSECOND, microseconds

_HOUR = 3600


class MemoryHistoryWriter(MemoryRepository, HistoryWriter):
    def sealed(self, server_id: ServerId, hours: Collection[int]) -> dict[int, tuple[int, int]]:
        chunks = [self._draft.chunks[server_id, hour] for hour in hours if (server_id, hour) in self._draft.chunks]
        return {chunk.hour: (chunk.samples, chunk.raw_samples) for chunk in chunks}

    def save_chunks(self, chunks: Sequence[Chunk]) -> None:
        self._check(chunks)
        known = self._draft.chunks
        rows = {(chunk.server_id, chunk.hour): chunk for chunk in chunks}
        known.update({key: row._replace(generation=_next(known.get(key))) for key, row in rows.items()})

    def set_raw_samples(self, server_id: ServerId, hours: Mapping[int, int]) -> None:
        chunks = self._draft.chunks
        found = {hour: chunks[server_id, hour] for hour in hours if (server_id, hour) in chunks}
        chunks.update({(server_id, hour): chunk._replace(raw_samples=hours[hour]) for hour, chunk in found.items()})

    def rollups(self, server_id: ServerId, width: int, periods: Collection[int]) -> list[Rollup]:
        rollups = self._draft.rollups
        keys = [(server_id, width, period) for period in sorted(set(periods))]
        return [rollups[key] for key in keys if key in rollups]

    def save_rollups(self, rollups: Sequence[Rollup]) -> None:
        self._check(rollups)
        known = self._draft.rollups
        rows = {rollup[:3]: rollup for rollup in rollups}
        known.update({key: row._replace(generation=_next(known.get(key))) for key, row in rows.items()})

    def remove_rows(self, ids: Collection[int]) -> int:
        wanted = set(ids)
        return self._draft.samples.remove(lambda row: row.id in wanted)

    def prune_chunks(self, before: int, limit: int) -> int:
        due = sorted((hour, server_id) for server_id, hour in self._draft.chunks if hour < before)[:limit]
        for hour, server_id in due:
            del self._draft.chunks[server_id, hour]
        return len(due)

    def prune_rollups(self, width: int, before: int, limit: int) -> int:
        due = sorted((key[2], key) for key in self._draft.rollups if key[1] == width and key[2] < before)[:limit]
        for _, key in due:
            del self._draft.rollups[key]
        return len(due)

    def prune_rows(self, before: datetime, limit: int) -> int:
        return self._draft.samples.remove(lambda row: row.recorded_at < before, limit)

    def _check(self, rows: Sequence[Chunk | Rollup]) -> None:
        for row in rows:
            self._draft.check_server(row.server_id)


class MemoryHistoryQueries(MemoryReader, HistoryQueries):
    def raw_spans(self, after: ServerId, limit: int) -> list[RawSpan]:
        samples = self._state.samples.committed
        found = sorted(server_id for server_id, history in samples.items() if server_id > after and history)
        return [RawSpan(id_, samples[id_][0].recorded_at, samples[id_][-1].recorded_at) for id_ in found[:limit]]

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
        for span in self.raw_spans(ServerId(0), len(self._state.samples.committed)):
            within = hours_between(span.oldest, span.newest + MICROSECOND)
            if hours := self.open_hours(span.server_id, *within, metric):
                found[span.server_id] = hours
        return found

    def raw_rows(self, server_id: ServerId, hour: int) -> RawRows:
        history = self._state.samples.committed.get(server_id, Log())
        start, end = (first_at_or_after(history, start_of_hour(each)) for each in (hour, hour + 1))
        rows = history[start:end]
        return RawRows([row.id for row in rows], frame_of([row.sample for row in rows]))

    def chunks_of(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Chunk]:
        return sorted(chunk for chunk in self._of(server_ids) if first <= chunk.hour < last)

    def chunks_at(self, server_id: ServerId, hours: Collection[int]) -> list[Chunk]:
        return [chunk for chunk in self._of([server_id]) if chunk.hour in hours]

    def rollups_of(self, server_ids: Collection[ServerId], width: int, first: int, last: int) -> list[Rollup]:
        rollups = self._state.rollups
        of_width = (key for key in rollups if key[0] in server_ids and key[1] == width)
        return [rollups[key] for key in sorted(of_width) if first <= key[2] < last]

    def newest_hour(self, server_ids: Collection[ServerId] | None, before: int) -> int | None:
        found = [chunk.hour for chunk in self._of(server_ids) if chunk.hour < before]
        return max(found, default=None)

    def chunks_of_hour(self, server_ids: Collection[ServerId] | None, hour: int) -> list[Chunk]:
        return [chunk for chunk in self._of(server_ids) if chunk.hour == hour and chunk.raw_samples < chunk.samples]

    def sizes(self) -> dict[str, TierSize]:
        """Bytes of the content. Samples count 0 bytes here."""
        state = self._state
        times = [row.recorded_at for history in state.samples.committed.values() for row in history]
        sizes = {
            "samples": TierSize(len(times), len(times), 0, True, min(times, default=None), max(times, default=None))
        }
        hours = [chunk.hour for chunk in state.chunks.values()]
        held = sum(chunk.samples for chunk in state.chunks.values())
        content = sum(len(chunk.data) for chunk in state.chunks.values())
        sizes["chunks"] = TierSize(len(hours), held, content, True, *_span(hours, _HOUR))
        for width, span in ROLLUP_SPANS.items():
            rollups = [rollup for rollup in state.rollups.values() if rollup.width == width]
            content = sum(len(rollup.data) for rollup in rollups)
            limits = _span([rollup.period for rollup in rollups], span)
            sizes[str(width)] = TierSize(len(rollups), 0, content, True, *limits)
        return sizes

    def _of(self, server_ids: Collection[ServerId] | None) -> list[Chunk]:
        chunks = self._state.chunks.in_order()
        return [chunk for chunk in chunks if server_ids is None or chunk.server_id in server_ids]


def raw_hours(state: State, server_id: ServerId, first: int, last: int) -> list[RawHour]:
    """See HistoryQueries.raw_hours."""
    history = state.samples.committed.get(server_id, Log())
    place, end = (first_at_or_after(history, start_of_hour(hour)) for hour in (first, last))
    found = []
    while place < end:
        hour = microseconds(history[place].recorded_at) // HOUR
        until = first_at_or_after(history, start_of_hour(hour + 1))
        chunk = state.chunks.get((server_id, hour))
        found.append(RawHour(hour, until - place, None if chunk is None else chunk.raw_samples))
        place = until
    return found


def _next(row: Chunk | Rollup | None) -> int:
    """Return the generation of a content that replaces *row*."""
    return row.generation + 1 if row is not None and row.generation else 0


def _span(numbers: Sequence[int], span: int) -> tuple[datetime | None, datetime | None]:
    if not numbers:
        return None, None
    return datetime.fromtimestamp(min(numbers) * span, UTC), datetime.fromtimestamp((max(numbers) + 1) * span, UTC)
