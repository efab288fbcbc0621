"""Three real servers, of which the first that can write is used by all connections of a store."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_plans import newest_revision
from monitor.adapters.persistence.store import SqlStore
from monitor.domain.errors import StorageUnavailable, TransactionLost
from tests.integration.mariadb import MariaDb, private_mariadb

pytestmark = pytest.mark.nightly

CHANGES = [migrations.upgrade, migrations.expand, migrations.upgrade_beside, migrations.downgrade]


@pytest.fixture(scope="module")
def three() -> Iterator[list[MariaDb]]:
    with ExitStack() as stack:
        yield [stack.enter_context(private_mariadb()) for _ in range(3)]


@pytest.fixture
def servers(three: list[MariaDb]) -> Iterator[list[MariaDb]]:
    """All run and can write, also afterwards."""
    yield three
    for server in three:
        server.resume()
        server.start()
        server.execute("SET GLOBAL read_only = OFF")


def url_of(servers: list[MariaDb]) -> str:
    hosts = "&".join(f"host=127.0.0.1:{server.port}" for server in servers)
    return f"mysql+pymysql://root:@/mysql?{hosts}"


class Store(SqlStore):
    """One whose hosts are watched only when the test says so."""

    def watch(self) -> None:
        watch = self.host_watch()
        assert watch is not None
        watch()

    @property
    def ports(self) -> set[int]:
        """Where connections of both kinds lead to."""
        found = set()
        for engine in (self._engine, self._intake_engine):
            with engine.connect() as connection:
                found.add(int(connection.execute(text("SELECT @@port")).scalar_one()))
        return found


@pytest.fixture
def store(servers: list[MariaDb]) -> Iterator[Store]:
    store = Store(url_of(servers), pool_size=4)
    yield store
    store.close()


def test_the_first_that_can_write_is_used(servers: list[MariaDb], store: Store):
    servers[0].execute("SET GLOBAL read_only = ON")
    servers[1].stop()
    assert {servers[2].port} == store.ports


def test_a_server_that_becomes_read_only_is_left(servers: list[MariaDb], store: Store):
    assert {servers[0].port} == store.ports
    servers[0].execute("SET GLOBAL read_only = ON")
    store.watch()
    assert {servers[1].port} == store.ports


def test_a_server_that_is_killed_is_left_at_once(servers: list[MariaDb], store: Store):
    assert {servers[0].port} == store.ports
    servers[0].kill()
    assert {servers[1].port} == store.ports


def test_who_waits_for_a_server_that_hangs_is_freed(servers: list[MariaDb], store: Store):
    assert {servers[0].port} == store.ports
    watching = threading.Thread(target=store.watch)
    with store._intake_engine.connect() as connection:  # before the pause: later, the pool might connect to another
        servers[0].pause()
        began = time.monotonic()
        watching.start()
        with pytest.raises(TransactionLost):
            connection.execute(text("SELECT 1"))
    watching.join()  # connections are cut one after the other
    assert {servers[1].port} == store.ports
    assert time.monotonic() - began < 8


def test_who_connects_to_a_server_that_hangs_is_freed(servers: list[MariaDb], store: Store):
    """It waits for the server's greeting, since that could write a moment ago."""
    store.watch()
    servers[0].pause()
    began = time.monotonic()
    watching = threading.Thread(target=store.watch)
    with ThreadPoolExecutor() as pool:
        ports = pool.submit(lambda: store.ports)
        watching.start()
        assert {servers[1].port} == ports.result()
    assert time.monotonic() - began < 8
    watching.join()


def test_a_transaction_on_a_server_that_is_left_is_lost(servers: list[MariaDb], store: Store):
    servers[0].execute("CREATE TABLE mysql.kept (v INT PRIMARY KEY)")
    try:
        with store._engine.connect() as connection:
            connection.execute(text("INSERT INTO kept VALUES (1)"))
            servers[0].execute("SET GLOBAL read_only = ON")
            store.watch()
            with pytest.raises(TransactionLost):
                connection.execute(text("INSERT INTO kept VALUES (2)"))
        single = create_migration_engine(servers[0].url("mysql"))
        with single.connect() as connection:
            assert 0 == connection.execute(text("SELECT COUNT(*) FROM kept")).scalar_one()
    finally:
        servers[0].execute("DROP TABLE mysql.kept")


def test_the_first_is_used_again_within_half_a_minute(servers: list[MariaDb], store: Store):
    servers[0].kill()
    assert {servers[1].port} == store.ports
    servers[0].start()
    began = time.monotonic()
    pause = threading.Event()
    while store.ports != {servers[0].port}:
        assert time.monotonic() - began < 30
        pause.wait(1)
        store.watch()


def test_while_none_can_write_the_error_says_why(servers: list[MariaDb], store: Store):
    servers[0].execute("SET GLOBAL read_only = ON")
    servers[1].kill()
    servers[2].execute("SET GLOBAL read_only = ON")
    with pytest.raises(StorageUnavailable, match=rf"127.0.0.1:{servers[0].port}: read_only is ON; .*Can't connect"):
        store.queries.fleet.revision()


def test_migrations_go_to_the_first_that_can_write(servers: list[MariaDb]):
    servers[0].execute("SET GLOBAL read_only = ON")
    with create_migration_engine(url_of(servers)).connect() as connection:
        assert servers[1].port == connection.execute(text("SELECT @@port")).scalar_one()


@pytest.mark.parametrize("change", CHANGES)
def test_the_schema_of_the_first_that_can_write_is_changed(servers: list[MariaDb], change: Callable[..., object]):
    """Also by a caller that hands over an engine."""
    [name] = {server.create_database() for server in servers}
    servers[0].execute("SET GLOBAL read_only = ON")
    several = url_of(servers).replace("/mysql?", f"/{name}?")
    only = servers[1].url(name)
    if change is migrations.downgrade:
        migrations.upgrade(only)
        migrations.downgrade(several, "0020")
    else:
        assert not change(several)
    expected = "0020" if change is migrations.downgrade else newest_revision()
    assert expected == migrations.present_revision(create_migration_engine(several))
    assert expected == migrations.present_revision(only)
    assert "" == migrations.present_revision(servers[2].url(name))


def test_a_contract_is_run_on_the_first_that_can_write(servers: list[MariaDb]):
    [name] = {server.create_database() for server in servers}
    servers[0].execute("SET GLOBAL read_only = ON")
    migrations.upgrade(servers[1].url(name), "0015")
    migrations.contract(url_of(servers).replace("/mysql?", f"/{name}?"))
    assert "0016" == migrations.present_revision(servers[1].url(name))


def test_a_url_with_one_host_asks_nothing(servers: list[MariaDb]):
    store = SqlStore(servers[0].url("mysql"), pool_size=2)
    assert store.host_watch() is None
    store.close()
