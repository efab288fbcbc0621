from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.application.history.charts import MAX_METRICS, MAX_POINTS
from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.fleet.servers import Server
from monitor.domain.history.series import Series
from tests.unit.application.core import ROOT, Core


@pytest.fixture
def server(core: Core, ann) -> Server:
    return core.server(linked=[ann])


def seconds_ago(core: Core, series: Series) -> list[float]:
    return [core.clock.now().timestamp() - time for time in series.time]


def test_every_sample_if_they_fit(core: Core, ann, server) -> None:
    core.store_samples([core.sample(server, -30, cpu=10.0), core.sample(server, -15, cpu=20.0, extra={"load1": 0.7})])
    series = core.read_series(ann, server.id, metrics=["load1", "cpu", "load1"])
    assert seconds_ago(core, series) == [30, 15]
    assert list(series.columns) == ["load1", "cpu"]
    assert series.columns["cpu"].avg == series.columns["cpu"].min == series.columns["cpu"].max == [10.0, 20.0]
    assert series.columns["load1"].avg == [None, 0.7]
    assert series.coverage == [1.0, 1.0]
    assert series.resolution == 15


def test_too_many_samples_are_folded_into_buckets(core: Core, ann, server) -> None:
    core.store_samples([core.sample(server, -15 * number, cpu=float(number)) for number in range(1, 41)])
    series = core.read_series(ann, server.id, start=core.clock.now() - timedelta(minutes=10), points=10)
    assert series.resolution == 60
    assert seconds_ago(core, series) == [60 * minute for minute in range(10, 0, -1)]
    assert series.columns["cpu"].max == [4.0 * minute for minute in range(10, 0, -1)]
    assert series.columns["cpu"].min == [4.0 * minute - 3 for minute in range(10, 0, -1)]
    assert series.columns["cpu"].avg == [4.0 * minute - 1.5 for minute in range(10, 0, -1)]
    assert series.coverage == [1.0] * 10


def test_a_gap_stays_a_gap(core: Core, ann, server) -> None:
    core.store_samples([core.sample(server, -s) for s in (*range(15, 300, 15), *range(1815, 2100, 15))])
    series = core.read_series(ann, server.id, start=core.clock.now() - timedelta(hours=1), points=20)
    assert (series.resolution, seconds_ago(core, series)) == (300, [2100, 300])
    assert series.coverage == [0.95, 0.95]


def test_by_default_it_is_the_last_24_hours(core: Core, ann, server) -> None:
    day = timedelta(days=1).total_seconds()
    core.store_samples([core.sample(server, -day - 1), core.sample(server, -day), core.sample(server, -1)])
    assert seconds_ago(core, core.read_series(ann, server.id)) == [day, 1]
    end = core.clock.now() - timedelta(seconds=1)
    assert seconds_ago(core, core.read_series(ann, server.id, end=end)) == [day + 1, day]


def test_the_start_is_included_and_the_end_is_not(core: Core, ann, server) -> None:
    core.store_samples([core.sample(server, -s) for s in (30, 20, 10)])
    now = core.clock.now()
    series = core.read_series(ann, server.id, start=now - timedelta(seconds=30), end=now - timedelta(seconds=10))
    assert seconds_ago(core, series) == [30, 20]


def test_no_samples_are_no_points(core: Core, ann, server) -> None:
    series = core.read_series(ann, server.id, metrics=["cpu", "never_sent"])
    assert (series.time, series.coverage, list(series.columns)) == ([], [], ["cpu", "never_sent"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"points": 0}, "points"),
        ({"points": MAX_POINTS + 1}, "points"),
        ({"metrics": []}, "metrics"),
        ({"metrics": [f"m{n}" for n in range(MAX_METRICS + 1)]}, "metrics"),
        ({"metrics": ["CPU"]}, "metrics"),
        ({"metrics": ["x" * 65]}, "metrics"),
        ({"start": datetime(2031, 1, 1, tzinfo=UTC)}, "start"),
        ({"start": datetime(2029, 1, 1, tzinfo=UTC), "end": datetime(2029, 1, 1, tzinfo=UTC)}, "start"),
        ({"end": datetime.min.replace(tzinfo=UTC)}, "start"),
    ],
)
def test_wrong_fields_are_named(core: Core, ann, server, wrong, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        core.read_series(ann, server.id, **wrong)
    assert set(refusal.value.problems) == {field}


def test_a_server_that_is_not_linked_has_no_series(core: Core, bob, server) -> None:
    with pytest.raises(NotFound):
        core.read_series(bob, server.id)


@pytest.mark.parametrize("points", [1, 2])
def test_all_of_time_in_one_or_two_points(core: Core, ann, server, points: int) -> None:
    core.store_samples([core.sample(server, -s) for s in range(0, 90, 30)])
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    series = core.read_series(ann, server.id, start=first, end=last, points=points)
    assert 1 <= len(series.time) <= points
    assert series.columns["cpu"].avg[-1] == 1.0


DAY, WEEK = 86_400, 604_800
OF_EACH_SPAN = [  # promised widths, also if the range ends a minute after now
    (DAY, 120),
    (DAY + 60, 120),
    (DAY + 61, 600),
    (WEEK, 600),
    (WEEK + 60, 600),
    (WEEK + 61, 3600),
]


@pytest.fixture(scope="module")
def steady() -> tuple[Core, Server]:
    """A sample per minute for more than a week, and one at 100 % an hour ago."""
    core = Core()
    server = core.server()
    core.store_samples([core.sample(server, -60 * n, cpu=100.0 if n % 60 == 7 else 5.0) for n in range(10_200)])
    return core, server


@pytest.mark.parametrize(("span", "width"), OF_EACH_SPAN)
@pytest.mark.parametrize("beyond", [0, 60])
def test_a_span_has_the_promised_buckets(steady, span: int, width: int, beyond: int) -> None:
    core, server = steady
    end = core.clock.now() + timedelta(seconds=beyond)
    series = core.read_series(ROOT, server.id, start=end - timedelta(seconds=span), end=end)
    assert series.resolution == width
    assert len(series.time) in {span // width + n - beyond // width for n in (-1, 0, 1, 2)}
    assert max(series.columns["cpu"].max) == 100.0
    if width < 3600:
        assert min(series.columns["cpu"].max) == 5.0


@pytest.mark.parametrize(
    ("span", "points", "width"), [(WEEK, 1000, 1800), (WEEK + 60, 1010, 600), (DAY + 60, 500, 300)]
)
def test_a_span_has_at_most_the_requested_points(steady, span: int, points: int, width: int) -> None:
    """For every length of span."""
    core, server = steady
    end = core.clock.now()
    series = core.read_series(ROOT, server.id, start=end - timedelta(seconds=span), end=end, points=points)
    assert (series.resolution, len(series.time) <= points) == (width, True)


@given(
    ages=st.lists(st.integers(0, 10**6) | st.integers(0, 60).map(lambda day: day * 86_400), min_size=1, unique=True),
    reach=st.integers(1, 2 * 10**6),
    shift=st.floats(0, 100_000),
    points=st.integers(1, 40),
)
@example(ages=[0, 1], reach=86_461, shift=0.0, points=1)
def test_there_are_never_more_points_than_requested(ages: Sequence[int], reach: int, shift: float, points: int) -> None:
    core = Core()
    core.clock.advance(shift)
    server = core.server()
    samples = [core.sample(server, -age, cpu=age % 101) for age in ages]
    core.store_samples(samples)
    end = core.clock.now()
    start = end - timedelta(seconds=reach)
    series = core.read_series(ROOT, server.id, start=start, end=end, points=points)

    first, last = start.timestamp(), end.timestamp()
    if reach > 86_460:  # from rollups: whole buckets
        width = series.resolution
        first, last = first // width * width, -(-last // width) * width
    shown = sorted(sample.cpu for sample in samples if first <= sample.recorded_at.timestamp() < last)
    assert len(series.time) <= points
    assert series.time == sorted(set(series.time))
    assert {len(series.time)} == {len(column.avg) for column in series.columns.values()}
    if shown:
        cpu = series.columns["cpu"]
        assert max(value for value in cpu.max if value is not None) == shown[-1]
        assert min(value for value in cpu.min if value is not None) == shown[0]
