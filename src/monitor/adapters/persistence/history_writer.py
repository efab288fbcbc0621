from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.tables import history_chunks as c
from monitor.adapters.persistence.tables import history_rollups as r
from monitor.adapters.persistence.tables import monitor_data as m
from monitor.adapters.persistence.upserts import upsert
from monitor.application.ports.history import Block, Chunk, HistoryWriter
from monitor.domain.servers import ServerId


class SqlHistoryWriter(HistoryWriter):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sealed(self, server_id: ServerId, hours: Collection[int]) -> dict[int, tuple[int, int]]:
        wanted = select(c.c.hour, c.c.samples, c.c.at_hand).where(c.c.server_id == server_id, c.c.hour.in_(hours))
        return {hour: (samples, at_hand) for hour, samples, at_hand in self._connection.execute(wanted)}

    def save_chunks(self, chunks: Sequence[Chunk]) -> None:
        self._save(c, ("server_id", "hour"), ("samples", "data", "at_hand"), chunks)

    def set_at_hand(self, server_id: ServerId, hours: Mapping[int, int]) -> None:
        for hour, at_hand in hours.items():
            of_hour = update(c).where(c.c.server_id == server_id, c.c.hour == hour)
            self._connection.execute(of_hour.values(at_hand=at_hand))

    def blocks(self, server_id: ServerId, width: int, periods: Collection[int]) -> list[Block]:
        wanted = select(r).where(r.c.server_id == server_id, r.c.width == width, r.c.period.in_(periods))
        return [Block(*row) for row in self._connection.execute(wanted.order_by(r.c.period))]

    def save_blocks(self, blocks: Sequence[Block]) -> None:
        self._save(r, ("server_id", "width", "period"), ("data",), blocks)

    def _save(self, table: Table, key: Sequence[str], rest: Sequence[str], rows: Sequence[Chunk | Block]) -> None:
        if rows:
            statement = upsert(self._connection, table, key=key, changes=lambda new: {name: new[name] for name in rest})
            self._connection.execute(statement, [row._asdict() for row in rows])

    def remove_rows(self, ids: Collection[int]) -> int:
        return sum(self._connection.execute(delete(m).where(m.c.id.in_(some))).rowcount for some in batches(ids))

    def prune_chunks(self, before: int, limit: int) -> int:
        wanted = select(c.c.server_id, c.c.hour).where(c.c.hour < before).order_by(c.c.hour, c.c.server_id)
        return self._delete(c, wanted.limit(limit))

    def prune_blocks(self, width: int, before: int, limit: int) -> int:
        wanted = select(r.c.server_id, r.c.width, r.c.period).where(r.c.width == width, r.c.period < before)
        return self._delete(r, wanted.order_by(r.c.period, r.c.server_id).limit(limit))

    def prune_rows(self, before: datetime, limit: int) -> int:
        wanted = select(m.c.id).where(m.c.recorded_at < before).order_by(m.c.recorded_at).limit(limit)
        return self.remove_rows(self._connection.scalars(wanted).all())

    def _delete(self, table: Table, wanted: Any) -> int:
        """Found first, since SQLite knows no DELETE … LIMIT."""
        found = self._connection.execute(wanted).all()
        for row in found:
            conditions = [table.c[name] == value for name, value in row._mapping.items()]
            self._connection.execute(delete(table).where(*conditions))
        return len(found)
