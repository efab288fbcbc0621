"""GET /readyz tells which database host is used, and whether it can be written to."""

from collections.abc import Iterator
from typing import Any

import pytest

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.store import SqlStore
from monitor.application.operations.processes import ReportProcess, WatchProcesses
from tests.fakes.cipher import TransparentCipher
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import World
from tests.integration.mariadb import MariaDb, private_mariadb


@pytest.fixture
def servers(own_mariadb: MariaDb) -> Iterator[list[MariaDb]]:
    """Two, each with the schema."""
    with private_mariadb() as second:
        for server in (own_mariadb, second):
            migrations.upgrade(server.url(server.create_database()))
        yield [own_mariadb, second]


@pytest.fixture
def world(servers: list[MariaDb], new_world: NewWorld) -> World:
    hosts = "&".join(f"host={name(server)}" for server in servers)
    return new_world(SqlStore(f"mysql+pymysql://root:@/test_1?{hosts}", pool_size=8, cipher=TransparentCipher("a key")))


def name(server: MariaDb) -> str:
    return f"127.0.0.1:{server.port}"


def ready(world: World, address: str = "127.0.0.1", **headers: str) -> tuple[int, str, Any]:
    answer = world.send("GET", "/readyz", address=address, headers={"Host": "localhost", **headers})
    return answer.status_code, answer.json()["database"], answer.json()["store"]


@pytest.mark.nightly(each=True)
def test_the_host_in_use_is_named_and_503_says_that_none_can_write(world: World, servers: list[MariaDb]) -> None:
    first, second = servers
    watch = world.store.host_watch()
    assert watch is not None
    assert (200, "ok", {"host": name(first), "can_write": True}) == ready(world)
    first.execute("SET GLOBAL read_only = ON")
    watch()
    assert (200, "ok", {"host": name(second), "can_write": True}) == ready(world)
    second.execute("SET GLOBAL read_only = ON")
    assert (503, "read_only", {"host": name(second), "can_write": False}) == ready(world)
    second.kill()
    assert (503, "unavailable", None) == ready(world)
    first.execute("SET GLOBAL read_only = OFF")
    watch()
    assert (200, "ok", {"host": name(first), "can_write": True}) == ready(world)


@pytest.mark.nightly(each=True)
def test_the_host_is_named_to_this_machine_alone(world: World, servers: list[MariaDb]) -> None:
    assert (200, "ok", {"host": name(servers[0]), "can_write": True}) == ready(world, "::1")
    unnamed = (200, "ok", {"host": None, "can_write": True})
    assert unnamed == ready(world, "198.51.100.7")
    for header in ("X-Forwarded-For", "X-Forwarded-Port", "Forwarded", "Via"):
        assert unnamed == ready(world, **{header: "127.0.0.1"})
    assert unnamed == ready(world, Host="monitor.test")


@pytest.mark.nightly(each=True)
def test_the_cluster_shows_the_server_that_takes_the_samples(world: World, servers: list[MariaDb]) -> None:
    world.report(world.server_key(world.server("192.0.2.1")))
    world.container.get(WatchProcesses)()
    world.container.get(ReportProcess)()
    store = world.send("GET", "/api/cluster", world.admin).json()["data"][0]["store"]
    assert name(servers[0]) == store["host"]
    assert store["address"].endswith(f":{servers[0].port}")
