"""A simulated fleet is the same in any part and any order."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.demo.courses import course, is_down, outages, up_since
from monitor.demo.hosts import KNOTS_A_DAY, MAX_HOSTS, PEOPLE, Host, Trouble, host, is_made_by
from monitor.demo.samples import processes, samples
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import METRIC_NAME, Sample, checked_sample, time_problem

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
WEB = ServerId(1)
RACK = range(20)

seeds = st.integers(0, 2**40)
indices = st.integers(0, MAX_HOSTS - 1)
moments = st.integers(-(10**11), 10**11).map(lambda number: NOON + timedelta(milliseconds=number))
intervals = st.sampled_from([1.0, 5.0, 7.3, 15.0, 60.0, 300.0, 3600.0])
spans = st.integers(0, 20_000_000).map(lambda number: timedelta(milliseconds=number))


def of_kind(trouble: Trouble) -> Host:
    return next(found for index in RACK if (found := host(1, index)).trouble is trouble)


def reported(of: Host, start: datetime, span: timedelta, interval: float = 60.0) -> list[Sample]:
    return list(samples(of, WEB, start, start + span, interval))


def extras(sample: Sample) -> Mapping[str, float]:
    assert sample.extra is not None
    return sample.extra


@given(seeds, indices, moments, spans, intervals)
def test_every_sample_is_valid(seed, index, start, span, interval):
    for sample in reported(host(seed, index), start, min(span, timedelta(seconds=interval * 50)), interval):
        assert checked_sample(sample) == sample
        assert time_problem(sample.recorded_at, sample.received_at) is None
        extra = extras(sample)
        assert all(METRIC_NAME.fullmatch(name) for name in extra)
        assert all(number >= 0 for number in extra.values())
        assert all(0 <= extra[name] <= 100 for name in ("swap", "disk:/", "disk:/var"))


@given(seeds, indices, moments, spans, st.lists(spans, max_size=5), intervals)
def test_parts_of_a_span_equal_the_whole(seed, index, start, span, cuts, interval):
    of, span = host(seed, index), min(span, timedelta(seconds=interval * 50))
    edges = [start, *(start + cut for cut in sorted(cuts) if cut < span), start + span]
    pieces = [list(samples(of, WEB, a, b, interval)) for a, b in pairwise(edges)]
    assert reported(of, start, span, interval) == [sample for piece in pieces for sample in piece]


@given(seeds, indices, moments)
def test_the_same_seed_gives_the_same_samples(seed, index, start):
    name, before = host(seed, index).name, reported(host(seed, index), start, timedelta(minutes=3))
    host.cache_clear()
    outages.cache_clear()
    assert before == reported(host(seed, index), start, timedelta(minutes=3))
    assert name == host(seed, index).name


@given(seeds, indices, moments)
def test_reports_come_at_the_interval(seed, index, start):
    times = [sample.recorded_at for sample in reported(host(seed, index), start, timedelta(minutes=30), 15.0)]
    for a, b in pairwise(times):
        steps = (b - a) / timedelta(seconds=15)
        assert abs(steps - round(steps)) < 0.01
        assert steps > 0.5


@given(st.integers(0, 400), st.integers(20_000, 21_500))
def test_a_host_started_when_it_was_last_down(index, day):
    """The fast search for the last outage equals a check of every knot."""
    of, knot = host(1, index), day * KNOTS_A_DAY
    assume(not is_down(of, knot))  # no uptime is reported then
    up = up_since(of, knot)
    assert up <= knot
    assert not any(is_down(of, at) for at in range(up, knot))
    assume(of.trouble is not Trouble.FLAKY)  # its first sample may be lost
    [first, *_] = reported(of, datetime.fromtimestamp(knot * 300, UTC), timedelta(minutes=1), 1.0)
    assert (knot - up) * 300 == extras(first)["uptime"]


def test_a_rack_has_one_host_of_each_kind_of_trouble():
    for rack in range(5):
        troubles = [host(1, rack * len(RACK) + place).trouble for place in RACK]
        assert {trouble: 1 for trouble in Trouble if trouble} == {t: troubles.count(t) for t in Trouble if t}


def test_hosts_have_different_names_and_addresses():
    """They are valid servers."""
    fleet = [host(1, index) for index in range(3000)]
    assert 3000 == len({of.name for of in fleet}) == len({of.ip_address for of in fleet})
    for of in fleet[:100]:
        server = Server(name=of.name, ip_address=of.ip_address, tags=of.tags, created_at=NOON)
        assert is_made_by(1, server)
        assert not is_made_by(2, server)


def test_each_user_has_hosts_in_a_small_fleet():
    fleet = [host(1, index) for index in range(80)]
    assert all(any(person.looks_after(of) for of in fleet) for person in PEOPLE)


def test_other_seeds_are_other_fleets():
    one, two = (reported(host(seed, 0), NOON, timedelta(minutes=10)) for seed in (1, 2))
    assert [sample.cpu for sample in one] != [sample.cpu for sample in two]


def test_memory_leaks_until_a_restart():
    history = [sample.memory for sample in reported(of_kind(Trouble.LEAK), NOON, timedelta(days=20), 600.0)]
    drops = [a - b for a, b in pairwise(history) if a - b > 10]
    assert 1 <= len(drops) <= 10
    assert max(history) > 90


def test_a_disk_fills_until_it_is_cleaned():
    history = [sample.disk for sample in reported(of_kind(Trouble.FILLING), NOON, timedelta(days=90), 3600.0)]
    assert max(history) > 95
    assert 2 <= sum(a - b > 10 for a, b in pairwise(history)) <= 8


def test_a_crashing_host_leaves_gaps_and_restarts():
    history = reported(of_kind(Trouble.CRASHES), NOON, timedelta(days=20))
    gaps = [(a, b) for a, b in pairwise(history) if b.recorded_at - a.recorded_at >= timedelta(minutes=5)]
    assert gaps
    assert all(extras(b)["uptime"] < 300 for _, b in gaps)


def test_a_flaky_host_loses_samples():
    expected = timedelta(days=5) / timedelta(minutes=1)
    assert 0.9 * expected < len(reported(of_kind(Trouble.FLAKY), NOON, timedelta(days=5))) < 0.99 * expected


def test_a_wrong_clock_stays_within_what_the_server_accepts():
    skews = [of.skew for index in range(2000) if (of := host(1, index)).trouble is Trouble.CLOCK]
    assert -400_000 <= min(skews) < -60_000
    assert 15_000 <= max(skews) <= 50_000


def test_weekends_and_nights_are_quieter():
    def busy(day: datetime, hour: int) -> float:
        return course(host(1, 0), int(day.replace(hour=hour).timestamp()) // 300).levels.traffic

    monday, sunday = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)
    assert busy(monday, 15) > 1.5 * busy(sunday, 15) > 3 * busy(sunday, 3)


def test_programs_use_no_more_than_the_host_has():
    of = host(1, 0)
    for sample in reported(of, NOON, timedelta(hours=3)):
        top = processes(of, sample)
        assert 5 == len(top)
        assert sum(process.cpu for process in top) <= sample.cpu * of.work.cores + 0.3
        assert [*top] == sorted(top, key=lambda process: -process.cpu)


@pytest.mark.parametrize("index", [-1, MAX_HOSTS])
def test_unknown_hosts_are_refused(index):
    with pytest.raises(InvalidInput):
        host(1, index)


@pytest.mark.parametrize("interval", [0.0, 0.5, 3601.0])
def test_intervals_out_of_range_are_refused(interval):
    with pytest.raises(InvalidInput):
        reported(host(1, 0), NOON, timedelta(minutes=1), interval)
