"""Series against a plain recomputation from the samples."""

import time
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from sys import float_info

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, frame_of
from monitor.domain.history.series import Column, bucket_width, bucketed_series, raw_series
from monitor.domain.intake.samples import Sample
from tests.contracts.builders import AT, MICROSECOND, SECOND, a_sample

CUSTOMARY = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200]
DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
METRICS = ("cpu", "memory", "disk", "load1")

moments = st.timedeltas(timedelta(days=30 * 365), timedelta(days=70 * 365)).map(EPOCH.__add__)
percent = st.floats(0, 100).map(lambda value: round(value, 2)) | st.sampled_from([0.0, 0.01, 99.99, 100.0])
# Custom metrics are only required to be finite.
anything = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 5e-324, 1.7e308, -1.7e308, 0.00015])


@st.composite
def histories(draw: st.DrawFn, /, *, min_size: int = 0, max_size: int = 40) -> list[Sample]:
    """Draw samples, oldest first, with bursts, gaps and some without the extra metric."""
    gaps = st.integers(1, 40).map(float) | st.sampled_from([0.000001, 14.999999, 15.0, 60.0, 3600.0, 90_000.0])
    at = draw(moments)
    samples = []
    for gap in draw(st.lists(gaps, min_size=min_size, max_size=max_size)):
        at += timedelta(seconds=gap)
        extra = draw(st.none() | st.fixed_dictionaries({"load1": anything}))
        samples.append(a_sample(ServerId(1), at, cpu=draw(percent), memory=draw(percent), disk=1.5, extra=extra))
    return samples


def exact_bucket(at: datetime, width: int) -> int:
    return floor(Fraction((at - EPOCH) // MICROSECOND, 1_000_000) / width)


def buckets_of(start: datetime, end: datetime, width: int) -> int:
    """Count the buckets of start <= time < end in exact arithmetic."""
    first = Fraction((start - EPOCH) // MICROSECOND, 1_000_000 * width)
    last = Fraction((end - EPOCH) // MICROSECOND, 1_000_000 * width)
    return ceil(last) - floor(first)


@given(start=moments, length=st.timedeltas(MICROSECOND, timedelta(days=3_000)), points=st.integers(1, 20_000))
@example(start=AT, length=timedelta(days=1), points=1)
@example(start=AT, length=timedelta(hours=24), points=1440)
@example(start=AT + MICROSECOND, length=timedelta(hours=24), points=1440)
@example(start=AT, length=timedelta(days=400), points=7)
def test_the_width_is_the_smallest_round_one_that_fits(start, length, points):
    end = start + length
    width = bucket_width(start, end, points)
    assert buckets_of(start, end, width) <= points
    narrower = [w for w in CUSTOMARY if w < width] + list(range(DAY, width, DAY))
    assert all(buckets_of(start, end, w) > points for w in narrower)
    assert width in CUSTOMARY or width % DAY == 0


@pytest.mark.parametrize(
    ("length", "points", "width"),
    [
        (timedelta(hours=1), 3600, 1),
        (timedelta(hours=1), 3599, 2),
        (timedelta(hours=24), 1440, 60),
        (timedelta(hours=24), 1000, 120),
        (timedelta(days=7), 1000, 900),
        (timedelta(days=400), 1000, 43_200),
    ],
)
def test_usual_ranges_get_usual_widths(length, points, width):
    assert bucket_width(AT, AT + length, points) == width


@pytest.mark.parametrize("points", [1, 2, 3, 20_000])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)),
        (datetime(1960, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(1950, 1, 1, tzinfo=UTC)),
        (datetime(5500, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)),
        (EPOCH, EPOCH + SECOND),
    ],
)
def test_any_possible_range_is_answered_at_once(start, end, points):
    """Also one across 1970, where there is no bucket, and one of millions of days."""
    began = time.thread_time()
    width = bucket_width(start, end, points)
    assert time.thread_time() - began < 0.5
    assert buckets_of(max(start, EPOCH), max(end, EPOCH), width) <= points


@given(histories(max_size=40), st.sampled_from([*CUSTOMARY, DAY, 7 * DAY]))
@example([a_sample(ServerId(1), AT + n * SECOND, extra={"load1": float_info.max}) for n in range(3)], 60)
def test_buckets_agree_with_a_plain_recomputation(samples, width):
    series = bucketed_series(frame_of(samples), METRICS, width)
    numbers = sorted({exact_bucket(sample.recorded_at, width) for sample in samples})
    assert series.resolution == width
    assert series.time == [float(number * width) for number in numbers]
    for name in METRICS:
        column = series.columns[name]
        for place, number in enumerate(numbers):
            held = [s.metric(name) for s in samples if exact_bucket(s.recorded_at, width) == number]
            agrees(column, place, [value for value in held if value is not None])


def agrees(column: Column, place: int, values: list[float]) -> None:
    avg, low, high = column.avg[place], column.min[place], column.max[place]
    if not values:
        assert (avg, low, high) == (None, None, None)
        return
    assert (low, high) == (min(values), max(values))
    assert avg is not None
    assert min(values) <= avg <= max(values)
    exact = sum(map(Fraction, values), start=Fraction(0)) / len(values)
    # Half of the last digit, and the error of float addition (none for the smallest floats).
    kept = Fraction(1, 20_000) if abs(exact) >= 1 else abs(exact) / 2_000
    added = max(abs(Fraction(value)) for value in values) / 10**14 + len(values) * Fraction(5e-324)
    assert abs(Fraction(avg) - exact) <= kept + added


@given(histories(min_size=1, max_size=40), st.sampled_from(CUSTOMARY))
def test_coverage_is_a_share_and_gaps_are_not_listed(samples, width):
    series = bucketed_series(frame_of(samples), METRICS, width)
    assert all(0 <= share <= 1 for share in series.coverage)
    assert all(later - earlier >= width for earlier, later in pairwise(series.time))
    lengths = {len(series.time), len(series.coverage)}
    for column in series.columns.values():
        lengths |= {len(column.avg), len(column.min), len(column.max)}
    assert len(lengths) == 1
    touched = {exact_bucket(sample.recorded_at, width) for sample in samples}
    assert len(series.time) == len(touched)


def test_coverage_is_the_share_of_the_bucket_that_samples_account_for():
    times = [n * 15 for n in range(8)] + [n * 15 for n in range(12, 14)]  # minutes 0 and 1 full, 2 missing, 3 half
    samples = [a_sample(ServerId(1), AT + t * SECOND) for t in times]
    series = bucketed_series(frame_of(samples), ["cpu"], 60)
    assert [t - AT.timestamp() for t in series.time] == [0, 60, 180]
    assert series.coverage == [1.0, 1.0, 0.5]


@given(start=moments, samples=histories(min_size=1, max_size=60), points=st.integers(1, 30))
def test_a_chart_has_at_most_the_requested_points(start, samples, points):
    begin, end = samples[0].recorded_at, samples[-1].recorded_at + MICROSECOND
    series = bucketed_series(frame_of(samples), ["cpu"], bucket_width(begin, end, points))
    assert 1 <= len(series.time) <= points


@given(histories(max_size=30))
def test_a_raw_series_is_the_samples_themselves(samples):
    series = raw_series(frame_of(samples), METRICS)
    assert series.time == [sample.recorded_at.timestamp() for sample in samples]
    assert series.coverage == [1.0] * len(samples)
    assert series.resolution == frame_of(samples).usual_gap()
    for name, column in series.columns.items():
        assert column.avg == column.min == column.max == [sample.metric(name) for sample in samples]


def test_no_samples_give_empty_columns():
    for series in (raw_series(Frame(), METRICS), bucketed_series(Frame(), METRICS, 60)):
        assert (series.time, series.coverage) == ([], [])
        assert list(series.columns) == list(METRICS)
        assert all(column == Column() for column in series.columns.values())


@pytest.mark.parametrize(
    ("gaps", "interval"),
    [([], 15.0), ([7.0], 7.0), ([15.0, 15.0, 3600.0], 15.0), ([10.0, 20.0], 20.0), ([0.5, 0.5, 30.0], 0.5)],
)
def test_the_usual_gap_is_the_median(gaps, interval):
    """One night without power does not change the interval."""
    times = [0]
    for gap in gaps:
        times.append(times[-1] + round(gap * 1_000_000))
    assert Frame(times).usual_gap() == interval


def test_the_mean_of_tiny_numbers_is_not_zero():
    """Such as a latency in seconds."""
    samples = [a_sample(ServerId(1), AT + n * SECOND, extra={"x": value}) for n, value in enumerate([0.00012, 0.00018])]
    assert bucketed_series(frame_of(samples), ["x"], 60).columns["x"].avg == [0.00015]


def test_the_mean_of_huge_numbers_is_a_number():
    samples = [a_sample(ServerId(1), AT + n * SECOND, extra={"x": 1.7e308}) for n in range(4)]
    assert bucketed_series(frame_of(samples), ["x"], 60).columns["x"].avg == [1.7e308]
