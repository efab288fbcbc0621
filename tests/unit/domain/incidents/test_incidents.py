"""Grouping of alerts into incidents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import CauseKind, Group, Groups
from monitor.domain.incidents.dependencies import Dependencies
from monitor.domain.incidents.grouping import Grouped, grouped
from monitor.domain.incidents.incidents import MERGED_WITHIN, Ill, Incident

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RACK = [ServerId(each) for each in range(1, 6)]
OTHERS = [ServerId(each) for each in range(6, 40)]


def racks() -> Groups:
    return {each: {Group(CauseKind.TAG, "rack-7" if each in RACK else f"rack-{100 + each}")} for each in RACK + OTHERS}


def ill(*host_ids: int, at: datetime = NOW) -> list[Ill]:
    return [Ill(AlertId(100 + each), ServerId(each), at, ServerId(each)) for each in host_ids]


def plain(incident: Incident) -> tuple[int, set[int]]:
    hosts: set[int] = {*incident.hosts}
    return incident.id, hosts


def test_a_rack_that_dies_is_one_incident() -> None:
    [(incident, alerts)] = grouped(ill(1, 2, 3, 4), [], racks()).incidents
    assert incident.cause is not None
    assert (incident.cause.group.value, incident.cause.sick, incident.cause.healthy) == ("rack-7", (1, 2, 3, 4), (5,))
    assert alerts == [101, 102, 103, 104]


def test_two_hosts_of_a_rack_are_two_incidents() -> None:
    found = grouped(ill(1, 2), [], racks()).incidents
    assert [(each.cause, plain(each)) for each, _ in found] == [(None, (0, {1})), (None, (0, {2}))]


def test_the_younger_merge_into_the_oldest_when_they_prove_to_be_one() -> None:
    opened = [
        Incident(started_at=NOW - timedelta(minutes=9), hosts=frozenset({ServerId(2)}), id=IncidentId(7)),
        Incident(started_at=NOW - timedelta(minutes=1), hosts=frozenset({ServerId(3)}), id=IncidentId(8)),
    ]
    found = grouped(ill(1, 4), opened, racks())
    [(incident, alerts)] = found.incidents
    assert (plain(incident), incident.started_at) == ((7, {1, 2, 3, 4}), NOW - timedelta(minutes=9))
    assert (found.merged, alerts) == ({8: 0}, [101, 104])


def test_an_old_incident_is_not_merged() -> None:
    opened = [Incident(started_at=NOW - MERGED_WITHIN * 2, hosts=frozenset({ServerId(2)}), id=IncidentId(7))]
    found = grouped(ill(1, 3, 4, 5), opened, racks())
    assert [plain(each) for each, _ in found.incidents] == [(0, {1, 3, 4, 5})]


def test_a_host_joins_the_incident_whose_cause_covers_it() -> None:
    [(opened, _)] = grouped(ill(1, 2, 3, 4), [], racks()).incidents
    later = NOW + timedelta(hours=1)
    [(incident, alerts)] = grouped(ill(5, at=later), [opened], racks()).incidents
    assert (plain(incident)[1], alerts) == ({*RACK}, [105])
    assert incident.cause is not None
    assert incident.cause.healthy == ()


def test_a_cause_covers_a_host_later_only_while_most_of_its_hosts_fire() -> None:
    [(whole, _)] = grouped(ill(1, 2, 3, 4, 5), [], racks()).incidents
    later = ill(5, at=NOW + timedelta(hours=1))
    for firing, joins in (([1, 2], True), ([1], False)):
        opened = replace(whole, id=IncidentId(7), hosts=frozenset(map(ServerId, firing)))
        [(incident, _)] = grouped(later, [opened], racks()).incidents
        assert (incident.id == 7) == joins, firing
    young = replace(whole, id=IncidentId(7), hosts=frozenset({ServerId(1)}))
    assert grouped(ill(5, at=NOW + MERGED_WITHIN), [young], racks()).incidents[0][0].id == 7


def test_a_late_alert_joins_nothing_that_began_after_it() -> None:
    [(today, _)] = grouped(ill(1, 2, 3, 4), [], racks()).incidents
    before = ill(1, 5, at=NOW - timedelta(hours=1))
    found = grouped(before, [replace(today, id=IncidentId(7))], racks()).incidents
    assert [(plain(each), each.started_at) for each, _ in found] == [
        ((0, {1}), before[0].fired_at),
        ((0, {5}), before[0].fired_at),
    ]


def test_what_is_over_says_nothing_of_what_fires_on_its_host_hours_later() -> None:
    [over], [fires] = ill(1), ill(1, at=NOW + timedelta(hours=25))
    found = grouped([over._replace(alert_id=AlertId(1), is_over=True), fires], [], racks()).incidents
    assert [(each.started_at, alerts) for each, alerts in found] == [(NOW, [1]), (fires.fired_at, [101])]


def test_what_begins_minutes_after_each_other_has_no_common_cause() -> None:
    one_after_another = [each for n in range(4) for each in ill(n + 1, at=NOW + n * timedelta(minutes=9))]
    assert [each.cause for each, _ in grouped(one_after_another, [], racks()).incidents] == [None] * 4


def test_each_drill_is_an_incident_of_its_own() -> None:
    drills = [each._replace(is_drill=True) for each in ill(4, 5)]
    found = grouped([*drills, *ill(1, 2, 3)], [], racks()).incidents
    assert [(plain(each), each.cause, alerts) for each, alerts in found[-2:]] == [
        ((0, set()), None, [104]),
        ((0, set()), None, [105]),
    ]
    assert [each.cause for each, _ in found[:-2]] == [None] * 3


def test_a_host_that_never_reported_is_neither_sick_nor_healthy() -> None:
    [(incident, _)] = grouped(ill(1, 2, 3), [], racks(), unknown=frozenset(map(ServerId, (3, 4, 5)))).incidents
    assert incident.cause is not None
    assert (incident.cause.sick, incident.cause.healthy) == ((1, 2, 3), ())


SWITCH, GATEWAY = ServerId(40), ServerId(50)
SHOP = ServerId(60)
"""A check of host 6, which depends on GATEWAY, a check."""


def depending() -> tuple[Groups, Dependencies]:
    """The rack, and host 39, depend on SWITCH, a server of a rack of its own."""
    switched = Group(CauseKind.SERVER, str(SWITCH))
    groups = {each: {*own, switched} if each in (*RACK, 39) else own for each, own in racks().items()}
    parents = {each: frozenset({SWITCH}) for each in (*RACK, ServerId(39))} | {SHOP: frozenset({GATEWAY})}
    return groups | {SWITCH: {Group(CauseKind.TAG, "switches")}}, parents


def down(*host_ids: int, at: datetime = NOW) -> list[Ill]:
    return [each._replace(is_down=True) for each in ill(*host_ids, at=at)]


def stored(found: Grouped, first: int = 1) -> list[Incident]:
    return [replace(each, id=IncidentId(number)) for number, (each, _) in enumerate(found.incidents, first)]


def test_what_depends_on_something_that_is_down_joins_its_incident() -> None:
    opened = stored(grouped(down(40), [], *depending()))
    later = NOW + timedelta(hours=2)
    [(incident, alerts)] = grouped(ill(39, 1, at=later), opened, *depending()).incidents
    assert (plain(incident), alerts) == ((1, {1, 39, 40}), [101, 139])


def test_what_has_another_trouble_than_being_down_is_no_reason_to_join() -> None:
    opened = stored(grouped(ill(40), [], *depending()))
    [(incident, _)] = grouped(ill(39, at=NOW + timedelta(hours=2)), opened, *depending()).incidents
    assert plain(incident) == (0, {39})


def test_children_that_fell_first_are_one_with_their_parent() -> None:
    opened = stored(grouped(ill(39, 1), [], *depending()))
    assert len(opened) == 2
    found = grouped(down(40, at=NOW + timedelta(minutes=9)), opened, *depending())
    [(incident, alerts)] = found.incidents
    assert (plain(incident), alerts, found.merged) == ((1, {1, 39, 40}), [140], {2: 0})
    later = grouped(down(40, at=NOW + timedelta(minutes=11)), opened, *depending())
    assert ([plain(each) for each, _ in later.incidents], later.merged) == ([(0, {40})], {})


@given(st.permutations([1, 2, 3, 39, 40]), st.lists(st.integers(0, 60), min_size=5, max_size=5))
def test_parent_and_children_are_one_in_any_order(order: list[int], pauses: list[int]) -> None:
    opened, now = list[Incident](), NOW
    for number, host_id in enumerate(order):
        now += timedelta(seconds=pauses[number])
        found = grouped(down(host_id, at=now), opened, *depending())
        assert sum(len(alerts) for _, alerts in found.incidents) == 1
        changed = {each.id for each, _ in found.incidents} | {*found.merged}
        new = [replace(each, id=each.id or IncidentId(10 * number + 10)) for each, _ in found.incidents]
        opened = sorted([*(each for each in opened if each.id not in changed), *new], key=lambda each: each.started_at)
    [incident] = opened
    assert plain(incident)[1] == {1, 2, 3, 39, 40}


def test_a_check_joins_what_it_depends_on() -> None:
    groups, parents = depending()
    gateway = Ill(AlertId(150), GATEWAY, NOW, GATEWAY, is_down=True)
    [opened] = stored(grouped([gateway], [], groups, parents))
    shop = Ill(AlertId(160), ServerId(6), NOW + timedelta(minutes=1), SHOP)
    [(incident, alerts)] = grouped([shop], [opened], groups, parents).incidents
    assert (plain(incident), alerts) == ((1, {6, 50}), [160])


def test_a_switch_is_named_as_the_cause() -> None:
    [(incident, _)] = grouped(down(40, *RACK, 39), [], *depending()).incidents
    assert incident.cause is not None
    assert (incident.cause.group, len(incident.hosts)) == (Group(CauseKind.SERVER, "40"), 7)


def test_an_old_trouble_of_a_host_is_neither_healthy_nor_a_reason_to_stay_apart() -> None:
    old = Incident(started_at=NOW - timedelta(days=1), hosts=frozenset({ServerId(1), ServerId(2)}), id=IncidentId(1))
    [(incident, _)] = grouped(ill(2, 3, 4, 5), [old], racks()).incidents
    assert incident.cause is not None
    assert (plain(incident), incident.cause.sick) == ((0, {2, 3, 4, 5}), (2, 3, 4, 5))
    assert incident.cause.healthy == ()
    [(again, _)] = grouped(ill(1), [old], racks()).incidents
    assert plain(again) == (1, {1, 2})


def test_a_wider_cause_takes_over_what_began_before() -> None:
    groups: Groups = {
        ServerId(each): {Group(CauseKind.TAG, f"rack-{each // 10}"), Group(CauseKind.TAG, f"hall-{each // 100}")}
        for each in range(100, 400)
    }
    opened = stored(grouped(ill(*range(100, 110)), [], groups))
    [(incident, _)] = grouped(ill(*range(110, 190), at=NOW + timedelta(minutes=1)), opened, groups).incidents
    assert incident.cause is not None
    assert (incident.id, incident.cause.group.value, len(incident.hosts)) == (1, "hall-1", 90)


def test_alerts_of_different_days_have_no_common_cause() -> None:
    new = [each for day in range(4) for each in ill(day + 1, at=NOW + timedelta(days=day))]
    assert [plain(each) for each, _ in grouped(new, [], racks()).incidents] == [(0, {1}), (0, {2}), (0, {3}), (0, {4})]


@given(st.lists(st.sets(st.sampled_from(RACK + OTHERS), max_size=8), max_size=6))
def test_each_alert_is_in_one_incident(waves: list[set[ServerId]]) -> None:
    opened: dict[IncidentId, Incident] = {}
    placed = set[AlertId]()
    for number, wave in enumerate(waves):
        now = NOW + number * timedelta(minutes=4)
        new = [Ill(AlertId(1000 * number + each), each, now, each) for each in sorted(wave)]
        found = grouped(new, sorted(opened.values(), key=lambda each: each.id), racks())
        ids = list[IncidentId]()
        for incident, alerts in found.incidents:
            id_ = incident.id or IncidentId(1000 * (number + 1) + len(ids))
            ids.append(id_)
            opened[id_] = replace(incident, id=id_)
            assert not placed & {*alerts}
            placed |= {*alerts}
        for gone, place in found.merged.items():
            assert opened[ids[place]].hosts >= opened.pop(gone).hosts
        assert {each.alert_id for each in new} <= placed
    for incident in opened.values():
        if (cause := incident.cause) is not None:
            assert {*cause.sick} <= incident.hosts
