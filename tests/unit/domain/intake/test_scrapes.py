"""Samples of scrapes depend on what came, and not on the order, on how it was split, or on repeats."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.assembly import Assembled, assemble
from monitor.domain.intake.known import LOOKBACK, WINDOW, Known, NotKnown, Room
from monitor.domain.intake.prometheus import series_key
from monitor.domain.intake.samples import Sample
from monitor.domain.intake.scrapes import Key, Part, Scrape, State
from tests.examples import examples
from tests.remote_writes import host_series

SERVER = ServerId(1)
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
T0 = 1_893_495_600_000
SECOND = 1000


class Stored:
    """What a database holds after each call."""

    def __init__(self, foreign: Iterable[int] = ()) -> None:
        self.scrapes: dict[Key, Scrape] = {}
        self.samples: dict[int, Sample | None] = dict.fromkeys(foreign)
        """By time. None: another report's."""

    def add(self, parts: Sequence[Part], now: datetime = NOW) -> None:
        found = self.assembled(parts, now)
        are_new = []
        for (_, at), sample in found.due.items():
            are_new.append(at not in self.samples)
            self.samples.setdefault(at, sample)
        stored = [*found.settled(are_new), *found.inner]
        self.scrapes.update((scrape.key, scrape) for scrape in stored)
        self.remember(stored, found.room)
        for sample in found.amended:
            at = round(sample.recorded_at.timestamp() * 1000)
            assert self.samples[at] is not None, "another report's sample was changed"
            self.samples[at] = sample

    def assembled(self, parts: Sequence[Part], now: datetime) -> Assembled:
        return assemble(Known.of(self.scrapes.values()), parts, now)

    def remember(self, stored: Sequence[Scrape], room: Room) -> None:
        pass

    def values(self, but: int | None = None) -> Mapping[int, object]:
        return {at: each and each._replace(received_at=NOW) for at, each in self.samples.items() if at != but}


class Remembering(Stored):
    """Reads what is stored only where what it remembers is not enough. *reads*: how often."""

    known: Known | None = None
    reads = 0

    def assembled(self, parts: Sequence[Part], now: datetime) -> Assembled:
        if self.known is not None and self.known.reaches(parts):
            with suppress(NotKnown):
                return assemble(self.known, parts, now)
        self.reads += 1
        first, last = min(part.at for part in parts) - WINDOW, max(part.at for part in parts) + WINDOW
        is_all = all(at <= last for _, at in self.scrapes)
        near = [scrape for scrape in self.scrapes.values() if first <= scrape.at <= last]
        self.known = Known.of(near, first if is_all else None)
        return assemble(self.known, parts, now)

    def remember(self, stored: Sequence[Scrape], room: Room) -> None:
        assert self.known is not None
        self.known = self.known.with_stored(stored, room)


def readings(at: int, seconds: float, *, cores: int = 2, instance: str = "10.0.0.5:9100", **more: float) -> list[Part]:
    """Return a part for each series of a scrape."""
    parts = []
    for labels, [(when, value)] in host_series(at, seconds=seconds, cores=cores, instance=instance, **more):
        key = series_key(labels, kept=("app_queue",))
        assert key is not None
        parts.append(Part(SERVER, key.source, when, {key.reading: value}))
    return parts


def whole(parts: Sequence[Part]) -> list[Part]:
    """Return one part for all of the same scrape."""
    found: dict[tuple[int, int], dict[str, float | None]] = {}
    for part in parts:
        found.setdefault((part.source, part.at), {}).update(part.readings)
    return [Part(SERVER, source, at, values) for (source, at), values in found.items()]


def own(at: int, value: float | None, name: str = "app_queue", instance: str = "10.0.0.5:9999") -> Part:
    key = series_key({"__name__": name, "instance": instance, "job": "app"}, kept=(name,))
    assert key is not None
    return Part(SERVER, key.source, at, {key.reading: value})


def scraped(stored: Stored, *times: int) -> None:
    for at in times:
        stored.add(whole(readings(T0 + at * SECOND, at)))


def test_the_first_scrape_waits_for_what_a_rate_needs():
    stored = Stored()
    scraped(stored, 0)
    assert {} == stored.samples
    scraped(stored, 15)
    [(at, sample)] = stored.samples.items()
    assert T0 + 15 * SECOND == at
    assert sample is not None
    assert (30.0, 60.0, 20.0) == (sample.cpu, sample.memory, sample.disk)
    assert sample.extra is not None
    assert {"load1": 0.5, "net_rx": 1000.0, "net_rx:eth0": 1000.0, "disk:/": 20.0} == sample.extra
    assert datetime(2030, 1, 1, 11, 0, 15, tzinfo=UTC) == sample.recorded_at


def test_a_split_scrape_waits_until_it_is_whole():
    stored = Stored()
    scraped(stored, 0, 15)
    parts = readings(T0 + 30 * SECOND, 30)
    stored.add(whole(parts[:-1]))
    assert 1 == len(stored.samples)
    stored.add(parts[-1:])
    assert 2 == len(stored.samples)


def test_a_scrape_that_lacks_a_series_waits_for_the_next_at_most():
    stored = Stored()
    scraped(stored, 0, 15)
    stored.add(whole(readings(T0 + 30 * SECOND, 30)[:-1]))
    scraped(stored, 45)
    assert 3 == len(stored.samples)


def test_a_series_that_has_ended_is_waited_for_no_longer():
    stored = Stored()
    scraped(stored, 0, 15)
    *others, last = whole(readings(T0 + 30 * SECOND, 30)[:-1]), readings(T0 + 30 * SECOND, 30)[-1]
    [kept] = others
    ended = dict.fromkeys(last.readings)
    stored.add([kept[0]._replace(readings={**kept[0].readings, **ended})])
    assert 2 == len(stored.samples)
    sample = stored.samples[T0 + 30 * SECOND]
    assert sample is not None
    assert "net_rx" not in (sample.extra or {})
    stored.add(whole(readings(T0 + 45 * SECOND, 45)[:-1]))
    assert 3 == len(stored.samples)


def test_of_two_values_of_one_time_the_first_stays():
    first, other, last = readings(T0, 0)[0], *readings(T0, 60)[:2]
    stored = Stored()
    stored.add([first])
    stored.add(whole([other, last]))
    [scrape] = stored.scrapes.values()
    assert {**last.readings, **first.readings} == scrape.readings


def test_a_backlog_after_newer_scrapes_completes_them():
    stored = Stored()
    scraped(stored, 60, 75, 0, 15, 30, 45)
    assert {T0 + at * SECOND for at in (15, 30, 45, 60, 75)} == stored.samples.keys()
    assert {30.0} == {sample.cpu for sample in stored.samples.values() if sample}


def test_a_rate_over_a_gap_is_amended_when_the_gap_is_filled():
    def busy(at: int, seconds: float) -> list[Part]:
        return whole(readings(T0 + at * SECOND, seconds))

    stored = Stored()
    stored.add(busy(0, 0))
    stored.add(busy(30, 20))
    before = stored.samples[T0 + 30 * SECOND]
    assert before is not None
    assert 666.667 == (before.extra or {})["net_rx"]
    stored.add(busy(15, 15))
    after = stored.samples[T0 + 30 * SECOND]
    assert after is not None
    assert 333.333 == (after.extra or {})["net_rx"]


def test_after_half_an_hour_a_sample_stays_as_it_is():
    stored = Stored()
    scraped(stored, 0, 30)
    before = stored.samples[T0 + 30 * SECOND]
    stored.add(whole(readings(T0 + 15 * SECOND, 5)), NOW + timedelta(minutes=31))
    assert before == stored.samples[T0 + 30 * SECOND]
    assert T0 + 15 * SECOND in stored.samples


def test_a_sample_of_another_report_is_never_changed():
    """Not even where the rate up to it is another one by now."""
    stored = Stored(foreign=[T0 + 30 * SECOND])
    for at, seconds in ((0, 0), (30, 20), (15, 15)):
        stored.add(whole(readings(T0 + at * SECOND, seconds)))
    assert stored.samples[T0 + 30 * SECOND] is None


def test_counters_that_begin_anew_give_no_value():
    stored = Stored()
    scraped(stored, 0, 15)
    stored.add(whole(readings(T0 + 30 * SECOND, -50)))
    assert 1 == len(stored.samples)
    stored.add(whole(readings(T0 + 45 * SECOND, -35)))
    assert {T0 + 15 * SECOND, T0 + 45 * SECOND} == stored.samples.keys()


def test_there_is_no_rate_over_more_than_five_minutes():
    stored = Stored()
    scraped(stored, 0, LOOKBACK // SECOND + 1)
    assert {} == stored.samples
    scraped(stored, LOOKBACK // SECOND)
    assert 2 == len(stored.samples)


def test_a_core_that_came_counts_from_its_second_scrape():
    stored = Stored()
    scraped(stored, 0)
    stored.add(whole(readings(T0 + 15 * SECOND, 15, cores=3)))
    stored.add(whole(readings(T0 + 30 * SECOND, 30, cores=3)))
    assert [30.0, 30.0] == [sample.cpu for sample in stored.samples.values() if sample]


def test_values_of_other_exporters_are_the_newest_ones():
    stored = Stored()
    stored.add([own(T0 - 5 * SECOND, 7.0)])
    scraped(stored, 0, 15)
    stored.add([own(T0 + 20 * SECOND, None)])
    scraped(stored, 30)
    found = [(sample.extra or {}).get("app_queue") for sample in stored.samples.values() if sample]
    assert [7.0, None] == found
    stored.add([own(T0 + 29 * SECOND, 9.0)])
    sample = stored.samples[T0 + 30 * SECOND]
    assert sample is not None
    assert 9.0 == (sample.extra or {})["app_queue"]


def test_only_scrapes_without_a_neighbour_are_edges():
    stored = Stored()
    scraped(stored, 0, 30, 15, 1000)
    edges = {at for (_, at), scrape in stored.scrapes.items() if scrape.is_edge}
    assert {T0, T0 + 30 * SECOND, T0 + 1000 * SECOND} == edges


def test_two_hosts_behind_one_key_are_two_sources():
    stored = Stored()
    for at in (0, 15):
        stored.add(whole(readings(T0 + at * SECOND, at)))
        stored.add(whole(readings(T0 + at * SECOND + 7, 5000 + at, instance="10.0.0.6:9100")))
    assert [30.0, 30.0] == [sample.cpu for sample in stored.samples.values() if sample]


def test_nothing_new_changes_nothing():
    stored = Stored()
    scraped(stored, 0, 15)
    known = dict(stored.scrapes)
    assert {} == assemble(Known.of(known.values()), whole(readings(T0 + 15 * SECOND, 15)), NOW).changed


@st.composite
def histories(draw: st.DrawFn) -> list[Part]:
    """Some scrapes of a host that may start again, and of an application on it.

    With gaps, and series that are not always there.
    """
    gaps = draw(st.lists(st.sampled_from([15, 15, 15, 30, 299, 301]), min_size=1, max_size=6))
    parts: list[Part] = []
    at, start = 0, -100_000
    for number, gap in enumerate([0, *gaps]):
        at += gap
        lost = draw(st.integers(0, 3)) if 0 < number < len(gaps) else 0
        if start < 0 and draw(st.integers(0, 5)) == 0:
            start = at
        parts += readings(T0 + at * SECOND, at - start, cores=draw(st.sampled_from([2, 2, 3])))[lost:]
        if draw(st.booleans()):
            parts.append(own(T0 + at * SECOND - draw(st.integers(0, 14)) * SECOND, float(number)))
    return parts


@settings(max_examples=examples(50))
@given(histories(), st.data())
def test_order_splitting_and_repeats_make_no_difference(parts: list[Part], data: st.DataObject):
    """Not for the newest scrape: it may wait for a series that it lacks."""
    at_once, bit_by_bit = Stored(), Stored()
    at_once.add(whole(parts))
    order = data.draw(st.permutations(parts))
    while order:
        size = data.draw(st.integers(1, 40))
        some, order = order[:size], order[size:]
        for _ in range(data.draw(st.integers(1, 2))):
            bit_by_bit.add(some if data.draw(st.booleans()) else whole(some))
    last = max(at for (_, at), each in at_once.scrapes.items() if each.is_of_a_host)
    assert at_once.values(but=last) == bit_by_bit.values(but=last)
    assert {k: (s.readings.keys(), s.is_edge) for k, s in at_once.scrapes.items()} == {
        k: (s.readings.keys(), s.is_edge) for k, s in bit_by_bit.scrapes.items()
    }


@settings(max_examples=100)
@given(histories(), st.data())
def test_what_is_remembered_makes_no_difference(parts: list[Part], data: st.DataObject):
    reading, remembering = Stored(), Remembering()
    delays = st.sampled_from([0, 0, 0, 0, 20 * SECOND, LOOKBACK])
    order = sorted(parts, key=lambda part: part.at + data.draw(delays))
    while order:
        size = data.draw(st.integers(1, 40))
        some, order = order[:size], order[size:]
        for stored in (reading, remembering):
            stored.add(whole(some))
        assert reading.scrapes == remembering.scrapes
        assert reading.values() == remembering.values()


def test_a_series_that_comes_again_is_compared_with_what_was_forgotten():
    """Its rate is that since it was there last, before all that is remembered."""
    stored = Remembering()
    for at in range(0, 150, 15):
        parts = readings(T0 + at * SECOND, at)  # the last is that of the network
        stored.add(whole(parts if at <= 30 or at >= 120 else parts[:-1]))
    sample = stored.samples[T0 + 120 * SECOND]
    assert sample is not None
    assert 1000.0 == (sample.extra or {})["net_rx"]
    assert 2 == stored.reads


def test_what_comes_in_order_is_added_to_what_is_remembered():
    stored = Remembering()
    for at in range(0, 900, 15):
        parts = readings(T0 + at * SECOND, at)
        stored.add(whole(parts[:-3]))
        stored.add([own(T0 + at * SECOND - 7, 1.0), *whole(parts[-3:])])
    assert 1 == stored.reads
    assert 59 == len(stored.samples)
    assert stored.known is not None
    assert 6 == len(stored.known.scrapes)


@pytest.mark.parametrize("state", State)
def test_a_scrape_is_read_as_it_was_written(state: State):
    stored = Stored()
    scraped(stored, 0)
    [scrape] = stored.scrapes.values()
    again = Scrape(**{name: getattr(scrape, name) for name in scrape.__dataclass_fields__} | {"state": state})
    assert scrape.readings == again.readings
