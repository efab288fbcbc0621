"""Checks in SQL. Several processes claim from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, insert, or_, select, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import (
    columns_of,
    entity_of,
    found_row,
    locked_row,
    rows_with,
    take_turn,
)
from monitor.adapters.persistence.fleet.conditions import host_of, is_seen_by, watched_by
from monitor.adapters.persistence.fleet.servers import SqlServers
from monitor.adapters.persistence.tables.checks import checks as t
from monitor.adapters.persistence.tables.fleet import servers
from monitor.application.checks.ports import CheckFilter, CheckQueries, Checks
from monitor.application.fleet.ports import Tracked
from monitor.application.notifications.ports import NotifiedCheck
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import SHORTEST_INTERVAL, Check, CheckStatus, Result, StoredCheck
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.schedule import DueCheck, after_run, due_again, is_too_far, lease_bounds, leased_until, plan
from monitor.domain.checks.targets import without_secrets
from monitor.domain.fleet.servers import ServerId

_STORED = select(
    t,
    servers.c.server_name.label("name"),
    servers.c.host_id,
    servers.c.attempts,
    servers.c.report_interval.label("interval"),
    servers.c.created_at,
).join(servers, servers.c.id == t.c.id)
_THIS = t.c.id == bindparam("this")
_FREE = {"leased_until": None, "holder": None}
_LOOKED_AT = 1000
"""Due checks in one claim."""


class SqlChecks(SqlRepository, Checks):
    def count(self) -> int:
        take_turn(self._connection, "checks")
        return int(self._connection.scalars(select(func.count()).select_from(t)).one())

    def add(self, check: Check, ip_address: str, due_at: datetime) -> Check:
        server = SqlServers(self._connection, self._log).add(check.as_server(ip_address))
        new = {"state": CheckStatus().state, "failures": 0, "due_at": due_at}
        self._connection.execute(insert(t), {"id": server.id, **_to_row(check), **new})
        return replace(check, id=server.id)

    def get(self, check_id: ServerId) -> StoredCheck:
        self._lock([check_id])
        return _to_stored(found_row(self._connection, _STORED.where(t.c.id == check_id), f"check {check_id}"))

    def save(self, stored: StoredCheck) -> None:
        check = stored.check
        found_row(self._connection, select(t.c.id).where(t.c.id == check.id), f"check {check.id}")
        values = {"due_at": stored.due_at, **_FREE, **_to_row(check), **_status_columns(stored.status)}
        self._connection.execute(update(t).where(t.c.id == check.id).values(values))
        shared = update(servers).where(servers.c.id == check.id)
        shared = shared.values(
            server_name=check.name, host_id=check.host_id, attempts=check.attempts, report_interval=check.interval
        )
        self._connection.execute(shared)
        self._log.note(Tracked.SERVER, [check.id])

    def claim(self, now: datetime, holder: str, *, most: int, most_failing: int) -> list[StoredCheck]:
        locked_row(self._connection, "check-claims")  # one at a time: of two that want the same, one would get none
        columns = (t.c.id, t.c.due_at, servers.c.report_interval, t.c.timeout, t.c.failures)
        due = select(*columns).join(servers, servers.c.id == t.c.id).where(t.c.due_at <= now, _is_free(now))
        rows = self._connection.execute(due.order_by(t.c.due_at, t.c.id).limit(_LOOKED_AT))
        chosen = plan([DueCheck(*row[:4], row.failures > 0) for row in rows], now, most, most_failing)
        changes: dict[ServerId, dict[str, Any]] = {
            id_: {"this": id_, "due_at": due_at, **_FREE} for id_, due_at in chosen.due.items()
        }
        for check in chosen.runs:
            changes[check.id] |= {"leased_until": leased_until(now, check.timeout), "holder": holder}
        if changes:
            self._connection.execute(update(t).where(_THIS), [changes[id_] for id_ in sorted(changes)])
        found = {row.id: row for row in rows_with(self._connection, _STORED, t.c.id, [each.id for each in chosen.runs])}
        return [_to_stored(found[check.id]) for check in chosen.runs]

    def bring_forward(self, now: datetime) -> None:
        locked_row(self._connection, "check-claims")
        ahead = t.c.due_at > now + timedelta(seconds=SHORTEST_INTERVAL)
        columns = (t.c.id, t.c.due_at, servers.c.report_interval)
        rows = self._connection.execute(select(*columns).join(servers, servers.c.id == t.c.id).where(ahead))
        changes = [
            {"this": row.id, "due_at": due_again(ServerId(row.id), row.report_interval, now)}
            for row in rows.all()
            if is_too_far(row.due_at, row.report_interval, now)
        ]
        if changes:
            self._connection.execute(update(t).where(_THIS), changes)

    def claim_one(self, check_id: ServerId, now: datetime, holder: str) -> bool:
        stored = self.get(check_id)
        lease = {"leased_until": leased_until(now, stored.check.timeout), "holder": holder}
        due_at = after_run(check_id, stored.check.interval, now)
        claimed = update(t).where(t.c.id == check_id, _is_free(now)).values(due_at=due_at, **lease)
        return self._connection.execute(claimed).rowcount == 1

    def record(self, results: Sequence[tuple[Check, Result]], holder: str) -> list[tuple[Check, Result]]:
        ids = {check.id for check, _ in results}
        self._lock(ids)
        held = _STORED.where(t.c.holder == holder).order_by(t.c.id)
        left = {row.id: _to_stored(row) for row in rows_with(self._connection, held, t.c.id, sorted(ids))}
        changes, recorded = [], []
        for ran, result in results:
            stored = left.get(ran.id)
            if stored is not None and stored.check.asks_like(ran):
                del left[ran.id]
                changes.append({"this": ran.id, **_FREE, **_status_columns(stored.after(result))})
                recorded.append((stored.check, result))
        if changes:
            self._connection.execute(update(t).where(_THIS), changes)
        return recorded

    def _lock(self, check_ids: Collection[ServerId]) -> None:
        """Lock rows of checks alone: a lock on their servers would wait for the intake, and the intake for it."""
        wanted = select(t.c.id).order_by(t.c.id).with_for_update()
        for _ in rows_with(self._connection, wanted, t.c.id, sorted(check_ids)):
            pass

    def free(self, holder: str) -> None:
        self._connection.execute(update(t).where(t.c.holder == holder).values(_FREE))


def _is_free(now: datetime) -> ColumnElement[bool]:
    after, until = lease_bounds(now)
    return or_(t.c.leased_until.is_(None), t.c.leased_until <= after, t.c.leased_until > until)


def _to_row(check: Check) -> dict[str, Any]:
    expected = {f"expect_{name}": value for name, value in columns_of(check.expect).items()}
    return {"kind": check.kind, "target": check.target, "timeout": check.timeout, **expected}


def _status_columns(status: CheckStatus) -> Mapping[str, Any]:
    failed = status.failed
    return {
        **columns_of(status, "last", "failed"),
        **{f"last_{name}": status.last and getattr(status.last, name) for name in Result.__slots__},
        "failed_at": failed and failed.at,
        "failure": failed and failed.error,
    }


def _to_stored(row: Row[Any]) -> StoredCheck:
    expect = Expectation(status=row.expect_status, text=row.expect_text, record=row.expect_record)
    last = failed = None
    if row.last_at is not None:
        known = {name: getattr(row, f"last_{name}") for name in Result.__slots__}
        last = Result(**known | {"error": row.last_error or ""})
    if row.failed_at is not None:
        failed = Result(at=row.failed_at, up=False, error=row.failure or "")
    status = entity_of(CheckStatus, row, last=last, failed=failed)
    return StoredCheck(check=entity_of(Check, row, expect=expect), due_at=row.due_at, status=status)


class SqlCheckQueries(SqlReader, CheckQueries):
    def find(self, actor: Actor, wanted: CheckFilter) -> list[StoredCheck]:
        with connected(self._engine) as connection:
            found = _STORED.where(watched_by(connection, actor, t.c.id))
            for column, value in (
                (servers.c.host_id, wanted.host_id),
                (t.c.kind, wanted.kind),
                (t.c.state, wanted.state),
                (t.c.last_up, wanted.up),
            ):
                if value is not None:
                    found = found.where(column == value)
            if wanted.after is not None:
                found = found.where(t.c.id > wanted.after)
            if wanted.text is None:
                found = found.limit(wanted.limit)
            rows = connection.execute(found.order_by(t.c.id)).all()
        stored = map(_to_stored, rows)
        # Compared here because databases disagree on case.
        fit = (each for each in stored if wanted.text is None or each.check.mentions(wanted.text))
        return list(islice(fit, wanted.limit))

    def get(self, actor: Actor, check_id: ServerId) -> StoredCheck:
        wanted = _STORED.where(t.c.id == check_id, is_seen_by(actor, host_of(t.c.id)))
        with connected(self._engine) as connection:
            return _to_stored(found_row(connection, wanted, f"check {check_id}"))

    def for_message(self, ids: Collection[ServerId]) -> dict[ServerId, NotifiedCheck]:
        wanted = select(t.c.id, t.c.target, t.c.failure)
        with connected(self._engine) as connection:
            return {
                ServerId(row.id): NotifiedCheck(without_secrets(row.target), row.failure or "")
                for row in rows_with(connection, wanted, t.c.id, ids)
            }
