"""What fails together in simulated fleets is one incident, and its cause is right."""

from collections import Counter
from collections.abc import Callable

import pytest

from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import CauseKind, Group
from tests.unit.domain.incidents.fleets import DATABASE, FIRST_SWITCH, RACKS, Failure, Fleet, incidents, messages

SEEDS, PARTS = 200, 8


def a_rack(fleet: Fleet) -> Failure:
    return Failure(Group(CauseKind.TAG, f"rack-{fleet.random.randrange(RACKS)}"), lasts=15)


def a_switch(fleet: Fleet) -> Failure:
    switch = ServerId(FIRST_SWITCH + fleet.random.randrange(RACKS // 4))
    return Failure(Group(CauseKind.SERVER, str(switch)), lasts=20, parent_id=switch)


def a_database(fleet: Fleet) -> Failure:
    return Failure(Group(CauseKind.SERVER, str(DATABASE)), lasts=60, parent_id=DATABASE)


def a_release(fleet: Fleet) -> Failure:
    return Failure(Group(CauseKind.TAG, f"v{fleet.random.randrange(12)}"), lasts=180)


def a_coincidence(fleet: Fleet) -> Failure:
    return Failure(None, lasts=300)


def outcome(choose: Callable[[Fleet], Failure], seed: int) -> str:
    fleet = Fleet(seed)
    failure = choose(fleet)
    sick = fleet.sick(failure)
    found = incidents(fleet, fleet.alerts(failure, sick))
    named = {each.cause.group for each in found.values() if each.cause is not None}
    if failure.group is None:
        return "wrong" if named else "right"
    if named - {failure.group}:
        return "wrong"
    most = max(found.values(), key=lambda each: len(each.hosts))
    return "right" if most.cause is not None and most.hosts >= {*sick} else "none"


@pytest.mark.nightly(each=True)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("choose", [a_rack, a_switch, a_database, a_release, a_coincidence])
def test_what_fails_together_is_one_incident_of_the_right_cause(choose: Callable[[Fleet], Failure], part: int) -> None:
    """A part of the seeds; in none of them is a cause wrong."""
    outcomes = Counter(outcome(choose, seed) for seed in range(part, SEEDS, PARTS))
    assert outcomes["right"] >= 0.95 * outcomes.total()
    assert outcomes["wrong"] == 0


@pytest.mark.nightly(each=True)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    ("choose", "mostly", "rarely"), [(a_rack, 2, 3), (a_switch, 2, 3), (a_database, 3, 6), (a_release, 7, 11)]
)
def test_a_person_gets_few_messages_of_it(
    choose: Callable[[Fleet], Failure], mostly: int, rarely: int, part: int
) -> None:
    """Up to its end, and all of one level: two in each minute in which hosts join. Coincidences
    are exempt: they are as many incidents as hosts. What befell some hosts before by coincidence may become part of it:
    *rarely* as many messages."""
    counts = Counter[int]()
    for seed in range(part, SEEDS, PARTS):
        fleet = Fleet(seed)
        failure = choose(fleet)
        counts[len(messages(fleet, fleet.alerts(failure, fleet.sick(failure))))] += 1
    assert max(counts) <= rarely
    assert sum(n for count, n in counts.items() if count <= mostly) >= 0.8 * counts.total()
