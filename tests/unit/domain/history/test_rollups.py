"""Frames and rollups against plain recomputation from the samples."""

from fractions import Fraction
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.history.frames import DECLARED, Frame, concatenated, cut, merged
from monitor.domain.history.rollups import (
    COVERED,
    HALF_DAY,
    HOUR,
    TEN_MINUTES,
    folded,
    metrics_of,
    parts_of,
    rolled_up,
    without,
)
from monitor.domain.history.series import bucketed_series, rolled_series
from tests.unit.domain.history.frames import FINITE, PERCENT, frames, rising_times

THEN = 1_700_000_000_000_000
DAYS = rising_times(least=THEN, most=THEN + 30 * HOUR)
NAMES = st.sampled_from(["cpu", "memory", "load1", "disk:/var"])
percentages = frames(times=DAYS, values=PERCENT, names=NAMES)


def by_hour(frame: Frame) -> list[Frame]:
    return [frame.between(begin, begin + HOUR) for begin, _ in cut(frame.times, HOUR)]


def rolled(frame: Frame) -> Frame:
    return concatenated([rolled_up(hour) for hour in by_hour(frame)])


def rows(frame: Frame) -> list[tuple[int, dict[str, float]]]:
    """Return the values of each sample."""
    return [
        (time, {name: v for name, values in frame.columns.items() if (v := values[at]) is not None})
        for at, time in enumerate(frame.times)
    ]


@given(percentages)
def test_intervals_are_not_rolled_up(frame: Frame) -> None:
    """They are not a metric."""
    declared = Frame(frame.times, {**frame.columns, DECLARED: [15.0] * len(frame)})
    assert [rolled_up(hour) for hour in by_hour(declared)] == [rolled_up(hour) for hour in by_hour(frame)]


@given(percentages)
def test_ten_minute_rollups_match_the_samples(frame: Frame) -> None:
    rollups = rolled(frame)
    assert rollups.times == sorted({time // TEN_MINUTES * TEN_MINUTES for time in frame.times})
    for place, begin in enumerate(rollups.times):
        held = frame.between(begin, begin + TEN_MINUTES)
        for metric, column in held.columns.items():
            values = [value for value in column if value is not None]
            found = [rollups.columns[part][place] for part in parts_of(metric)]
            exact = sum(Fraction(round(value * 100), 100) for value in values)
            assert found == ([len(values), min(values), float(exact), max(values)] if values else [None] * 4)


@given(percentages)
def test_rollups_of_rollups_equal_rollups_of_the_samples(frame: Frame) -> None:
    """To the last digit, for any division."""
    whole = folded(rolled(frame), HOUR)
    hours = [folded(rolled_up(hour), HOUR) for hour in by_hour(frame)]
    assert rows(whole) == rows(concatenated(hours))
    assert rows(folded(concatenated(hours), 24 * HOUR)) == rows(folded(rolled(frame), 24 * HOUR))


def test_an_hour_has_the_least_sum_and_greatest_of_its_ten_minutes() -> None:
    frame = Frame([n * TEN_MINUTES for n in range(3)], {"cpu": [7.0, 2.0, 5.0]})
    (hour,) = rows(folded(rolled_up(frame), HOUR))
    assert [hour[1][part] for part in parts_of("cpu")] == [3, 2.0, 14.0, 7.0]


@given(st.lists(st.integers(0, 600_000_000), min_size=2, max_size=48))
def test_covered_seconds_do_not_depend_on_the_order_of_additions(microseconds: list[int]) -> None:
    times = [place * TEN_MINUTES for place in range(len(microseconds))]
    ten_minutes = Frame(times, {COVERED: [each / 1_000_000 for each in microseconds]})
    assert folded(ten_minutes, HALF_DAY) == folded(folded(ten_minutes, HOUR), HALF_DAY)


@given(frames(times=DAYS, values=FINITE, names=NAMES))
def test_any_number_can_be_rolled_up(frame: Frame) -> None:
    """A custom metric may be so large that the sum is no float."""
    hours = folded(rolled(frame), HOUR)
    for metric in metrics_of(hours):
        for n, low, total, high in zip(*(hours.columns[part] for part in parts_of(metric)), strict=True):
            if n is not None and low is not None and total is not None and high is not None:
                assert low <= high
                exact = min(n * high, 1.8e308)
                assert total <= exact or isclose(total, exact, rel_tol=1e-9)


@given(percentages, st.sampled_from([600, 1800, 3600, 43_200, 86_400]))
def test_a_series_of_rollups_equals_one_of_the_samples(frame: Frame, width: int) -> None:
    """Except coverage, which depends on the interval of each hour."""
    metrics = ["cpu", "load1", "never"]
    series, plain = (
        rolled_series(folded(rolled(frame), width * 1_000_000), metrics, width),
        bucketed_series(frame, metrics, width),
    )
    assert (series.time, series.resolution) == (plain.time, plain.resolution)
    for name in metrics:
        found, expected = series.columns[name], plain.columns[name]
        assert (found.min, found.max) == (expected.min, expected.max)
        for mine, theirs in zip(found.avg, expected.avg, strict=True):
            assert mine == theirs or isclose(mine or 0, theirs or 0, abs_tol=1.01e-4, rel_tol=1.01e-3)


def test_coverage_is_the_share_that_samples_account_for() -> None:
    """A quarter of an hour out of ten minutes each: one sample a minute."""
    times = [THEN // HOUR * HOUR + minute * 60_000_000 for minute in (*range(10), 20, 21, 22, 23, 24)]
    frame = Frame(times, {"cpu": [1.0] * len(times)})
    assert rolled_up(frame).columns[COVERED] == [600.0, 300.0]
    assert rolled_series(folded(rolled_up(frame), HOUR), ["cpu"], 3600).coverage == [0.25]


@given(frames(times=DAYS, names=NAMES), st.data())
def test_frames_are_split_and_joined(frame: Frame, data: st.DataObject) -> None:
    at = data.draw(st.integers(THEN, THEN + 30 * HOUR))
    assert rows(concatenated([frame.between(0, at), frame.between(at, 2**62)])) == rows(frame)


@given(frames(times=DAYS, names=NAMES), st.data())
def test_halves_are_merged_in_order_without_duplicates(frame: Frame, data: st.DataObject) -> None:
    whole = rows(frame)
    places = data.draw(st.lists(st.sampled_from([1, 2, 3]), min_size=len(whole), max_size=len(whole)))
    first, second = (_some(frame, [place for place, side in enumerate(places) if side & half]) for half in (1, 2))
    assert rows(merged(first, second)) == whole
    assert rows(merged(second, first)) == whole


def test_of_two_samples_at_one_time_the_first_frames_stays() -> None:
    assert rows(merged(Frame([5], {"cpu": [1.0]}), Frame([5, 6], {"cpu": [2.0, 3.0], "x": [4.0, 5.0]}))) == [
        (5, {"cpu": 1.0}),
        (6, {"cpu": 3.0, "x": 5.0}),
    ]


@given(percentages, st.sets(st.integers(0, 40)))
def test_hours_are_removed_from_rollups(frame: Frame, numbers: set[int]) -> None:
    removed = {THEN // HOUR * HOUR + number * HOUR for number in numbers}
    kept = [hour for hour in by_hour(frame) if hour.times[0] // HOUR * HOUR not in removed]
    assert rows(without(rolled(frame), removed)) == rows(concatenated([rolled_up(hour) for hour in kept]))


def _some(frame: Frame, places: list[int]) -> Frame:
    return Frame(
        [frame.times[place] for place in places],
        {name: [values[place] for place in places] for name, values in frame.columns.items()},
    )
