"""Samples that wait for their line are evaluated once, whichever of two processes comes to it, and none is lost."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.alerts.evaluating.anew import EvaluateAnew, Work
from monitor.application.alerts.evaluating.series_models import READ_AT_ONCE
from monitor.application.alerts.maintenance import LEASE, AlertMaintenance
from monitor.application.history.tiers import StoredHistory
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.policies.policies import CreatePolicy, DeletePolicy
from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.due import Cause
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.policies import Policy
from tests.contracts.threads import at_once
from tests.integration.alerts.cores import Core, core

MINUTE = timedelta(minutes=1)
HOSTS = 3 * READ_AT_ONCE
ROUNDS = 6
FULL = Policy(
    metric="disk",
    kind=FORECAST,
    warning=100,
    over=timedelta(hours=1),
    within=timedelta(hours=8),
    sustained_for=timedelta(0),
)


class Two:
    """Two processes, which know no line yet, and hosts whose disks fill. Nothing has compared them with a policy."""

    def __init__(self, first: Core, second: Core, clock: FixedClock) -> None:
        self.first, self.second, self.clock = first, second, clock
        for policy in first.fleet.directory.rules.policies.all:
            first.container.get(DeletePolicy)(first.admin, policy.id)
        people = [first.person("ann")]
        self.hosts = [first.server(number, people) for number in range(ROUNDS * HOSTS)]
        self.begin = clock.now()
        first.fleet.refresh()
        clock.advance(40 * MINUTE)
        times = [self.begin + number * MINUTE for number in range(40)]
        first.container.get(StoreSamples)([self.sample(host, at) for at in times for host in self.hosts])
        first.container.get(CreatePolicy)(first.admin, FULL)
        self.catch_up()
        clock.advance(MINUTE)

    def sample(self, host: ServerId, at: object = None) -> Sample:
        now = self.clock.now()
        recorded_at = now if at is None else at
        minutes = (recorded_at - self.begin) / MINUTE  # type: ignore[operator]
        return Sample(host, recorded_at, now, 10.0, 10.0, 60 + minutes / 6, interval=60.0)  # type: ignore[arg-type]

    def report(self, worker: Core, hosts: list[ServerId]) -> None:
        worker.fleet.refresh()
        worker.container.get(StoreSamples)([self.sample(host) for host in hosts])

    def catch_up(self) -> None:
        for each in (self.first, self.second) * 2:
            each.background()

    def owed(self) -> list[ServerId]:
        with self.first.container.uow() as uow:
            return sorted(due.server_id for due in uow.due_evaluations.of_watches() if due.cause is Cause.OWED)

    def prepared(self, worker: Core) -> list[Work]:
        """Fold what is due, as far as that needs no transaction."""
        queries, now = worker.container.queries, self.clock.now()
        anew = EvaluateAnew(worker.container.uow, queries, worker.fleet, StoredHistory(queries))
        return [work for due in anew.due(now) if (work := anew.prepared(due, now)) is not None]

    def check(self, hosts: list[ServerId]) -> None:
        """Each has fired once, at its first sample under the policy, and one person was notified once."""
        for _ in range(3):
            self.clock.advance(MINUTE)
            self.catch_up()
        alerts = self.first.alerts()
        assert sorted(hosts) == sorted(alert.server_id for alert in alerts)
        queries = self.first.container.queries
        kinds = Counter(each.event_kind for a in alerts for each in queries.alerts.get(self.first.admin, a.id)[1])
        assert {EventKind.FIRED: len(hosts)} == kinds
        assert Counter(hosts) == Counter(each.server_id for each in self.first.outbox())
        assert [] == self.owed()
        assert [] == self.prepared(self.second)


@pytest.fixture
def two(ready_url: str) -> Iterator[Two]:
    clock = FixedClock()
    with core(ready_url, clock) as first, core(ready_url, clock) as second:
        yield Two(first, second, clock)


def test_what_a_process_that_dies_owed_is_evaluated_by_the_other(two: Two) -> None:
    """It dies within the transaction of the first host."""
    hosts = two.hosts[:HOSTS]
    two.report(two.first, hosts)
    assert hosts[READ_AT_ONCE:] == two.owed()
    two.clock.advance(2 * MINUTE)
    works = two.prepared(two.first)
    assert len(works) == HOSTS - READ_AT_ONCE
    with two.first.container.uow() as uow:
        works[0](uow, two.clock.now())  # and no commit
    two.clock.advance(LEASE)
    two.second.background()
    assert [] == two.owed()
    two.check(hosts)


def test_work_that_another_has_done_meanwhile_changes_nothing(two: Two) -> None:
    """A process stood still after it had folded the samples."""
    hosts = two.hosts[:HOSTS]
    two.report(two.first, hosts)
    two.clock.advance(2 * MINUTE)
    works = two.prepared(two.first)
    two.clock.advance(LEASE)
    two.second.background()
    for work in works:
        with two.first.container.uow() as uow:
            assert not work(uow, two.clock.now()).states
            uow.commit()
    two.check(hosts)


def test_the_next_samples_reach_the_process_that_owes_after_the_other_has_evaluated(two: Two) -> None:
    hosts = two.hosts[:HOSTS]
    two.report(two.first, hosts)
    two.clock.advance(2 * MINUTE)
    two.second.container.get(AlertMaintenance)()
    for _ in range(HOSTS):
        two.clock.advance(MINUTE)
        two.report(two.first, hosts)
    two.check(hosts)


def test_the_next_samples_reach_the_other_process(two: Two) -> None:
    hosts = two.hosts[:HOSTS]
    two.report(two.first, hosts)
    for _ in range(HOSTS):
        two.clock.advance(MINUTE / 4)
        two.report(two.second, hosts)
    two.check(hosts)


def test_one_evaluates_what_the_other_takes_samples_of(two: Two) -> None:
    """At the same moment, several times."""
    for number in range(ROUNDS):
        hosts = two.hosts[number * HOSTS : (number + 1) * HOSTS]
        two.report(two.first, hosts)
        two.clock.advance(LEASE + MINUTE)
        at_once(lambda hosts=hosts: two.report(two.first, hosts), two.second.container.get(AlertMaintenance))  # type: ignore[misc]
    two.check(two.hosts)
