"""An archive in memory, and the marks of what lies in an archive."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import cast

from monitor.adapters.memory.database import MemoryRepository
from monitor.adapters.memory.state import Table
from monitor.application.history.blocks import Archive, Block, BlockMarks, Chunk, Place, Rollup, block_of
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, merged


class MemoryArchive(Archive):
    """*fails*: it does not answer. *age*: see `keeps`. Like a real one it changes nothing that it holds."""

    place = "memory"

    def __init__(self) -> None:
        self.fails = False
        self.age: timedelta | None = None
        self.held: dict[Block, Frame] = {}

    def store(self, blocks: Mapping[Block, Frame]) -> None:
        self._answer()
        self.held |= {block: merged(self.held.get(block, Frame()), frame) for block, frame in blocks.items()}

    def read(self, blocks: Collection[Block], names: Collection[str] | None = None) -> dict[Block, Frame]:
        self._answer()
        found = {block: self.held[block] for block in blocks if block in self.held}
        if names is None:
            return found
        return {
            block: Frame(frame.times, {name: frame.columns[name] for name in names if name in frame.columns})
            for block, frame in found.items()
        }

    def forget(self, server_ids: Collection[ServerId]) -> None:
        self._answer()
        self.held = {block: frame for block, frame in self.held.items() if block.server_id not in server_ids}

    def keeps(self) -> timedelta | None:
        self._answer()
        return self.age

    def size(self) -> int:
        self._answer()
        return sum(8 * len(frame) * (1 + len(frame.columns)) for frame in self.held.values())

    @property
    def answers(self) -> bool:
        return not self.fails

    def close(self) -> None:
        pass

    def _answer(self) -> None:
        if self.fails:
            raise HistoryUnavailable("the archive does not answer")


Rows = Table[tuple[int, ...], Chunk | Rollup]


class MemoryBlockMarks(MemoryRepository, BlockMarks):
    def take(self, width: int, before: int, after: Place | None, limit: int) -> list[Chunk | Rollup]:
        def is_due(row: Chunk | Rollup) -> bool:
            return _is_here(row, width, before) and (after is None or _place(row) > after)

        rows = self._rows(width)
        found = sorted(((key, row) for key, row in rows.items() if is_due(row)), key=lambda each: _place(each[1]))
        taken = {key: row._replace(generation=row.generation or 1) for key, row in found[:limit]}
        rows.update(taken)
        return [*taken.values()]

    def mark_moved(self, blocks: Collection[Block]) -> int:
        def moved(row: Chunk | Rollup) -> Chunk | Rollup | None:
            is_due = row.data and not (isinstance(row, Chunk) and row.raw_samples)
            return row._replace(data=b"") if is_due else None

        return sum(self._change(block, moved) for block in blocks)

    def renumber(self, blocks: Collection[Block]) -> None:
        for block in blocks:
            self._change(block, lambda row: row._replace(generation=row.generation + 1) if row.data else None)

    def moved(self, width: int, after: Place | None, limit: int) -> list[Chunk | Rollup]:
        rows = [row for row in self._rows(width).values() if not row.data and block_of(row).width == width]
        return sorted((row for row in rows if after is None or _place(row) > after), key=_place)[:limit]

    def bring_back(self, contents: Mapping[Block, bytes]) -> int:
        def returned(data: bytes) -> Callable[[Chunk | Rollup], Chunk | Rollup | None]:
            return lambda row: None if row.data else row._replace(data=data)

        return sum(self._change(block, returned(data)) for block, data in contents.items())

    def count(self, width: int, before: int) -> tuple[int, int]:
        rows = self._rows(width).values()
        moved = [row for row in rows if not row.data and block_of(row).width == width]
        return sum(_is_here(row, width, before) for row in rows), len(moved)

    def deleted_servers(self) -> list[ServerId]:
        return sorted(self._draft.history_deletions)

    def forget_servers(self, server_ids: Collection[ServerId]) -> None:
        self._draft.history_deletions.remove(lambda key, _: key in server_ids)

    def _change(self, block: Block, change: Callable[[Chunk | Rollup], Chunk | Rollup | None]) -> bool:
        """Change the row of *block* if it has its generation. *change* returns None for a row to leave alone."""
        rows = self._rows(block.width)
        key = (block.server_id, block.period) if block.width == 0 else block[:3]
        row = rows.get(key)
        changed = change(row) if row is not None and row.generation == block.generation else None
        if changed is not None:
            rows[key] = changed
        return changed is not None

    def _rows(self, width: int) -> Rows:
        return cast(Rows, self._draft.chunks if width == 0 else self._draft.rollups)


def _is_here(row: Chunk | Rollup, width: int, before: int) -> bool:
    if isinstance(row, Chunk):
        return bool(row.data) and not row.raw_samples and row.hour < before
    return bool(row.data) and row.width == width and row.period < before


def _place(row: Chunk | Rollup) -> Place:
    return block_of(row).period, row.server_id
