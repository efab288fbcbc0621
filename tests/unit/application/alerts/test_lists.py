"""Lists from memory: pages fit together, and a list is kept for seconds at most."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.application.alerts.lists import KEPT_FOR, MOST_KEPT, ListServers, firing_by_server, tags
from monitor.application.fleet.listing import Firing, ListFilter, Sort
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.levels import Level
from tests.contracts.builders import ADMIN
from tests.unit.application.core import Core
from tests.unit.application.fleet.fleets import ANN, DrawnFleet, fleets

ALL = ListFilter()


def lists_of(core: Core) -> ListServers:
    return ListServers(core.fleet, core.alerting.states, core.clock)


@pytest.fixture
def list_servers(core: Core) -> ListServers:
    return lists_of(core)


def report(core: Core, server: Server, cpu: float) -> None:
    core.store_samples([core.sample(server, cpu=cpu)])


@given(fleets(), st.sampled_from([ADMIN, ANN]), st.booleans(), st.integers(1, 5))
def test_pages_joined_are_the_whole_list_of_what_one_sees(
    fleet: DrawnFleet, actor: Actor, is_down: bool, size: int
) -> None:
    core = Core()
    core.fleet.directory, core.fleet.live = fleet.directory, fleet.live
    list_servers, sort, joined, offset = lists_of(core), Sort("cpu", is_down), list[ServerId](), 0
    while page := list_servers(actor, ALL, sort).server_ids[offset : offset + size]:
        joined += page
        offset += size
    assert list(list_servers(actor, ALL, sort).server_ids) == joined
    assert sorted(server.id for server in VisibleFleet(fleet.directory, actor).servers) == sorted(joined)


def test_values_move_a_server_after_some_seconds(core: Core, list_servers: ListServers) -> None:
    one, two = core.server("10.0.0.1"), core.server("10.0.0.2")
    report(core, one, 10)
    report(core, two, 20)
    by_cpu = Sort("cpu", is_down=True)
    first = list_servers(ADMIN, ALL, by_cpu)
    core.clock.advance(KEPT_FOR - timedelta(seconds=1))
    report(core, one, 30)
    assert first is list_servers(ADMIN, ALL, by_cpu)
    assert [two.id, one.id] == first.server_ids
    core.clock.advance(1)
    assert [one.id, two.id] == list_servers(ADMIN, ALL, by_cpu).server_ids


def test_a_clock_that_is_set_back_keeps_no_list(core: Core, list_servers: ListServers) -> None:
    first = list_servers(ADMIN, ALL, Sort())
    core.clock.advance(-3600)
    assert first is not list_servers(ADMIN, ALL, Sort())


def test_a_change_of_the_fleet_shows_at_once(core: Core, list_servers: ListServers) -> None:
    one = core.server("10.0.0.1", name="b")
    assert [one.id] == list_servers(ADMIN, ALL, Sort()).server_ids
    two = core.server("10.0.0.2", name="a")
    assert [two.id, one.id] == list_servers(ADMIN, ALL, Sort()).server_ids


def test_administrators_share_a_list_and_users_have_their_own(core: Core, list_servers: ListServers) -> None:
    ann, bob = core.user("ann"), core.user("bob")
    one, two = core.server("10.0.0.1", [ann]), core.server("10.0.0.2", [ann, bob])
    seen = {name: list_servers(actor, ALL, Sort()).server_ids for name, actor in (("ann", ann), ("bob", bob))}
    assert {"ann": [one.id, two.id], "bob": [two.id]} == seen
    assert list_servers(core.admin(), ALL, Sort()) is list_servers(core.admin("second"), ALL, Sort())


def test_few_lists_are_kept_and_those_in_use_longest(core: Core, list_servers: ListServers) -> None:
    core.server()
    used = list_servers(ADMIN, ALL, Sort())
    for number in range(2 * MOST_KEPT):
        other = ListFilter(words=(f"{number}",))
        made = list_servers(ADMIN, other, Sort())
        assert used is list_servers(ADMIN, ALL, Sort())
        assert made is list_servers(ADMIN, other, Sort())
    assert made is not list_servers(ADMIN, ListFilter(words=("0",)), Sort())


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([Level.WARNING, Level.CRITICAL]))))
def test_firing_alerts_are_counted_by_level(drawn: list[tuple[int, Level]]) -> None:
    found = firing_by_server([(ServerId(number), level) for number, level in drawn])
    assert found == {
        number: Firing(drawn.count((number, Level.CRITICAL)), drawn.count((number, Level.WARNING)))
        for number, _ in drawn
    }


@given(fleets(), st.sampled_from([ADMIN, ANN]))
def test_tags_are_those_of_what_one_sees(fleet: DrawnFleet, actor: Actor) -> None:
    seen = [tag for server in fleet.servers if server.is_visible_to(actor) for tag in server.tags]
    expected = [(tag, seen.count(tag)) for tag in ("db", "Prod", "web") if tag in seen]
    assert expected == tags(VisibleFleet(fleet.directory, actor))
