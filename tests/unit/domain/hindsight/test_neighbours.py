"""The policies that a backtest tries: each differs from the policy in one value."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.hindsight.neighbours import SHIFTS, Neighbour, neighbours
from monitor.domain.intake.metrics import bounds, is_percent
from monitor.domain.policies.changing import checked_policy
from monitor.domain.policies.policies import OFFLINE, Direction, Policy

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


VARIED = ("warning", "critical", "sustained_for", "clear_margin")


def varied(policy: Policy, other: Policy) -> list[str]:
    names = [field.name for field in fields(Policy)]
    return [name for name in names if getattr(policy, name) != getattr(other, name)]


def of(name: str, found: list[Neighbour]) -> list[float]:
    """The values that are tried of one field, with the policy's own, ascending."""
    policy = found[0].policy
    return sorted(getattr(each, name) for each, steps in found if not steps or varied(policy, each) == [name])


@given(policies(), seen)
def test_the_policy_itself_comes_first_and_each_other_varies_one_thing(policy, seen) -> None:
    first, *others = neighbours(policy, seen)
    assert first == (policy, 0)
    changes = [(name, getattr(each, name)) for each, _ in others for name in varied(policy, each)]
    assert len(changes) == len(others) == len(set(changes))
    assert {name for name, _ in changes} <= set(VARIED)


@given(policies(), seen)
def test_only_policies_that_could_be_stored_are_tried(policy, seen) -> None:
    low, high = bounds(policy.metric)
    for each, _ in neighbours(policy, seen)[1:]:
        assert all(low <= value <= high for value in each.thresholds)
        assert checked_policy(each) == each


@given(policies(), seen)
def test_steps_count_the_neighbours_in_between(policy, seen) -> None:
    found = neighbours(policy, seen)
    for each, steps in found[1:]:
        (name,) = varied(policy, each)
        values = of(name, found)
        assert abs(values.index(getattr(each, name)) - values.index(getattr(policy, name))) == steps


def test_those_of_a_usual_policy() -> None:
    found = neighbours(CPU, None)
    assert of("warning", found) == [60, 65, 67, 68, 69, 70, 71, 72, 73, 75, 80]
    assert of("critical", found) == [75, 80, 82, 83, 84, 85, 86, 87, 88, 90, 95]
    minutes = [span / timedelta(minutes=1) for span in of("sustained_for", found)]  # type: ignore[operator]
    assert minutes == [1, 2, 3, 5, 10, 15, 30, 60]
    assert of("clear_margin", found) == [1, 2, 3, 5, 7, 10, 15]


def test_margins_of_other_metrics_are_parts_of_the_margin() -> None:
    disk = Policy(metric="disk_read", critical=1e6)
    assert of("clear_margin", neighbours(disk, None)) == [0, 5e4, 1e5, 1.5e5, 2e5, 3e5]
    assert of("clear_margin", neighbours(replace(disk, clear_margin=0.0), (0.0, 1e6))) == [0, 1e4, 2e4, 5e4]


def test_a_neighbour_that_the_margin_does_not_suit_is_left_out() -> None:
    narrow = Policy(metric="cpu", warning=10.0, clear_margin=8.0)
    assert of("warning", neighbours(narrow, None))[0] == 9
    assert of("clear_margin", neighbours(narrow, None))[-1] == 8


@given(policies().filter(lambda policy: is_percent(policy.metric)), seen)
def test_percents_are_moved_by_whole_points_whatever_was_seen(policy, seen) -> None:
    found = neighbours(policy, seen)
    assert found == neighbours(policy, None)
    for name in ("warning", "critical"):
        shifts = [getattr(each, name) - getattr(policy, name) for each, _ in found if getattr(each, name) is not None]
        assert all(abs(shift - round(shift)) < 1e-9 and round(shift) in {0, *SHIFTS} for shift in shifts)


@given(policies(), seen, st.sampled_from([1.5, -3.0, 101.0]))
def test_a_stored_one_that_is_out_of_range_is_among_them_still(policy, seen, outside) -> None:
    """It may have been stored when that was allowed."""
    policy = replace(policy, warning=None, critical=outside)
    assert neighbours(policy, seen)[0].policy == policy


def test_percents_stay_within_their_range() -> None:
    assert of("critical", neighbours(replace(CPU, warning=85.0, critical=95.0), None))[-1] == 100
    assert of("warning", neighbours(Policy(metric="cpu", warning=3.0, clear_margin=0.0), None))[0] == 0


def test_a_small_value_is_moved_by_steps_of_its_range() -> None:
    found = neighbours(LOAD, (0.0, 6.0))
    assert of("warning", found) == [1.5, 1.75, 1.85, 1.9, 1.95, 2.0, 2.05, 2.1, 2.15, 2.25, 2.5]
    assert of("critical", found) == [3.5, 3.75, 3.85, 3.9, 3.95, 4.0, 4.05, 4.1, 4.15, 4.25, 4.5]


@pytest.mark.parametrize(
    ("policy", "seen", "least", "most"),
    [
        (LOAD, (0.0, 900.0), 1.0, 3.0),  # one outlier: half of the smaller threshold either way
        (LOAD, None, 1.5, 2.5),
        (LOAD, (4.0, 4.0), 1.8, 2.2),
        (Policy(metric="net_rx", warning=2e6), None, 1.8e6, 2.2e6),
        (Policy(metric="net_rx", warning=2e6), (0.0, 5e8), 1e6, 3e6),
        (Policy(metric="temperature", warning=0.0), (-20.0, 20.0), -5.0, 5.0),
        (Policy(metric="temperature", warning=0.0), None, -10.0, 10.0),
        (Policy(metric="processes", warning=0.0), (0.0, 400.0), 0.0, 50.0),
        (Policy(metric="queue", warning=0.3), (0.1, 0.1), 0.28, 0.32),
    ],
)
def test_they_reach_up_to_a_limit(policy, seen, least, most) -> None:
    found = of("warning", neighbours(policy, seen))
    assert (found[0], found[-1]) == (least, most)


def test_the_offline_policy_has_no_neighbours() -> None:
    assert neighbours(Policy(metric=OFFLINE), None) == []
