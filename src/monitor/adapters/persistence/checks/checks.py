"""Checks in SQL. Several processes claim from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, insert, literal, or_, select, update

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
from monitor.application.ports import Cipher
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import SHORTEST_INTERVAL, Check, CheckState, CheckStatus, Result, StoredCheck
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.requests import PLAIN, Request
from monitor.domain.checks.schedule import (
    MISSED_AFTER,
    DueCheck,
    after_run,
    due_again,
    is_too_far,
    lease_bounds,
    leased_until,
    plan,
)
from monitor.domain.checks.targets import without_secrets
from monitor.domain.errors import SecretUnreadable, TransactionConflict
from monitor.domain.fleet.servers import ServerId

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Request).decode
_LAST = [name for name in Result.__slots__ if name != "figures"]
_PLACE = "checks.encrypted:{}"
_STORED = select(
    t,
    servers.c.server_name.label("name"),
    servers.c.host_id,
    servers.c.attempts,
    servers.c.paused,
    servers.c.report_interval.label("interval"),
    servers.c.created_at,
).join(servers, servers.c.id == t.c.id)
_THIS = t.c.id == bindparam("this")
_IS_DOWN = and_(t.c.state == CheckState.DOWN, servers.c.paused.is_(False))
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
        check = replace(check, id=server.id)
        self._connection.execute(insert(t), {"id": check.id, **_to_row(check, self._cipher), **new})
        return check

    def get(self, check_id: ServerId) -> StoredCheck:
        self._lock([check_id])
        row = found_row(self._connection, _STORED.where(t.c.id == check_id), f"check {check_id}")
        return _to_stored(row, self._cipher)

    def save(self, stored: StoredCheck) -> None:
        check = stored.check
        found_row(self._connection, select(t.c.id).where(t.c.id == check.id), f"check {check.id}")
        values = {"due_at": stored.due_at, **_FREE, **_to_row(check, self._cipher), **_status_columns(stored.status)}
        self._connection.execute(update(t).where(t.c.id == check.id).values(values))
        shared = update(servers).where(servers.c.id == check.id)
        shared = shared.values(
            server_name=check.name,
            host_id=check.host_id,
            attempts=check.attempts,
            report_interval=check.interval,
            paused=check.paused,
        )
        self._connection.execute(shared)
        self._log.note(Tracked.SERVER, [check.id])

    def claim(
        self, now: datetime, holder: str, *, most: int, most_failing: int, missed_after: timedelta = MISSED_AFTER
    ) -> list[StoredCheck]:
        locked_row(self._connection, "check-claims")  # one at a time: of two that want the same, one would get none
        columns = (t.c.id, t.c.due_at, servers.c.report_interval, t.c.timeout, t.c.failures)
        due = select(*columns).join(servers, servers.c.id == t.c.id).where(t.c.due_at <= now, _is_free(now))
        due = due.where(servers.c.paused.is_(False))
        rows = self._connection.execute(due.order_by(t.c.due_at, t.c.id).limit(_LOOKED_AT)).all()
        chosen = plan([DueCheck(*row[:4], row.failures > 0) for row in rows], now, most, most_failing, missed_after)
        seen = {row.id: row.due_at for row in rows}
        changes: dict[ServerId, dict[str, Any]] = {
            id_: {"this": id_, "seen": seen[id_], "due_at": due_at, **_FREE} for id_, due_at in chosen.due.items()
        }
        for check in chosen.runs:
            changes[check.id] |= {"leased_until": leased_until(now, check.timeout), "holder": holder}
        if changes:
            # Another node of a cluster may have claimed them since they were read, and so may `claim_one`.
            unclaimed = update(t).where(_THIS, t.c.due_at == bindparam("seen"), _is_free(now))
            claimed = self._connection.execute(unclaimed, [changes[id_] for id_ in sorted(changes)])
            if claimed.rowcount != len(changes):
                raise TransactionConflict("another claimed a check")
        found = {row.id: row for row in rows_with(self._connection, _STORED, t.c.id, [each.id for each in chosen.runs])}
        return [_to_stored(found[check.id], self._cipher) for check in chosen.runs]

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
        rows = rows_with(self._connection, held, t.c.id, sorted(ids))
        left = {row.id: _to_stored(row, self._cipher) for row in rows}
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

    def reencrypt(self) -> None:
        rows = self._connection.execute(select(t.c.id, t.c.encrypted).where(t.c.encrypted.is_not(None)))
        old = [row.id for row in rows.all() if not self._cipher.is_current(row.encrypted)]
        checks = [stored.check for stored in map(self.get, old) if stored.check.request.is_readable]
        changes = [{"this": check.id, "encrypted": _encrypted(check, self._cipher)} for check in checks]
        if changes:
            self._connection.execute(update(t).where(_THIS), changes)


def _is_free(now: datetime) -> ColumnElement[bool]:
    after, until = lease_bounds(now)
    return or_(t.c.leased_until.is_(None), t.c.leased_until <= after, t.c.leased_until > until)


def _to_row(check: Check, cipher: Cipher) -> dict[str, Any]:
    row = {f"expect_{name}": value for name, value in columns_of(check.expect).items()}
    row |= {"kind": check.kind, "target": check.target, "timeout": check.timeout}
    return row | ({"encrypted": _encrypted(check, cipher)} if check.request.is_readable else {})


def _encrypted(check: Check, cipher: Cipher) -> str | None:
    plain = check.request == PLAIN
    return None if plain else cipher.encrypt(_encode(check.request).decode(), _PLACE.format(check.id))


def _to_request(check_id: int, encrypted: str | None, cipher: Cipher) -> Request:
    if encrypted is None:
        return PLAIN
    try:
        return _decode(cipher.decrypt(encrypted, _PLACE.format(check_id)))
    except SecretUnreadable:
        return Request(is_readable=False)


def _status_columns(status: CheckStatus) -> Mapping[str, Any]:
    failed = status.failed
    return {
        **columns_of(status, "last", "failed"),
        **{f"last_{name}": status.last and getattr(status.last, name) for name in _LAST},
        "failed_at": failed and failed.at,
        "failure": failed and failed.error,
    }


def _to_stored(row: Row[Any], cipher: Cipher) -> StoredCheck:
    expect = Expectation(**{name: getattr(row, f"expect_{name}") for name in Expectation.__slots__})
    request = _to_request(row.id, row.encrypted, cipher)
    last = failed = None
    if row.last_at is not None:
        known = {name: getattr(row, f"last_{name}") for name in _LAST}
        last = Result(**known | {"error": row.last_error or ""})
    if row.failed_at is not None:
        failed = Result(at=row.failed_at, up=False, error=row.failure or "")
    status = entity_of(CheckStatus, row, last=last, failed=failed)
    check = entity_of(Check, row, expect=expect, request=request)
    return StoredCheck(check=check, due_at=row.due_at, status=status)


class SqlCheckQueries(SqlReader, CheckQueries):
    def find(self, actor: Actor, wanted: CheckFilter) -> list[StoredCheck]:
        with connected(self._engine) as connection:
            found = _STORED.where(watched_by(connection, actor, t.c.id))
            for column, value in (
                (servers.c.host_id, wanted.host_id),
                (t.c.kind, wanted.kind),
                (servers.c.paused, wanted.state and wanted.state is CheckState.PAUSED),
                (t.c.state, None if wanted.state is CheckState.PAUSED else wanted.state),
                (t.c.last_up, wanted.up),
            ):
                if value is not None:
                    found = found.where(column == value)
            rank = case((_IS_DOWN, 0), else_=1) if wanted.down_first else literal(0)
            if wanted.after is not None:
                last, id_ = wanted.after
                found = found.where(or_(rank > last, and_(rank == last, t.c.id > id_)))
            if wanted.text is None:
                found = found.limit(wanted.limit)
            rows = connection.execute(found.order_by(*[rank] * wanted.down_first, t.c.id)).all()
        stored = (_to_stored(row, self._cipher) for row in rows)
        # Compared here because databases disagree on case.
        fit = (each for each in stored if wanted.text is None or each.check.mentions(wanted.text))
        return list(islice(fit, wanted.limit))

    def get(self, actor: Actor, check_id: ServerId) -> StoredCheck:
        wanted = _STORED.where(t.c.id == check_id, is_seen_by(actor, host_of(t.c.id)))
        with connected(self._engine) as connection:
            return _to_stored(found_row(connection, wanted, f"check {check_id}"), self._cipher)

    def for_message(self, ids: Collection[ServerId]) -> dict[ServerId, NotifiedCheck]:
        wanted = select(t.c.id, t.c.target, t.c.failure)
        with connected(self._engine) as connection:
            return {
                ServerId(row.id): NotifiedCheck(without_secrets(row.target), row.failure or "")
                for row in rows_with(connection, wanted, t.c.id, ids)
            }
