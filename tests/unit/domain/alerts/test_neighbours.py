"""The other thresholds that a backtest tries."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.backtest import SHIFTS, neighbours
from monitor.domain.alerts.policies import OFFLINE, Direction, Policy, checked_policy
from monitor.domain.intake.metrics import bounds, is_percent

CPU = Policy(metric="cpu", warning=70.0, critical=85.0)
LOAD = Policy(metric="load1", warning=2.0, critical=4.0)
METRICS = ("cpu", "disk:/var", "swap", "load1", "net_rx", "temperature", "queue")

anything = st.floats(allow_nan=False, allow_infinity=False)
usual = st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.0, 4.0, 70.0, 95.0, 99.5, 100.0, 2e6]) | st.floats(0, 100)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    metric, direction = draw(st.sampled_from(METRICS)), draw(st.sampled_from(Direction))
    low, high = bounds(metric)
    values = (usual | anything).filter(lambda value: low <= value <= high)
    mild, grave = sorted(draw(st.lists(values, min_size=2, max_size=2, unique=True)))
    if direction is Direction.BELOW:
        mild, grave = grave, mild
    keeps = draw(st.sampled_from(["both", "warning", "critical"]))
    return Policy(
        metric=metric,
        direction=direction,
        warning=None if keeps == "critical" else mild,
        critical=None if keeps == "warning" else grave,
    )


seen = st.none() | st.tuples(usual | anything, usual | anything).map(lambda pair: (min(pair), max(pair)))


def thresholds(found: list[Policy]) -> list[tuple[float | None, float | None]]:
    return [(policy.warning, policy.critical) for policy in found]


@given(policies(), seen)
def test_the_policy_itself_is_among_them_once(policy, seen) -> None:
    found = neighbours(policy, seen)
    assert found.count(policy) == 1
    assert len(set(thresholds(found))) == len(found) <= len(SHIFTS)


@given(policies(), seen)
def test_they_are_in_order_and_within_the_range_of_the_metric(policy, seen) -> None:
    """A policy whose critical does not lie beyond its warning can't be made at all."""
    low, high = bounds(policy.metric)
    for each in neighbours(policy, seen):
        assert all(low <= value <= high for value in each.thresholds)
        assert checked_policy(each) == each
        kept = {name: getattr(policy, name) for name in ("warning", "critical", "clear_margin")}
        assert replace(each, **kept) == policy


def test_a_default_margin_is_each_neighbours_own_and_a_chosen_one_is_kept() -> None:
    disk = Policy(metric="disk_read", critical=1e6)
    assert {each.clear_margin / each.thresholds[0] for each in neighbours(disk, None)} == {0.1}
    assert {each.clear_margin for each in neighbours(replace(disk, clear_margin=5.0), None)} == {5.0}


def test_a_neighbour_that_the_margin_does_not_suit_is_left_out() -> None:
    narrow = Policy(metric="cpu", warning=10.0, clear_margin=8.0)
    assert min(thresholds(neighbours(narrow, None))) == (9.0, None)


@given(policies().filter(lambda policy: is_percent(policy.metric)), seen)
def test_percents_are_moved_by_whole_points_whatever_was_seen(policy, seen) -> None:
    found = neighbours(policy, seen)
    assert found == neighbours(policy, None)
    for name in ("warning", "critical"):
        shifts = [getattr(each, name) - getattr(policy, name) for each in found if getattr(each, name) is not None]
        assert all(abs(shift - round(shift)) < 1e-9 and round(shift) in SHIFTS for shift in shifts)


@given(policies(), seen, st.sampled_from([1.5, -3.0, 101.0]))
def test_a_stored_one_that_is_out_of_range_is_among_them_still(policy, seen, outside) -> None:
    """It may have been stored when that was allowed."""
    policy = replace(policy, warning=None, critical=outside)
    assert neighbours(policy, seen).count(policy) == 1


def test_points_of_a_percent() -> None:
    assert thresholds(neighbours(CPU, (3.0, 99.0))) == [(70.0 + by, 85.0 + by) for by in SHIFTS]
    assert max(thresholds(neighbours(replace(CPU, warning=85.0, critical=95.0), None))) == (90.0, 100.0)
    assert min(thresholds(neighbours(Policy(metric="cpu", warning=3.0, critical=6.5), None))) == (0.0, 3.5)


def test_a_small_value_is_moved_by_steps_of_its_range() -> None:
    assert thresholds(neighbours(LOAD, (0.0, 6.0))) == [
        *[(1.5, 3.5), (1.75, 3.75), (1.85, 3.85), (1.9, 3.9), (1.95, 3.95), (2.0, 4.0)],
        *[(2.05, 4.05), (2.1, 4.1), (2.15, 4.15), (2.25, 4.25), (2.5, 4.5)],
    ]


@pytest.mark.parametrize(
    ("policy", "seen", "least", "most"),
    [
        (LOAD, (0.0, 900.0), (1.0, 3.0), (3.0, 5.0)),  # one outlier: half of the smaller threshold either way
        (LOAD, None, (1.5, 3.5), (2.5, 4.5)),
        (LOAD, (4.0, 4.0), (1.8, 3.8), (2.2, 4.2)),
        (Policy(metric="net_rx", critical=2e6), None, (None, 1.8e6), (None, 2.2e6)),
        (Policy(metric="net_rx", critical=2e6), (0.0, 5e8), (None, 1e6), (None, 3e6)),
        (Policy(metric="temperature", warning=0.0), (-20.0, 20.0), (-5.0, None), (5.0, None)),
        (Policy(metric="temperature", warning=0.0), None, (-10.0, None), (10.0, None)),
        (Policy(metric="processes", warning=0.0), (0.0, 400.0), (0.0, None), (50.0, None)),
        (Policy(metric="queue", critical=0.3), (0.1, 0.1), (None, 0.28), (None, 0.32)),
    ],
)
def test_they_reach_up_to_a_limit(policy, seen, least, most) -> None:
    found = thresholds(neighbours(policy, seen))
    assert (found[0], found[-1]) == (least, most)


def test_the_offline_policy_has_no_neighbours() -> None:
    assert neighbours(Policy(metric=OFFLINE), None) == []
