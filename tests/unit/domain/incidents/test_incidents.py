"""Grouping of alerts into incidents."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import CauseKind, Group, Groups
from monitor.domain.incidents.incidents import MERGED_WITHIN, Ill, Incident, grouped

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RACK = [ServerId(each) for each in range(1, 6)]
OTHERS = [ServerId(each) for each in range(6, 40)]


def racks() -> Groups:
    return {each: {Group(CauseKind.TAG, "rack-7" if each in RACK else f"rack-{100 + each}")} for each in RACK + OTHERS}


def ill(*host_ids: int, at: datetime = NOW) -> list[Ill]:
    return [Ill(AlertId(100 + each), ServerId(each), at) for each in host_ids]


def plain(incident: Incident) -> tuple[int, set[int]]:
    hosts: set[int] = {*incident.hosts}
    return incident.id, hosts


def test_a_rack_that_dies_is_one_incident() -> None:
    [(incident, alerts)] = grouped(ill(1, 2, 3, 4), [], racks(), NOW).incidents
    assert incident.cause is not None
    assert (incident.cause.group.value, incident.cause.sick, incident.cause.healthy) == ("rack-7", (1, 2, 3, 4), (5,))
    assert alerts == [101, 102, 103, 104]


def test_two_hosts_of_a_rack_are_two_incidents() -> None:
    found = grouped(ill(1, 2), [], racks(), NOW).incidents
    assert [(each.cause, plain(each)) for each, _ in found] == [(None, (0, {1})), (None, (0, {2}))]


def test_the_younger_merge_into_the_oldest_when_they_prove_to_be_one() -> None:
    opened = [
        Incident(started_at=NOW - timedelta(minutes=9), hosts=frozenset({ServerId(2)}), id=IncidentId(7)),
        Incident(started_at=NOW - timedelta(minutes=1), hosts=frozenset({ServerId(3)}), id=IncidentId(8)),
    ]
    found = grouped(ill(1, 4), opened, racks(), NOW)
    [(incident, alerts)] = found.incidents
    assert (plain(incident), incident.started_at) == ((7, {1, 2, 3, 4}), NOW - timedelta(minutes=9))
    assert (found.merged, alerts) == ({8: 0}, [101, 104])


def test_an_old_incident_is_not_merged() -> None:
    opened = [Incident(started_at=NOW - MERGED_WITHIN * 2, hosts=frozenset({ServerId(2)}), id=IncidentId(7))]
    found = grouped(ill(1, 3, 4, 5), opened, racks(), NOW)
    assert [plain(each) for each, _ in found.incidents] == [(0, {1, 3, 4, 5})]


def test_a_host_joins_the_incident_whose_cause_covers_it() -> None:
    [(opened, _)] = grouped(ill(1, 2, 3, 4), [], racks(), NOW).incidents
    later = NOW + timedelta(hours=1)
    [(incident, alerts)] = grouped(ill(5, at=later), [opened], racks(), later).incidents
    assert (plain(incident)[1], alerts) == ({*RACK}, [105])
    assert incident.cause is not None
    assert incident.cause.healthy == ()


@given(st.lists(st.sets(st.sampled_from(RACK + OTHERS), max_size=8), max_size=6))
def test_each_alert_is_in_one_incident_and_a_host_in_one_that_lasts(waves: list[set[ServerId]]) -> None:
    opened: dict[IncidentId, Incident] = {}
    placed: dict[AlertId, IncidentId] = {}
    for number, wave in enumerate(waves):
        now = NOW + number * timedelta(minutes=4)
        new = [Ill(AlertId(1000 * number + each), each, now) for each in sorted(wave)]
        found = grouped(new, [*opened.values()], racks(), now)
        ids = list[IncidentId]()
        for incident, alerts in found.incidents:
            id_ = incident.id or IncidentId(len(opened) + 1000 * (number + 1) + len(ids))
            ids.append(id_)
            opened[id_] = Incident(started_at=incident.started_at, hosts=incident.hosts, cause=incident.cause, id=id_)
            for alert in alerts:
                assert alert not in placed
                placed[alert] = id_
        for gone, place in found.merged.items():
            assert opened[ids[place]].hosts >= opened.pop(gone).hosts
        assert {each.alert_id for each in new} <= placed.keys()
    hosts = [host for each in opened.values() for host in each.hosts]
    assert len(hosts) == len(set(hosts))
