"""Lists hold what matches, in the order that is asked for."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from monitor.application.fleet.listing import (
    ByName,
    Listed,
    ListFilter,
    Reporting,
    Sort,
    SortKey,
    WantedAlerts,
    Without,
    matching,
    ordered,
)
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.fleet.servers import Server, Status
from tests.contracts.builders import ADMIN
from tests.unit.application.fleet.fleets import USERS, DrawnFleet, fleets

filters = st.builds(
    ListFilter,
    words=st.lists(st.sampled_from(["web", "2", "10.0", "prod", "ann", "bob", "x"]), max_size=2).map(tuple),
    tags=st.frozensets(st.sampled_from(["db", "Prod", "nowhere"]), max_size=2),
    reporting=st.none() | st.sampled_from(get_args(Reporting)),
    alerts=st.none() | st.sampled_from(get_args(WantedAlerts)),
    silenced=st.none() | st.booleans(),
    network=st.none() | st.sampled_from(["10.0.0.0/24", "2001:db8::/64", "10.0.1.0/24"]),
    team=st.none() | st.sampled_from(["Databases", "Core"]),
    without=st.frozensets(st.sampled_from(get_args(Without)), max_size=1),
)
sorts = st.builds(Sort, st.sampled_from(get_args(SortKey)), st.booleans())


def rows_of(fleet: DrawnFleet) -> list[Listed]:
    return list(ByName().sorted(VisibleFleet(fleet.directory, ADMIN)))


def is_wanted(server: Server, wanted: ListFilter, fleet: DrawnFleet) -> bool:
    """Decide anew, from what the filter's description says."""
    live, (criticals, warnings) = fleet.moment.live_of(server), fleet.moment.firing_on(server)
    names = [USERS[user_id].username for user_id in server.user_ids if user_id in USERS]
    texts = [text.lower() for text in (server.name, server.ip_address, *server.tags, *names)]
    has_reported = live.last_report_at is not None
    reports = {
        "online": live.status is Status.ONLINE,
        "offline": live.status is Status.OFFLINE and has_reported,
        "never": not has_reported,
        None: True,
    }
    alerts = {
        "any": criticals + warnings > 0,
        "critical": criticals > 0,
        "warning": warnings > 0,
        "none": criticals + warnings == 0,
        None: True,
    }
    return (
        all(any(word in text for text in texts) for word in wanted.words)
        and all(tag in server.tags for tag in wanted.tags)
        and reports[wanted.reporting]
        and alerts[wanted.alerts]
        and wanted.silenced in (None, server.id in fleet.silenced)
        and (wanted.network is None or ip_address(server.ip_address) in ip_network(wanted.network))
        and (wanted.team is None or (wanted.team == "Databases" and "db" in server.tags))
        and ("tag" not in wanted.without or not server.tags)
        and ("team" not in wanted.without or "db" not in server.tags)
    )


@given(fleets(), filters)
def test_a_list_holds_exactly_the_servers_that_match(fleet: DrawnFleet, wanted: ListFilter) -> None:
    rows = rows_of(fleet)
    expected = [row for row in rows if is_wanted(row.server, wanted, fleet)]
    assert expected == matching(rows, wanted, fleet.moment)


@given(fleets(), sorts)
def test_an_order_loses_and_doubles_nothing_and_keeps_the_names_order_among_equals(
    fleet: DrawnFleet, sort: Sort
) -> None:
    rows = rows_of(fleet)
    found = ordered(rows, sort, fleet.moment)
    assert {row.order for row in rows} == {row.order for row in found}
    assert len(rows) == len(found)
    if sort.key == "name":
        assert found == (rows[::-1] if sort.is_down else rows)
        return
    expected: dict[Any, list[Listed]] = {}
    for row in rows:
        expected.setdefault(VALUES[sort.key](fleet, row.server), []).append(row)
    unknown = expected.pop(None, [])
    groups = [expected[value] for value in sorted(expected, reverse=sort.is_down)]
    assert [row for group in (*groups, unknown) for row in group] == found


def of_sample(name: str) -> Callable[[DrawnFleet, Server], Any]:
    """The value that a server has now: of one that is offline none."""

    def value(fleet: DrawnFleet, server: Server) -> Any:
        return getattr(fleet.moment.live_of(server).sample, name, None) if status(fleet, server)[0] == "2" else None

    return value


def status(fleet: DrawnFleet, server: Server) -> str:
    live = fleet.moment.live_of(server)
    return "0 never" if live.last_report_at is None else {"offline": "1", "online": "2"}[live.status.value]


def trouble(fleet: DrawnFleet, server: Server) -> str:
    criticals, warnings = fleet.moment.firing_on(server)
    if criticals:
        return "0 critical"
    return "1 offline" if status(fleet, server) == "1" else "2 warning" if warnings else "3 none"


VALUES: dict[SortKey, Callable[[DrawnFleet, Server], Any]] = {
    "status": status,
    "alerts": lambda fleet, server: tuple(fleet.moment.firing_on(server)),
    "cpu": of_sample("cpu"),
    "memory": of_sample("memory"),
    "disk": of_sample("disk"),
    "address": lambda _, server: ["10.0.0.9", "10.0.0.10", "2001:db8::1"].index(server.ip_address),
    "port": lambda _, server: server.port,
    "tags": lambda _, server: min(server.tags).lower() if server.tags else None,
    "users": lambda _, server: "ann" if 1 in server.user_ids else "bob" if 2 in server.user_ids else None,
    "report": lambda fleet, server: fleet.moment.live_of(server).last_report_at,
    "created": lambda _, server: server.created_at,
    "trouble": trouble,
}


def test_words_are_what_a_search_is_made_of() -> None:
    assert ("web", "db") == ListFilter.words_of("  Web DB\tweb ")
