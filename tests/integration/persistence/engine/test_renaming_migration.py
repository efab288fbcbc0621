"""The migration that renames a table and columns, with the rows that the version before it wrote."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import select, text

from monitor.adapters.memory.fakes import CountedSecrets, FixedClock, InsecurePasswordHasher, MemoryMailer
from monitor.adapters.notify.mail.channel import TeamMailSender
from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.store import SqlStore
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.operations.ports import PeerUpdate
from monitor.assembly import over
from monitor.domain.alerts.alert import AlertId, AlertState, EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import LiveUpdate
from monitor.domain.notifications.outbox import DeliveryState
from monitor.settings import Settings
from tests.contracts.builders import ADMIN, AT, a_sample
from tests.integration.persistence.engine.interruptions import is_interrupted

pytestmark = pytest.mark.nightly

BEFORE, RENAMING, AFTER = "0018", "0019", "head"
ROWS = (Path(__file__).parent / "rows_of_0018.sql").read_text()
RENAMED = {"bulletins": "peer_updates", "happening": "event_kind", "last_told_at": "last_notified_at"}
_OF_ALERTS = (
    "due_at",
    "notice",
    "flapping",
    "changed_at",
    "kind",
    "expected_at",
    "verdict",
    "verdict_at",
    "verdict_by",
    "verdict_note",
    "left_out",
    "reason",
)
LATER = ("last_seen_at", "report", "revision", "incident_id", "called_by", *_OF_ALERTS)
"""Columns that later migrations added."""
TABLES = ("alerts", "alert_timeline", "alert_states", "notifications", "bulletins", "heartbeats")
MINUTE = timedelta(minutes=1)
SAMPLE = a_sample(ServerId(1))

Rows = dict[str, list[dict[str, Any]]]


def make_old_database(url: str) -> Rows:
    """Return its rows by table."""
    migrations.upgrade(url, BEFORE)
    statements = "\n".join(line for line in ROWS.splitlines() if not line.startswith("--"))
    with create_migration_engine(url).begin() as connection:
        for statement in statements.split(";\n"):
            connection.exec_driver_sql(statement.rstrip(";\n"))
    return rows(url)


def rows(url: str, renamed: Mapping[str, str] = MappingProxyType({})) -> Rows:
    """Return the rows by table, tables and columns under their old names."""
    old = {new: old for old, new in renamed.items()}
    found: Rows = {}
    with create_migration_engine(url).connect() as connection:
        for table in TABLES:
            stored = connection.execute(select(text("*")).select_from(text(renamed.get(table, table)))).mappings()
            found[table] = [
                {old.get(name, name): value for name, value in row.items() if name not in LATER} for row in stored
            ]
    return found


def test_rows_are_the_same_under_the_new_names_and_after_a_downgrade(database_url: str) -> None:
    before = make_old_database(database_url)

    for _ in range(2):
        migrations.upgrade(database_url, AFTER)
        migrations.check(database_url)
        assert before == rows(database_url, RENAMED)

        migrations.downgrade(database_url, BEFORE)
        assert before == rows(database_url)


def test_rows_survive_an_interruption_at_any_statement(mariadb_url: str) -> None:
    """Of this migration alone: MariaDB keeps dropped columns in its rows, which the ups and downs of all would fill."""
    before = make_old_database(mariadb_url)
    for statement in count(1):
        was_up = is_interrupted(statement, migrations.upgrade, mariadb_url, RENAMING)
        migrations.upgrade(mariadb_url, RENAMING)
        assert before == rows(mariadb_url, RENAMED)
        was_down = is_interrupted(statement, migrations.downgrade, mariadb_url, BEFORE)
        migrations.downgrade(mariadb_url, BEFORE)
        assert before == rows(mariadb_url)
        if not was_up and not was_down:
            break
    assert statement > len(RENAMED) + 1


def test_the_product_continues_with_an_upgraded_database(database_url: str) -> None:
    """It sends what was pending, ends the alert that fired, and reads the peer updates of the old version."""
    make_old_database(database_url)
    migrations.upgrade(database_url)
    store, mailer, clock = SqlStore(database_url, pool_size=5), MemoryMailer(), FixedClock(AT + 2 * MINUTE)
    core = over(
        store,
        Settings(database_url="", data_dir=Path()),
        "s" * 32,
        clock=clock,
        secrets=CountedSecrets(),
        hasher=InsecurePasswordHasher(),
        mailer=mailer,
        senders={TeamMailSender.form.kind: TeamMailSender(mailer)},
    )
    updates = [PeerUpdate(1, [LiveUpdate(SAMPLE.server_id, SAMPLE, AT)]), PeerUpdate(2, [])]
    assert updates == store.queries.peer_updates.between("old-process", 0, 2)
    core.fleet.refresh()
    core.shared.started_at()
    delivery = core.get(DeliverNotifications)

    for transport in Transport:
        while deliveries := delivery.claim(transport):
            delivery.deliver(deliveries)
    assert ["ann@example.com", "team@example.com"] == sorted(address for address, _ in mailer.sent)
    assert {DeliveryState.SENT} == {n.delivery for n in store.queries.notifications.newest(ADMIN, NotificationFilter())}

    for _ in range(20):
        clock.advance(MINUTE / 4)
        at = clock.now()
        core.get(StoreSamples)([SAMPLE._replace(recorded_at=at, received_at=at)])
    shown, timeline = store.queries.alerts.get(ADMIN, AlertId(2))
    assert (AlertState.RESOLVED, 97.0) == (shown.alert.state, shown.alert.peak_value)
    assert [EventKind.FIRED, EventKind.NOTIFIED, EventKind.ESCALATED] == [entry.event_kind for entry in timeline[:3]]
    assert EventKind.RESOLVED is timeline[-1].event_kind
    store.close()
