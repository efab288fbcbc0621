"""No host is offline for a time in which this server could not have heard it."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from monitor.application.intake.hearing import ProveHearing
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.intake.store_samples import StoreSamples
from monitor.domain.fleet.servers import Server
from tests.unit.application.core import Core


@pytest.fixture
def queue(core: Core) -> Iterator[IntakeQueue]:
    made = IntakeQueue(StoreSamples(core.new_uow, core.fleet, core.alerting, core.clock))
    made.start(lambda _: None)
    yield made
    made.close(10)


@pytest.fixture
def prove(core: Core, queue: IntakeQueue) -> ProveHearing:
    made = ProveHearing(core.hearing, queue, core.clock)
    made.begin()
    return made


def heard() -> None:
    """Answer the knock at once."""


def unheard() -> None:
    raise TimeoutError


def live(core: Core, prove: ProveHearing, seconds: int, knock: Callable[[], None] = heard) -> set[int]:
    """Prove hearing each second, and return all hosts that were found offline."""
    offline = set[int]()
    for _ in range(seconds):
        core.clock.advance(1)
        with contextlib.suppress(TimeoutError):
            prove(knock)
        offline |= core.detect_offline()
    return offline


def test_a_host_without_reports_is_offline(core: Core, server: Server, prove: ProveHearing) -> None:
    core.store_samples([core.sample(server)])
    assert set() == live(core, prove, 90)
    assert {server.id} == live(core, prove, 1)


def test_no_host_is_offline_while_the_server_is_deaf(core: Core, server: Server, prove: ProveHearing) -> None:
    core.store_samples([core.sample(server)])
    live(core, prove, 80)
    assert set() == live(core, prove, 3600, unheard)


def test_all_hosts_get_the_report_timeout_after_long_deafness(core: Core, server: Server, prove: ProveHearing) -> None:
    core.store_samples([core.sample(server)])
    live(core, prove, 80)
    live(core, prove, 21, unheard)
    assert set() == live(core, prove, 91)
    assert {server.id} == live(core, prove, 1)


def test_short_times_of_deafness_do_not_count(core: Core, server: Server, prove: ProveHearing) -> None:
    """Each 15 s at a time, and heard for a second between: 6 s of 96 count."""
    core.store_samples([core.sample(server)])
    for _ in range(6):
        assert set() == live(core, prove, 15, unheard) | live(core, prove, 1)
    assert set() == live(core, prove, 90)
    assert {server.id} == live(core, prove, 1)


def test_no_host_is_offline_in_the_first_moment_after_a_stall(core: Core, server: Server, prove: ProveHearing) -> None:
    """Whichever thread wakes up first: reports of that time still wait to be read."""
    core.store_samples([core.sample(server)])
    live(core, prove, 30)

    def stalled() -> None:
        core.clock.advance(timedelta(hours=1))

    prove(stalled)
    assert set() == core.detect_offline()
    prove(heard)
    assert set() == core.detect_offline()


def test_a_report_that_waits_to_be_stored_was_not_heard_yet(core: Core, server: Server, prove: ProveHearing) -> None:
    """The writer is stuck, and the host's last report with it."""
    core.store_samples([core.sample(server)])
    live(core, prove, 80)
    queue = prove.queue
    with core.fleet.writing:
        queue.put(Submission([core.sample(server, after=1)]))
        assert not queue.settle(0.05)
    assert queue.settle(10)


def test_a_full_queue_hears_no_host(core: Core, server: Server) -> None:
    queue = IntakeQueue(StoreSamples(core.new_uow, core.fleet, core.alerting, core.clock), capacity=1)
    queue.start(lambda _: None)
    with core.fleet.writing:
        queue.put(Submission([core.sample(server)]))
        assert not queue.settle(0)
    queue.close(10)


def refused() -> None:
    raise ConnectionRefusedError


def test_a_server_that_stops_is_no_failure(core: Core, prove: ProveHearing) -> None:
    before = core.hearing.known
    core.clock.advance(5)
    prove.end()
    prove(refused)
    assert before == core.hearing.known


def test_a_server_that_refuses_while_it_runs_is_a_failure(prove: ProveHearing) -> None:
    with pytest.raises(ConnectionRefusedError):
        prove(refused)


def test_the_age_of_the_last_proof_is_known(core: Core, prove: ProveHearing) -> None:
    hearing, now = core.hearing, core.clock.now
    assert (timedelta(0), False) == (hearing.age(now()), hearing.is_failing(now()))
    live(core, prove, 11, unheard)
    assert (timedelta(seconds=11), True) == (hearing.age(now()), hearing.is_failing(now()))
    prove(heard)
    assert (timedelta(0), False) == (hearing.age(now()), hearing.is_failing(now()))


def test_without_measurement_nothing_fails(core: Core) -> None:
    now = core.clock.now()
    assert (None, False) == (core.hearing.age(now), core.hearing.is_failing(now))


class TestAClockThatIsSetBack:
    """By an hour, under a host that has reported until then."""

    @pytest.fixture(autouse=True)
    def _set_back(self, core: Core, server: Server, prove: ProveHearing) -> None:
        core.store_samples([core.sample(server)])
        live(core, prove, 5)
        core.clock.advance(timedelta(hours=-1))

    def test_a_host_that_dies_at_once_is_found(self, core: Core, server: Server, prove: ProveHearing) -> None:
        assert set() == live(core, prove, 91)
        assert {server.id} == live(core, prove, 1)

    def test_a_host_that_dies_later_is_found(self, core: Core, server: Server, prove: ProveHearing) -> None:
        for _ in range(20):
            core.store_samples([core.sample(server)])
            assert set() == live(core, prove, 15)
        assert set() == live(core, prove, 75)
        assert {server.id} == live(core, prove, 1)

    def test_no_host_that_goes_on_is_offline(self, core: Core, server: Server, prove: ProveHearing) -> None:
        assert set() == core.detect_offline(), "before it is known that the clock was set back"
        for _ in range(300):
            core.store_samples([core.sample(server)])
            assert set() == live(core, prove, 15)

    def test_nor_one_that_reports_to_another_process(self, core: Core, server: Server, prove: ProveHearing) -> None:
        other = core.other_process()
        for _ in range(300):
            other.store_samples([core.sample(server)])
            assert set() == live(core, prove, 15)

    def test_a_start_after_it_finds_a_dead_host_too(self, core: Core, server: Server) -> None:
        again = core.other_process()
        again.fleet.refresh()
        hears = ProveHearing(again.hearing, IntakeQueue(again.store_samples), again.clock)
        hears.begin()
        found = set[int]()
        for _ in range(92):
            again.clock.advance(1)
            again.hearing.known = again.hearing.known and again.hearing.known.proved(again.clock.now())
            found |= again.detect_offline()
        assert {server.id} == found
