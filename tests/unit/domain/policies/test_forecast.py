"""The line of a forecast, and what it says when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from math import inf, isnan, nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.domain.errors import InvalidInput
from monitor.domain.hindsight.past_hours import Hour
from monitor.domain.history.rollups import TEN_MINUTES
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import default_policies
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.kinds.forecast import FORECAST, Forecast, line_through
from monitor.domain.policies.policies import THRESHOLD, Direction, Policy
from monitor.domain.policies.series_models import UNKNOWN, Line, Prediction, model_of
from monitor.domain.times import SECOND
from tests.unit.alert_oracle import Oracle, Report

HOUR = 6 * TEN_MINUTES
NOON, TENTH = 2_699_964 * TEN_MINUTES, timedelta(minutes=10)
DAY = 144
"""In ten minutes."""
NOW = 2_700_000 * TEN_MINUTES
DISK = Policy(
    metric="disk",
    kind=FORECAST,
    warning=90,
    critical=100,
    over=timedelta(hours=1),
    within=timedelta(hours=2),
)


def seen(values: dict[int, float], policy: Policy = DISK, at: int = NOW) -> Prediction:
    """What is known *at* a time, after one value in the middle of each of these ten minutes before it."""
    forecast = Forecast(policy)
    for place, value in sorted(values.items()):
        forecast.see(NOW + place * TEN_MINUTES + TEN_MINUTES // 2, value)
    return forecast.see(at, 50.0)


def test_it_reaches_as_far_as_within():
    prediction = seen({place: 70.0 + place for place in range(-6, 0)})
    assert prediction.line is not None
    assert tuple(prediction.line) == pytest.approx((NOW, 69.5, 1.0))
    assert prediction.compared == 69.5 + 12
    shown = Forecast(DISK)
    assert shown.drawn() == []
    shown.prediction = prediction
    assert shown.drawn() == [(NOW - HOUR, 63.5), (NOW, 69.5), (NOW + 2 * HOUR, 81.5)]


def test_what_falls_is_compared_where_it_is_now():
    assert seen({place: 70.0 - place for place in range(-6, 0)}).compared == 70.5
    below = replace(DISK, direction=Direction.BELOW, warning=10, critical=5)
    assert seen({place: 70.0 - place for place in range(-6, 0)}, below).compared == 70.5 - 12


def test_half_of_the_time_has_to_have_samples():
    assert seen({-6: 1.0, -5: 2.0}) == UNKNOWN
    assert seen({-6: 1.0, -3: 2.0, -1: 3.0}).line is not None
    assert seen({-1: 1.0, -2: 2.0, -7: 3.0}) == UNKNOWN, "what is longer ago does not count"


def test_the_present_ten_minutes_do_not_count_yet():
    forecast = Forecast(DISK)
    for place in range(-6, 0):
        forecast.see(NOW + place * TEN_MINUTES, 50.0)
    before = forecast.see(NOW, 50.0)
    assert [before] * 3 == [forecast.see(NOW + n * SECOND, 100.0) for n in (1, 2, 599)]
    assert forecast.see(NOW + TEN_MINUTES, 100.0).compared > before.compared


@given(st.floats(0, 100).map(lambda value: round(value, 2)), st.integers(1, 40))
@example(84.99, 36)
@example(0.07, 7)
def test_what_is_level_is_exactly_as_high(value, times):
    forecast = Forecast(DISK)
    for place in range(-6, 0):
        for n in range(times):
            forecast.see(NOW + place * TEN_MINUTES + n * SECOND, value)
    assert forecast.see(NOW, 0.0).compared == value


courses = st.lists(
    st.tuples(st.integers(1, 700), st.floats(0, 100).map(lambda value: round(value, 2))), min_size=1, max_size=60
)


@given(courses, st.sampled_from([Direction.ABOVE, Direction.BELOW]))
def test_it_is_the_line_of_exact_fractions(course, direction):
    policy = replace(DISK, direction=direction, warning=None, critical=50)
    forecast, oracle, at = Forecast(policy), Oracle(policy), NOW
    for step, value in course:
        at += step * SECOND
        oracle.sees(Report(at, value))
        found, exact = forecast.see(at, value).compared, oracle.compared[at]
        assert isnan(found) if exact is None else found == pytest.approx(float(exact), abs=2e-6)


@given(courses, st.integers(0, 60), st.data())
def test_it_learns_a_course_as_if_it_saw_each_sample(course, cut, data):
    times = [NOW + sum(step for step, _ in course[: place + 1]) * SECOND for place in range(len(course))]
    values = [data.draw(st.sampled_from([value, value, None])) for _, value in course]
    seeing, learning = Forecast(DISK), Forecast(DISK)
    seeing.along(times, values)
    learning.learn(times[:cut], values[:cut])
    learning.along(times[cut:], values[cut:])
    assert learning.prediction == seeing.prediction
    assert learning.known == seeing.known
    assert learning.see(times[-1] + HOUR // 6, 50.0) == seeing.see(times[-1] + HOUR // 6, 50.0)


@given(courses, st.integers(0, 60))
def test_a_copy_goes_its_own_way(course, cut):
    whole, parts, at = Forecast(DISK), Forecast(DISK), NOW
    found = []
    for place, (step, value) in enumerate(course):
        at += step * SECOND
        if place == cut:
            parts, left = parts.copy(), parts
            left.see(at + 5 * HOUR, 1.0)
        found.append((whole.see(at, value), parts.see(at, value)))
    assert [one for one, _ in found] == [other for _, other in found]


@pytest.mark.parametrize("value", [1.7e308, -1.7e308, 5e-324])
def test_values_at_the_end_of_what_a_float_holds_are_no_error(value):
    for values in ([value] * 6, [value, -value] * 3, [value, 0.0] * 3):
        prediction = seen(dict(zip(range(-6, 0), values, strict=True)))
        assert isnan(prediction.compared) or abs(prediction.compared) < inf


def test_a_single_average_makes_no_line():
    assert line_through([1.0], NOW) is None
    assert line_through([nan, nan, nan, 1.0], NOW) is None


@pytest.mark.parametrize(
    ("line", "level", "after"),
    [
        (Line(NOW, 80.0, 1.0), Level.WARNING, 10 * TEN_MINUTES),
        (Line(NOW, 80.0, 1.0), Level.CRITICAL, 20 * TEN_MINUTES),
        (Line(NOW, 95.0, 1.0), Level.WARNING, 0),
        (Line(NOW, 95.0, -1.0), Level.WARNING, 0),
        (Line(NOW, 80.0, 0.0), Level.WARNING, None),
        (Line(NOW, 80.0, -1.0), Level.WARNING, None),
        (Line(NOW, 80.0, 1e-9), Level.WARNING, None),
        (Line(NOW, 80.0, 5e-324), Level.WARNING, None),
    ],
)
def test_it_says_when_a_threshold_is_reached(line, level, after):
    assert Prediction(1.0, line).expected(DISK, level) == (None if after is None else NOW + after)


def test_nothing_is_expected_of_what_is_over_or_not_known():
    fired, resolved = (Event(change, Level.WARNING, NOW, 80.0) for change in (Change.FIRED, Change.RESOLVED))
    prediction = Prediction(90.0, Line(NOW, 80.0, 1.0))
    assert prediction.explained(fired, DISK) == fired._replace(expected=NOW + 10 * TEN_MINUTES)
    assert prediction.explained(resolved, DISK) == resolved
    assert UNKNOWN.explained(fired, DISK) == fired


def test_only_forecasts_have_a_line():
    assert model_of(Policy(metric="disk", warning=90)) is None
    assert model_of(DISK) is not None


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"over": timedelta(minutes=59)}, {"over": "out_of_range"}),
        ({"over": timedelta(hours=25)}, {"over": "out_of_range"}),
        ({"within": timedelta(minutes=1)}, {"within": "out_of_range"}),
        ({"within": timedelta(days=91)}, {"within": "out_of_range"}),
        ({"kind": THRESHOLD}, {"over": "of_another_kind", "within": "of_another_kind"}),
        ({"metric": "check_in"}, {"kind": "needs_samples"}),
        ({"note": "x" * 5001}, {"note": "too_long"}),
        ({"note": "a\x00b"}, {"note": "control_characters"}),
        ({"note": "a\u202eb"}, {"note": "control_characters"}),
    ],
)
def test_what_makes_no_sense_is_refused(changes, problems):
    with pytest.raises(InvalidInput) as refused:
        replace(DISK, **changes)
    assert {name: problem.code for name, problem in refused.value.problems.items()} == problems


def test_a_forecast_has_spans_by_default_and_a_note_may_have_lines():
    policy = Policy(metric="load1", kind=FORECAST, critical=4, note="# One\n\ttwo\r\nthree")
    assert (policy.over, policy.within) == (timedelta(hours=24), timedelta(days=2))


def test_by_default_a_nightly_dump_reaches_no_threshold_and_what_fills_up_does_days_before():
    (disk,) = (policy for policy in default_policies() if policy.kind is FORECAST)
    assert not any(map(disk_reaches(disk, growth=0.0), range(3 * DAY)))
    growing = disk_reaches(disk, growth=10 / DAY)  # 60 % at first, so it is full after four days
    assert DAY <= next(place for place in range(4 * DAY) if growing(place)) <= 2.5 * DAY


def disk_reaches(policy: Policy, growth: float) -> Callable[[int], bool]:
    """Tell of one ten minutes after another whether the line reaches a threshold. A dump fills 25 % for two hours."""
    line = Forecast(policy)

    def reaches(place: int) -> bool:
        dump = 25.0 * min(1, (place % DAY - 12) / 3) if 12 < place % DAY < 24 else 0.0
        return line.see(NOW + place * TEN_MINUTES, 60.0 + growth * place + dump).compared >= policy.thresholds[0]

    return reaches


@given(
    st.lists(st.one_of(st.none(), st.floats(-100, 100).map(lambda value: round(value, 2))), min_size=2, max_size=40),
    st.integers(6, 30),
    st.integers(6, 600),
    st.sampled_from(Direction),
)
def test_no_line_reaches_further_than_the_values_of_its_hours_allow(values, tens, within, direction):
    """*values*: of each ten minutes."""
    policy = replace(DISK, warning=None, over=tens * TENTH, within=within * TENTH, direction=direction, clear_margin=0)
    line, sign = Forecast(policy), 1 if direction is Direction.ABOVE else -1
    hours = [Hour(NOON + n * HOUR, 6, *extremes(values[6 * n : 6 * n + 6])) for n in range(-(-len(values) // 6))]
    bounds = [*FORECAST.reaches(policy, hours)]
    for place, value in enumerate(values):
        if value is not None:
            prediction = line.see(NOON + place * TEN_MINUTES, value)
            assert not prediction.compared * sign > bounds[place // 6]


def extremes(values: list[float | None]) -> tuple[float, float]:
    held = [value for value in values if value is not None]
    return min(held, default=inf), max(held, default=-inf)
