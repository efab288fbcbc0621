"""How far back a value must come: the default of each metric and thresholds, and what can never be reached."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.engine import State, observe
from monitor.domain.errors import InvalidInput
from monitor.domain.intake.metrics import is_percent
from monitor.domain.policies.changing import changed, checked_policy
from monitor.domain.policies.check_policies import default_policies
from monitor.domain.policies.comparing import can_clear, default_clear_margin
from monitor.domain.policies.policies import OFFLINE, Direction, Policy
from monitor.domain.times import SECOND

METRICS = ("cpu", "disk:/var", "swap", "load1", "net_rx", "temperature", "queue", "battery")
ends = st.sampled_from([0.0, 5e-324, 0.1, 4.99, 5.0, 5.01, 94.99, 95.0, 95.01, 99.99999999999999, 100.0, 101.0])
numbers = ends | st.floats(0, 100) | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """With a margin by default."""
    metric, direction = draw(st.sampled_from(METRICS)), draw(st.sampled_from(Direction))
    one, other = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
    warning, critical = (one, other) if direction is Direction.ABOVE else (other, one)
    left_out = draw(st.sampled_from(["", "warning", "critical"]))
    return Policy(
        metric=metric,
        direction=direction,
        warning=None if left_out == "warning" else warning,
        critical=None if left_out == "critical" else critical,
    )


def refused(policy: Policy) -> dict[str, str]:
    try:
        checked_policy(policy)
    except InvalidInput as error:
        return {name: problem.code for name, problem in error.problems.items()}
    return {}


@given(policies())
def test_the_default_margin_can_always_clear(policy: Policy) -> None:
    """Except for a threshold that every value is at or beyond: there even a margin of 0 would not clear."""
    above = policy.direction is Direction.ABOVE
    any_could = can_clear(policy.metric, policy.thresholds, 0.0, above=above)
    assert can_clear(policy.metric, policy.thresholds, policy.clear_margin, above=above) == any_could
    assert "clear_margin" not in refused(policy)


within = st.floats(0, 100) | ends.filter(lambda value: value <= 100)


@given(
    st.sampled_from([("cpu", Direction.ABOVE, 0.0), ("cpu", Direction.BELOW, 100.0), ("load1", Direction.ABOVE, 0.0)]),
    within,
    within,
)
def test_a_margin_is_refused_where_even_the_best_value_resolves_nothing(best_of, threshold, margin) -> None:
    metric, direction, best = best_of
    policy = Policy(
        metric=metric,
        direction=direction,
        critical=threshold,
        clear_margin=margin,
        sustained_for=timedelta(0),
        clear_for=timedelta(0),
    )
    rule = policy.rule
    state, fired = observe(rule, State(), 0, threshold, 45 * SECOND)
    _, resolved = observe(rule, state, 15 * SECOND, best, 45 * SECOND)
    assert fired is not None
    assert refused(policy) == ({"clear_margin": "never_clears"} if margin and resolved is None else {})


@given(policies().filter(lambda policy: is_percent(policy.metric)))
def test_percents_take_thresholds_of_0_to_100(policy: Policy) -> None:
    outside = {
        name: "out_of_range"
        for name in ("warning", "critical")
        if getattr(policy, name) is not None and not 0 <= getattr(policy, name) <= 100
    }
    assert refused(policy) == outside


@given(policies().filter(lambda policy: not is_percent(policy.metric)))
def test_metrics_that_are_no_percentage_take_any_threshold(policy: Policy) -> None:
    assert refused(policy) == {}


@pytest.mark.parametrize(
    ("metric", "warning", "critical", "direction", "margin"),
    [
        ("cpu", 70, 85, "above", 5.0),
        ("disk:/var", None, 95, "above", 5.0),
        ("swap", 5.01, None, "above", 5.0),
        ("cpu", 5, 50, "above", 2.5),
        ("cpu", 0, 50, "above", 0.0),
        ("memory", 20, 10, "below", 5.0),
        ("memory", 98, 10, "below", 1.0),
        ("load1", 2, 4, "above", 0.2),
        ("load1", 0.1, 0.4, "above", 0.03),
        ("load1", None, 4, "above", 0.4),
        ("load1", 1, 100, "above", 0.5),
        ("net_rx", 2e6, None, "above", 2e5),
        ("temperature", -10, None, "below", 1.0),
        ("temperature", -10, 30, "above", 4.0),
        ("queue", 1, 100, "above", 9.9),
        ("queue", 0, None, "above", 0.0),
        (OFFLINE, None, None, "above", 0.0),
    ],
)
def test_the_default_margin(metric, warning, critical, direction, margin) -> None:
    policy = Policy(metric=metric, warning=warning, critical=critical, direction=Direction(direction))
    assert policy.clear_margin == margin


def test_a_default_is_found_where_the_thresholds_are_no_numbers() -> None:
    """A Policy says what is wrong with them, and nothing else happens first."""
    with pytest.raises(InvalidInput):
        Policy(metric="load1", warning=float("nan"), critical=float("inf"))
    assert default_clear_margin("load1", [-1.7e308, 1.7e308], above=True) == 0.0


def test_a_fresh_database_s_policies_are_sensible() -> None:
    assert [checked_policy(policy) for policy in default_policies()] == default_policies()


LOAD = Policy(metric="load1", warning=2.0, critical=4.0)


def test_a_change_keeps_the_margin_while_something_can_clear_it() -> None:
    assert changed(LOAD, warning=1.0).clear_margin == 0.2
    assert changed(LOAD, warning=0.1).clear_margin == 0.05
    assert changed(replace(LOAD, clear_margin=1.5), metric="processes").clear_margin == 1.5
    assert changed(LOAD, metric=OFFLINE, warning=None, critical=None).clear_margin == 0.2
    assert changed(Policy(metric="cpu", warning=70), metric="load1", warning=2.0).clear_margin == 0.2
    with pytest.raises(InvalidInput, match="clear_margin: never_clears"):
        changed(LOAD, clear_margin=2.0)


def test_a_policy_that_breaks_the_rules_can_still_be_disabled() -> None:
    beyond, stuck = Policy(metric="cpu", critical=101.0), replace(LOAD, clear_margin=5.0)
    assert changed(beyond, enabled=False) == replace(beyond, enabled=False)
    assert changed(stuck, enabled=False) == replace(stuck, enabled=False)
    with pytest.raises(InvalidInput, match="critical: out_of_range"):
        changed(beyond, warning=70.0)
    assert changed(stuck, critical=5.0).clear_margin == pytest.approx(0.3)
