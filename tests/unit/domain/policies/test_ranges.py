"""The range of a range policy: which hours belong to it, and what is outside."""

from dataclasses import replace
from datetime import timedelta
from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.engine import State, observe
from monitor.domain.errors import InvalidInput
from monitor.domain.history.rollups import HOUR
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.kinds.range import RANGE, Range
from monitor.domain.policies.policies import Direction, Policy
from monitor.domain.policies.series_models import INSIDE, NEAR, OUTSIDE, Bounds, Extremes
from monitor.domain.times import SECOND
from tests.unit.alert_oracle import Oracle, Report

NOW = 450_000 * HOUR
CPU = Policy(metric="cpu", kind=RANGE, days=1, beyond=0.1)
USUAL = {-hour: (40.0, 60.0) for hour in range(7, 31)}
"""A day, that ended six hours ago."""


def knowing(hours: dict[int, tuple[float, float]], policy: Policy = CPU) -> Range:
    found = Range(policy)
    found.learn_hours([Extremes(NOW + place * HOUR, *extremes) for place, extremes in sorted(hours.items())])
    return found


@pytest.mark.parametrize(
    ("value", "compared"),
    [
        (40.0, INSIDE),
        (60.0, INSIDE),
        (60.01, NEAR),
        (62.0, NEAR),
        (62.01, OUTSIDE),
        (39.99, NEAR),
        (38.0, NEAR),
        (37.99, OUTSIDE),
    ],
)
def test_it_is_outside_by_more_than_a_tenth_of_the_span(value, compared):
    seen = knowing(USUAL)
    prediction = seen.see(NOW, value)
    assert prediction.bounds == Bounds(40.0, 60.0, 38.0, 62.0)
    assert prediction.compared == compared
    least, greatest = seen.usual
    assert (least <= value <= greatest) is (compared != OUTSIDE)


def test_bounds_are_decimals():
    assert knowing(dict.fromkeys(USUAL, (0.1, 0.3))).see(NOW, 0.32).compared == NEAR
    assert knowing(dict.fromkeys(USUAL, (0.1, 0.3))).see(NOW, 0.08).compared == NEAR


def test_what_never_changes_may_not_change():
    seen = knowing(dict.fromkeys(USUAL, (1.0, 1.0)))
    assert [seen.see(NOW, value).compared for value in (1.0, 0.0)] == [INSIDE, OUTSIDE]


def test_half_of_the_hours_have_to_have_samples():
    assert knowing({-hour: (1.0, 2.0) for hour in range(7, 19)}).see(NOW, 1.0).compared == INSIDE
    assert isnan(knowing({-hour: (1.0, 2.0) for hour in range(7, 18)}).see(NOW, 1.0).compared)


@pytest.mark.parametrize("hour", [0, -1, -6, -31])
def test_the_newest_hours_and_those_before_the_days_do_not_count(hour):
    assert knowing(USUAL | {hour: (0.0, 100.0)}).see(NOW, 80.0).compared == OUTSIDE


@pytest.mark.parametrize("hour", [-7, -30])
def test_all_others_do(hour):
    assert knowing(USUAL | {hour: (0.0, 100.0)}).see(NOW, 80.0).compared == INSIDE


values = st.sampled_from([38.0, 39.99, 40.0, 50.0, 60.0, 60.01, 62.0, 62.01, 0.0])


@given(st.lists(st.tuples(st.sampled_from([900, 1800, 3600, 9000, 90_000]), values), max_size=60))
def test_it_is_the_range_of_the_whole_past(course):
    seen, oracle, at = Range(CPU), Oracle(CPU), NOW
    for step, value in course:
        at += step * SECOND
        oracle.sees(Report(at, value))
        prediction, known = seen.see(at, value), oracle.ranges[at]
        assert (None if prediction.bounds is None else prediction.bounds[:2]) == (known and tuple(map(float, known)))
        assert isnan(prediction.compared) is (known is None)


def test_a_copy_goes_its_own_way():
    seen = knowing(USUAL)
    other = seen.copy()
    other.see(NOW + 9 * HOUR, 100.0)
    assert seen.see(NOW, 80.0).compared == OUTSIDE


def fed(policy: Policy, course: list[float]) -> list[Event]:
    """The events of one value after another, 15 s apart."""
    seen, state, events, rule = knowing(USUAL, policy), State(), [], policy.rule
    for place, value in enumerate(course):
        at = NOW + 15 * place * SECOND
        prediction = seen.see(at, value)
        state, event = observe(rule, state, at, value, 45 * SECOND, prediction.compared, prediction.middle)
        if event is not None:
            events.append(prediction.explained(event, policy)._replace(at=place))
    return [*events, *([] if state.worst is None else [Event(Change.FIRED, state.level, -1, state.worst)])]


AT_ONCE = replace(CPU, sustained_for=timedelta(0), clear_for=timedelta(0))


def test_it_fires_on_either_side_and_resolves_within():
    fired, resolved, worst = fed(AT_ONCE, [50, 63, 61, 70, 33, 39, 60])
    assert fired == Event(Change.FIRED, Level.WARNING, 1, 63, threshold=62.0)
    assert resolved == Event(Change.RESOLVED, Level.WARNING, 6, 60)
    assert worst.value == 70, "33 is no further from the middle"
    assert fed(AT_ONCE, [50, 37])[0].threshold == 38.0


def test_its_level_is_chosen():
    [fired, _] = fed(replace(AT_ONCE, level=Level.CRITICAL), [99])
    assert fired.level is Level.CRITICAL


def test_what_is_unknown_interrupts_runs_and_holds_what_fires():
    rule = AT_ONCE.rule
    firing = State(Level.WARNING, 0, 0, worst=70.0, worst_at=0)
    state, event = observe(rule, firing, SECOND, 99.0, 45 * SECOND, nan, nan)
    assert (state, event) == (State(Level.WARNING, SECOND, worst=70.0, worst_at=0), None)


@pytest.mark.parametrize("extreme", [inf, 1.7e308])
def test_values_at_the_end_of_what_a_float_holds_are_no_error(extreme):
    seen = knowing(dict.fromkeys(USUAL, (-1.7e308, extreme)))
    compared = seen.see(NOW, 1.0).compared
    assert compared in (INSIDE, NEAR) or isnan(compared)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"days": 0}, {"days": "out_of_range"}),
        ({"days": 31}, {"days": "out_of_range"}),
        ({"beyond": -0.1}, {"beyond": "out_of_range"}),
        ({"beyond": nan}, {"beyond": "out_of_range"}),
        ({"warning": 70.0}, {"warning": "not_for_ranges"}),
        ({"direction": Direction.BELOW}, {"direction": "not_for_ranges"}),
        ({"clear_margin": 5.0}, {"clear_margin": "not_for_ranges"}),
        ({"sustained_for": timedelta(hours=7)}, {"sustained_for": "out_of_range"}),
        ({"over": timedelta(hours=7)}, {"over": "of_another_kind"}),
        ({"metric": "check_in"}, {"kind": "needs_samples"}),
    ],
)
def test_what_makes_no_sense_is_refused(changes, problems):
    with pytest.raises(InvalidInput) as refused:
        replace(CPU, **changes)
    assert {name: problem.code for name, problem in refused.value.problems.items()} == problems


def test_a_range_spans_a_week_and_warns_by_default():
    policy = Policy(metric="load1", kind=RANGE)
    assert (policy.days, policy.beyond, policy.level, policy.thresholds) == (7, 0.5, Level.WARNING, [])
