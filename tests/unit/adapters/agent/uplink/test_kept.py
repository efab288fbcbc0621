"""What the server acknowledged and loses is sent again, as long as it was not durable."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.uplink.backlog import Backlog
from monitor.adapters.agent.uplink.client import MAX_BATCH, Delivery
from monitor.adapters.agent.uplink.kept import NOTICED_WITHIN, Kept, durable_of
from monitor.adapters.agent.uplink.outcomes import SendResult
from monitor.adapters.agent.uplink.spool import Spool
from tests.unit.adapters.agent.uplink.world import NO_ANSWER, World, stored

DURABLE = 60.0
LOST = 45.0
"""A store loses the last so many seconds at most."""


@dataclass(frozen=True, slots=True)
class Loss:
    """At the time *at* the store loses the last *seconds*. For *noticed_after* seconds answers name the old epoch."""

    at: float
    seconds: float
    noticed_after: float


@dataclass(slots=True)
class Store:
    """A server whose store loses samples; *away*: times without any answer, *mute*: at which answers get lost."""

    losses: list[Loss]
    away: list[tuple[float, float]] = field(default_factory=list)
    mute: list[tuple[float, float]] = field(default_factory=list)
    delays: Iterator[float] = field(default_factory=lambda: repeat(0.01))
    durable: float = DURABLE
    rows: dict[bytes, float] = field(default_factory=dict)
    repeated: int = 0
    """Samples that arrived although they were there."""
    _over: int = 0

    def __call__(self, now: float, delivery: Delivery) -> tuple[SendResult, float]:
        self.lose(now)
        if any(start <= now < end for start, end in self.away):
            return NO_ANSWER, 0.01
        known = {record for record in delivery.records if record in self.rows}
        self.repeated += len(known)
        for record in delivery.records:
            self.rows.setdefault(record, now)
        if any(start <= now < end for start, end in self.mute):
            return SendResult(problem="timed out"), 10.0
        epoch = sum(self._back(loss.at) + loss.noticed_after <= now for loss in self.losses)
        answer = stored(delivery, known=known)
        return answer._replace(epoch=f"epoch-{epoch}", durable=self.durable), next(self.delays)

    def _back(self, at: float) -> float:
        """Return the first time from *at* on at which the server answers."""
        for start, end in sorted(self.away):
            if start <= at < end:
                at = end
        return at

    def lose(self, now: float) -> None:
        while self._over < len(self.losses) and self.losses[self._over].at <= now:
            loss = self.losses[self._over]
            self.rows = {record: at for record, at in self.rows.items() if at <= loss.at - loss.seconds}
            self._over += 1


def spans(longest: float) -> st.SearchStrategy[list[tuple[float, float]]]:
    span = st.tuples(st.floats(0, 900), st.floats(0, longest)).map(lambda found: (found[0], sum(found)))
    return st.lists(span, max_size=2)


losses = st.lists(
    st.builds(
        Loss,
        at=st.floats(0, 200),
        seconds=st.sampled_from([0.0, 1.0, 20.0, LOST]),
        noticed_after=st.sampled_from([0.0, 2.0, NOTICED_WITHIN - 0.1]),
    ),
    max_size=4,
).map(lambda found: sorted(found, key=lambda loss: loss.at))


@given(
    losses=losses,
    away=spans(300),
    mute=spans(60),
    delays=st.lists(st.sampled_from([0.01, 9.0]), min_size=1, max_size=4),
    interval=st.sampled_from([1.0, 15.0, 60.0, 300.0]),
)
def test_what_is_lost_of_the_last_seconds_is_sent_again(losses, away, mute, delays, interval):
    """Whatever is acknowledged when, and whenever the store loses how much of what is not durable."""
    # A server that takes longer than the interval never gets to what waits.
    store = Store(losses, away, mute, cycle(min(delay, interval / 2) for delay in delays))
    world = World(store, until=1_300 + 4 * interval, interval=interval)
    store.lose(float("inf"))
    acknowledged = [record for at, record in world.taken if at < 1_200]
    assert [record for record in acknowledged if record not in store.rows] == []
    assert len(world.backlog) == 0


@given(losses=losses, interval=st.sampled_from([1.0, 15.0, 60.0]))
def test_no_more_is_kept_than_may_be_lost(losses, interval):
    world = World(Store(losses), until=1_300 + 4 * interval, interval=interval)
    assert len(world.kept) <= (DURABLE + 2 * max(NOTICED_WITHIN, interval)) / interval + 2


@given(times=st.lists(st.integers(0, 100)).map(sorted), confirmed_at=st.integers(0, 200), durable=st.integers(0, 50))
def test_a_sample_is_durable_once_the_epoch_was_confirmed_long_enough_after(times, confirmed_at, durable):
    count = durable_of(times, confirmed_at, durable)
    assert [time for time in times if time + durable < confirmed_at] == times[:count]


@pytest.mark.parametrize("lost_first", [0.0, LOST])
def test_two_losses_in_quick_succession_are_both_made_good(lost_first):
    """Also of what survived the first, or came back after it."""
    store = Store([Loss(100, lost_first, 0), Loss(130, LOST, 0)])
    world = World(store, until=400)
    assert {record for _, record in world.taken} == set(store.rows)


def test_without_a_loss_nothing_is_repeated():
    store = Store([])
    World(store, until=3_600)
    assert 0 == store.repeated


def test_a_server_that_starts_again_and_again_gets_no_more_each_time():
    """What it still had is no younger than when it was acknowledged first."""
    store = Store([Loss(at, 0.0, 0.0) for at in range(100, 3_100, 20)])
    world = World(store, until=3_600)
    batches = [len(delivery.records) for _, delivery in world.arrivals if delivery.batch]
    assert batches
    assert max(batches) <= DURABLE / 15 + 4


def test_two_stores_in_turns_do_not_make_it_send_for_ever():
    """As behind an address that leads to two databases: each sample is soon in both."""
    stores = cycle([("one", Store([])), ("other", Store([]))])

    def either(now: float, delivery: Delivery) -> tuple[SendResult, float]:
        epoch, store = next(stores)
        answer, delay = store(now, delivery)
        return answer._replace(epoch=epoch), delay

    world = World(either, until=3_600)
    assert max(len(delivery.records) for _, delivery in world.arrivals) <= 5 * DURABLE / 15


def test_a_server_without_epochs_is_answered_as_before():
    """Nothing is kept of what it takes."""
    world = World(lambda _now, delivery: (stored(delivery), 0.01), until=300)
    assert 0 == len(world.kept)


def test_an_answer_without_an_epoch_between_two_with_one_changes_nothing():
    store = Store([])

    def some(now: float, delivery: Delivery) -> tuple[SendResult, float]:
        answer, delay = store(now, delivery)
        return (answer._replace(epoch="", durable=0.0) if 100 < now < 200 else answer), delay

    World(some, until=600)
    assert 0 == store.repeated


def test_a_durable_store_has_nothing_kept():
    world = World(Store([], durable=0.0), until=300)
    assert 0 == len(world.kept)


def test_it_is_logged_how_many_samples_are_sent_again():
    world = World(Store([Loss(100, 45, 0)]), until=300)
    assert "the server started again, or may have lost what it stored last: 6 samples are sent again" in world.logged


def opened(path: Path, now: float = 0.0, **options: int) -> Kept:
    logged: list[str] = []
    return Kept(Backlog(Spool(str(path), logged.append, **options), logged.append), now)


def keep(kept: Kept, *records: bytes, now: float = 0.0) -> None:
    kept.keep([(record, False) for record in records], DURABLE, now, now)


def sent_again(kept: Kept, epoch: str, now: float) -> list[bytes]:
    again: list[bytes] = []
    kept.heard(epoch, DURABLE, now, again.append)
    return again


def test_a_killed_agent_knows_what_it_kept_and_of_which_epoch(tmp_path):
    kept = opened(tmp_path / "agent.spool.kept")
    sent_again(kept, "first", 0.0)
    keep(kept, b'{"n":1}', b'{"n":2}')
    later = opened(tmp_path / "agent.spool.kept", now=5_000.0)
    assert [] == sent_again(later, "first", 5_001.0)
    assert [b'{"n":1}', b'{"n":2}'] == sent_again(later, "second", 5_002.0)
    assert 0 == len(later)
    assert [] == sent_again(later, "third", 5_003.0)


def test_after_a_restart_all_counts_as_acknowledged_just_now(tmp_path):
    kept = opened(tmp_path / "agent.spool.kept")
    sent_again(kept, "first", 0.0)
    keep(kept, b"{}")
    later = opened(tmp_path / "agent.spool.kept", now=5_000.0)
    sent_again(later, "first", 5_001.0 + DURABLE)
    assert 1 == len(later)
    sent_again(later, "first", 5_001.0 + DURABLE + NOTICED_WITHIN)
    assert 0 == len(later)


def test_thousands_are_sent_again_after_all_samples_of_an_outage_were_taken(tmp_path):
    kept = opened(tmp_path / "agent.spool.kept")
    sent_again(kept, "first", 0.0)
    records = [b'{"n":%d}' % number for number in range(5_760)]
    for start in range(0, len(records), MAX_BATCH):
        keep(kept, *records[start : start + MAX_BATCH])
    assert records == sent_again(kept, "second", 1.0)


def test_its_file_stays_small(tmp_path):
    """Old samples are cut off although there are always younger ones."""
    path = tmp_path / "agent.spool.kept"
    kept = opened(path, slack=10_000)
    sent_again(kept, "first", 0.0)
    for number in range(2_000):
        now = 15.0 * number
        sent_again(kept, "first", now)
        keep(kept, b'{"n":%0100d}' % number, now=now)
        assert path.stat().st_size < 12_000
    assert len(kept) <= DURABLE / 15 + 3
    assert len(kept) == len(sent_again(kept, "second", 15.0 * 2_000))


@pytest.mark.parametrize("options", [{"max_bytes": 2_000}])
def test_a_full_file_drops_the_oldest(tmp_path, options):
    kept = opened(tmp_path / "agent.spool.kept", **options)
    sent_again(kept, "first", 0.0)
    records = [b'{"n":%0100d}' % number for number in range(100)]
    for record in records:
        keep(kept, record)
    again = sent_again(kept, "second", 1.0)
    assert records[-len(again) :] == again
    assert 10 < len(again) < 20


def test_an_agent_that_is_killed_while_it_sends_again_loses_nothing(tmp_path):
    kept = opened(tmp_path / "agent.spool.kept")
    sent_again(kept, "first", 0.0)
    records = [b'{"n":%d}' % number for number in range(8)]
    keep(kept, *records)

    def killed(record: bytes) -> None:
        if record == records[5]:
            raise SystemExit

    with pytest.raises(SystemExit):
        kept.heard("second", DURABLE, 1.0, killed)
    later = opened(tmp_path / "agent.spool.kept", now=2.0)
    assert records == sent_again(later, "second", 3.0)


def test_an_answer_that_came_too_early_to_name_a_new_epoch_drops_nothing(tmp_path):
    """The server was away for long, and its first answers after the return still name the old epoch."""
    kept = opened(tmp_path / "agent.spool.kept")
    sent_again(kept, "first", 0.0)
    keep(kept, b"{}", now=1.0)
    assert [] == sent_again(kept, "first", 300.0)
    assert [] == sent_again(kept, "first", 304.0)
    assert [b"{}"] == sent_again(kept, "second", 305.0)


def test_what_the_disk_cannot_read_is_sent_again_when_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    spool = Spool(str(tmp_path / "spool"), said.append)
    kept = Kept(Backlog(spool, said.append), 0.0)
    kept.heard("one", 60.0, 0.0, print)
    kept.keep([(b"{}", False)], 60.0, 0.0, 0.0)
    again: list[bytes] = []
    with monkeypatch.context() as broken:
        broken.setattr(Spool, "_samples", _unreadable)
        assert kept.heard("two", 60.0, 1.0, again.append) == 0
    assert kept.heard("two", 60.0, 2.0, again.append) == 1
    assert again == [b"{}"]


def _unreadable(*_: object) -> list[bytes]:
    raise OSError(errno.EIO, "Input/output error")
