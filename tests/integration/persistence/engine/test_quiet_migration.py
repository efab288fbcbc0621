"""People whose last word about an alert was that it flaps get its end when the quiet rule replaces flapping."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from monitor.adapters.persistence.engine import migrations

pytestmark = pytest.mark.nightly

AT = datetime(2030, 1, 1, tzinfo=UTC)
KINDS: dict[int, list[str]] = {
    1: ["fired", "flapping"],  # the last word
    2: ["flapping", "flapping"],  # at two levels, which is one end
    3: ["flapping", "calmed"],
    4: ["fired", "flapping", "resolved"],
    5: ["flapping"],  # it still fires
    6: ["flapping"],  # not sent
}


def insert(connection: Connection, table: str, **values: Any) -> None:
    names = ", ".join(values)
    given = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({given})"), values)  # noqa: S608 (our own names)


@pytest.fixture
def before(database_url: str) -> str:
    migrations.upgrade(database_url, "0030")
    engine, at = create_engine(database_url), AT.replace(tzinfo=None).isoformat(" ")
    with engine.begin() as connection:
        named = {"server_name": "web", "ip_address": "192.0.2.1"}
        insert(connection, "servers", id=1, **named, status="online", created_at=at)
        for alert_id, kinds in KINDS.items():
            state = "firing" if alert_id == 5 else "resolved"
            marks = {"id": alert_id, "server_id": 1, "state": state, "flapping": alert_id != 3, "late": False}
            what = {"metric": "cpu", "level": "critical", "value": 90.0}
            insert(connection, "alerts", **marks, **what, started_at=at, fired_at=at)
            for kind in kinds:
                delivery = "dropped" if alert_id == 6 else "sent"
                sent = {
                    "delivery": delivery,
                    "attempts": 1,
                    "last_error": "",
                    "address": "",
                    "message_id": "m",
                    "note": "",
                }
                of = {"alert_id": alert_id, "server_id": 1, "target": "user:1", "event_kind": kind}
                insert(connection, "notifications", **of, **named, **what, **sent, created_at=at, not_before=at)
    engine.dispose()
    return database_url


def test_the_last_word_becomes_the_end(before: str) -> None:
    migrations.upgrade(before, "0032")
    engine = create_engine(before)
    with engine.connect() as connection:
        added = (
            "SELECT alert_id, event_kind, target, created_at FROM notifications WHERE delivery = 'pending' ORDER BY id"
        )
        rows = [tuple(row) for row in connection.execute(text(added))]
        marked = connection.scalar(text("SELECT count(*) FROM alerts WHERE flapping = 1"))
    engine.dispose()
    assert [row[:3] for row in rows] == [(1, "resolved", "user:1"), (2, "resolved", "user:1")]
    assert all(abs(datetime.now() - _read(row[3])) < timedelta(days=1) for row in rows)  # noqa: DTZ005 (to the day)
    assert marked == 0


def _read(at: Any) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at
