from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.sample_table import Log, first_at_or_after
from monitor.adapters.memory.state import Draft, State
from monitor.application.history.ports import (
    Block,
    Chunk,
    HistoryQueries,
    HistoryWriter,
    HotHour,
    HotRows,
    HotSpan,
    TierSize,
)
from monitor.domain.errors import ConstraintViolated
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import frame_of
from monitor.domain.history.rollups import BLOCK_SPANS, HOUR, begin_of
from monitor.domain.times import microseconds

_HOUR = 3600


class MemoryHistoryWriter(HistoryWriter):
    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def sealed(self, server_id: ServerId, hours: Collection[int]) -> dict[int, tuple[int, int]]:
        chunks = [self._draft.chunks[server_id, hour] for hour in hours if (server_id, hour) in self._draft.chunks]
        return {chunk.hour: (chunk.samples, chunk.at_hand) for chunk in chunks}

    def save_chunks(self, chunks: Sequence[Chunk]) -> None:
        self._check(chunks)
        self._draft.chunks.update({(chunk.server_id, chunk.hour): chunk for chunk in chunks})

    def set_at_hand(self, server_id: ServerId, hours: Mapping[int, int]) -> None:
        chunks = self._draft.chunks
        there = {hour: chunks[server_id, hour] for hour in hours if (server_id, hour) in chunks}
        chunks.update({(server_id, hour): chunk._replace(at_hand=hours[hour]) for hour, chunk in there.items()})

    def blocks(self, server_id: ServerId, width: int, periods: Collection[int]) -> list[Block]:
        blocks = self._draft.blocks
        keys = [(server_id, width, period) for period in sorted(set(periods))]
        return [blocks[key] for key in keys if key in blocks]

    def save_blocks(self, blocks: Sequence[Block]) -> None:
        self._check(blocks)
        self._draft.blocks.update({block[:3]: block for block in blocks})

    def remove_rows(self, ids: Collection[int]) -> int:
        wanted = set(ids)
        return self._draft.samples.remove(lambda row: row.id in wanted)

    def prune_chunks(self, before: int, limit: int) -> int:
        due = sorted((hour, server_id) for server_id, hour in self._draft.chunks if hour < before)[:limit]
        for hour, server_id in due:
            del self._draft.chunks[server_id, hour]
        return len(due)

    def prune_blocks(self, width: int, before: int, limit: int) -> int:
        due = sorted((key[2], key) for key in self._draft.blocks if key[1] == width and key[2] < before)[:limit]
        for _, key in due:
            del self._draft.blocks[key]
        return len(due)

    def prune_rows(self, before: datetime, limit: int) -> int:
        return self._draft.samples.remove(lambda row: row.recorded_at < before, limit)

    def _check(self, rows: Sequence[Chunk | Block]) -> None:
        if any(row.server_id not in self._draft.servers for row in rows):
            raise ConstraintViolated("the server is gone")


class MemoryHistoryQueries(HistoryQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def hot_spans(self, after: ServerId, limit: int) -> list[HotSpan]:
        samples = self._database.state.samples
        found = sorted(server_id for server_id, history in samples.items() if server_id > after and history)
        return [HotSpan(id_, samples[id_][0].recorded_at, samples[id_][-1].recorded_at) for id_ in found[:limit]]

    def hot_hours(self, server_id: ServerId, first: int, last: int) -> list[HotHour]:
        return hot_hours(self._database.state, server_id, first, last)

    def hot_rows(self, server_id: ServerId, hour: int) -> HotRows:
        history = self._database.state.samples.get(server_id, Log())
        start, end = (first_at_or_after(history, begin_of(each)) for each in (hour, hour + 1))
        rows = history[start:end]
        return HotRows([row.id for row in rows], frame_of([row.sample for row in rows]))

    def chunks(self, server_id: ServerId, first: int, last: int) -> list[Chunk]:
        return [chunk for chunk in self._sorted() if chunk.server_id == server_id and first <= chunk.hour < last]

    def blocks(self, server_id: ServerId, width: int, first: int, last: int) -> list[Block]:
        blocks = self._database.state.blocks
        keys = sorted(key for key in blocks if key[:2] == (server_id, width) and first <= key[2] < last)
        return [blocks[key] for key in keys]

    def newest_hour(self, server_ids: Collection[ServerId] | None, before: int) -> int | None:
        found = [chunk.hour for chunk in self._of(server_ids) if chunk.hour < before]
        return max(found, default=None)

    def chunks_of_hour(self, server_ids: Collection[ServerId] | None, hour: int) -> list[Chunk]:
        return [chunk for chunk in self._of(server_ids) if chunk.hour == hour and chunk.at_hand < chunk.samples]

    def sizes(self) -> dict[str, TierSize]:
        """Bytes of what is stored; samples have none here."""
        state = self._database.state
        times = [row.recorded_at for history in state.samples.values() for row in history]
        sizes = {
            "samples": TierSize(len(times), len(times), 0, True, min(times, default=None), max(times, default=None))
        }
        hours = [chunk.hour for chunk in state.chunks.values()]
        held = sum(chunk.samples for chunk in state.chunks.values())
        content = sum(len(chunk.data) for chunk in state.chunks.values())
        sizes["chunks"] = TierSize(len(hours), held, content, True, *_span(hours, _HOUR))
        for width, span in BLOCK_SPANS.items():
            blocks = [block for block in state.blocks.values() if block.width == width]
            content = sum(len(block.data) for block in blocks)
            limits = _span([block.period for block in blocks], span)
            sizes[str(width)] = TierSize(len(blocks), 0, content, True, *limits)
        return sizes

    def _of(self, server_ids: Collection[ServerId] | None) -> list[Chunk]:
        return [chunk for chunk in self._sorted() if server_ids is None or chunk.server_id in server_ids]

    def _sorted(self) -> list[Chunk]:
        return [chunk for _, chunk in sorted(self._database.state.chunks.items())]


def hot_hours(state: State, server_id: ServerId, first: int, last: int) -> list[HotHour]:
    """See HistoryQueries.hot_hours."""
    history = state.samples.get(server_id, Log())
    start, end = (first_at_or_after(history, begin_of(hour)) for hour in (first, last))
    rows = Counter(microseconds(row.recorded_at) // HOUR for row in history[start:end])
    chunks = {hour: state.chunks.get((server_id, hour)) for hour in rows}
    return [HotHour(hour, n, None if (c := chunks[hour]) is None else c.at_hand) for hour, n in sorted(rows.items())]


def _span(numbers: Sequence[int], span: int) -> tuple[datetime | None, datetime | None]:
    if not numbers:
        return None, None
    return datetime.fromtimestamp(min(numbers) * span, UTC), datetime.fromtimestamp((max(numbers) + 1) * span, UTC)
