from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, or_, select

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import batches, last_turn, rows_with, take_turn, upsert
from monitor.adapters.persistence.tables.history import prometheus_scrapes as t
from monitor.application.history.ports import ScrapeQueries, Scrapes
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.scrapes import Kept, Key, Scrape, State

_KEY = ("server_id", "at", "source")
_CHANGES = ("state", "is_edge", "readings")
_KEYS_AT_ONCE = 100
_TURNS = "scrapes"


class SqlScrapes(SqlRepository, Scrapes):
    def take_turn(self) -> int:
        take_turn(self._connection, _TURNS)
        return last_turn(self._connection, _TURNS)

    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        return _around(self._connection, server_ids, first, last)

    def save(self, scrapes: Sequence[Scrape]) -> None:
        if not scrapes:
            return
        statement = upsert(self._connection, t, key=_KEY, changes=lambda new: {name: new[name] for name in _CHANGES})
        self._connection.execute(statement, [_to_row(scrape) for scrape in scrapes])

    def prune(self, before: datetime, limit: int, *, edges: bool) -> int:
        due = select(*(t.c[name] for name in _KEY)).where(t.c.is_edge == edges, t.c.received_at < before).limit(limit)
        keys = self._connection.execute(due).all()
        for some in batches(keys, _KEYS_AT_ONCE):
            chosen = [and_(*(t.c[name] == value for name, value in zip(_KEY, key, strict=True))) for key in some]
            self._connection.execute(delete(t).where(or_(*chosen)))
        return len(keys)

    def delete(self, server_id: ServerId, keys: Sequence[Key]) -> None:
        for some in batches(keys, _KEYS_AT_ONCE):
            chosen = [and_(t.c.at == at, t.c.source == source) for source, at in some]
            self._connection.execute(delete(t).where(t.c.server_id == server_id, or_(*chosen)))


class SqlScrapeQueries(SqlReader, ScrapeQueries):
    def turn(self) -> int:
        with connected(self._engine) as connection:
            return last_turn(connection, _TURNS)

    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        with connected(self._engine) as connection:
            return _around(connection, server_ids, first, last)

    def kept(self, server_id: ServerId) -> list[Kept]:
        wanted = select(t.c.source, t.c.at, t.c.is_edge, func.length(t.c.readings)).where(t.c.server_id == server_id)
        newest_first = wanted.order_by(t.c.received_at.desc(), t.c.at.desc(), t.c.source)
        return [Kept((source, at), bool(edge), size) for source, at, edge, size in self._rows(newest_first)]


def _around(connection: Connection, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
    wanted = select(t).where(t.c.at >= first, t.c.at <= last)
    rows = rows_with(connection, wanted, t.c.server_id, server_ids)
    return sorted(map(_to_scrape, rows), key=lambda scrape: (scrape.server_id, *scrape.key))


def _to_scrape(row: Row[Any]) -> Scrape:
    return Scrape(
        server_id=ServerId(row.server_id),
        source=row.source,
        at=row.at,
        received_at=row.received_at,
        packed=row.readings,
        state=State(row.state),
        is_edge=bool(row.is_edge),
    )


def _to_row(scrape: Scrape) -> dict[str, Any]:
    return {
        "server_id": scrape.server_id,
        "source": scrape.source,
        "at": scrape.at,
        "received_at": scrape.received_at,
        "state": int(scrape.state),
        "is_edge": int(scrape.is_edge),
        "readings": scrape.packed,
    }
