"""Hosts that report in a short time are found without asking all, and their samples stay the same."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.courses import LastCourses
from monitor.demo.hosts import host
from monitor.demo.samples import Due, samples
from monitor.domain.fleet.servers import Server, ServerId

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
FLEET = [
    (of, Server(id=ServerId(index + 1), name=of.name, ip_address=of.ip_address, created_at=NOON))
    for index, of in enumerate(host(1, index) for index in range(20))
]
moments = st.integers(0, 400_000).map(lambda number: NOON + timedelta(milliseconds=number))
intervals = st.sampled_from([1.0, 7.3, 15.0, 60.0, 300.0])


@given(moments, st.integers(0, 90_000), intervals)
def test_every_host_with_a_sample_is_due_once(start: datetime, span: int, interval: float) -> None:
    end = start + timedelta(milliseconds=span)
    due = [server.id for _, server in Due(FLEET, interval).between(start, end)]
    assert len(due) == len(set(due))
    assert set(due) >= {server.id for of, server in FLEET if list(samples(of, server.id, start, end, interval))}


@given(moments, st.lists(st.integers(1, 20_000), min_size=1, max_size=8), intervals)
def test_in_short_rounds_each_host_reports_what_it_reports_in_one(
    start: datetime, rounds: list[int], interval: float
) -> None:
    due, courses, edges = Due(FLEET, interval), LastCourses(), [start]
    for length in rounds:
        edges.append(edges[-1] + timedelta(milliseconds=length))
    found = [
        sample
        for since, until in pairwise(edges)
        for of, server in due.between(since, until)
        for sample in samples(of, server.id, since, until, interval, courses)
    ]
    expected = [sample for of, server in FLEET for sample in samples(of, server.id, start, edges[-1], interval)]
    assert expected == sorted(found, key=lambda sample: (sample.server_id, sample.recorded_at))


def test_in_one_of_fifteen_seconds_few_are_due() -> None:
    fleet = [(host(1, index), FLEET[0][1]) for index in range(3000)]
    assert 150 < len(Due(fleet, 15).between(NOON, NOON + timedelta(seconds=1))) < 250
