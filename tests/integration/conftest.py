"""Databases for the tests: SQLite in a file, and a real MariaDB that starts when the first test asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.mariadb import MariaDb, private_mariadb


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
