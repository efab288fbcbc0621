"""Stores with the schema in place and nothing in them. Migrating takes longer than most tests: once for each kind."""

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, insert

from monitor.adapters.persistence import migrations
from monitor.adapters.persistence.engine import create_engine
from monitor.adapters.persistence.queries import SqlQueries
from monitor.adapters.persistence.tables import fleet_revision, metadata
from monitor.adapters.persistence.unit_of_work import SqlUnitOfWork
from tests.integration.mariadb import MariaDb

POOL_SIZE = 10
NewUow = Callable[[], SqlUnitOfWork]

# Common table expressions, window functions and what else MySQL 5.7 does not know.
NOT_IN_MYSQL_57 = re.compile(
    r"^\s*WITH\b|\bOVER\s*\(|\bRETURNING\b|\bSKIP LOCKED\b|\bNOWAIT\b|\bEXCEPT\b|\bINTERSECT\b"
)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_mariadb_url(mariadb: MariaDb) -> str:
    url = mariadb.url(mariadb.create_database())
    migrations.upgrade(url)
    return url


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "monitor.db"
    shutil.copy(sqlite_template, path)
    engine = create_engine(f"sqlite:///{path}", pool_size=POOL_SIZE)
    yield engine
    engine.dispose()


@pytest.fixture
def mariadb_engine(migrated_mariadb_url: str) -> Iterator[Engine]:
    """Whatever a test runs on it must be SQL that MySQL 5.7 knows, too."""
    engine = create_engine(migrated_mariadb_url, pool_size=POOL_SIZE)
    statements: set[str] = set()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.add(statement[:5000])

    yield engine
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
        connection.execute(insert(fleet_revision).values(id=1, revision=0))
    engine.dispose()
    assert [statement for statement in statements if NOT_IN_MYSQL_57.search(statement)] == []


@pytest.fixture(params=["sqlite", "mariadb"])
def engine(request: pytest.FixtureRequest) -> Engine:
    # By name, so that a run of the SQLite half alone starts no MariaDB.
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture
def queries(engine: Engine) -> SqlQueries:
    return SqlQueries(engine)


@pytest.fixture
def fleet_changes() -> list[int]:
    return []


@pytest.fixture
def new_uow(engine: Engine, queries: SqlQueries, fleet_changes: list[int]) -> NewUow:
    return partial(SqlUnitOfWork, engine, lambda: fleet_changes.append(queries.fleet.revision()))


def uow_factory(engine: Engine) -> NewUow:
    return partial(SqlUnitOfWork, engine, lambda: None)
