"""A database from before alerts, upgraded with its rows, and downgraded again."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from monitor.adapters.persistence.engine import migration_lease, migrations
from monitor.adapters.persistence.engine.engine import create_engine, create_migration_engine
from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables import metadata
from monitor.domain.levels import Level
from tests.contracts.builders import ADMIN, a_policy, a_state, an_alert, stored_server, stored_user
from tests.integration.persistence.conftest import uow_factory

pytestmark = pytest.mark.nightly

OLD_ROWS = (
    "INSERT INTO users (id, username, password, role, username_key, token_version) "
    "VALUES (7, 'Ann', 'x', 'admin', 'ann', 3)",
    "INSERT INTO servers (id, server_name, ip_address, port) VALUES (9, 'web', '192.0.2.9', 2222)",
    "INSERT INTO server_users (user_id, server_id) VALUES (7, 9)",
    "INSERT INTO server_tags (server_id, tag) VALUES (9, 'db')",
    "INSERT INTO monitor_data (server_id, ip_address, cpu_value, memory_value, disk_value) "
    "VALUES (9, '192.0.2.9', 1, 2, 3)",
    "UPDATE fleet_revision SET revision = 5",
)
ALERT_TABLES = (
    "alert_policies",
    "alerts",
    "alert_states",
    "alert_timeline",
    "silences",
    "channels",
    "notifications",
    "preferences",
)


def rows_of(url: str, tables: tuple[str, ...]) -> dict[str, list[Any]]:
    """Return the stored rows without new columns."""
    found: dict[str, list[Any]] = {}
    with create_migration_engine(url).connect() as connection:
        for table in tables:
            rows = connection.execute(text(f"SELECT * FROM {table}")).mappings()  # noqa: S608 (names of our own)
            kept = [{k: v for k, v in row.items() if (table, k) not in LATER_COLUMNS} for row in rows]
            found[table] = sorted(kept, key=repr)
    return found


def tables_in(url: str) -> set[str]:
    """Return the tables that migrations make, without the one of their own lease."""
    with create_migration_engine(url).connect() as connection:
        return set(inspect(connection).get_table_names()) - {migration_lease.TABLE}


LATER_COLUMNS = {
    ("users", "alert_level"),
    ("users", "has_temporary_password"),
    ("users", "has_chosen_locale"),
    ("monitor_data", "report_interval"),
    ("servers", "agent_version"),
    ("servers", "agent_os"),
    ("servers", "kind"),
    ("servers", "host_id"),
    ("servers", "attempts"),
    ("servers", "paused"),
    ("alert_policies", "kind"),
    ("alert_policies", "over_seconds"),
    ("alert_policies", "within_seconds"),
    ("alert_policies", "days"),
    ("alert_policies", "beyond"),
    ("alert_policies", "level"),
    ("alert_policies", "note"),
    ("alerts", "kind"),
    ("alerts", "expected_at"),
    ("alerts", "due_at"),
    ("alert_policies", "changed_at"),
    ("alert_policies", "escalation_id"),
    ("notifications", "called_by"),
    ("users", "quiet"),
    ("users", "away"),
}
LATER_TABLES = (
    "account_mails",
    "alert_quiet",
    "challenges",
    "check_in_pings",
    "check_ins",
    "checks",
    "dependencies",
    "due_evaluations",
    "escalation_targets",
    "escalations",
    "fleet_log",
    "heartbeats",
    "host_facts",
    "history_chunks",
    "history_deletions",
    "history_rollups",
    "identities",
    "incidents",
    "pagings",
    "passkeys",
    "peer_updates",
    "personal_tokens",
    "policy_makers",
    "prometheus_scrapes",
    "recovery_codes",
    "rota_overrides",
    "rota_users",
    "rotas",
    "schema_contract",
    "server_makers",
    "store_epoch",
    "team_servers",
    "team_tags",
    "team_users",
    "teams",
    "totp_secrets",
    "ways",
)
OLD_TABLES = tuple(sorted(set(metadata.tables) - {*ALERT_TABLES, *LATER_TABLES}))


@pytest.fixture
def old_database(database_url: str) -> str:
    """At the revision before, with rows."""
    migrations.upgrade(database_url, "0001")
    with create_migration_engine(database_url).begin() as connection:
        for row in OLD_ROWS:
            connection.execute(text(row))
    return database_url


@pytest.fixture
def migrated(old_database: str) -> Iterator[Engine]:
    migrations.upgrade(old_database)
    engine = create_engine(old_database)
    yield engine
    engine.dispose()


def test_existing_rows_are_unchanged_and_the_schema_is_that_of_the_code(old_database: str) -> None:
    before = rows_of(old_database, OLD_TABLES)

    migrations.upgrade(old_database)

    assert rows_of(old_database, OLD_TABLES) == before
    assert tables_in(old_database) == {*metadata.tables, "alembic_version"}
    migrations.check(old_database)


def test_existing_users_are_notified_from_the_lowest_level_on(migrated: Engine) -> None:
    (user,) = SqlQueries(migrated).users.all(ADMIN)
    assert user.alert_level is Level.WARNING


def test_the_migration_adds_no_policy(migrated: Engine) -> None:
    """A use case creates them once: deleted ones do not come back."""
    with uow_factory(migrated)() as uow:
        assert uow.alert_policies.all() == []
        assert uow.preferences.all() == {}


def test_a_downgrade_removes_only_alerts_and_can_be_upgraded_again(old_database: str, migrated: Engine) -> None:
    """The downgrade removes nothing else, and the upgrade leaves no difference to the code's tables."""
    before = rows_of(old_database, OLD_TABLES)
    with uow_factory(migrated)() as uow:
        (server,) = uow.servers.by_addresses(["192.0.2.9"])
        policy = uow.alert_policies.add(a_policy())
        uow.alerts.add(an_alert(server.id, policy_id=policy.id))
        uow.alert_states.save([a_state(server.id, policy.id)])
        uow.commit()
    migrated.dispose()
    before["fleet_revision"] = rows_of(old_database, ("fleet_revision",))["fleet_revision"]

    migrations.downgrade(old_database, "0001")

    assert rows_of(old_database, OLD_TABLES) == before
    assert tables_in(old_database) == {*OLD_TABLES, "alembic_version"}

    migrations.upgrade(old_database)

    assert rows_of(old_database, OLD_TABLES) == before
    assert all(not rows for rows in rows_of(old_database, ALERT_TABLES).values())
    migrations.check(old_database)


def test_ids_of_deleted_rows_are_not_reused_on_sqlite(sqlite_url: str) -> None:
    """Adding a column to `users` must not have copied it into a table that forgets them."""
    migrations.upgrade(sqlite_url)
    migrations.downgrade(sqlite_url, "0001")
    migrations.upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    new_uow = uow_factory(engine)
    user, server = stored_user(new_uow), stored_server(new_uow)
    with new_uow() as uow:
        alert = uow.alerts.add(an_alert(server.id))
        uow.users.delete(user.id)
        uow.servers.delete([server.id])
        uow.commit()

    other = stored_server(new_uow)
    with new_uow() as uow:
        assert uow.alerts.add(an_alert(other.id)).id > alert.id
    assert stored_user(new_uow).id > user.id
    engine.dispose()
