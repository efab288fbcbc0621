"""The status of hosts in two serving processes on one database, in virtual time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest

from monitor.adapters.memory.fakes import FixedClock, InsecurePasswordHasher
from monitor.adapters.persistence.store import SqlStore
from monitor.application.accounts.users import EnsureFirstAdmin
from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.offline import DetectOffline
from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.servers import CreateServer
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.operations.peers import ExchangePeerUpdates
from monitor.application.policies.policies import EnsureDefaultPolicies
from monitor.assembly import over
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from monitor.settings import Settings

SECRET = "x" * 40
ROOT = Actor(user_id=UserId(0), username="(the tests)", role=Role.ADMIN)


@contextmanager
def serving(url: str, clock: FixedClock) -> Iterator[Container]:
    """A process without its threads."""
    store = SqlStore(url, pool_size=3)
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
        container.get(EnsureFirstAdmin)("correct horse battery")
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
    server = process.get(CreateServer)(actor, name="host", ip_address="10.0.0.1")
    return ServerId(server.id)


def report(process: Container, server_id: ServerId, cpu: float = 1.0) -> None:
    now = process.clock.now()
    process.fleet.refresh()
    process.get(StoreSamples)([Sample(server_id, now, now, cpu, 2.0, 3.0)])


def test_a_host_that_reports_to_one_process_is_offline_in_none(one: Container, other: Container, clock: FixedClock):
    """Even if the other has had no report for long. When the reports end, either finds it offline."""
    server_id = host(one)
    report(one, server_id)
    other.fleet.refresh()
    detect = other.get(DetectOffline)
    for _ in range(20):
        clock.advance(15)
        report(one, server_id)
        assert set() == detect()
    clock.advance(91)
    assert {server_id} == detect()


@pytest.mark.parametrize("dealt", ["ab", "aaaaabbbbbb", "aaaaaaaaaaaaaaaaaaaaab", "baaa"])
def test_an_alert_fires_once_and_in_time_however_samples_are_distributed(
    one: Container, other: Container, clock: FixedClock, dealt: str
):
    """Even if one process has received no sample for longer than the longest gap."""
    one.get(EnsureDefaultPolicies)()
    server_id = host(one)
    to, began = cycle({"a": one, "b": other}[letter] for letter in dealt), clock.now()
    fired = []
    for _ in range(30):
        report(next(to), server_id, cpu=75.0)
        for process in (one, other) * 2:
            process.fleet.poll()
            process.get(ExchangePeerUpdates)()
        fired.append([firing for process in (one, other) for firing in process.get(Alerting).states.firing()])
        clock.advance(15)
    (shown,) = one.queries.alerts.newest(ROOT, AlertFilter())
    assert shown.alert.fired_at == began + timedelta(minutes=5)
    assert fired == [[]] * 20 + [[(server_id, "cpu")] * 2] * 10
