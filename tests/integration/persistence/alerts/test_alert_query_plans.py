"""Queries of every second and of every sample do not read whole tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables.notifications import notifications
from monitor.application.alerts.ports import AlertFilter
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import Alert, AlertState, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import LEASE, DeliveryState, NotificationId, Target
from monitor.domain.oncall.ways import WayId
from tests.contracts.builders import (
    ADMIN,
    AT,
    NewUow,
    a_notification,
    a_server,
    a_state,
    a_timeline_entry,
    an_alert,
    stored_alert,
    stored_channel,
    stored_policy,
    stored_server,
    stored_user,
)
from tests.integration.persistence.conftest import read_so_far, uow_factory

DAY = timedelta(days=1)
SENT = 100_000
DUE = 10
FEW_ROWS = 600
BOB = Target(user_id=UserId(1))


CHANGES: dict[str, Callable[[UnitOfWork, Alert], object]] = {
    "states of servers": lambda uow, alert: uow.alert_states.of_servers([alert.server_id]),
    "open alerts": lambda uow, alert: uow.alerts.open(),
    "open alerts of servers": lambda uow, alert: uow.alerts.open(server_ids=[alert.server_id]),
    "a peak": lambda uow, alert: uow.alerts.save_peaks({alert.id: (99.0, AT)}),
    "what is kept to be quiet": lambda uow, alert: uow.alerts.quiet(alert.server_id, "cpu"),
    "what is no longer kept": lambda uow, alert: uow.alerts.forget_quiet(AT - DAY, 100),
    "alerts by id": lambda uow, alert: uow.alerts.get_many([alert.id], changed_by=None),
    "claim": lambda uow, alert: uow.notifications.claim(AT, leased_until=AT + LEASE, limit=500),
    "held": lambda uow, alert: uow.notifications.held([NotificationId(1)]),
    "of alerts": lambda uow, alert: uow.notifications.of_alerts([alert.id]),
    "notified targets": lambda uow, alert: uow.notifications.notified_targets([alert.id]),
    "whose incidents last": lambda uow, alert: uow.notifications.lasting_incidents([IncidentId(1)], BOB),
    "old ones": lambda uow, alert: uow.notifications.delete_before(AT - 90 * DAY, 100),
    "where escalations stand": lambda uow, alert: uow.pagings.of([alert.id]),
    "a way that failed": lambda uow, alert: uow.ways.mark_failed(WayId(1), "gone"),
    "recent times": lambda uow, alert: uow.samples.recent_times([alert.server_id], AT, 11),
    "deleting a server": lambda uow, alert: uow.servers.delete([alert.server_id]),
}
QUESTIONS: dict[str, Callable[[SqlQueries, Alert], object]] = {
    "newest alerts": lambda queries, alert: queries.alerts.newest(ADMIN, AlertFilter()),
    "alerts that fire": lambda queries, alert: queries.alerts.newest(ADMIN, AlertFilter(state=AlertState.FIRING)),
    "alerts of a server": lambda queries, alert: queries.alerts.newest(ADMIN, AlertFilter(server_id=alert.server_id)),
    "what awaits a reminder": lambda queries, alert: queries.alerts.awaiting_reminder(AT - DAY),
    "what nobody was notified of": lambda queries, alert: queries.alerts.never_notified(AT),
    "what falls due": lambda queries, alert: queries.alerts.due(AT),
    "which step is due": lambda queries, alert: queries.alerts.due_steps(AT),
    "acknowledgements that expire": lambda queries, alert: queries.alerts.acknowledged(AT),
    "one alert": lambda queries, alert: queries.alerts.get(ADMIN, alert.id),
    "newest notifications": lambda queries, alert: queries.notifications.newest(ADMIN, NotificationFilter()),
    "parked notifications": lambda queries, alert: queries.notifications.newest(
        ADMIN, NotificationFilter(delivery=DeliveryState.PARKED)
    ),
    "notifications of a server": lambda queries, alert: queries.notifications.newest(
        ADMIN, NotificationFilter(server_id=ServerId(1))
    ),
    "held": lambda queries, alert: queries.notifications.held(),
    "since when one is due": lambda queries, alert: queries.notifications.due_since(AT),
    "last by channel": lambda queries, alert: queries.notifications.last_by_channel(),
    "the newest sealed hour": lambda queries, alert: queries.history.newest_hour([alert.server_id], 500_000),
    "a month of values": lambda queries, alert: queries.samples.frame(ADMIN, alert.server_id, AT, AT + DAY, ["cpu"]),
}


@pytest.fixture
def plans(sqlite_engine: Engine) -> Iterator[list[str]]:
    """The query plan of each statement that a test runs on SQLite."""
    seen: list[str] = []

    @event.listens_for(sqlite_engine, "before_cursor_execute")
    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not isinstance(parameters, list):
            seen.extend(row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    yield seen
    event.remove(sqlite_engine, "before_cursor_execute", explain)


def assert_by_index(plans: list[str]) -> None:
    """`channels`, of which there are few, and the hours of one server, `g`, are gone through; the newest of a table are
    read from its end."""
    assert plans
    scans = [plan for plan in plans if plan.startswith("SCAN")]
    assert [plan for plan in scans if plan.split()[1] not in ("channels", "g", "alerts", "notifications")] == []
    assert [plan for plan in plans if "TEMP B-TREE FOR ORDER BY" in plan] == []


@pytest.mark.parametrize("ask", CHANGES.values(), ids=CHANGES)
def test_a_change_looks_up_what_it_needs_on_sqlite(sqlite_engine: Engine, plans: list[str], ask) -> None:
    new_uow = uow_factory(sqlite_engine)
    alert = stored_alert(new_uow, stored_server(new_uow).id)
    plans.clear()

    with new_uow() as uow:
        ask(uow, alert)

    assert [
        plan for plan in plans if plan.startswith("SCAN") and plan != "SCAN newest"
    ] == []  # a few rows, found before
    assert plans


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_is_answered_along_an_index_on_sqlite(sqlite_engine: Engine, plans: list[str], ask) -> None:
    new_uow = uow_factory(sqlite_engine)
    alert = stored_alert(new_uow, stored_server(new_uow).id)
    stored_channel(new_uow)
    plans.clear()

    ask(SqlQueries(sqlite_engine), alert)

    assert_by_index(plans)


def test_due_steps_are_read_by_their_time_on_sqlite(sqlite_engine: Engine, plans: list[str]) -> None:
    """And not by looking for a step of each alert that is not held."""
    SqlQueries(sqlite_engine).alerts.due_steps(AT)
    assert plans[0].startswith("SEARCH pagings USING INDEX ix_pagings_due_at")


@dataclass(frozen=True)
class Outbox:
    new_uow: NewUow
    queries: SqlQueries
    engine: Engine
    alert: Alert
    channel: Channel

    def rows_read(self, ask: Callable[[], object]) -> int:
        """Return the server's count of rows read on the pool's only connection."""
        before = read_so_far(self.engine)
        ask()
        return read_so_far(self.engine) - before


@pytest.fixture
def outbox(mariadb_engine: Engine) -> Outbox:
    """100,000 sent rows and ten that are due, to people and a channel; 1,000 alerts that ended and ten that fire."""
    new_uow = uow_factory(mariadb_engine)
    channel, user, policy = stored_channel(new_uow), stored_user(new_uow), stored_policy(new_uow)
    targets = [Target(channel_id=channel.id), Target(user_id=user.id)]
    with new_uow() as uow:
        servers = [uow.servers.add(a_server(f"198.51.100.{n}")) for n in range(100)]
        uow.alert_states.save([a_state(server.id, policy.id) for server in servers])
        ended = {"state": AlertState.RESOLVED, "resolved_at": AT, "policy_id": policy.id}
        alerts = [uow.alerts.add(an_alert(server.id, **ended)) for server in servers for _ in range(10)]
        alerts += [uow.alerts.add(an_alert(server.id, policy_id=policy.id)) for server in servers[:DUE]]
        entries = uow.alerts.add_to_timeline([a_timeline_entry(alert) for alert in alerts])
        sent = {"delivery": DeliveryState.SENT, "attempts": 1, "not_before": AT - DAY}
        uow.notifications.add([a_notification(entries[n], target, **sent) for n, target in enumerate(targets)])
        uow.commit()
    _multiply(mariadb_engine)
    with new_uow() as uow:
        uow.notifications.add([a_notification(entry, targets[n % 2]) for n, entry in enumerate(entries[-DUE:])])
        uow.commit()
    with mariadb_engine.connect() as connection:
        connection.execute(text("ANALYZE TABLE notifications, alerts, alert_timeline")).all()
    return Outbox(new_uow, SqlQueries(mariadb_engine), mariadb_engine, alerts[-1], channel)


def _multiply(engine: Engine) -> None:
    """Copy the two rows fifty times for each ended alert, without an event, because (event, target) is unique."""
    names = [column.name for column in notifications.columns if column.name not in ("id", "event_id", "alert_id")]
    copy = text(
        f"INSERT INTO notifications (alert_id, {', '.join(names)}) "  # noqa: S608 (names of our own)
        f"SELECT a.id, {', '.join(f'n.{name}' for name in names)} "
        "FROM (SELECT * FROM notifications) AS n JOIN alerts a ON a.state = 'resolved' JOIN servers s ON s.id % 2 = 0"
    )
    with engine.begin() as connection:
        assert connection.execute(copy).rowcount == SENT


def test_no_query_reads_old_sent_notifications_on_mariadb(outbox: Outbox) -> None:
    """One test, since the outbox takes a while to fill."""
    found: dict[str, int] = {}
    for name, change in CHANGES.items():
        if name in ("of alerts", "notified targets", "deleting a server"):
            continue  # they answer with, or let go of, a hundred and more here
        with outbox.new_uow() as uow:
            found[name] = outbox.rows_read(partial(change, uow, outbox.alert))
    for name, question in QUESTIONS.items():
        found[name] = outbox.rows_read(partial(question, outbox.queries, outbox.alert))
    assert {name: rows for name, rows in found.items() if rows > FEW_ROWS} == {}

    with outbox.new_uow() as uow:
        assert len(uow.notifications.claim(AT, leased_until=AT + LEASE, limit=500)) == DUE
    (last,) = outbox.queries.notifications.last_by_channel().items()
    assert last[0] == last[1].target.channel_id == outbox.channel.id
    assert last[1].delivery is DeliveryState.SENT


def test_alert_states_are_replaced_and_deleted_by_their_keys_on_mariadb(mariadb_engine: Engine) -> None:
    new_uow = uow_factory(mariadb_engine)
    policy = stored_policy(new_uow)
    with new_uow() as uow:
        servers = [uow.servers.add(a_server(f"198.51.100.{n}")) for n in range(250)]
        held = uow.alert_states.save([a_state(server.id, policy.id) for server in servers])
        uow.commit()

    with new_uow() as uow:
        before = read_so_far(mariadb_engine)
        (first,) = uow.alert_states.save(held[:1])
        uow.alert_states.delete([first])
        of_one = read_so_far(mariadb_engine) - before
        uow.alert_states.delete(held[1:])
        of_all = read_so_far(mariadb_engine) - before - of_one
    assert of_one < 20
    assert of_all < 4 * len(held)
