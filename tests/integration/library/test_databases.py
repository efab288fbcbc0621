"""A core on a database: the schema is made, and what was stored is there when it is opened again."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

import monitor
from monitor.errors import InvalidInput, NotFound, SchemaUnsuitable


def test_what_was_stored_is_there_again(database_url: str, tmp_path: Path) -> None:
    clock = monitor.FixedClock()
    heard: list[str] = []
    with monitor.open(database_url, data_dir=tmp_path, clock=clock) as core:
        core.on_alert(lambda event: heard.append(event.kind))
        core.users.add("ann", email="ann@example.com")
        core.policies.add(monitor.Threshold("cpu", warning=80, sustained_for=timedelta(0), tags=["web"]))
        core.servers.add("web-1", "192.0.2.10", tags=["web"], users=["ann"])
        core.channels.add("mine", send=lambda items: heard.append(f"sent {len(items)}"))
        core.record("web-1", cpu=99, memory=1, disk=1)
        clock.advance(20)
        core.tick()
        with pytest.raises(NotFound):
            core.record("web-2", cpu=1, memory=1, disk=1)
    assert ["fired", "sent 1"] == [each for each in heard if each != "notified"]
    with monitor.open(database_url, data_dir=tmp_path, clock=clock) as core:
        assert ["web-1"] == [server.name for server in core.servers.list(tag="web")]
        assert ["cpu"] == [alert.metric for alert in core.alerts.list("firing")]
        assert core.channels.add("mine", send=print) == core.channels.list()[0]
        assert [99.0] == core.series("web-1", ["cpu"]).columns["cpu"].avg
        core.acting_as("ann").alerts.acknowledge(core.alerts.list()[0])


def test_keys_are_kept_beside_the_file(tmp_path: Path) -> None:
    monitor.open(f"sqlite:///{tmp_path}/monitor.db").close()
    assert {"jwt-secret", "monitor.db", "secrets-key"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("url", ["", "postgresql://localhost/x", "nonsense", "sqlite:///:memory:"])
def test_a_wrong_address_is_named(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="url"):
        monitor.open(url, data_dir=tmp_path)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    monitor.open(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaUnsuitable):
        monitor.open(f"sqlite:///{path}")
