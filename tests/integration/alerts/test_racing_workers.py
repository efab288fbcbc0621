"""Several serving processes on one database: each learns in time what the others know."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest

from monitor.adapters.memory.stand_ins import FixedClock
from monitor.application.intake.store_samples import Outcome
from monitor.application.policies.policies import UpdatePolicy
from monitor.domain.alerts.alert import AlertState, EventKind
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.notifications.outbox import DeliveryState
from tests.contracts.threads import DEADLINE, at_once
from tests.integration.alerts.cores import Core, core
from tests.integration.alerts.evidence import evidence

pytestmark = pytest.mark.nightly

WORKERS = 4
ROUNDS = 200
SECOND = timedelta(seconds=1)
APART = timedelta(hours=25)
"""Between two rounds: long enough for none of it to be held."""
PEOPLE = ("ann", "bob")


class Workers:
    """Each acts as a process: an engine, a fleet and an alerting of its own."""

    def __init__(self, cores: list[Core], clock: FixedClock) -> None:
        self.cores = cores
        self.clock = clock
        first = cores[0]
        first.quick_policies()
        people = [first.person(name) for name in PEOPLE]
        self.server: ServerId = first.server(1, people)
        self.catch_up()

    def catch_up(self) -> None:
        """Let each poll, as it does about every second, until the first has the samples of the last."""
        for each in (*self.cores, *self.cores):
            each.background()

    def report(self, worker: int, cpu: float, *, after: timedelta = SECOND) -> None:
        """A sample of the server, which reaches that worker."""
        self.clock.advance(after)
        assert [Outcome.STORED] == self.cores[worker].report(self.server, cpu=cpu)


@pytest.fixture
def workers(ready_mariadb_url: str) -> Iterator[Workers]:
    clock = FixedClock()
    with ExitStack() as stack:
        yield Workers([stack.enter_context(core(ready_mariadb_url, clock)) for _ in range(WORKERS)], clock)


def test_a_breach_that_four_see_at_once_fires_once(workers: Workers, ready_mariadb_url: str):
    """Two hundred times; each stores a sample of its own, and a different one resolves each time."""
    gate = Barrier(WORKERS)

    def breach(worker: int) -> None:
        for round_ in range(ROUNDS):
            if gate.wait(DEADLINE) == 0:
                workers.clock.advance(APART)
            gate.wait(DEADLINE)
            at = workers.clock.now() + timedelta(milliseconds=worker)
            assert [Outcome.STORED] == workers.cores[worker].report(workers.server, cpu=95, at=at)
            gate.wait(DEADLINE)
            if round_ % WORKERS == worker:
                workers.report(worker, 20)

    at_once(*(partial(breach, worker) for worker in range(WORKERS)))

    alerts = workers.cores[0].alerts()
    assert [AlertState.RESOLVED] * ROUNDS == [alert.state for alert in alerts]
    with evidence(ready_mariadb_url) as found:
        found.check_whole(recipients=len(PEOPLE))
        events = found.rows("SELECT event_kind, count(*) AS n FROM alert_timeline GROUP BY event_kind")
        assert {EventKind.FIRED: ROUNDS, EventKind.RESOLVED: ROUNDS} == {e.event_kind: e.n for e in events}
        assert 0 == found.number("SELECT count(*) FROM alert_states")
        assert ROUNDS * (WORKERS + 1) == found.number("SELECT count(*) FROM monitor_data")


def test_an_offline_host_that_four_processes_find_is_announced_once(workers: Workers, ready_mariadb_url: str):
    """Thirty times; the host reports to one of them only, a different one each time."""
    rounds, gate = 30, Barrier(WORKERS)

    def look(worker: int) -> None:
        for round_ in range(rounds):
            if round_ % WORKERS == worker:
                report_for_a_while(workers.cores[worker], workers.server)
            for _ in range(2):  # all tell, then all have heard
                gate.wait(DEADLINE)
                workers.cores[worker].background()
            if gate.wait(DEADLINE) == 0:
                workers.clock.advance(APART)
            gate.wait(DEADLINE)
            workers.cores[worker].detect_offline()
            gate.wait(DEADLINE)

    at_once(*(partial(look, worker) for worker in range(WORKERS)))

    workers.report(0, 20)
    assert [AlertState.RESOLVED] * rounds == [alert.state for alert in workers.cores[0].alerts()]
    with evidence(ready_mariadb_url) as found:
        found.check_whole(recipients=len(PEOPLE))
        events = found.rows("SELECT event_kind, count(*) AS n FROM alert_timeline GROUP BY event_kind")
        assert {EventKind.FIRED: rounds, EventKind.RESOLVED: rounds} == {e.event_kind: e.n for e in events}


def report_for_a_while(core: Core, server_id: ServerId) -> None:
    """Report long enough that the interval is known to be 15 s."""
    for seconds in range(150, -1, -15):
        core.report(server_id, interval=15.0, at=core.clock.now() - timedelta(seconds=seconds))


def sustain(workers: Workers, span: timedelta) -> None:
    first = workers.cores[0]
    cpu = next(policy for policy in first.fleet.directory.rules.policies.all if policy.metric == "cpu")
    first.container.get(UpdatePolicy)(first.admin, cpu.id, sustained_for=span)
    workers.catch_up()


class TestAHostThatGoesFromOneProcessToAnother:
    """As behind a load balancer, when it opens a new connection."""

    def test_is_resolved_by_the_one_that_did_not_see_it_fire(self, workers: Workers):
        workers.report(0, 95)
        workers.catch_up()
        workers.report(1, 20)
        assert [AlertState.RESOLVED] == [alert.state for alert in workers.cores[0].alerts()]

    def test_fires_again_in_the_process_that_did_not_see_it_resolve(self, workers: Workers):
        workers.report(0, 95)
        workers.catch_up()
        workers.report(1, 20)
        workers.catch_up()
        workers.report(0, 95)
        assert [AlertState.FIRING, AlertState.RESOLVED] == [alert.state for alert in workers.cores[0].alerts()]

    def test_is_not_pending_any_more_after_a_good_sample_that_another_saw(self, workers: Workers):
        sustain(workers, timedelta(seconds=60))
        for second in range(0, 90, 15):
            # The one good sample reaches another process than the rest.
            workers.report(int(second == 45), 20 if second == 45 else 95, after=timedelta(seconds=15))
            workers.catch_up()
        assert [] == workers.cores[0].alerts()

    def test_fires_though_its_samples_reach_one_after_the_other(self, workers: Workers):
        sustain(workers, timedelta(seconds=60))
        for number in range(6):
            workers.report(number % WORKERS, 95, after=timedelta(seconds=15))
            workers.catch_up()
        assert [AlertState.FIRING] == [alert.state for alert in workers.cores[0].alerts()]

    def test_is_online_in_those_that_it_never_reported_to(self, workers: Workers):
        workers.report(1, 20)
        workers.catch_up()
        assert [Status.ONLINE] * WORKERS == [each.fleet.live[workers.server].status for each in workers.cores]

    def test_that_returns_to_another_is_no_longer_offline_in_any(self, workers: Workers):
        workers.report(0, 20)
        workers.clock.advance(timedelta(minutes=5))
        workers.catch_up()
        assert [AlertState.FIRING] == [alert.state for alert in workers.cores[3].alerts()]
        workers.report(1, 20)
        workers.catch_up()
        assert [AlertState.RESOLVED] == [alert.state for alert in workers.cores[3].alerts()]
        assert [Status.ONLINE] * WORKERS == [each.fleet.live[workers.server].status for each in workers.cores]

    def test_that_reports_to_a_process_just_before_it_is_missed_there(self, workers: Workers):
        """Another found it offline a moment ago, and this one had not looked yet."""
        workers.report(1, 20)
        workers.catch_up()
        workers.clock.advance(timedelta(minutes=5))
        workers.cores[0].background()
        workers.report(1, 20)
        workers.catch_up()
        workers.report(1, 20)
        assert [AlertState.RESOLVED] == [alert.state for alert in workers.cores[1].alerts()]

    def test_notifies_of_it_once(self, workers: Workers):
        for worker in (0, 1, 2, 3):
            workers.report(worker, 95)
            workers.catch_up()
        assert 1 == len(workers.cores[0].alerts())
        assert len(PEOPLE) == len(workers.cores[3].outbox(DeliveryState.PENDING))
