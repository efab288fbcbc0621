"""Causes, and what holds for all fleets."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.fleet.servers import ServerId, network_of
from monitor.domain.incidents.causes import (
    LEAST_SHARE,
    LEAST_SICK,
    CauseKind,
    Group,
    Groups,
    causes,
)
from tests.unit.domain.incidents.fleets import Fleet


def test_where_all_are_sick_nothing_in_particular_is_the_cause() -> None:
    fleet = Fleet(1)
    assert ([], sorted(fleet.groups)) == causes(fleet.groups, fleet.groups)


def test_it_says_who_is_healthy() -> None:
    groups: Groups = {
        ServerId(number): {Group(CauseKind.TAG, "rack-7" if number <= 5 else "rack-8")} for number in range(1, 11)
    }
    [cause], rest = causes(groups, {ServerId(1), ServerId(2), ServerId(4), ServerId(5)})
    assert (Group(CauseKind.TAG, "rack-7"), (1, 2, 4, 5), (3,), []) == (cause.group, cause.sick, cause.healthy, rest)


def test_what_has_another_trouble_is_neither_sick_nor_healthy() -> None:
    groups: Groups = {ServerId(n): {Group(CauseKind.TAG, "a" if n <= 5 else "b")} for n in range(1, 11)}
    [cause], rest = causes(groups, {ServerId(1), ServerId(2), ServerId(3)}, {ServerId(3), ServerId(4), ServerId(5)})
    assert ((1, 2, 3), (), []) == (cause.sick, cause.healthy, rest)
    assert ([], [1, 2]) == causes(groups, {ServerId(1), ServerId(2)}, {ServerId(3), ServerId(4), ServerId(5)})


def test_two_causes_at_once_are_two() -> None:
    groups = Fleet(3).groups
    racks = {Group(CauseKind.TAG, "rack-3"), Group(CauseKind.TAG, "rack-30")}
    found, rest = causes(groups, {each for each, own in groups.items() if racks & own})
    assert ({"rack-3", "rack-30"}, []) == ({each.group.value for each in found}, rest)


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8::5:1", "2001:db8::/64"), ("2001:db8:0:1::5", "2001:db8:0:1::/64")],
)
def test_networks(address: str, network: str) -> None:
    assert network == network_of(address)


GROUP = st.builds(Group, st.sampled_from(CauseKind), st.sampled_from(["a", "b", "c", "d"]))
FLEETS = st.lists(st.frozensets(GROUP, max_size=4), min_size=1, max_size=30).map(
    lambda each: {ServerId(number): groups for number, groups in enumerate(each, 1)}
)


@given(FLEETS, st.sets(st.integers(1, 35).map(ServerId)))
def test_no_cause_is_contradicted_by_healthy_hosts(groups: Groups, sick: set[ServerId]) -> None:
    found, rest = causes(groups, sick)
    explained = [each for cause in found for each in cause.sick]
    assert sorted([*explained, *rest]) == sorted(sick & groups.keys())  # each once
    for cause in found:
        members = {each for each, held in groups.items() if cause.group in held}
        assert len(cause.sick) >= LEAST_SICK
        assert len(cause.sick) >= LEAST_SHARE * len(members)
        assert {*cause.healthy} == members - sick
        outside = len(sick & groups.keys() - members) / max(1, len(groups) - len(members))
        assert len(members & sick) / len(members) >= min(outside, LEAST_SHARE)


@given(FLEETS, st.sets(st.integers(1, 30).map(ServerId)), st.randoms(use_true_random=False))
def test_the_order_of_hosts_changes_nothing(groups: Groups, sick: set[ServerId], random: Random) -> None:
    shuffled = list(groups.items())
    random.shuffle(shuffled)
    assert causes(groups, sick) == causes(dict(shuffled), sick)
