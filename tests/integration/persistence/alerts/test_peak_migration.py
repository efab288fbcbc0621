"""Alerts from before their peaks were kept."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean, Engine, Table, column, insert, text
from sqlalchemy import table as sql_table

from monitor.adapters.persistence.alerts.alerts import alert_columns, entry_columns
from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.tables.alerts import alert_timeline, alerts
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind
from monitor.domain.alerts.engine import State
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.times import microseconds
from tests.contracts.builders import (
    ADMIN,
    AT,
    MICROSECOND,
    a_policy,
    a_state,
    a_timeline_entry,
    an_alert,
)
from tests.integration.persistence.conftest import engine_at, insert_policy_of_old, uow_factory

pytestmark = pytest.mark.nightly

SERVER = ServerId(1)
MINUTE = timedelta(minutes=1)
OLD_NAMES = {"event_kind": "happening", "last_notified_at": "last_told_at"}
NEWER = ("peak_", "verdict", "left_out", "kind", "expected_at", "due_at", "notice", "incident_id", "called_by")
RESOLVED = {"state": AlertState.RESOLVED, "resolved_at": AT + 9 * MINUTE}
Step = tuple[EventKind, Level, float | None, int]


def peaks(database_url: str, *histories: tuple[Alert, list[Step]]) -> list[tuple[Any, ...]]:
    """Return after the upgrade: value, then level, value and minute of the peak."""
    engine = engine_at(database_url, "0011")
    new_uow = uow_factory(engine)
    insert_server(engine, histories[0][0].server_id)
    for n, (alert, steps) in enumerate(histories, 1):
        insert_as_of_0011(engine, alerts, alert_columns(alert) | {"id": n})
        for event_kind, level, value, minute in steps:
            entry = a_timeline_entry(alert, event_kind, alert_id=n, level=level, value=value, at=AT + minute * MINUTE)
            insert_as_of_0011(engine, alert_timeline, entry_columns(entry))

    migrations.upgrade(database_url)

    with new_uow() as uow:
        found = uow.alerts.get_many([AlertId(n) for n in range(1, 1 + len(histories))], changed_by=ADMIN).values()
    engine.dispose()
    migrations.check(database_url)
    return [(a.value, a.peak_level, a.peak_value, (a.peak_at - AT) / MINUTE) for a in found]


def insert_server(engine: Engine, server_id: ServerId) -> None:
    """Insert one with the columns that it had."""
    with engine.begin() as connection:
        wanted = "INSERT INTO servers (id, server_name, ip_address, port) VALUES (:id, 'web', '192.0.2.1', 22)"
        connection.execute(text(wanted), {"id": server_id})


def insert_as_of_0011(engine: Engine, table: Table, row: Mapping[str, Any]) -> None:
    """Insert *row*, in columns of today, into the table as it was: without newer columns, and with two other names."""
    columns = {c.name: column(OLD_NAMES.get(c.name, c.name), c.type) for c in table.columns}
    old_row = {columns[name].name: value for name, value in row.items() if not name.startswith(NEWER)}
    if table is alerts:
        columns["flapping"] = column("flapping", Boolean)
        old_row["flapping"] = False
    with engine.begin() as connection:
        connection.execute(insert(sql_table(table.name, *columns.values())).values(old_row))


def an_old_one(**changes: Any) -> Alert:
    return an_alert(SERVER, **changes)


def test_they_get_the_higher_of_their_last_level_and_those_of_the_timeline(database_url: str) -> None:
    fired, escalated, down = EventKind.FIRED, EventKind.ESCALATED, EventKind.DEESCALATED
    warning, critical = Level.WARNING, Level.CRITICAL
    found = peaks(
        database_url,
        (an_old_one(value=75.5), []),
        (an_old_one(value=10.0, **RESOLVED), [(fired, warning, 72.0, 0), (EventKind.RESOLVED, warning, 10.0, 9)]),
        (
            an_old_one(value=49.0, **RESOLVED),
            [
                (fired, warning, 72.0, 0),
                (escalated, critical, 98.0, 1),
                (down, warning, 79.0, 2),
                (escalated, critical, 88.0, 3),
                (EventKind.REMINDED, critical, 99.0, 4),
            ],
        ),
        (an_old_one(metric="offline", level=critical, value=90.0, started_at=AT - MINUTE, **RESOLVED), []),
        (an_old_one(metric="offline", level=critical, value=90.0, started_at=AT - MINUTE), []),
    )
    assert found == [
        (75.5, warning, 75.5, 0),
        (10.0, warning, 72.0, 0),
        (49.0, critical, 98.0, 1),
        (600.0, critical, 600.0, 9),
        (90.0, critical, 90.0, 0),
    ]


def test_a_firing_alert_continues_from_its_peak(database_url: str) -> None:
    """Else the next sample would be taken for the worst."""
    engine = engine_at(database_url, "0011")
    new_uow = uow_factory(engine)
    insert_server(engine, SERVER)
    policy = insert_policy_of_old(engine, a_policy())
    firing = an_alert(SERVER, value=98.25, fired_at=AT + MICROSECOND)
    insert_as_of_0011(engine, alerts, alert_columns(firing) | {"id": 5})
    pending = a_state(SERVER, policy.id, metric="memory")
    with new_uow() as uow:
        uow.alert_states.save([a_state(SERVER, policy.id, state=State(Level.WARNING, 7), alert_id=5), pending])
        uow.commit()

    migrations.upgrade(database_url)

    with new_uow() as uow:
        states = {stored.metric: stored.state for stored in uow.alert_states.all()}
    assert states["cpu"][-2:] == (98.25, microseconds(AT) + 1)
    assert states["memory"] == pending.state
    engine.dispose()
