from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from monitor.adapters.persistence.store import SqlStore
from monitor.adapters.victoria.address import parsed_address
from monitor.adapters.victoria.archive import VictoriaArchive
from monitor.adapters.victoria.client import Client
from monitor.application.operations.ports import Queries, UnitOfWork
from tests.integration.victoria import Victoria, private_victoria


@pytest.fixture
def victoria(tmp_path: Path) -> Iterator[Victoria]:
    """A server for this test alone."""
    directory = tmp_path / "victoria"
    directory.mkdir()
    with private_victoria(directory) as server:
        yield server


@pytest.fixture
def archive(victoria: Victoria) -> Iterator[VictoriaArchive]:
    with closing(Client(parsed_address(victoria.url), pause=0)) as client:
        yield VictoriaArchive(client)


@pytest.fixture
def settle(victoria: Victoria) -> Callable[[], None]:
    return victoria.settle


@pytest.fixture
def store(ready_url: str) -> Iterator[SqlStore]:
    """An empty store on each kind of database."""
    with closing(SqlStore(ready_url, pool_size=5)) as store:
        yield store


@pytest.fixture
def new_uow(store: SqlStore) -> Callable[[], UnitOfWork]:
    return lambda: store.unit_of_work(lambda: None)


@pytest.fixture
def queries(store: SqlStore) -> Queries:
    return store.queries


@pytest.fixture
def outage(victoria: Victoria) -> Callable[[], AbstractContextManager[None]]:
    @contextmanager
    def away() -> Iterator[None]:
        victoria.stop()
        yield
        victoria.start()

    return away
