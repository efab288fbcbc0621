"""Mark which chunks and rollups lie in the archive."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, func, or_, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import batches
from monitor.adapters.persistence.history.chunks import CHUNK, ROLLUP
from monitor.adapters.persistence.tables.history import history_chunks as c
from monitor.adapters.persistence.tables.history import history_deletions
from monitor.adapters.persistence.tables.history import history_rollups as r
from monitor.application.history.blocks import Block, BlockMarks, Chunk, Place, Rollup
from monitor.domain.fleet.servers import ServerId

_BOUND: dict[str, Any] = {name: bindparam(f"of_{name}") for name in Block._fields}


class SqlBlockMarks(SqlRepository, BlockMarks):
    def take(self, width: int, before: int, after: Place | None, limit: int) -> list[Chunk | Rollup]:
        table, period = _table(width)
        wanted = select(table.c.server_id, period).where(_here(width, before), _above(table, period, after))
        rows = self._connection.execute(wanted.order_by(period, table.c.server_id).limit(limit)).all()
        blocks = [Block(ServerId(server_id), width, number, 0) for server_id, number in rows]
        self._update(blocks, {"generation": 1})
        # Read only now: a content without a generation may have changed since.
        columns, make = _row(width)
        found: list[Chunk | Rollup] = []
        for number in dict.fromkeys(block.period for block in blocks):
            ids = [block.server_id for block in blocks if block.period == number]
            for some in batches(ids):
                of_period = select(*columns).where(_here(width, before), period == number, table.c.server_id.in_(some))
                found += [make(*row) for row in self._connection.execute(of_period.order_by(table.c.server_id))]
        return found

    def mark_moved(self, blocks: Collection[Block]) -> int:
        return self._update(blocks, {"data": b"", "archived": 1})

    def renumber(self, blocks: Collection[Block]) -> None:
        for block in blocks:
            self._update([block], {"generation": block.generation + 1})

    def bring_back(self, contents: Mapping[Block, bytes]) -> int:
        return sum(self._update([block], {"data": data, "archived": 0}, 1) for block, data in contents.items())

    def moved(self, width: int, after: Place | None, limit: int) -> list[Chunk | Rollup]:
        table, period = _table(width)
        columns, make = _row(width)
        wanted = select(*columns).where(table.c.archived == 1, _of_width(width), _above(table, period, after))
        rows = self._connection.execute(wanted.order_by(period, table.c.server_id).limit(limit))
        return [make(*row) for row in rows]

    def count(self, width: int, before: int) -> tuple[int, int]:
        table, _ = _table(width)
        here, moved = (
            self._connection.scalar(select(func.count()).select_from(table).where(condition))
            for condition in (_here(width, before), and_(table.c.archived == 1, _of_width(width)))
        )
        return here or 0, moved or 0

    def deleted_servers(self) -> list[ServerId]:
        wanted = select(history_deletions.c.server_id).order_by(history_deletions.c.server_id)
        return [ServerId(id_) for id_ in self._connection.scalars(wanted)]

    def forget_servers(self, server_ids: Collection[ServerId]) -> None:
        for some in batches(server_ids):
            self._connection.execute(delete(history_deletions).where(history_deletions.c.server_id.in_(some)))

    def _update(self, blocks: Collection[Block], values: Mapping[str, Any], archived: int = 0) -> int:
        """Change the rows of *blocks* that have their generation and are *archived*. Returns how many."""
        changed = 0
        for width in {block.width for block in blocks}:
            table, period = _table(width)
            statement = update(table).where(
                table.c.server_id == _BOUND["server_id"],
                period == _BOUND["period"],
                _of_width(width),
                table.c.generation == _BOUND["generation"],
                table.c.archived == archived,
            )
            if width == 0 and values.get("archived") == 1:
                statement = statement.where(table.c.raw_samples == 0)
            for block in blocks:
                if block.width == width:
                    bound = {f"of_{name}": value for name, value in block._asdict().items() if name != "width"}
                    changed += self._connection.execute(statement.values(values), bound).rowcount
        return changed


def _table(width: int) -> tuple[Table, Any]:
    """Return the table and its column of the period."""
    return (c, c.c.hour) if width == 0 else (r, r.c.period)


def _row(width: int) -> tuple[list[Any], Callable[..., Chunk | Rollup]]:
    """Return the columns of a row, and what it becomes."""
    return (CHUNK, Chunk) if width == 0 else (ROLLUP, Rollup)


def _of_width(width: int) -> ColumnElement[bool]:
    return c.c.archived >= 0 if width == 0 else r.c.width == width


def _here(width: int, before: int) -> ColumnElement[bool]:
    if width == 0:
        return and_(c.c.archived == 0, c.c.hour < before, c.c.raw_samples == 0)
    return and_(r.c.archived == 0, r.c.width == width, r.c.period < before)


def _above(table: Table, period: Any, after: Place | None) -> ColumnElement[bool]:
    if after is None:
        return table.c.server_id > 0
    return and_(period >= after[0], or_(period > after[0], table.c.server_id > after[1]))
