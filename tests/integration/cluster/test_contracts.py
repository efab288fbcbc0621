"""What the product asks of a database, on a cluster that is used through all nodes: harder than through one."""

from collections.abc import Callable, Iterator
from itertools import cycle

import pytest
from sqlalchemy import Engine

from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.store import SqlQueries, SqlUnitOfWork
from tests.contracts.epochs import EpochsContract
from tests.contracts.storage import StorageContract
from tests.integration.cluster.conftest import Database, in_time
from tests.integration.persistence.conftest import CIPHER, POOL_SIZE

pytestmark = pytest.mark.nightly

NewUow = Callable[[], SqlUnitOfWork]


@pytest.fixture
def fleet_changes() -> list[int]:
    return []


class TestAllNodes(StorageContract):
    """Transactions take turns on two nodes, and queries are answered by the third."""

    @pytest.fixture
    def engines(self, ready: Database) -> Iterator[list[Engine]]:
        engines = [in_time(create_engine(url, pool_size=POOL_SIZE)) for url in ready.urls]
        yield engines
        for engine in engines:
            engine.dispose()

    @pytest.fixture
    def queries(self, engines: list[Engine]) -> SqlQueries:
        return SqlQueries(engines[2], CIPHER)

    @pytest.fixture
    def new_uow(self, engines: list[Engine], queries: SqlQueries, fleet_changes: list[int]) -> NewUow:
        turns = cycle(engines[:2])
        return lambda: SqlUnitOfWork(next(turns), lambda: fleet_changes.append(queries.fleet.revision()), CIPHER)

    class TestEpochs(EpochsContract):
        def test_the_server_is_the_same_for_each_unit_of_work(self, new_uow: NewUow) -> None:
            """It is that of the node, and transactions take turns on two."""
            servers = []
            for _ in range(4):
                with new_uow() as uow:
                    servers.append(uow.epochs.server())
            assert servers[:2] == servers[2:]
            assert servers[0] != servers[1]
