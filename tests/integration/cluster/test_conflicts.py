"""Two processes that work on the same rows at the same time, each through a node of its own.

Nodes do not see each other's locks: the second to commit gets an error then, or at any statement before.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from monitor.adapters.memory.stand_ins import FixedClock, InsecurePasswordHasher
from monitor.adapters.persistence.store import SqlStore
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.users import ChangeUser, CreateUser, EnsureFirstAdmin
from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.servers import CreateServer, DeleteServer
from monitor.application.intake.store_samples import Outcome, StoreSamples
from monitor.application.operations.peers import ExchangePeerUpdates
from monitor.application.policies.policies import EnsureDefaultPolicies
from monitor.application.transactions import retried
from monitor.assembly import over
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.errors import LastAdmin, TooManyAttempts
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from monitor.settings import Settings
from tests.contracts.threads import at_once
from tests.integration.cli.running import wait_for
from tests.integration.cluster.conftest import Database
from tests.integration.galera import GaleraNode

pytestmark = pytest.mark.nightly

SECRET, PASSWORD = "x" * 40, "correct horse battery"
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
def processes(ready: Database, clock: FixedClock) -> Iterator[tuple[Container, Container]]:
    with serving(ready.urls[0], clock) as one, serving(ready.urls[1], clock) as other:
        one.get(EnsureFirstAdmin)(PASSWORD)
        wait_for(lambda: admin_of(other) is not None, "the first administrator on the other node")
        yield one, other


def admin_of(process: Container) -> Actor | None:
    with process.uow() as uow:
        user = uow.users.by_username("admin")
    return None if user is None else Actor(user_id=user.id, username=user.username, role=user.role)


def hosts(process: Container, count: int) -> list[ServerId]:
    admin = admin_of(process)
    assert admin is not None
    create = process.get(CreateServer)
    return [ServerId(create(admin, name=f"host-{n}", ip_address=f"10.0.0.{n}").id) for n in range(1, count + 1)]


def follow(process: Container, count: int) -> None:
    """Until it knows that many servers."""

    def knows() -> bool:
        process.fleet.refresh()
        return len(process.fleet.directory.servers) == count

    wait_for(knows, "the servers")


def test_a_sample_that_reaches_both_is_stored_once_and_its_alert_fires_once(
    processes: tuple[Container, Container], ready: Database, clock: FixedClock
):
    one, other = processes
    one.get(EnsureDefaultPolicies)()
    ids = hosts(one, 10)
    for process in processes:
        follow(process, 10)
    outcomes: list[Outcome] = []

    def report(process: Container) -> None:
        now = clock.now()
        # In opposite orders, so that each has locked what the other wants.
        wanted = ids if process is one else ids[::-1]
        outcomes.extend(process.get(StoreSamples)([Sample(each, now, now, 75.0, 2.0, 3.0) for each in wanted]))

    for _ in range(25):
        at_once(lambda: report(one), lambda: report(other))
        for process in processes:
            process.get(ExchangePeerUpdates)()
        clock.advance(15)
    assert (250, 250) == (outcomes.count(Outcome.STORED), outcomes.count(Outcome.DUPLICATE))
    shown = one.queries.alerts.newest(ROOT, AlertFilter())
    assert sorted(ids) == sorted(each.alert.server_id for each in shown)
    for node in ready.galera.nodes:
        assert [(250,)] == node.rows("SELECT count(*) FROM monitor_data", ready.name)


def test_a_lease_has_one_holder(processes: tuple[Container, Container], clock: FixedClock):
    holders: list[Container] = []

    @retried
    def acquire(process: Container) -> bool:
        with process.uow() as uow:
            token = uow.leases.acquire("work", process.shared.holder(), clock.now(), timedelta(seconds=10))
            uow.commit()
        return token is not None

    def work(process: Container) -> None:
        if acquire(process):
            holders.append(process)

    for _ in range(30):
        holders.clear()
        at_once(*(partial(work, process) for process in processes))
        assert len(holders) == 1
        clock.advance(11)


def are_admins(process: Container, count: int) -> bool:
    with process.uow() as uow:
        return uow.users.count_admins() == count


def test_two_administrators_cannot_both_stop_being_one(processes: tuple[Container, Container]):
    one, other = processes
    admin = admin_of(one)
    assert admin is not None
    second = one.get(CreateUser)(admin, username="second", password=PASSWORD, role=Role.ADMIN).id
    outcomes: list[str] = []

    def demote(process: Container, user_id: UserId) -> None:
        try:
            process.get(ChangeUser)(ROOT, user_id, role=Role.USER)
            outcomes.append("done")
        except LastAdmin:
            outcomes.append("refused")

    for _ in range(10):
        outcomes.clear()
        at_once(lambda: demote(one, admin.user_id), lambda: demote(other, second))
        assert ["done", "refused"] == sorted(outcomes)
        for user_id in (admin.user_id, second):
            one.get(ChangeUser)(ROOT, user_id, role=Role.ADMIN)
        wait_for(partial(are_admins, other, 2), "both to be administrators again")


def test_guesses_through_different_nodes_count_together(processes: tuple[Container, Container]):
    """Ten a network."""
    counted: list[int] = []

    def guess(process: Container) -> None:
        for number in range(10):
            with suppress(TooManyAttempts):
                counted.append(
                    process.get(LoginLimits).attempt(f"nobody-{process.shared.holder()}-{number}", "192.0.2.1")
                )

    at_once(*(lambda process=process: guess(process) for process in processes))
    assert len(counted) == 10


def test_a_server_that_is_deleted_while_it_reports_leaves_nothing(
    processes: tuple[Container, Container], ready: Database, clock: FixedClock
):
    one, other = processes
    admin = admin_of(one)
    assert admin is not None
    ids = hosts(one, 20)
    follow(other, 20)

    def report() -> None:
        for _ in range(20):
            clock.advance(1)
            now = clock.now()
            other.get(StoreSamples)([Sample(each, now, now, 1.0, 2.0, 3.0) for each in ids])

    def delete() -> None:
        for each in ids:
            with suppress(NotFound):
                one.get(DeleteServer)(admin, each)

    at_once(report, delete)
    for node in ready.galera.nodes:
        wait_for(partial(is_empty, node, ready), "no server")
        assert [(0,)] == node.rows("SELECT count(*) FROM monitor_data", ready.name)


def is_empty(node: GaleraNode, database: Database) -> bool:
    return node.rows("SELECT count(*) FROM servers", database.name) == [(0,)]
