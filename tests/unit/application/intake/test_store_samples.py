"""One group of samples in one transaction: each stored exactly once."""

from datetime import timedelta

import pytest

from monitor.application.intake.store_samples import Outcome
from monitor.domain.errors import StorageUnavailable, TransactionConflict
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.samples import Process
from tests.unit.application.core import Core

STORED, DUPLICATE, UNKNOWN = Outcome.STORED, Outcome.DUPLICATE, Outcome.UNKNOWN_SERVER


@pytest.fixture
def other(core: Core) -> Server:
    return core.server("10.0.0.2")


def test_outcomes_come_in_the_order_of_the_samples(core: Core, server, other) -> None:
    a, b, c = core.sample(server, -2), core.sample(server, -1), core.sample(other, -2)
    assert core.store_samples([b, a, c, b]) == [STORED, STORED, STORED, DUPLICATE]
    assert core.store_samples([a, core.sample(other, -1), c]) == [DUPLICATE, STORED, DUPLICATE]
    assert core.stored_samples(server.id) == [a, b]


def test_the_first_of_two_with_the_same_time_is_kept(core: Core, server) -> None:
    assert core.store_samples([core.sample(server, cpu=1.0), core.sample(server, cpu=99.0)]) == [STORED, DUPLICATE]
    assert core.store_samples([core.sample(server, cpu=50.0)]) == [DUPLICATE]
    assert [sample.cpu for sample in core.stored_samples()] == [1.0]


def test_a_microsecond_apart_are_two(core: Core, server) -> None:
    assert core.store_samples([core.sample(server, -0.000001), core.sample(server)]) == [STORED, STORED]


def test_everything_an_agent_measured_is_kept(core: Core, server) -> None:
    sample = core.sample(server, extra={"load1": 0.7, "disk:/var": 81.2}, interval=10.0)
    core.store_samples([sample])
    assert core.stored_samples() == [sample]


def test_nothing_to_store_is_fine(core: Core) -> None:
    assert core.store_samples([]) == []


def test_samples_sent_again_after_a_lost_answer_are_duplicates(core: Core, server) -> None:
    """The commit succeeded and the answer was lost."""
    samples = [core.sample(server, -1), core.sample(server)]
    core.lost_answers.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.store_samples(samples)
    assert core.store_samples([*samples, core.sample(server, 1)]) == [DUPLICATE, DUPLICATE, STORED]
    assert len(core.stored_samples()) == 3


def test_a_failed_commit_leaves_nothing_behind(core: Core, server) -> None:
    sample = core.sample(server, interval=10.0)
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.store_samples([sample])
    assert core.stored_samples() == []
    assert core.fleet.live[server.id].status is Status.OFFLINE
    assert core.fleet.take_changed() == set()
    assert core.store_samples([sample]) == [STORED]
    assert core.stored_server(server.id).status is Status.ONLINE


def test_conflicting_transactions_run_again(core: Core, server) -> None:
    core.faults.extend([TransactionConflict(), TransactionConflict()])
    assert core.store_samples([core.sample(server)]) == [STORED]


def test_samples_of_a_deleted_server_do_not_fail_those_of_others(core: Core, root, server, other) -> None:
    """They were accepted while it was there, and must not fail those of others."""
    waiting = [core.sample(server, -1), core.sample(other), core.sample(server)]
    core.delete_server(root, server.id)
    assert core.store_samples(waiting) == [UNKNOWN, STORED, UNKNOWN]
    assert core.stored_samples() == [waiting[1]]


def test_a_late_or_repeated_one_of_a_deleted_server_is_unknown_too(core: Core, root, server) -> None:
    newest = core.sample(server)
    core.store_samples([newest])
    core.delete_server(root, server.id)
    assert core.store_samples([newest, core.sample(server, -60)]) == [UNKNOWN, UNKNOWN]
    assert core.stored_samples() == []


def test_a_server_that_never_was_is_unknown(core: Core, server) -> None:
    assert core.store_samples([core.sample(ServerId(4711)), core.sample(server)]) == [UNKNOWN, STORED]


def test_a_sample_stored_by_another_process_is_a_duplicate(core: Core, server, other) -> None:
    """This process has not seen it, takes it for new, and finds out from the database."""
    here, elsewhere = core, core.other_process()
    elsewhere.fleet.refresh()
    shared = here.sample(server)
    assert elsewhere.store_samples([shared]) == [STORED]
    assert here.store_samples([here.sample(other), shared, here.sample(server, 1)]) == [STORED, DUPLICATE, STORED]
    assert len(core.stored_samples()) == 3


def test_the_newest_sample_is_held_in_memory(core: Core, server) -> None:
    newest = core.sample(server, 0, processes=(Process("python", 12.5, 3.0),))
    core.store_samples([core.sample(server, -30), newest, core.sample(server, -15)])
    assert core.fleet.live[server.id].sample == newest


def test_a_report_brings_a_server_online_and_remembers_its_interval(core: Core, server, other) -> None:
    core.store_samples([core.sample(server, interval=30.0)])
    stored = core.stored_server(server.id)
    assert (stored.status, stored.report_interval) == (Status.ONLINE, 30.0)
    live = core.fleet.live[server.id]
    assert (live.status, live.interval, live.last_report_at) == (Status.ONLINE, 30.0, core.clock.now())
    assert core.stored_server(other.id).status is Status.OFFLINE


@pytest.mark.parametrize("after", [-timedelta(days=1).total_seconds(), 0], ids=["late", "repeated"])
def test_a_late_or_repeated_sample_is_a_report_too(core: Core, server, after: float) -> None:
    """It shows that the host is online."""
    core.store_samples([core.sample(server)])
    silent_since = core.clock.now()
    core.clock.advance(91)
    assert core.detect_offline() == {server.id}
    core.store_samples([core.sample(server, after - (core.clock.now() - silent_since).total_seconds())])
    assert core.stored_server(server.id).status is Status.ONLINE
    assert core.fleet.live[server.id].last_report_at == core.clock.now()


def test_the_interval_that_was_declared_last_counts(core: Core, server) -> None:
    def stored() -> float | None:
        return core.stored_server(server.id).report_interval

    core.store_samples([core.sample(server, 1, interval=15.0)])
    core.store_samples([core.sample(server, 2, interval=10.0), core.sample(server, 3, interval=15.0)])
    assert stored() == core.fleet.live[server.id].interval == 15.0
    core.store_samples([core.sample(server, 4, interval=30.0), core.sample(server, 5, interval=None)])
    assert stored() == core.fleet.live[server.id].interval == 30.0


def intervals(core: Core, server: Server) -> list[float | None]:
    return [sample.interval for sample in core.stored_samples(server.id)]


def test_each_sample_keeps_the_interval_that_was_in_force(core: Core, server, other) -> None:
    """Whatever is declared later. A sample that declares none keeps the last one before it."""
    core.store_samples([core.sample(server, 1, interval=15.0), core.sample(other, 1, interval=None)])
    core.store_samples([core.sample(each, 2, interval=None) for each in (server, other)])
    core.store_samples([core.sample(server, n, interval=i) for n, i in ((6, None), (4, 60.0), (3, None), (5, None))])
    assert intervals(core, server) == [15.0, 15.0, 15.0, 60.0, 60.0, 60.0]
    assert intervals(core, other) == [None, None]
    assert core.fleet.live[server.id].sample == core.stored_samples(server.id)[-1]


def test_a_late_sample_does_not_get_an_interval_that_was_never_declared(core: Core, server) -> None:
    core.store_samples([core.sample(server, 0, interval=15.0)])
    core.store_samples([core.sample(server, n, interval=i) for n, i in ((-1, None), (-2, 60.0), (1, None))])
    assert intervals(core, server) == [60.0, None, 15.0, 15.0]


def test_an_interval_declared_before_a_restart_stays_in_force(core: Core, server) -> None:
    core.store_samples([core.sample(server, 0, interval=30.0)])
    process = core.other_process()
    process.fleet.refresh()
    process.store_samples([core.sample(server, 1, interval=None)])
    assert intervals(core, server) == [30.0, 30.0]


def test_reports_do_not_raise_the_revision(core: Core, server) -> None:
    """Else every process would load the whole fleet for every report."""
    before = core.store.queries.fleet.revision()
    core.store_samples([core.sample(server, interval=30.0)])
    assert core.store.queries.fleet.revision() == before
    assert not core.fleet.is_stale
