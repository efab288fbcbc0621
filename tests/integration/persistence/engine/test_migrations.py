"""Migrations: up and down, by several processes at once, and always to the tables of the code."""

import subprocess
import sys

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, String, inspect, text

from monitor.adapters.persistence.engine import migration_lease, migrations
from monitor.adapters.persistence.engine.engine import create_engine, create_migration_engine, writing
from monitor.adapters.persistence.engine.migration_plans import revisions
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from monitor.adapters.persistence.store import SqlQueries
from monitor.adapters.persistence.tables import metadata
from tests.contracts.builders import (
    ADMIN,
    a_sample,
    raw_samples,
    store_samples,
    stored_key,
    stored_server,
    stored_user,
)
from tests.integration.persistence.conftest import uow_factory

ONE_UPGRADE = "import sys; from monitor.adapters.persistence.engine.migrations import upgrade; upgrade(sys.argv[1])"


def table_names(url: str) -> set[str]:
    """Of the schema."""
    engine = create_migration_engine(url)
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {migration_lease.TABLE}


def test_a_new_database_is_not_current_until_upgraded(database_url: str) -> None:
    """`serve` checks this before it starts."""
    assert version_of(database_url) is SchemaVersion.OLDER

    migrations.upgrade(database_url)

    assert version_of(database_url) is SchemaVersion.CURRENT
    assert table_names(database_url) == {*metadata.tables, "alembic_version"}


def test_up_down_and_up_again(database_url: str) -> None:
    migrations.upgrade(database_url)
    migrations.downgrade(database_url, "base")

    assert table_names(database_url) == {"alembic_version"}

    migrations.upgrade(database_url)
    migrations.check(database_url)


def test_upgrading_a_current_database_changes_nothing(database_url: str) -> None:
    migrations.upgrade(database_url)
    engine = create_engine(database_url)
    server = stored_server(uow_factory(engine))

    migrations.upgrade(engine)

    assert SqlQueries(engine).servers.get(ADMIN, server.id) == server
    engine.dispose()


def test_the_migrations_make_the_tables_of_the_code(database_url: str) -> None:
    """On both databases, since each misses some differences."""
    migrations.upgrade(database_url)
    migrations.check(database_url)


def test_a_missing_migration_is_found(database_url: str) -> None:
    migrations.upgrade(database_url)
    engine = create_migration_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE servers DROP COLUMN report_interval"))

    with pytest.raises(migrations.SchemaDrift, match="report_interval"):
        migrations.check(database_url)


def test_several_processes_may_upgrade_at_once(database_url: str) -> None:
    """As when a service with four workers is deployed."""
    running = [subprocess.Popen([sys.executable, "-c", ONE_UPGRADE, database_url]) for _ in range(3)]

    assert [process.wait(60) for process in running] == [0, 0, 0]
    migrations.check(database_url)


def test_changing_a_parent_table_keeps_its_children(database_url: str) -> None:
    """SQLite changes a table by copying and dropping it, and a drop cascades where foreign keys are enforced."""
    migrations.upgrade(database_url)
    engine = create_engine(database_url)
    new_uow = uow_factory(engine)
    user = stored_user(new_uow)
    server = stored_server(new_uow, tags=frozenset({"a", "b"}), user_ids=frozenset({user.id}))
    key = stored_key(new_uow, server_id=server.id, owner_id=user.id)
    store_samples(new_uow, a_sample(server.id))

    with writing(create_migration_engine(database_url)) as connection, connection.begin():
        operations = Operations(MigrationContext.configure(connection, opts={"target_metadata": metadata}))
        with operations.batch_alter_table("servers") as batch:
            batch.alter_column("port", existing_type=Integer, existing_nullable=False, server_default="23")
            batch.add_column(Column("note", String(10)))

    queries = SqlQueries(engine)
    assert queries.servers.get(ADMIN, server.id) == server
    assert queries.api_keys.all(ADMIN) == [key]
    assert raw_samples(queries, server.id) == [a_sample(server.id)]
    engine.dispose()


def test_languages_that_nobody_chose_are_open_after_the_upgrade(database_url: str) -> None:
    """Everybody had Chinese, so only English is known to be a choice."""
    [own] = [each for each, script in revisions().items() if script.name.endswith("_known_languages.py")]
    migrations.upgrade(database_url, max(each for each in revisions() if each < own))
    engine = create_engine(database_url)
    with engine.begin() as connection:
        insert = text("INSERT INTO users (username, password, role, locale) VALUES (:name, 'x', 'user', :locale)")
        connection.execute(insert, [{"name": "mia", "locale": "en"}, {"name": "li", "locale": "zh-CN"}])
    migrations.upgrade(database_url)
    assert {"mia": "en", "li": None} == {user.username: user.locale for user in SqlQueries(engine).users.all(ADMIN)}
    engine.dispose()
