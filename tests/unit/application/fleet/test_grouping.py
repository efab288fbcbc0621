"""Groups hold every server where it belongs, and say what a count of their servers says."""

from collections.abc import Iterator
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.application.fleet.grouping import MOST_GROUPS, STATES, Group, GroupKind, Host, grouped
from monitor.application.fleet.listing import Firing
from monitor.domain.fleet.servers import Server, ServerId, Status, network_of
from monitor.domain.intake.live import Live
from tests.unit.application.fleet.fleets import NOW, REACH, DrawnFleet, fleets

KINDS: list[GroupKind] = ["tag", "network", "team"]
levels = st.lists(st.sampled_from(KINDS), min_size=1, max_size=3)
METRICS = ["cpu", "load"]


def hosts_of(fleet: DrawnFleet, acknowledged: dict[ServerId, Firing] | None = None) -> list[Host]:
    return [Host.of(server, fleet.moment, acknowledged or {}, METRICS) for server in fleet.servers]


def ids(group: Group) -> list[ServerId]:
    return [host.server.id for host in group.hosts]


def values(server: Server, kind: GroupKind) -> set[str]:
    if kind == "team":
        return {"Databases"} & {"Databases" if tag == "db" else "" for tag in server.tags}
    return {network_of(server.ip_address)} if kind == "network" else set(server.tags)


@given(fleets(), st.sampled_from(KINDS))
def test_a_group_has_the_servers_with_its_value(fleet: DrawnFleet, kind: GroupKind) -> None:
    found = {group.value: ids(group) for group in grouped(hosts_of(fleet), [kind], REACH)}
    expected: dict[str | None, list[ServerId]] = {}
    for server in fleet.servers:
        for value in (*values(server, kind),) or (None,):
            expected.setdefault(value, []).append(server.id)
    assert expected == found


def nested(groups: list[Group]) -> Iterator[Group]:
    for group in groups:
        yield group
        yield from nested(list(group.groups))


@given(fleets(), levels)
def test_inner_groups_divide_their_group_and_name_none_of_its_tags(fleet: DrawnFleet, by: list[GroupKind]) -> None:
    for group in nested(grouped(hosts_of(fleet), by, REACH)):
        if group.groups:
            assert set(ids(group)) == {id_ for each in group.groups for id_ in ids(each)}
        if group.kind == "tag" and group.value is not None:
            assert group.value not in {each.value for each in nested(list(group.groups)) if each.kind == "tag"}


@given(fleets(), st.data())
def test_counts_medians_and_the_worst_state_are_those_of_the_servers(fleet: DrawnFleet, data: st.DataObject) -> None:
    acknowledged = {id_: firing for id_, firing in fleet.firing.items() if data.draw(st.booleans())}
    hosts = hosts_of(fleet, acknowledged)
    group = Group(kind="all", value=None, hosts=hosts)
    counts = dict(group.counts)
    assert len(fleet.servers) == counts.pop("total") == sum(counts[state] for state in STATES)
    waiting = [s for s in fleet.servers if any(fleet.firing.get(s.id, ())) and s.id not in acknowledged]
    assert len(waiting) == counts["unacknowledged"]
    assert group.worst == next((state for state in STATES if counts[state]), "ok")
    online = [live.sample.cpu for live in fleet.live.values() if live.sample and live.status is Status.ONLINE]
    assert {"cpu": pytest.approx(median(online)) if online else None, "load": None} == group.medians(METRICS)


@pytest.mark.parametrize(
    ("live", "firing", "state"),
    [
        (Live(Status.ONLINE, None, NOW), Firing(1, 1), "critical"),
        (Live(Status.OFFLINE, None, NOW), Firing(1, 0), "offline"),
        (Live(Status.ONLINE, None, NOW), Firing(0, 2), "warning"),
        (Live(), Firing(), "never"),
        (Live(), Firing(1, 0), "critical"),
        (Live(Status.ONLINE, None, NOW), Firing(), "ok"),
    ],
)
def test_states(live: Live, firing: Firing, state: str) -> None:
    server = Server(id=ServerId(1), name="web", ip_address="10.0.0.1", created_at=NOW)
    fleet = DrawnFleet([server], {server.id: live}, {server.id: firing}, set())
    assert state == hosts_of(fleet)[0].state


def test_of_very_many_groups_the_worst_are_shown_in_the_order_of_names_and_the_rest_as_one() -> None:
    tags = [{"last", "small"}, {"big"}, {"big"}, *({f"rack-{n}"} for n in range(MOST_GROUPS[0]))]
    servers = [
        Server(id=ServerId(n), name=f"n{n}", ip_address=f"10.0.0.{n}", created_at=NOW, tags=frozenset(of))
        for n, of in enumerate(tags, 1)
    ]
    firing = {server.id: Firing(1, 0) for server in servers[3:-1]}
    live = {server.id: Live(Status.ONLINE, None, NOW) for server in servers}
    groups = grouped(hosts_of(DrawnFleet(servers, live, firing, set())), ["tag"], REACH)
    racks = [f"rack-{n}" for n in range(MOST_GROUPS[0] - 1)]
    assert [*racks, None] == [group.value for group in groups]
    assert [1, 2, 3, len(servers)] == ids(groups[-1]), "each once"
