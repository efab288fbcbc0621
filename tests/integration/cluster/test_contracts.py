"""What the product asks of a database, on a cluster that is written through one node, and reads there too."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import Engine

from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.store import SqlQueries, SqlUnitOfWork
from tests.contracts.storage import StorageContract
from tests.integration.cluster.conftest import Database
from tests.integration.persistence.conftest import CIPHER, POOL_SIZE

NewUow = Callable[[], SqlUnitOfWork]


@pytest.fixture
def engine(ready: Database) -> Iterator[Engine]:
    engine = create_engine(ready.url, pool_size=POOL_SIZE)
    yield engine
    engine.dispose()


@pytest.fixture
def queries(engine: Engine) -> SqlQueries:
    return SqlQueries(engine, CIPHER)


@pytest.fixture
def fleet_changes() -> list[int]:
    return []


@pytest.fixture
def new_uow(engine: Engine, queries: SqlQueries, fleet_changes: list[int]) -> NewUow:
    return partial(SqlUnitOfWork, engine, lambda: fleet_changes.append(queries.fleet.revision()), CIPHER)


class TestGalera(StorageContract):
    pass
