"""A cluster that all these tests share, since it takes half a minute to start; each has a database of its own.

A test may hurt it, and then heals it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, event

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine
from tests.integration.conftest import empty
from tests.integration.galera import Galera, GaleraNode, private_galera
from tests.integration.haproxy import HaProxy, haproxy


@pytest.fixture(scope="session")
def galera() -> Iterator[Galera]:
    with private_galera() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def balancer(galera: Galera) -> Iterator[HaProxy]:
    with haproxy(galera) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Database:
    """One database, by its addresses. *name*: the same on all nodes."""

    name: str
    galera: Galera
    balancer: HaProxy

    @property
    def url(self) -> str:
        """Through HAProxy."""
        return f"mysql+pymysql://root@127.0.0.1:{self.balancer.port}/{self.name}?charset=utf8mb4"

    def url_at(self, node: GaleraNode) -> str:
        return node.url(self.name)

    @property
    def urls(self) -> list[str]:
        """Of each node."""
        return [node.url(self.name) for node in self.galera.nodes]


@pytest.fixture
def database(galera: Galera, balancer: HaProxy) -> Iterator[Database]:
    """An empty one, on a cluster that is whole and written through its first node."""
    name = galera.create_database()
    yield Database(name, galera, balancer)
    galera.heal()
    balancer.wait_for_first()
    galera.drop_database(name)


@pytest.fixture(scope="session")
def migrated(galera: Galera, balancer: HaProxy) -> Database:
    """To be emptied after each use."""
    database = Database(galera.create_database(), galera, balancer)
    migrations.upgrade(database.url)
    return database


@pytest.fixture
def ready(migrated: Database) -> Iterator[Database]:
    """One with the schema in place and nothing in it, on a cluster that the test leaves whole."""
    yield migrated
    engine = in_time(create_engine(migrated.url))
    empty(engine)
    engine.dispose()


def in_time(engine: Engine) -> Engine:
    """*engine*, each of whose reads first waits for what was committed on other nodes."""

    @event.listens_for(engine, "connect")
    def wait(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION wsrep_sync_wait = 7")

    return engine
