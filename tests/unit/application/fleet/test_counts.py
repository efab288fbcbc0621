"""Counts and pages of the fleet are those of the servers that a person sees."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.memory.store import MemoryStore
from monitor.application.alerts.evaluating.state_cache import AlertChanges, StateCache
from monitor.application.alerts.lists import CountServers
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import FleetSnapshot
from monitor.application.fleet.stretches import page
from monitor.application.fleet.visibility import Tally, VisibleFleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample
from tests.contracts.builders import ADMIN, a_server

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
ANN = Actor(user_id=UserId(1), username="ann", role=Role.USER)

hosts = st.lists(
    st.tuples(st.integers(1, 200), st.booleans(), st.sampled_from(["online", "silent", "never", "unknown"])),
    unique_by=lambda host: host[0],
    max_size=30,
)


def fleet_of(drawn: list[tuple[int, bool, str]]) -> Fleet:
    """*drawn*: id, whether it is Ann's, and its state; one that is unknown has no `Live` yet."""
    fleet = Fleet(MemoryStore().queries)
    servers = [
        a_server(f"192.0.2.{id_}", id=ServerId(id_), user_ids=frozenset({ANN.user_id} if hers else ()))
        for id_, hers, _ in drawn
    ]
    fleet.directory = Directory.of(FleetSnapshot(revision=1, servers=servers))
    for id_, _, state in drawn:
        sample = Sample(ServerId(id_), NOW, NOW, 1.0, 2.0, 3.0)
        status = Status.ONLINE if state == "online" else Status.OFFLINE
        if state in ("online", "silent"):
            fleet.live[ServerId(id_)] = Live(status, sample, NOW)
        elif state == "never":
            fleet.live[ServerId(id_)] = Live()
    return fleet


def seen(fleet: Fleet, actor: Actor) -> list[Server]:
    return [server for server in fleet.directory.servers.values() if server.is_visible_to(actor)]


@given(hosts, st.sampled_from([ADMIN, ANN]))
def test_every_server_that_one_sees_is_counted_once(drawn, actor: Actor) -> None:
    fleet = fleet_of(drawn)
    states = [state for id_, hers, state in drawn if actor is ADMIN or hers]
    stored = StoredHistory(MemoryStore().queries)
    counts = CountServers(fleet, StateCache(fleet, stored, AlertChanges()), FixedClock(NOW))(actor)
    assert len(states) == counts.total == counts.online + counts.offline
    assert states.count("online") == counts.online
    assert states.count("never") + states.count("unknown") == counts.never_reported
    keys = [ServerId(id_) for id_, _, _ in drawn] * 2 + [ServerId(999)]
    assert 2 * len(states) == Tally(fleet.directory, keys).of(actor)


@given(hosts, st.sampled_from([ADMIN, ANN]), st.integers(1, 7))
def test_pages_together_are_all_that_have_reported_in_the_order_of_their_ids(drawn, actor: Actor, size: int) -> None:
    fleet, found = fleet_of(drawn), list[ServerId]()
    ids = VisibleFleet(fleet.directory, actor).server_ids
    while one := page(fleet.live, ids, found[-1] if found else None, size):
        assert len(one) <= size
        found += one
    expected = [server.id for server in seen(fleet, actor) if (live := fleet.live.get(server.id)) and live.sample]
    assert sorted(expected) == found == page(fleet.live, ids, None, None)
