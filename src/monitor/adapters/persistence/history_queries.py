from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, select

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.engine import connected
from monitor.adapters.persistence.history_sizes import tier_sizes
from monitor.adapters.persistence.hot_hours import read_hot_hours
from monitor.adapters.persistence.sample_frames import read_rows
from monitor.adapters.persistence.tables import history_chunks as c
from monitor.adapters.persistence.tables import history_rollups as r
from monitor.adapters.persistence.tables import monitor_data as m
from monitor.adapters.persistence.tables import servers as s
from monitor.application.ports.history import Block, Chunk, HistoryQueries, HotHour, HotRows, HotSpan, TierSize
from monitor.domain.history.rollups import begin_of
from monitor.domain.servers import ServerId

# Looks into the unique key for each server.
_TIMES = select(m.c.recorded_at).where(m.c.server_id == s.c.id)
_OLDEST = _TIMES.order_by(m.c.recorded_at).limit(1).scalar_subquery()
_NEWEST = _TIMES.order_by(m.c.recorded_at.desc()).limit(1).scalar_subquery()


class SqlHistoryQueries(HistoryQueries):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hot_spans(self, after: ServerId, limit: int) -> list[HotSpan]:
        wanted = select(s.c.id, _OLDEST, _NEWEST).where(s.c.id > after, _TIMES.exists())
        with connected(self._engine) as connection:
            rows = connection.execute(wanted.order_by(s.c.id).limit(limit))
            return [HotSpan(ServerId(id_), oldest, newest) for id_, oldest, newest in rows]

    def hot_hours(self, server_id: ServerId, first: int, last: int) -> list[HotHour]:
        with connected(self._engine) as connection:
            return read_hot_hours(connection, server_id, first, last)

    def hot_rows(self, server_id: ServerId, hour: int) -> HotRows:
        with connected(self._engine) as connection:
            return HotRows(*read_rows(connection, server_id, begin_of(hour), begin_of(hour + 1)))

    def chunks(self, server_id: ServerId, first: int, last: int) -> list[Chunk]:
        wanted = select(c).where(c.c.server_id == server_id, c.c.hour >= first, c.c.hour < last).order_by(c.c.hour)
        with connected(self._engine) as connection:
            return _chunks(connection, wanted)

    def blocks(self, server_id: ServerId, width: int, first: int, last: int) -> list[Block]:
        of_server = select(r).where(r.c.server_id == server_id, r.c.width == width)
        wanted = of_server.where(r.c.period >= first, r.c.period < last).order_by(r.c.period)
        with connected(self._engine) as connection:
            return [Block(*row) for row in connection.execute(wanted)]

    def newest_hour(self, server_ids: Collection[ServerId] | None, before: int) -> int | None:
        newest = select(func.max(c.c.hour)).where(c.c.hour < before)
        with connected(self._engine) as connection:
            if server_ids is None:
                hour: int | None = connection.scalar(newest)
                return hour
            # One look into the primary key for each; MAX() would read all of each on MariaDB.
            of_one = select(c.c.hour).where(c.c.server_id == s.c.id, c.c.hour < before).order_by(c.c.hour.desc())
            of_each = select(of_one.limit(1).scalar_subquery().label("hour"))
            some = [of_each.where(s.c.id.in_(batch)).subquery() for batch in batches(server_ids)]
            found = [connection.scalar(select(func.max(each.c.hour))) for each in some]
        return max((hour for hour in found if hour is not None), default=None)

    def chunks_of_hour(self, server_ids: Collection[ServerId] | None, hour: int) -> list[Chunk]:
        wanted = select(c).where(c.c.hour == hour, c.c.at_hand < c.c.samples).order_by(c.c.server_id)
        with connected(self._engine) as connection:
            if server_ids is None:
                return _chunks(connection, wanted)
            some = batches(sorted(server_ids))
            return [chunk for batch in some for chunk in _chunks(connection, wanted.where(c.c.server_id.in_(batch)))]

    def sizes(self) -> dict[str, TierSize]:
        with connected(self._engine) as connection:
            return tier_sizes(connection)


def _chunks(connection: Connection, wanted: Select[Any]) -> list[Chunk]:
    return [Chunk(*row) for row in connection.execute(wanted)]
