"""Check-ins and their pings in SQL. Name, server and time of creation are columns of their row in `servers`."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, bindparam, delete, func, insert, select, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import (
    columns_of,
    cut_to_fit,
    entity_of,
    found_row,
    rows_with,
    take_turn,
)
from monitor.adapters.persistence.tables.checks import check_in_pings as p
from monitor.adapters.persistence.tables.checks import check_ins as t
from monitor.adapters.persistence.tables.fleet import servers
from monitor.application.checks.ports import CheckInQueries, CheckIns
from monitor.application.fleet.ports import Tracked
from monitor.domain.checks.check_ins import MAX_PINGS_KEPT, CheckIn, CheckInState, Ping, PingKind
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.text import as_read

_SHARED = (servers.c.server_name, servers.c.host_id, servers.c.created_at)
_WHOLE = select(t, *_SHARED).join_from(t, servers)
# Subqueries, since a join would also lock the rows of the servers, which would wait for the intake.
_LOCKED = select(
    t, *(select(column).where(servers.c.id == t.c.id).scalar_subquery().label(column.name) for column in _SHARED)
).with_for_update()
_OF_SERVERS = ("name", "host_id", "created_at")
_NOT_SAVED = (*_OF_SERVERS, "ping_key")
_SAVE = update(t).where(t.c.id == bindparam("this"))
_TIDIED = 10
"""Pings after which old ones are deleted."""


class SqlCheckIns(SqlRepository, CheckIns):
    def add(self, check_in: CheckIn) -> None:
        self._connection.execute(insert(t), columns_of(check_in, *_OF_SERVERS) | {"id": check_in.id})

    def count(self) -> int:
        take_turn(self._connection, "check-ins")
        return self._connection.scalar(select(func.count()).select_from(t)) or 0

    def get(self, check_in_id: ServerId) -> CheckIn:
        wanted = _LOCKED.where(t.c.id == check_in_id)
        return _to_check_in(found_row(self._connection, wanted, f"check-in {check_in_id}"))

    def get_many(self, ids: Collection[ServerId]) -> list[CheckIn]:
        return [_to_check_in(row) for row in self._locked(t.c.id, ids)]

    def by_keys(self, ping_keys: Collection[str]) -> dict[str, CheckIn]:
        rows = self._locked(t.c.ping_key, ping_keys)
        # MySQL ignores spaces at the end.
        return {row.ping_key: _to_check_in(row) for row in rows if row.ping_key in ping_keys}

    def _locked(self, column: Column[Any], values: Collection[Any]) -> Iterator[Row[Any]]:
        """Lock rows in one order, so that two processes rarely wait for each other."""
        return rows_with(self._connection, _LOCKED.order_by(column), column, sorted(values))

    def save(self, check_ins: Collection[CheckIn]) -> None:
        if check_ins:
            self._connection.execute(_SAVE, [columns_of(each, *_NOT_SAVED) | {"this": each.id} for each in check_ins])

    def rename(self, check_in: CheckIn) -> None:
        values = {"server_name": check_in.name, "host_id": check_in.host_id}
        changed = update(servers).where(servers.c.id == check_in.id).values(values)
        if not self._connection.execute(changed).rowcount:
            raise NotFound("no such check-in")
        self._log.note(Tracked.SERVER, [check_in.id])

    def note(self, pings: Sequence[tuple[ServerId, Ping]]) -> None:
        if not pings:
            return
        rows = [columns_of(ping) | {"check_in_id": id_, "address": _cut(ping.address)} for id_, ping in pings]
        self._connection.execute(insert(p), rows)
        for id_, ping in pings:
            if ping.number % _TIDIED == 0 and ping.number > MAX_PINGS_KEPT:
                is_old = p.c.number <= ping.number - MAX_PINGS_KEPT
                self._connection.execute(delete(p).where(p.c.check_in_id == id_, is_old))

    def last_failure(self, check_in_id: ServerId) -> Ping | None:
        wanted = select(p).where(p.c.check_in_id == check_in_id, p.c.kind == PingKind.FAIL)
        row = self._connection.execute(wanted.order_by(p.c.number.desc()).limit(1)).one_or_none()
        return None if row is None else _to_ping(row)


class SqlCheckInQueries(SqlReader, CheckInQueries):
    def of(self, ids: Collection[ServerId]) -> list[CheckIn]:
        with connected(self._engine) as connection:
            return [_to_check_in(row) for row in rows_with(connection, _WHOLE.order_by(t.c.id), t.c.id, sorted(ids))]

    def ping_keys(self) -> list[str]:
        return [row.ping_key for row in self._rows(select(t.c.ping_key))]

    def pings(self, check_in_id: ServerId, *, before: int | None, limit: int) -> list[Ping]:
        wanted = select(p).where(p.c.check_in_id == check_in_id)
        if before is not None:
            wanted = wanted.where(p.c.number < before)
        return [_to_ping(row) for row in self._rows(wanted.order_by(p.c.number.desc()).limit(limit))]

    def overdue(self, now: datetime) -> dict[ServerId, datetime]:
        is_overdue = (t.c.state == CheckInState.UP) & (t.c.down_at <= now)
        return {ServerId(row.id): row.due_at for row in self._rows(select(t.c.id, t.c.due_at).where(is_overdue))}

    def down(self) -> dict[ServerId, bool]:
        is_down = (t.c.state == CheckInState.DOWN) | t.c.failure_is_new.is_(True)
        rows = self._rows(select(t.c.id, t.c.failure_is_new).where(is_down))
        return {ServerId(row.id): row.failure_is_new for row in rows}


def _to_check_in(row: Row[Any]) -> CheckIn:
    return entity_of(CheckIn, row, name=as_read(row.server_name))


def _cut(address: str) -> str:
    return cut_to_fit(address, p.c.address)


def _to_ping(row: Row[Any]) -> Ping:
    return entity_of(Ping, row, body=row.body or b"")
