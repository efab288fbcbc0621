from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, or_, select, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.pipelining import StatementResult, pipelining, read_all
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import (
    batches,
    columns_of,
    entity_of,
    last_turn,
    rows_with,
    take_turn,
    upsert,
)
from monitor.adapters.persistence.history.sample_inserts import written
from monitor.adapters.persistence.tables.history import prometheus_scrapes as t
from monitor.adapters.persistence.tables.operations import leases
from monitor.application.history.scrape_ports import ScrapeQueries, Scrapes
from monitor.domain.errors import TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.scrapes import Kept, Key, Scrape, State

_KEY = ("server_id", "at", "source")
_CHANGES = ("state", "is_edge", "readings")
_KEYS_AT_ONCE = 100
# As text: half of the time of the driver's `executemany`, and no round trip.
_INTO = "INSERT INTO prometheus_scrapes (server_id, at, source, received_at, state, is_edge, readings) VALUES "
_OR_CHANGE = f" ON DUPLICATE KEY UPDATE {', '.join(f'{name} = VALUES({name})' for name in _CHANGES)}"
_MOST_CHARACTERS = 1_000_000
_TURNS = "scrapes"
_NEXT_TURN = f"UPDATE {leases.name} SET token = token + 1 WHERE name = '{_TURNS}' AND token = {{:d}}"  # noqa: S608  # names and numbers of ours


class SqlScrapes(SqlRepository, Scrapes):
    def take_turn(self, after: int, *, is_sure: bool = False) -> int:
        if is_sure and (driver := pipelining(self._connection)) is not None:
            driver.send([_NEXT_TURN.format(after)], _check_turn)
            return after + 1
        is_next = update(leases).where(leases.c.name == _TURNS, leases.c.token == after)
        if self._connection.execute(is_next.values(token=after + 1)).rowcount == 1:  # as nearly always
            return after + 1
        take_turn(self._connection, _TURNS)
        return last_turn(self._connection, _TURNS)

    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        return _around(self._connection, server_ids, first, last)

    def save(self, scrapes: Sequence[Scrape]) -> None:
        if not scrapes:
            return
        if (driver := pipelining(self._connection)) is not None:
            for values in _values_lists(scrapes):
                driver.send([_INTO + values + _OR_CHANGE], read_all)
            return
        statement = upsert(self._connection, t, key=_KEY, changes=lambda new: {name: new[name] for name in _CHANGES})
        self._connection.execute(statement, [_to_row(scrape) for scrape in scrapes])

    def save_inner(self, scrapes: Sequence[Scrape]) -> None:
        for some in batches(scrapes, _KEYS_AT_ONCE):
            chosen = [
                f"server_id = {each.server_id:d} AND at = {each.at:d} AND source = {each.source:d}" for each in some
            ]
            statement = f"UPDATE {t.name} SET is_edge = 0 WHERE {' OR '.join(chosen)}"  # noqa: S608 (numbers)
            if (driver := pipelining(self._connection)) is not None:
                driver.send([statement], read_all)
            else:
                self._connection.exec_driver_sql(statement)

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

    def newest(self, server_ids: Collection[ServerId]) -> dict[ServerId, int]:
        wanted = select(t.c.server_id, func.max(t.c.at)).group_by(t.c.server_id)
        with connected(self._engine) as connection:
            return {ServerId(row[0]): row[1] for row in rows_with(connection, wanted, t.c.server_id, server_ids)}

    def kept(self, server_id: ServerId) -> list[Kept]:
        wanted = select(t.c.source, t.c.at, t.c.is_edge, func.length(t.c.readings)).where(t.c.server_id == server_id)
        newest_first = wanted.order_by(t.c.received_at.desc(), t.c.at.desc(), t.c.source)
        return [Kept((source, at), bool(edge), size) for source, at, edge, size in self._rows(newest_first)]


def _check_turn(results: Iterator[StatementResult]) -> None:
    if next(results).affected_rows != 1:
        raise TransactionConflict("another turn was taken")


def _around(connection: Connection, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
    wanted = select(t).where(t.c.at >= first, t.c.at <= last)
    rows = rows_with(connection, wanted, t.c.server_id, server_ids)
    return sorted(map(_to_scrape, rows), key=lambda scrape: (scrape.server_id, *scrape.key))


def _to_scrape(row: Row[Any]) -> Scrape:
    return entity_of(Scrape, row, packed=row.readings, state=State(row.state), is_edge=bool(row.is_edge))


def _values_lists(scrapes: Sequence[Scrape]) -> Iterator[str]:
    """Yield what follows VALUES, in parts of about 1 MB."""
    rows: list[str] = []
    length = 0
    for each in scrapes:
        keys = f"{each.server_id:d},{each.at:d},{each.source:d},'{written(each.received_at)}'"
        rows.append(f"({keys},{each.state:d},{each.is_edge:d},X'{each.packed.hex()}')")
        length += len(rows[-1])
        if length > _MOST_CHARACTERS or each is scrapes[-1]:
            yield ",".join(rows)
            rows, length = [], 0


def _to_row(scrape: Scrape) -> dict[str, Any]:
    converted = {"state": int(scrape.state), "is_edge": int(scrape.is_edge), "readings": scrape.packed}
    return columns_of(scrape, "packed") | converted
