"""What two serving processes on one database believe about its hosts; in virtual time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.adapters.memory.clock import FixedClock
from monitor.adapters.memory.passwords import InsecurePasswordHasher
from monitor.adapters.persistence.store import SqlStore
from monitor.container import Container, over
from monitor.domain.actors import Actor, Role
from monitor.domain.samples import Sample
from monitor.domain.servers import ServerId
from monitor.settings import Settings

SECRET = "x" * 40


@contextmanager
def serving(url: str, clock: FixedClock) -> Iterator[Container]:
    """What a process holds, without its threads."""
    store = SqlStore(url, pool_size=2)
    settings = Settings(database_url=url, data_dir=Path())
    try:
        yield over(store, settings, SECRET, clock=clock, hasher=InsecurePasswordHasher())
    finally:
        store.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def one(ready_url: str, clock: FixedClock) -> Iterator[Container]:
    with serving(ready_url, clock) as container:
        container.ensure_first_admin()("correct horse battery")
        yield container


@pytest.fixture
def other(ready_url: str, one: Container, clock: FixedClock) -> Iterator[Container]:
    with serving(ready_url, clock) as container:
        yield container


def host(process: Container) -> ServerId:
    with process.uow() as uow:
        admin = uow.users.by_username("admin")
    assert admin is not None
    actor = Actor(user_id=admin.id, username=admin.username, role=Role.ADMIN)
    server = process.create_server()(actor, name="host", ip_address="10.0.0.1")
    return ServerId(server.id)


def report(process: Container, server_id: ServerId) -> None:
    now = process.clock().now()
    process.fleet().refresh()
    process.store_samples()([Sample(server_id, now, now, 1.0, 2.0, 3.0)])


def test_a_host_that_reports_to_one_is_offline_for_none(one: Container, other: Container, clock: FixedClock):
    """However long the other has not heard of it. When it falls silent, either finds out."""
    server_id = host(one)
    report(one, server_id)
    other.fleet().refresh()
    detect = other.detect_offline()
    for _ in range(20):
        clock.advance(15)
        report(one, server_id)
        assert set() == detect()
    clock.advance(91)
    assert {server_id} == detect()
