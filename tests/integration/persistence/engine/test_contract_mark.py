"""Older code reads from the database whether it runs on the schema, also while a contract is under way."""

import pytest
from alembic import command
from sqlalchemy import select, update

from monitor.adapters.persistence.engine import migrations, schema_state
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_plans import (
    Half,
    Migration,
    MigrationRefused,
    newest_revision,
    pending_after,
)
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from monitor.adapters.persistence.tables.operations import schema_contract as t

NEXT = f"{int(newest_revision()) + 1:04d}"


def mark(url: str) -> str:
    with create_migration_engine(url).connect() as connection:
        return str(connection.scalar(select(t.c.revision)))


def set_mark(url: str, revision: str) -> None:
    with create_migration_engine(url).begin() as connection:
        connection.execute(update(t).values(revision=revision))


@pytest.fixture
def contracting(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database for which this code has one more migration, a contract."""
    migrations.upgrade(database_url)
    every = [*pending_after(""), Migration(NEXT, Half.CONTRACT)]
    monkeypatch.setattr(migrations, "_pending", lambda _: every[-1:])
    monkeypatch.setattr(schema_state, "pending_after", lambda _: every)
    return database_url


def test_code_that_knows_the_revision_but_not_the_contract_that_began_does_not_serve(database_url: str):
    migrations.upgrade(database_url)
    assert version_of(database_url) is SchemaVersion.CURRENT
    set_mark(database_url, NEXT)
    assert version_of(database_url) is SchemaVersion.NEWER


@pytest.mark.parametrize("run", [migrations.upgrade, migrations.upgrade_beside, migrations.contract])
def test_others_see_the_mark_before_the_contract_runs(contracting: str, run, monkeypatch: pytest.MonkeyPatch):
    seen: list[str] = []
    monkeypatch.setattr(command, "upgrade", lambda *_: seen.append(mark(contracting)))
    run(contracting)
    assert [NEXT] == seen


def test_the_mark_is_taken_back_while_older_processes_serve(contracting: str, monkeypatch: pytest.MonkeyPatch):
    before, seen = mark(contracting), []

    def older(*_: object) -> list[str]:
        seen.append(mark(contracting))
        return ["0.1.0 on host"]

    monkeypatch.setattr(migrations, "older_processes", older)
    with pytest.raises(MigrationRefused, match=r"0\.1\.0 on host"):
        migrations.contract(contracting)
    assert ([NEXT], before) == (seen, mark(contracting))


def test_an_unknown_revision_is_refused_before_anything_is_marked(contracting: str):
    before = mark(contracting)
    with pytest.raises(MigrationRefused, match="there is no revision '9999'"):
        migrations.upgrade(contracting, "9999")
    assert before == mark(contracting)


def test_older_code_neither_expands_nor_contracts_a_newer_schema(database_url: str):
    migrations.upgrade(database_url)
    with create_migration_engine(database_url).begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{NEXT}'")  # noqa: S608 (a number)
    for run in (migrations.expand, migrations.contract, migrations.upgrade, migrations.upgrade_beside):
        with pytest.raises(MigrationRefused, match="newer than this version"):
            run(database_url)
