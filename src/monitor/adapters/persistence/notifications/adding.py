"""Add rows to the outbox. An outage adds thousands that are mostly alike, while samples wait: each value takes time."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, select, true

from monitor.adapters.persistence.engine.statements import New, upsert
from monitor.adapters.persistence.notifications.outbox_queries import CHANGING, other_columns, reference_columns
from monitor.adapters.persistence.tables.notifications import notifications as t
from monitor.domain.notifications.outbox import Notification

_OF_TARGET = ("target", "user_id", "channel_id")
_made: dict[tuple[str, ...], Insert] = {}
_varying = attrgetter(*CHANGING, "called_by")


def add_all(connection: Connection, notifications: Sequence[Notification]) -> None:
    """Add *notifications*, but for those with a known event and target.

    If the same targets are notified of several events, only the rows of the first event, and one of each other event,
    are sent to the database. It makes the others of these.
    """
    sent, others = _to_send(notifications)
    rows = [reference_columns(n) | other_columns(n) for n in sent]
    # NULL is the default.
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    connection.execute(_adding(connection), [{name: row[name] for name in names} for row in rows])
    if others:
        first = rows[0]
        alike = {f"new_{name}": first[name] for name in CHANGING if name in names}
        of_first = {"first_event": first["event_id"], "first_target": first["target"]}
        connection.execute(_copying(connection, names), alike | of_first | {"other_events": others})


def _to_send(notifications: Sequence[Notification]) -> tuple[Sequence[Notification], Sequence[int]]:
    """Return those to send to the database, and the events of which it makes the others."""
    by_event: dict[int | None, list[Notification]] = {}
    for n in notifications:
        by_event.setdefault(n.event_id, []).append(n)
    first, *others = by_event.values()
    targets = [[n.target for n in own] for own in by_event.values()]
    are_many = len(first) > 1 and bool(others) and None not in by_event
    are_alike = are_many and all(each == targets[0] for each in targets) and len({*map(_varying, notifications)}) == 1
    if not are_alike:
        return notifications, ()
    return [*first, *(own[0] for own in others)], [own[0].event_id for own in others if own[0].event_id is not None]


def _adding(connection: Connection) -> Insert:
    """Return the INSERT, built once: building takes longer than a row."""
    dialect = connection.dialect.name
    if (dialect,) not in _made:
        _made[dialect,] = upsert(connection, t, key=("event_id", "target"), changes=_unchanged)
    return _made[dialect,]


def _copying(connection: Connection, names: Sequence[str]) -> Insert:
    """Return the INSERT that gives each other event a row for each other target of the first event."""
    key = connection.dialect.name, *names
    if key not in _made:
        event, target = t.alias("event"), t.alias("target_of_first")
        origin = dict.fromkeys(names, event) | dict.fromkeys(_OF_TARGET, target)
        columns = (
            bindparam(f"new_{name}", type_=t.c[name].type) if name in CHANGING else origin[name].c[name]
            for name in names
        )
        of_first = bindparam("first_target", type_=t.c.target.type)
        copied = select(*columns).where(
            event.c.event_id.in_(bindparam("other_events", expanding=True)),
            event.c.target == of_first,
            target.c.event_id == bindparam("first_event"),
            target.c.target != of_first,
        )
        _made[key] = _adding(connection).from_select(names, copied.join_from(event, target, true()))
    return _made[key]


def _unchanged(new: New) -> dict[str, Any]:
    return {"target": new.target}
