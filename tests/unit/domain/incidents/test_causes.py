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
    related,
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


@pytest.mark.parametrize(("tag", "count", "is_related"), [("v3", 5, True), ("v3", 3, False), ("web", 5, False)])
def test_few_of_a_group_are_related_if_chance_hardly_explains_it(tag: str, count: int, is_related: bool) -> None:
    """Hosts of different racks: one in twelve has the release, one in four the role."""
    groups = Fleet(1).groups
    own = [each for each, held in groups.items() if Group(CauseKind.TAG, tag) in held]
    sick = {*own[:: len(own) // count][:count]}
    assert ([], sorted(sick)) == causes(groups, sick)
    assert ([sick] if is_related else []) == related(groups, sick)


def test_hardly_anything_is_related_by_coincidence() -> None:
    fleets = [Fleet(seed) for seed in range(40)]
    found = [related(fleet.groups, {*fleet.random.sample([*fleet.groups], 40)}) for fleet in fleets]
    assert not any(found)


def test_in_a_small_fleet_too_little_says_what_is_related() -> None:
    groups: Groups = {ServerId(n): {Group(CauseKind.TAG, "a" if n <= 5 else "b")} for n in range(1, 26)}
    assert [] == related(groups, {ServerId(1), ServerId(2), ServerId(3)})


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
