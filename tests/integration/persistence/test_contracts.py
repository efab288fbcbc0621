"""All contracts on SQLite and on MariaDB.

The tests of a store share an engine, which compiles each statement once.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from monitor.adapters.persistence.engine.engine import create_engine
from tests.contracts.storage import StorageContract
from tests.integration.persistence.conftest import POOL_SIZE, in_mysql_57


@pytest.fixture(scope="module")
def shared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'monitor.db'}", pool_size=POOL_SIZE)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(shared_sqlite: Engine, migrated_sqlite: Path) -> Engine:
    shared_sqlite.dispose()
    shutil.copy(migrated_sqlite, str(shared_sqlite.url.database))
    return shared_sqlite


@pytest.fixture(scope="module")
def shared_mariadb(migrated_mariadb: Engine) -> Iterator[Engine]:
    yield from in_mysql_57(create_engine(migrated_mariadb.url, pool_size=POOL_SIZE))


@pytest.fixture
def mariadb_engine(shared_mariadb: Engine, ready_mariadb_url: str) -> Engine:
    assert ready_mariadb_url == shared_mariadb.url.render_as_string(hide_password=False)
    return shared_mariadb


class TestSql(StorageContract):
    pass
