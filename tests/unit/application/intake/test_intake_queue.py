"""Group commit: one writer thread, a bounded queue, and every sender gets an answer."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest

from monitor.application.intake.queue import (
    LARGEST_BATCHES,
    LARGEST_GROUP,
    NO_EPOCH,
    CurrentEpoch,
    IntakeQueue,
    Submission,
)
from monitor.application.intake.scrapes import PutTogether
from monitor.application.intake.store_samples import Outcome, StoreSamples
from monitor.domain.errors import ConstraintViolated, MonitorError, Overloaded, StorageUnavailable
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost
from monitor.domain.intake.samples import Sample
from tests.contracts.threads import until
from tests.unit.application.core import Core

DEADLINE = 30.0
STORED = Outcome.STORED


@dataclass(frozen=True, slots=True)
class HeldStore(StoreSamples):
    """Waits at `gate` before each group, and fails on the samples of `poison`."""

    gate: threading.Event = field(default_factory=threading.Event)
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    poison: Callable[[Sequence[Sample]], Exception | None] = lambda _: None

    def __call__(
        self,
        samples: Sequence[Sample],
        unregistered: Sequence[UnregisteredHost] = (),
        scrapes: PutTogether | None = None,
        refused: Mapping[ServerId, datetime] = MappingProxyType({}),
    ) -> list[Outcome]:
        self.entered.release()
        assert self.gate.wait(DEADLINE)
        if (error := self.poison(samples)) is not None:
            raise error
        return StoreSamples.__call__(self, samples, unregistered, scrapes, refused)


class Intake:
    """A queue whose writer is held before its first commit, until `release`."""

    def __init__(
        self, core: Core, capacity: int = 20_000, poison=lambda _: None, epoch: CurrentEpoch = NO_EPOCH
    ) -> None:
        self.store = HeldStore(core.new_uow, core.fleet, core.alerting, core.clock, poison=poison)
        self.queue = IntakeQueue(self.store, capacity, epoch)
        self.groups: list[list[Submission]] = []
        self.queue.start(self.groups.append)

    def put(self, *samples: Sample, unregistered: Sequence[UnregisteredHost] = ()) -> Submission:
        submission = Submission(samples, unregistered)
        self.queue.put(submission)
        return submission

    def hold(self, sample: Sample) -> Submission:
        """Start a commit behind which all later submissions wait."""
        first = self.put(sample)
        assert self.store.entered.acquire(timeout=DEADLINE)
        return first

    def release(self) -> None:
        self.store.gate.set()

    def finish(self) -> None:
        self.release()
        self.queue.close(DEADLINE)

    def wait_until_delivered(self, submissions: int) -> None:
        until(lambda: sum(map(len, self.groups)) >= submissions)


@pytest.fixture
def start(core: Core) -> Iterator[Callable[..., Intake]]:
    started: list[Intake] = []

    def start(**options) -> Intake:
        started.append(Intake(core, **options))
        return started[-1]

    yield start
    for intake in started:
        intake.finish()


def test_each_sender_gets_the_outcome_of_its_samples(core: Core, server, start) -> None:
    intake = start()
    first = intake.put(core.sample(server, -3), core.sample(server, -2))
    second = intake.put(core.sample(server, -2), core.sample(server, -1))
    nothing = intake.put()
    intake.finish()
    assert first.outcomes == [STORED, STORED]
    assert second.outcomes == [Outcome.DUPLICATE, STORED]
    assert (nothing.outcomes, nothing.error) == ([], None)
    assert len(core.stored_samples()) == 3


def test_submissions_during_a_commit_become_one_group_in_order(core: Core, server, start) -> None:
    intake = start()
    first = intake.hold(core.sample(server))
    rest = [intake.put(core.sample(server, second)) for second in range(1, 6)]
    intake.finish()
    assert intake.groups == [[first], rest]


def test_half_of_many_waiting_submissions_form_a_group(core: Core, server, start) -> None:
    """Those whose answers are on their way count: they send the next."""
    intake = start()
    intake.hold(core.sample(server))
    for _ in range(63):
        intake.put(core.sample(server))
    intake.finish()
    assert [len(group) for group in intake.groups] == [1, 32, 31]


def test_a_group_has_a_limit(core: Core, server, start) -> None:
    intake = start()
    intake.hold(core.sample(server))
    for _ in range(2 * LARGEST_GROUP + 2):
        intake.put(core.sample(server))
    intake.finish()
    assert [len(group) for group in intake.groups] == [1, LARGEST_GROUP, LARGEST_GROUP, 2]


def test_results_of_checks_take_turns_in_small_groups(core: Core, server, start) -> None:
    intake = start()
    intake.hold(core.sample(server))
    results = [Submission([core.sample(server)], is_of_check=True) for _ in range(25)]
    for result in results:
        intake.queue.put(result)
    live = [intake.put(core.sample(server)) for _ in range(20)]
    intake.put(core.sample(server), core.sample(server))
    intake.finish()
    assert [(len(group), group[0].is_of_check) for group in intake.groups] == [
        (1, False),
        (10, True),
        (1, False),
        (16, False),
        (10, True),
        (4, False),
        (5, True),
    ]
    assert all(each.outcomes for each in (*results, *live))


def test_batches_and_live_samples_take_turns(core: Core, server, start) -> None:
    """However much of a backlog waits, and however many report: neither waits for more than a group of the other."""
    intake = start()
    first = intake.hold(core.sample(server))
    half = [core.sample(server, -1 - n / 1000) for n in range(LARGEST_BATCHES // 2)]
    batches = [intake.put(*half) for _ in range(5)]
    live = [intake.put(core.sample(server, second)) for second in (1, 2)]
    intake.finish()
    assert intake.groups == [[first], batches[:2], live, batches[2:4], batches[4:]]


def test_a_batch_larger_than_a_group_goes_alone(core: Core, server, start) -> None:
    intake = start()
    first = intake.hold(core.sample(server))
    large = [core.sample(server, n / 1000) for n in range(LARGEST_BATCHES + 1)]
    batches = [intake.put(*large) for _ in range(2)]
    intake.finish()
    assert intake.groups == [[first], *([batch] for batch in batches)]


def test_batches_leave_half_of_the_queue_to_live_samples(core: Core, server, start) -> None:
    intake = start(capacity=10)
    first = intake.hold(core.sample(server))
    batch = intake.put(*(core.sample(server, -n) for n in (1, 2, 3, 4)))
    with pytest.raises(Overloaded):
        intake.put(core.sample(server, -5), core.sample(server, -6))
    with pytest.raises(Overloaded):
        intake.queue.expect_batch()
    live = [intake.put(core.sample(server, n)) for n in range(1, 6)]
    with pytest.raises(Overloaded):
        intake.put(core.sample(server, 6))
    intake.release()
    until(lambda: intake.queue.depth == 0)
    intake.queue.expect_batch()
    intake.finish()
    assert intake.groups == [[first], [batch], live]


def test_unregistered_hosts_are_stored_with_the_group(core: Core, server, start) -> None:
    intake = start()
    intake.put(unregistered=[core.unregistered_host("10.9.9.8")])
    intake.put(core.sample(server), unregistered=[core.unregistered_host("10.9.9.9")])
    intake.finish()
    assert {host.ip_address for host in core.unregistered()} == {"10.9.9.8", "10.9.9.9"}


def test_a_full_queue_refuses_at_once_and_keeps_what_it_accepted(core: Core, server, start) -> None:
    intake = start(capacity=3)
    accepted = [intake.hold(core.sample(server, 1)), intake.put(core.sample(server, 2))]
    with pytest.raises(Overloaded):
        intake.put(core.sample(server, 3), core.sample(server, 4))
    accepted.append(intake.put(unregistered=[core.unregistered_host()]))
    with pytest.raises(Overloaded):
        intake.put()
    assert intake.queue.depth == 3
    intake.release()
    intake.wait_until_delivered(3)
    until(lambda: intake.queue.depth == 0)
    accepted.append(intake.put(core.sample(server, 5)))
    intake.finish()
    assert [submission.error for submission in accepted] == [None] * 4
    assert len(core.stored_samples()) == 3


def test_closing_stores_waiting_submissions_and_accepts_no_more(core: Core, server, start) -> None:
    intake = start()
    submissions = [intake.hold(core.sample(server)), *(intake.put(core.sample(server, n)) for n in range(1, 4))]
    closing = threading.Thread(target=intake.queue.close, args=(DEADLINE,))
    closing.start()
    until(lambda: not intake.queue.is_running)
    with pytest.raises(Overloaded):
        intake.put(core.sample(server, 9))
    intake.release()
    closing.join(DEADLINE)
    assert [submission.outcomes for submission in submissions] == [[STORED]] * 4
    assert sum(map(len, intake.groups)) == 4


def test_closing_waits_no_longer_than_the_given_time(core: Core, server, start) -> None:
    intake = start()
    held = intake.hold(core.sample(server))
    began = time.monotonic()
    intake.queue.close(0.05)
    assert time.monotonic() - began < DEADLINE / 2
    assert held.outcomes == []


def test_nothing_is_accepted_before_the_start(core: Core, server) -> None:
    queue = IntakeQueue(core.store_samples)
    with pytest.raises(Overloaded):
        queue.put(Submission([core.sample(server)]))
    assert not queue.is_running
    queue.close(0)


def test_a_database_that_fails_fails_the_whole_group_and_the_writer_lives_on(core: Core, server, start) -> None:
    down = StorageUnavailable()
    intake = start(poison=lambda samples: down if len(samples) > 1 else None)
    intake.hold(core.sample(server))
    failed = [intake.put(core.sample(server, second)) for second in (1, 2, 3)]
    intake.release()
    intake.wait_until_delivered(4)
    assert [submission.error for submission in failed] == [down] * 3
    again = intake.put(core.sample(server, 1))
    intake.finish()
    assert (again.error, again.outcomes) == (None, [STORED])
    assert len(core.stored_samples()) == 2


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), ConstraintViolated("cpu"), MonitorError()])
def test_an_invalid_submission_fails_only_its_sender(core: Core, server, start, error: Exception) -> None:
    intake = start(poison=lambda samples: error if any(sample.cpu == 66 for sample in samples) else None)
    intake.hold(core.sample(server))
    good = [intake.put(core.sample(server, 1)), intake.put(core.sample(server, 2))]
    poison = intake.put(core.sample(server, 3, cpu=66))
    good.append(intake.put(core.sample(server, 4)))
    intake.finish()
    assert (poison.error, poison.outcomes) == (error, [])
    assert [(submission.error, submission.outcomes) for submission in good] == [(None, [STORED])] * 3
    assert len(core.stored_samples()) == 4


def test_each_group_is_delivered_once(core: Core, server, start) -> None:
    intake = start(poison=lambda samples: ZeroDivisionError() if len(samples) > 1 else None)
    intake.hold(core.sample(server))
    submissions = [intake.put(core.sample(server, second)) for second in (1, 2, 3)]
    intake.finish()
    assert [len(group) for group in intake.groups] == [1, 3]
    assert intake.groups[1] == submissions


def test_a_delivery_that_fails_is_logged_and_the_writer_lives_on(core: Core, server, caplog) -> None:
    def deliver(group: list[Submission]) -> None:
        delivered.append(group)
        raise RuntimeError("the event loop is closed")

    delivered: list[list[Submission]] = []
    queue = IntakeQueue(core.store_samples)
    with caplog.at_level(logging.ERROR):
        queue.start(deliver)
        for second in (1, 2):
            queue.put(Submission([core.sample(server, second)]))
            until(lambda second=second: len(delivered) == second)  # type: ignore[misc]  # bound per turn
        queue.close(DEADLINE)
    assert len(core.stored_samples()) == 2
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [RuntimeError] * 2


def test_many_senders_at_once_all_get_their_own_answer(core: Core, start) -> None:
    servers = [core.server(f"10.0.1.{number}") for number in range(8)]
    intake = start()
    intake.release()

    def send(server: Server) -> None:
        for second in range(50):
            submissions[server.id].append(intake.put(core.sample(server, second), core.sample(server, second)))

    submissions: dict[int, list[Submission]] = {server.id: [] for server in servers}
    threads = [threading.Thread(target=send, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    intake.finish()
    assert all(s.outcomes == [STORED, Outcome.DUPLICATE] for sent in submissions.values() for s in sent)
    assert len(core.stored_samples()) == 400
    assert intake.queue.depth == 0


def test_an_answer_names_the_epoch_of_before_the_commit(core: Core, server, start) -> None:
    """If another database server took over meanwhile, the samples may have gone to the old one."""
    epoch = CurrentEpoch("first", timedelta(minutes=1))
    intake = start(epoch=epoch)
    first = intake.hold(core.sample(server))
    waiting = intake.put(core.sample(server, 1))
    epoch.text = "second"
    intake.release()
    intake.wait_until_delivered(2)
    assert ("first", "second") == (first.epoch, waiting.epoch)
