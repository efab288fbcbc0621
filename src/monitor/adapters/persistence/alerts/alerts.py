"""Store alerts and their timelines."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, bindparam, delete, or_, select, true, tuple_, update

from monitor.adapters.persistence.engine.notices import notice_text, to_notice
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import (
    Parents,
    batches,
    columns_of,
    cut_to_fit,
    entity_of,
    insert_rows,
    rows_with,
    upsert,
)
from monitor.adapters.persistence.fleet.conditions import host_of, is_seen_by, must_be_changeable
from monitor.adapters.persistence.tables.alerts import alert_quiet, alert_timeline
from monitor.adapters.persistence.tables.alerts import alerts as t
from monitor.adapters.persistence.tables.policies import alert_policies
from monitor.application.alerts.ports import Alerts, Watched
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventId, TimelineEntry
from monitor.domain.alerts.quiet import Quiet
from monitor.domain.alerts.reasons import LeftOut
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Process
from monitor.domain.policies.policies import WatchKey
from monitor.domain.times import moment

LONGEST_NOTE = 10_000
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Process, ...]).decode
_decode_quiet = msgspec.json.Decoder(Quiet).decode
_decode_left_out = msgspec.json.Decoder(tuple[LeftOut, ...]).decode


def to_alert(row: Row[Any]) -> Alert:
    processes = () if row.processes is None else _decode(row.processes)
    return entity_of(Alert, row, processes=processes, **_peak_before(row))


def _peak_before(row: Row[Any]) -> dict[str, Any]:
    """Return the peak if processes of an older version wrote none: that at the firing."""
    return {} if row.peak_at else {"peak_level": row.level, "peak_value": row.value, "peak_at": row.fired_at}


def alert_columns(alert: Alert) -> dict[str, Any]:
    return columns_of(alert) | {"processes": _encode(alert.processes).decode() if alert.processes else None}


def entry_columns(entry: TimelineEntry) -> dict[str, Any]:
    """Return columns of *entry*. Too long texts are cut, so that the event is stored in any case."""
    texts = {"username": entry.username, "recipient": entry.recipient, "channel": entry.channel}
    cut = {name: None if text is None else cut_to_fit(text, alert_timeline.c[name]) for name, text in texts.items()}
    return (
        columns_of(entry)
        | cut
        | {
            "note": None if entry.note is None else entry.note[:LONGEST_NOTE],
            "left_out": None if entry.left_out is None else _encode(entry.left_out).decode(),
            "notice": notice_text(entry.notice),
        }
    )


def to_entry(row: Row[Any]) -> TimelineEntry:
    left_out = None if row.left_out is None else _decode_left_out(row.left_out)
    return entity_of(TimelineEntry, row, left_out=left_out, notice=to_notice(row.notice))


_PEAK = (
    update(t)
    .where(t.c.id == bindparam("this"))
    .values(peak_value=bindparam("peak_value"), peak_at=bindparam("peak_at"))
)
_EXPECTED = update(t).where(t.c.id == bindparam("this")).values(expected_at=bindparam("expected"))
_QUIETS_AT_ONCE = 50
"""MariaDB looks so many up in the key; see `alert_states`."""


def _quiet_row(server_id: ServerId, key: WatchKey, quiet: Quiet) -> dict[str, Any]:
    ended_at = None if quiet.open is not None else moment(quiet.ended_at or 0)  # without an end: to be deleted
    return {"server_id": server_id, "metric": key, "kept": _encode(quiet).decode(), "ended_at": ended_at}


class SqlAlerts(SqlRepository, Alerts):
    """Reads whole alerts with row locks, in id order. They are saved whole, which must not undo another transaction's
    changes."""

    @cached_property
    def _policies(self) -> Parents:
        return Parents(self._connection, alert_policies)

    def add_all(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Store them, without policies that were just deleted."""
        known = self._policies.existing([alert.policy_id for alert in alerts if alert.policy_id is not None])
        stored = [alert if alert.policy_id in known else replace(alert, policy_id=None) for alert in alerts]
        ids = insert_rows(self._connection, t, [alert_columns(alert) for alert in stored], "server_id")
        return [replace(alert, id=AlertId(id_)) for alert, id_ in zip(stored, ids, strict=True)]

    def get_many(self, alert_ids: Collection[AlertId], *, changed_by: Actor | None) -> dict[AlertId, Alert]:
        is_seen = true() if changed_by is None else is_seen_by(changed_by, host_of(t.c.server_id))
        wanted = sorted(set(alert_ids))
        found = [alert for batch in batches(wanted) for alert in self._locked(t.c.id.in_(batch) & is_seen)]
        if changed_by is not None:
            if len(found) < len(wanted):
                raise NotFound("no such alert")
            must_be_changeable(self._connection, changed_by, [alert.server_id for alert in found])
        return {alert.id: alert for alert in found}

    def save(self, alert: Alert) -> None:
        result = self._connection.execute(update(t).where(t.c.id == alert.id).values(alert_columns(alert)))
        if not result.rowcount:
            raise NotFound(f"no alert {alert.id}")

    def save_notified(self, alert_ids: Collection[AlertId], at: datetime) -> list[AlertId]:
        there = select(t.c.id).order_by(t.c.id).with_for_update()
        found = [AlertId(row.id) for row in rows_with(self._connection, there, t.c.id, sorted(alert_ids))]
        for batch in batches(found):
            self._connection.execute(update(t).where(t.c.id.in_(batch)).values(last_notified_at=at))
        return found

    def save_peaks(self, peaks: Mapping[AlertId, tuple[float, datetime]]) -> None:
        """Write in id order, in which other transactions lock them."""
        rows = [{"this": id_, "peak_value": value, "peak_at": at} for id_, (value, at) in sorted(peaks.items())]
        if rows:
            self._connection.execute(_PEAK, rows)

    def save_expected(self, expected: Mapping[AlertId, datetime | None]) -> None:
        rows = [{"this": alert_id, "expected": at} for alert_id, at in sorted(expected.items())]
        if rows:
            self._connection.execute(_EXPECTED, rows)

    def open(self, *, server_ids: Collection[ServerId] | None = None) -> list[Alert]:
        firing = t.c.state == AlertState.FIRING
        if server_ids is None:
            return self._locked(firing)
        wanted = batches(sorted(set(server_ids)))
        found = (alert for batch in wanted for alert in self._locked(firing & t.c.server_id.in_(batch)))
        return sorted(found, key=lambda alert: alert.id)

    def lasting(self, server_id: ServerId, since: datetime) -> list[Alert]:
        return self._locked((t.c.server_id == server_id) & (t.c.resolved_at.is_(None) | (t.c.resolved_at >= since)))

    def add_to_timeline(self, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
        ids = insert_rows(self._connection, alert_timeline, [entry_columns(entry) for entry in entries], "alert_id")
        return [replace(entry, id=EventId(id_)) for entry, id_ in zip(entries, ids, strict=True)]

    def quiets(self, watches: Collection[Watched]) -> dict[Watched, Quiet]:
        kept: dict[Watched, Quiet] = dict.fromkeys(watches, Quiet())
        c = alert_quiet.c
        for batch in batches(sorted(watches), _QUIETS_AT_ONCE):
            any_of = or_(*((c.server_id == server_id) & (c.metric == key) for server_id, key in batch))
            wanted = select(c.server_id, c.metric, c.kept).where(any_of).order_by(c.server_id, c.metric)
            for row in self._connection.execute(wanted.with_for_update()):
                kept[ServerId(row.server_id), row.metric] = _decode_quiet(row.kept)
        return kept

    def save_quiets(self, quiets: Mapping[Watched, Quiet]) -> None:
        rows = [_quiet_row(*watched, quiet) for watched, quiet in sorted(quiets.items(), key=itemgetter(0))]
        if not rows:
            return
        save = upsert(
            self._connection,
            alert_quiet,
            key=("server_id", "metric"),
            changes=lambda new: {"kept": new.kept, "ended_at": new.ended_at},
        )
        self._connection.execute(save, rows)

    def forget_quiet(self, before: datetime, at_most: int) -> None:
        t = alert_quiet.c
        old = select(t.server_id, t.metric).where(t.ended_at <= before).order_by(t.ended_at).limit(at_most)
        if keys := [tuple(row) for row in self._connection.execute(old)]:
            is_old = tuple_(t.server_id, t.metric).in_(keys) & (t.ended_at <= before)
            self._connection.execute(delete(alert_quiet).where(is_old))

    def _locked(self, condition: ColumnElement[bool]) -> list[Alert]:
        wanted = select(t).where(condition).order_by(t.c.id).with_for_update()
        return [to_alert(row) for row in self._connection.execute(wanted)]
