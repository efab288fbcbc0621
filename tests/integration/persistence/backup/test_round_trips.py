"""A backup of either kind of database, restored into either kind, has equal rows."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine, create_migration_engine, writing
from monitor.adapters.persistence.engine.migration_plans import newest_revision, revisions
from monitor.adapters.persistence.tables.fleet import servers
from monitor.adapters.persistence.tables.history import history_chunks, monitor_data
from monitor.adapters.persistence.tables.operations import store_epoch
from tests.integration.persistence.backup.scene import NOW, changing, filled, next_ids, put, stored, take

VALUES = (0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -1.5)
TEXTS = ("", "北京 🚀", "a'b\"c\\d\0e\n%s %(x)s :y ?", "x" * 6_000)


def test_all_rows_of_all_tables_are_equal(mariadb_url: str, source: str, target: str, tmp_path: Path):
    """Rows are made in MariaDB, which refuses and pads what SQLite takes as it is."""
    migrations.upgrade(mariadb_url)
    filled(mariadb_url, newest_revision())
    take(mariadb_url, tmp_path / "a.backup")
    put(source, (tmp_path / "a.backup").read_bytes())
    with changing(source) as connection:
        sample = {"server_id": 1, "ip_address": "10.0.0.1", "cpu_value": 0.07, "memory_value": 99.99, "disk_value": 100}
        connection.execute(
            insert(monitor_data),
            [
                sample
                | {
                    "recorded_at": NOW + timedelta(microseconds=number),
                    "received_at": NOW + timedelta(microseconds=1 - number),
                    "report_interval": VALUES[number % len(VALUES)],
                    "extra": TEXTS[number % len(TEXTS)] if number % 5 else None,
                }
                for number in range(200)
            ],
        )
        connection.execute(
            insert(history_chunks),
            [
                {"server_id": 1, "period": hour, "samples": 1, "raw_samples": 0, "data": bytes(range(256)) * hour}
                for hour in range(500, 520)
            ],
        )
        connection.execute(text("DELETE FROM users WHERE id = 2"))
    before, ids = stored(source), next_ids(source)
    made = take(source, tmp_path / "a.backup")
    assert 0o600 == (tmp_path / "a.backup").stat().st_mode & 0o777
    assert sum(len(rows) for rows in before.values()) == made.rows
    content = put(target, (tmp_path / "a.backup").read_bytes())
    after = stored(target)
    [restored] = [row for row in after["audit_log"] if row not in before["audit_log"]]
    assert ("backup.restore", "a file", "taken 2026-12-01 02:00:00") == (
        restored["action"],
        restored["target"],
        restored["detail"],
    )
    after["audit_log"].remove(restored)
    assert before == after
    assert (1, datetime(2030, 1, 2, tzinfo=UTC)) == (content.users, content.last_sample)
    ids_after = next_ids(target)
    assert {name: last for name, last in ids.items() if name != "audit_log"} == {
        name: last for name, last in ids_after.items() if name != "audit_log"
    }
    migrations.check(target)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith((".part", "-wal", "-shm"))]


def test_tables_of_others_are_left_out(source: str, target: str, tmp_path: Path):
    """Else no restore would take the backup, which is found out when it is needed."""
    migrations.upgrade(source)
    filled(source, newest_revision())
    with changing(source) as connection:
        of_users = "(user_id INTEGER, FOREIGN KEY (user_id) REFERENCES users (id))"
        connection.execute(text(f"CREATE TABLE users_of_old {of_users}"))
        connection.execute(text("CREATE TABLE `Odd-Table` (`1` INTEGER)"))
    take(source, tmp_path / "a.backup")
    put(target, (tmp_path / "a.backup").read_bytes())
    assert [1, 2] == [row["id"] for row in stored(target)["users"]]


def test_an_id_is_not_used_again(source: str, target: str, tmp_path: Path):
    migrations.upgrade(source)
    user = "INSERT INTO users (username, password) VALUES ('{}', 'x')"
    with changing(source) as connection:
        connection.execute(text(user.format("ann")))
        connection.execute(text(user.format("bob")))
        connection.execute(text("DELETE FROM users WHERE username = 'bob'"))
    take(source, tmp_path / "a.backup")
    put(target, (tmp_path / "a.backup").read_bytes())
    with changing(target) as connection:
        connection.execute(text(user.format("eve")))
        assert 3 == connection.scalar(text("SELECT id FROM users WHERE username = 'eve'"))


def test_the_epoch_is_left_out(source: str, target: str, tmp_path: Path):
    """So that the restored store begins another."""
    migrations.upgrade(source)
    with changing(source) as connection:
        connection.execute(insert(store_epoch).values(id=1, epoch="one", number=5))
    take(source, tmp_path / "a.backup")
    put(target, (tmp_path / "a.backup").read_bytes())
    with changing(target) as connection:
        assert 0 == connection.scalar(select(func.count()).select_from(store_epoch))


@pytest.mark.parametrize("revision", sorted(revisions())[10::15])
def test_a_backup_of_an_older_schema_is_upgraded(source: str, target: str, revision: str, tmp_path: Path):
    """As the database that it was taken of."""
    migrations.upgrade(source, revision)
    filled(source, revision)
    assert revision == take(source, tmp_path / "a.backup").revision
    put(target, (tmp_path / "a.backup").read_bytes())
    migrations.upgrade(source)
    migrations.check(target)
    before, after = stored(source), stored(target)
    assert before.keys() == after.keys()
    assert ["backup.restore"] == [row["action"] for row in after["audit_log"] if row not in before["audit_log"]]
    assert {name: len(rows) for name, rows in before.items() if name != "audit_log"} == {
        name: len(rows) for name, rows in after.items() if name != "audit_log"
    }


def test_a_backup_is_of_one_moment_and_nobody_waits_for_it(source: str, target: str, tmp_path: Path):
    """Each transaction writes as many servers as samples, so any moment has as many."""
    migrations.upgrade(source)
    stop, done = threading.Event(), 0
    engine = create_engine(source)

    def write() -> None:
        nonlocal done
        while not stop.is_set():
            done += 1
            with writing(engine) as connection:
                connection.execute(insert(servers).values(id=done, server_name="x", ip_address=f"a{done}"))
                sample = {"server_id": done, "ip_address": "a", "cpu_value": 1, "memory_value": 2, "disk_value": 3}
                connection.execute(insert(monitor_data), sample)
                connection.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = {}
        for number in range(5):
            before = done
            header = take(source, tmp_path / f"{number}.backup")
            made = {table.name: table.rows for table in header.tables}
            assert made["servers"] == made["monitor_data"] >= before - 1
            assert done > before
    finally:
        stop.set()
        writer.join()
        engine.dispose()
    content = put(target, (tmp_path / "4.backup").read_bytes())
    assert made["servers"] == content.servers
    with create_migration_engine(target).connect() as connection:
        assert made["servers"] == connection.scalar(select(func.count()).select_from(monitor_data))
