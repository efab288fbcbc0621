"""Mark which chunks and rollups lie in the archive."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, or_, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import batches, rows_with
from monitor.adapters.persistence.history.chunks import blocks_of, is_of, table_of
from monitor.adapters.persistence.tables.history import history_deletions
from monitor.application.history.blocks import Block, BlockMarks, Place, StoredBlock
from monitor.domain.fleet.servers import ServerId

_BOUND: dict[str, Any] = {name: bindparam(f"of_{name}") for name in Block._fields}


class SqlBlockMarks(SqlRepository, BlockMarks):
    def take(self, width: int, before: int, after: Place | None, limit: int) -> list[StoredBlock]:
        t = table_of(width)
        wanted = select(t.c.server_id, t.c.period).where(*_here(width, before), *_above(t, after))
        rows = self._connection.execute(wanted.order_by(t.c.period, t.c.server_id).limit(limit)).all()
        blocks = [Block(ServerId(server_id), width, period, 0) for server_id, period in rows]
        self._update(blocks, {"generation": 1})
        # Read only now: a content without a generation may have changed since.
        found: list[StoredBlock] = []
        for period in dict.fromkeys(block.period for block in blocks):
            ids = [block.server_id for block in blocks if block.period == period]
            of_period = blocks_of(width).where(*_here(width, before), t.c.period == period).order_by(t.c.server_id)
            found += [StoredBlock(*row) for row in rows_with(self._connection, of_period, t.c.server_id, ids)]
        return found

    def mark_moved(self, blocks: Collection[Block]) -> int:
        return self._update(blocks, {"data": b"", "archived": 1})

    def renumber(self, blocks: Collection[Block]) -> None:
        for block in blocks:
            self._update([block], {"generation": block.generation + 1})

    def bring_back(self, contents: Mapping[Block, bytes]) -> int:
        return sum(self._update([block], {"data": data, "archived": 0}, 1) for block, data in contents.items())

    def moved(self, width: int, after: Place | None, limit: int) -> list[StoredBlock]:
        t = table_of(width)
        wanted = blocks_of(width).where(t.c.archived == 1, *_above(t, after))
        rows = self._connection.execute(wanted.order_by(t.c.period, t.c.server_id).limit(limit))
        return [StoredBlock(*row) for row in rows]

    def count(self, width: int, before: int) -> tuple[int, int]:
        t = table_of(width)
        counted = select(func.count()).select_from(t)
        here = self._connection.scalar(counted.where(*_here(width, before)))
        moved = self._connection.scalar(counted.where(*is_of(width), t.c.archived == 1))
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
            t = table_of(width)
            own = [t.c[name] == _BOUND[name] for name in ("server_id", "period", "generation")]
            statement = update(t).where(*is_of(width), *own, t.c.archived == archived)
            if width == 0 and values.get("archived") == 1:
                statement = statement.where(t.c.raw_samples <= 0)
            for block in blocks:
                if block.width == width:
                    bound = {f"of_{name}": value for name, value in block._asdict().items() if name != "width"}
                    changed += self._connection.execute(statement.values(values), bound).rowcount
        return changed


def _here(width: int, before: int) -> list[ColumnElement[bool]]:
    t = table_of(width)
    return [*is_of(width), t.c.archived == 0, t.c.period < before, *([] if width else [t.c.raw_samples <= 0])]


def _above(t: Table, after: Place | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    period, server_id = after
    return [t.c.period >= period, or_(t.c.period > period, t.c.server_id > server_id)]
