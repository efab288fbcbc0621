"""The way back of databases that hold what goes."""

import pytest
from sqlalchemy import text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_plans import newest_revision
from tests.integration.persistence.engine.interruptions import CIPHER, fill

pytestmark = pytest.mark.nightly


def full(url: str) -> None:
    """Make a database with two rows in every table, all of them about a server that is a check."""
    migrations.upgrade(url)
    with create_migration_engine(url).begin() as connection:
        fill(connection, newest_revision())
        connection.execute(text("UPDATE servers SET kind = 'http' WHERE id = 2"))
        connection.execute(text("UPDATE alert_policies SET kind = 'range'"))


def test_checks_go_with_all_that_refers_to_them(database_url: str):
    """SQLite follows no foreign keys in a migration."""
    full(database_url)
    migrations.downgrade(database_url, "0027", CIPHER)
    with create_migration_engine(database_url).connect() as connection:
        for table in ("server_users", "server_tags", "monitor_data", "alerts", "alert_states", "history_chunks"):
            assert [1] == [*connection.execute(text(f"SELECT server_id FROM {table}")).scalars()], table  # noqa: S608
        assert [1] == [*connection.execute(text("SELECT id FROM servers")).scalars()]
        assert [None] == [*connection.execute(text("SELECT policy_id FROM alerts")).scalars()]
        assert [] == [*connection.execute(text("SELECT policy_id FROM policy_makers")).scalars()]


def test_every_step_can_be_undone(database_url: str):
    full(database_url)
    migrations.downgrade(database_url, "base", CIPHER)
    migrations.upgrade(database_url)
    migrations.check(database_url)
