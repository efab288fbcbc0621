"""What was down together suggests what depends on what."""

from graphlib import CycleError, TopologicalSorter
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.suggestions import LASTS, MOST_AT_ONCE, Outage, Suggestion, suggested
from monitor.domain.times import SECOND

DAY = 86_400 * SECOND
SWITCH, WEB, DB = map(ServerId, (1, 2, 3))
PAGES = 2


def down(server_id: int, day: int, after: int = 0, lasts: int = 600, **more: bool) -> Outage:
    """It begins *after* so many seconds of a *day*."""
    began = day * DAY + after * SECOND
    return Outage(ServerId(server_id), began, began + lasts * SECOND, PAGES, **more)


def find(*outages: Outage, known: dict[ServerId, list[ServerId]] | None = None) -> list[Suggestion]:
    return suggested(outages, known or {}, {})


def rack(days: int, *hosts: int, lasts: int = 300) -> list[Outage]:
    """The switch is down on each of *days*, and these hosts with it, a minute later."""
    return [down(SWITCH, day) for day in range(days)] + [
        down(host, day, 60, lasts) for day in range(days) for host in hosts
    ]


def test_hosts_depend_on_the_switch_that_they_fall_with() -> None:
    own = [down(WEB, 20), down(DB, 30)]  # of their own: nothing falls with them
    assert [(each.child, each.parent) for each in find(*rack(9, WEB, DB), *own)] == [(WEB, SWITCH), (DB, SWITCH)]
    assert find(*rack(9, WEB, DB), *own)[0] == Suggestion(WEB, SWITCH, 9, 1, 9 * PAGES, 0)


@pytest.mark.parametrize(
    ("after", "lasts", "together"),
    [(120, 300, 3), (121, 300, 0), (-120, 300, 3), (-120, 119, 0), (-120, 120, 3), (-121, 300, 0)],
)
def test_they_begin_within_two_minutes_and_are_down_at_the_same_time(after: int, lasts: int, together: int) -> None:
    found = find(*rack(3), *(down(WEB, day, after, lasts) for day in range(3)))
    assert [each.together for each in found] == ([together] if together else [])


@pytest.mark.parametrize(("days", "alone", "is_found"), [(2, 0, False), (3, 0, True), (4, 1, True), (3, 1, False)])
def test_a_pair_needs_three_times_and_four_of_five(days: int, alone: int, is_found: bool) -> None:
    parts = [down(SWITCH, 40 + n) for n in range(9)]  # the other way is not possible
    found = find(*rack(days, WEB), *parts, *(down(WEB, 20 + n) for n in range(alone)))
    assert [(each.child, each.alone) for each in found] == ([(WEB, alone)] if is_found else [])


def test_an_outage_that_begins_within_one_of_the_parent_is_neither_together_nor_alone() -> None:
    found = find(*rack(3, WEB), down(SWITCH, 9, lasts=3600), down(WEB, 9, 1800), down(SWITCH, 10), down(SWITCH, 11))
    assert [(each.child, each.together, each.alone) for each in found] == [(WEB, 3, 0)]


def test_what_outlasts_the_parent_or_was_useful_would_have_been_lost() -> None:
    outages = [*rack(2, WEB), *(down(SWITCH, day) for day in (8, 9, 10))]
    outages += [down(WEB, 8, lasts=660), down(WEB, 9, lasts=661)]
    useful = down(WEB, 10, lasts=100, is_useful=True)
    assert find(*outages, useful) == [Suggestion(WEB, SWITCH, 5, 0, 4 * PAGES, 2)]


def test_what_is_still_down_is_neither_removed_nor_lost() -> None:
    still = [Outage(id_, 9 * DAY, LASTS, PAGES) for id_ in (SWITCH, WEB)]
    [found] = find(*rack(3, WEB), *still)
    assert (found.together, found.pages_removed, found.useful_lost) == (4, 3 * PAGES, 0)


def test_a_pair_that_looks_the_same_goes_to_the_one_that_more_depends_on() -> None:
    # DB and WEB are down at different times, so the switch has two dependents.
    outages = [down(SWITCH, day) for day in range(6)]
    outages += [down(WEB, day) for day in range(3)] + [down(DB, 3 + day) for day in range(3)]
    assert [(each.child, each.parent) for each in find(*outages)] == [(WEB, SWITCH), (DB, SWITCH)]
    assert [(each.child, each.parent) for each in find(*rack(3, WEB))] == [(WEB, SWITCH)]


def test_a_check_depends_on_its_host_and_never_the_other_way() -> None:
    outages = [down(id_, day) for day in range(3) for id_ in (WEB, SWITCH)]
    for host, check in ((WEB, SWITCH), (SWITCH, WEB)):
        assert [(each.child, each.parent) for each in suggested(outages, {}, {check: host})] == [(check, host)]


def test_what_is_known_is_not_suggested_and_no_circle_either() -> None:
    assert find(*rack(9, WEB), known={WEB: [SWITCH]}) == []
    assert [each.child for each in find(*rack(9, WEB), known={SWITCH: [DB], DB: [WEB]})] == []


def test_a_mass_outage_says_nothing_about_pairs() -> None:
    few, many = range(2, MOST_AT_ONCE + 1), range(2, MOST_AT_ONCE + 2)
    assert len(find(*rack(3, *few))) == len(few)
    assert find(*rack(3, *many)) == []


def test_a_large_fleet_takes_less_than_a_second() -> None:
    """5,000 hosts in racks of 40, each down four times, and the same hosts in one outage of all."""
    racks = [down(1 + r * 40 + host, 1 + r % 60, r * 600 + n * 86_400 + host) for r in range(125) for n in range(4)
             for host in range(40)]  # fmt: skip
    mass = [down(1 + host, 1 + n, host % 60) for n in range(4) for host in range(5000)]
    for outages in (racks, mass):
        assert len(outages) == 20_000
        begun = process_time()
        find(*outages)
        assert process_time() - begun < 1


OUTAGES = st.lists(
    st.builds(
        lambda id_, day, after, lasts, useful: down(id_, day, after, lasts, is_useful=useful),
        st.integers(1, 5),
        st.integers(0, 7),
        st.sampled_from([0, 1, 60, 119, 120, 121, 240, 900]),
        st.sampled_from([1, 59, 60, 120, 600, 90_000]),
        st.booleans(),
    ),
    max_size=40,
)
KNOWN = st.dictionaries(st.integers(1, 5).map(ServerId), st.lists(st.integers(1, 5).map(ServerId)), max_size=2)


@given(OUTAGES, KNOWN)
def test_suggestions_are_what_a_simple_count_says(outages: list[Outage], known: dict[ServerId, list[ServerId]]) -> None:
    def meets(one: Outage, other: Outage) -> bool:
        return one.began_at <= other.until and other.began_at <= one.until

    found = find(*outages, known=known)
    assert len({each.child for each in found}) == len(found)
    assert found == sorted(found, key=lambda each: (-each.pages_removed, each.useful_lost, -each.together, each.child))
    for each in found:
        parents = [o for o in outages if o.server_id == each.parent]
        explained = [o for o in outages if o.server_id in known.get(each.child, ())]
        own = [o for o in outages if o.server_id == each.child and not any(meets(o, other) for other in explained)]
        together = [
            o for o in own if any(meets(o, p) and abs(o.began_at - p.began_at) <= 120 * SECOND for p in parents)
        ]
        alone = [o for o in own if not any(meets(o, p) for p in parents)]
        assert (len(together), len(alone)) == (each.together, each.alone)
        assert each.together >= 3
        assert each.together >= 0.8 * (each.together + each.alone)
        assert each.pages_removed <= PAGES * each.together
        assert each.useful_lost <= each.together
        assert each.parent not in known.get(each.child, ())


def has_circle(graph: dict[ServerId, set[ServerId]]) -> bool:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False


@given(OUTAGES, KNOWN, st.randoms())
def test_they_make_no_circle_and_their_order_does_not_matter(
    outages: list[Outage], known: dict[ServerId, list[ServerId]], random: "st.DataObject"
) -> None:
    found = find(*outages, known=known)
    graph = {child: {*parents} for child, parents in known.items()}
    for each in found:
        was_a_circle = has_circle(graph)
        graph.setdefault(each.child, set()).add(each.parent)
        assert was_a_circle or not has_circle(graph)
    shuffled = [*outages]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert find(*shuffled, known=known) == found
