"""Applications to talk to: over memory for most tests, over each kind of store where storage has a say."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from monitor.adapters.http.messages import use_language
from monitor.adapters.persistence import migrations
from monitor.adapters.persistence.store import SqlStore
from monitor.adapters.persistence.tables import fleet_revision, metadata
from tests.integration.http.world import World
from tests.integration.mariadb import MariaDb

NewWorld = Callable[..., World]


@pytest.fixture
def new_world() -> Iterator[NewWorld]:
    """Makes worlds that are closed when the test ends."""
    with ExitStack() as stack:

        def make(*args: object, **settings: object) -> World:
            world = World(*args, **settings)  # type: ignore[arg-type]  # checked where it is called for
            stack.callback(world.close)
            return world

        yield make


@pytest.fixture
def world(new_world: NewWorld) -> World:
    return new_world()


@pytest.fixture(scope="module")
def calm_world() -> Iterator[World]:
    """One for all tests of a module that change nothing: whose requests are refused, or only read."""
    with closing(World()) as world:
        yield world


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_mariadb(mariadb: MariaDb) -> str:
    """A database to be emptied after each use: to create its tables takes a second and a half."""
    url = mariadb.url(mariadb.create_database())
    migrations.upgrade(url)
    return url


@pytest.fixture
def http_sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'monitor.db')}"


@pytest.fixture
def http_mariadb_url(migrated_mariadb: str) -> Iterator[str]:
    yield migrated_mariadb
    with create_engine(migrated_mariadb, poolclass=NullPool).begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not fleet_revision:
                connection.execute(table.delete())


@pytest.fixture(params=["memory", "sqlite", "mariadb"])
def any_world(request: pytest.FixtureRequest, new_world: NewWorld) -> World:
    """Once over each kind of store."""
    if request.param == "memory":
        return new_world()
    # By name, so that a run without the MariaDB half starts no server.
    url = request.getfixturevalue(f"http_{request.param}_url")
    return new_world(SqlStore(url, pool_size=8))


@pytest.fixture(autouse=True)
def _in_the_default_language() -> None:
    """A request sets the language of its own context; a test that asks for a sentence outside of one, everybody's."""
    use_language("")
