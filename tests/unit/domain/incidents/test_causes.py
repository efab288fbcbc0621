"""Causes in simulated fleets of a thousand hosts in forty racks, and what holds for all fleets."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import (
    LEAST_SHARE,
    LEAST_SICK,
    CauseKind,
    Group,
    Groups,
    causes,
    groups_of,
    network_of,
)

SEEDS = 200
RACKS, IN_RACK = 40, 25
DATABASE, SWITCH_OF_RACK = 900_001, 800_000


class Fleet:
    """Racks are tags; four hang on a switch; a fifth of the hosts uses a database; releases are tags too."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.groups: dict[ServerId, set[Group]] = {}
        for number in range(RACKS * IN_RACK):
            rack = number // IN_RACK
            tags = [f"rack-{rack}", random.choice(["web", "api", "batch", "cache"]), f"v{random.randrange(12)}"]
            parents = [(CauseKind.SERVER, SWITCH_OF_RACK + rack // 4)]
            if random.random() < 0.2:
                parents.append((CauseKind.SERVER, DATABASE))
            address = f"10.0.{rack // 2}.{number % 250 + 1}"
            self.groups[ServerId(number + 1)] = groups_of(tags, address, parents)

    def of(self, group: Group) -> list[ServerId]:
        return [server_id for server_id, groups in self.groups.items() if group in groups]

    def some(self, server_ids: list[ServerId], least: float) -> set[ServerId]:
        """Most of them: some survive."""
        lost = self.random.uniform(least, 1)
        return {each for each in server_ids if self.random.random() < lost}

    def coincidence(self) -> set[ServerId]:
        return {*self.random.sample(list(self.groups), self.random.randrange(0, 8))}


def a_rack(fleet: Fleet) -> Group:
    return Group(CauseKind.TAG, f"rack-{fleet.random.randrange(RACKS)}")


def a_switch(fleet: Fleet) -> Group:
    return Group(CauseKind.SERVER, str(SWITCH_OF_RACK + fleet.random.randrange(RACKS // 4)))


def a_database(fleet: Fleet) -> Group:
    return Group(CauseKind.SERVER, str(DATABASE))


def a_release(fleet: Fleet) -> Group:
    return Group(CauseKind.TAG, f"v{fleet.random.randrange(12)}")


@pytest.mark.parametrize("choose", [a_rack, a_switch, a_database, a_release])
def test_the_cause_of_what_falls_together_is_found(choose: Callable[[Fleet], Group]) -> None:
    """Beside hosts that fall by coincidence."""
    outcomes: Counter[str] = Counter()
    for seed in range(SEEDS):
        fleet = Fleet(Random(seed))  # noqa: S311 (no secret)
        cause = choose(fleet)
        sick = fleet.some(fleet.of(cause), 0.9) | fleet.coincidence()
        found, _ = causes(fleet.groups, sick)
        outcomes["right" if found and found[0].group == cause else "wrong" if found else "none"] += 1
    assert outcomes["right"] >= 0.95 * SEEDS
    assert outcomes["wrong"] <= 0.01 * SEEDS


def test_a_coincidence_has_no_cause() -> None:
    named = 0
    for seed in range(SEEDS):
        fleet = Fleet(Random(seed))  # noqa: S311 (no secret)
        found, rest = causes(fleet.groups, {*fleet.random.sample(list(fleet.groups), 40)})
        named += bool(found)
        assert len(rest) + sum(len(each.sick) for each in found) == 40
    assert named <= 0.01 * SEEDS


def test_where_all_are_sick_nothing_in_particular_is_the_cause() -> None:
    fleet = Fleet(Random(1))  # noqa: S311 (no secret)
    assert ([], sorted(fleet.groups)) == causes(fleet.groups, fleet.groups)


def test_it_says_who_is_healthy() -> None:
    groups: Groups = {
        ServerId(number): {Group(CauseKind.TAG, "rack-7" if number <= 5 else "rack-8")} for number in range(1, 11)
    }
    [cause], rest = causes(groups, {ServerId(1), ServerId(2), ServerId(4), ServerId(5)})
    assert (Group(CauseKind.TAG, "rack-7"), (1, 2, 4, 5), (3,), []) == (cause.group, cause.sick, cause.healthy, rest)


def test_two_causes_at_once_are_two() -> None:
    fleet = Fleet(Random(3))  # noqa: S311 (no secret)
    sick = {*fleet.of(Group(CauseKind.TAG, "rack-3")), *fleet.of(Group(CauseKind.TAG, "rack-30"))}
    found, rest = causes(fleet.groups, sick)
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
