"""Databases for the tests: SQLite in a file, and a real MariaDB that starts when the first test asks for it.

Empty ones, and ones with the schema in place (`ready_…`): migrating takes longer than most tests.
"""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, literal, select, union_all

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.tables import metadata
from monitor.adapters.persistence.tables.fleet import fleet_revision
from tests.integration import scratch
from tests.integration.mariadb import MariaDb, private_mariadb

scratch.use_memory()
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A run in the background ignores it, and so would all that it starts: Ctrl-C would end nothing.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """The server that tests share. One that stops or kills it takes `own_mariadb` instead."""
    with private_mariadb() as server:
        yield server


@pytest.fixture
def own_mariadb() -> Iterator[MariaDb]:
    """A server for this test alone, to stop, kill and start again."""
    with private_mariadb() as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb: MariaDb) -> Iterator[str]:
    """An empty MariaDB database."""
    name = mariadb.create_database()
    yield mariadb.url(name)
    mariadb.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'monitor.db'}"


@pytest.fixture(params=["sqlite", "mariadb"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind that the product promises to run on."""
    # By name, so that a run of the SQLite half alone starts no MariaDB.
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_mariadb(mariadb: MariaDb) -> Iterator[Engine]:
    """To be emptied after each use."""
    engine = create_engine(mariadb.url(mariadb.create_database()))
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


def empty(engine: Engine) -> None:
    """Delete all rows, of the tables that have any: few have after a test."""
    tables = {table.name: table for table in reversed(metadata.sorted_tables)}
    filled = union_all(*(select(literal(name)).select_from(table).distinct() for name, table in tables.items()))
    with engine.begin() as connection:
        names = set(connection.execute(filled).scalars())
        for table in (table for name, table in tables.items() if name in names):
            connection.execute(delete(table))
        connection.execute(insert(fleet_revision).values(id=1, revision=0))


@pytest.fixture
def ready_sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'monitor.db')}"


@pytest.fixture
def ready_mariadb_url(migrated_mariadb: Engine) -> Iterator[str]:
    yield migrated_mariadb.url.render_as_string(hide_password=False)
    empty(migrated_mariadb)


@pytest.fixture(params=["sqlite", "mariadb"])
def ready_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"ready_{request.param}_url")
    return url
