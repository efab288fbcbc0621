"""The live stream over a real server: who gets which events, and what ends it."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from monitor.adapters.http.live.stream import Scope
from monitor.application.accounts.authentication import Authenticate
from monitor.application.accounts.authentication import Caller as Known
from monitor.application.alerts.offline import DetectOffline
from tests.integration.http.served import Event, Served, wait_until
from tests.integration.http.world import ADDRESS, ANONYMOUS, Caller, Person, World, agent, report


def send(served: Served, key: str, **values: Any) -> None:
    """A sample a second later than the one before."""
    served.world.later(seconds=1)
    assert (
        200
        == served.send("POST", "/api/monitor/data", agent(key), json=report(**{"interval": 15, **values})).status_code
    )


def servers_in(events: list[Event]) -> set[int]:
    """Return the servers of all events with samples or a status."""
    return {row["server_id"] for name, rows in events if name in ("samples", "status") for row in rows}


def of(*server_ids: int) -> Any:
    """Samples of exactly these servers."""
    return lambda data: [row["server_id"] for row in data] == list(server_ids)


def is_cpu(value: float, rows: Any) -> bool:
    return any(row["cpu_value"] == value for row in rows)


def ticket(served: Served, person: Person) -> str:
    answer = served.send("POST", "/api/live/ticket", person)
    return str(answer.json()["data"]["ticket"])


def test_everything_is_sent_first_and_then_changes(served: Served) -> None:
    world = served.world
    server_id = world.server("192.0.2.1")
    key = world.server_key(server_id)
    with served.stream(world.admin) as events:
        assert "no-store" == events.answer.headers["cache-control"]
        assert "no" == events.answer.headers["x-accel-buffering"]
        events.until("servers", lambda data: data == [server_id])
        send(served, key, cpu=12.5, processes=[{"name": "python3", "cpu": 99.5, "memory": 1}])
        [sample], _ = events.until("samples", lambda data: data[0]["cpu_value"] is not None)
        assert {
            "server_id": server_id,
            "status": "online",
            "last_report_at": "2030-01-01 12:00:01",
            "recorded_at": "2030-01-01 12:00:01",
            "cpu_value": 12.5,
            "memory_value": 67.8,
            "disk_value": 23.4,
            "extra": {},
            "processes": [{"name": "python3", "cpu": 99.5, "memory": 1}],
            "clock_skew": None,
        } == sample
        world.later(seconds=91)
        world.container.get(DetectOffline)()
        assert [{"server_id": server_id, "status": "offline"}] == events.until("status")[0]
        new = world.server("192.0.2.2")
        assert [server_id, new] == events.until("servers")[0]


def test_users_get_events_of_linked_servers_only(served: Served) -> None:
    world = served.world
    bob = world.person("bob")
    own, hidden = world.server("192.0.2.1", bob), world.server("192.0.2.2")
    keys = {server_id: world.server_key(server_id) for server_id in (own, hidden)}
    with served.stream(bob) as events:
        events.until("servers", lambda data: data == [own])
        for number in range(5):
            send(served, keys[hidden], cpu=number)
            send(served, keys[own], cpu=number)
            _, before = events.until("samples", partial(is_cpu, number))
            assert str(hidden) not in {
                str(row["server_id"]) for _, data in before for row in data if isinstance(row, dict)
            }


def test_a_brief_stream_leaves_out_the_long_parts(served: Served) -> None:
    world = served.world
    server_id = world.server("192.0.2.1")
    key = world.server_key(server_id)
    with served.stream(world.admin, brief="true") as brief, served.stream(world.admin) as full:
        for events in (brief, full):
            events.until("servers", lambda data: data == [server_id])
        body = report(cpu=12.5, processes=[{"name": "python3", "cpu": 99.5, "memory": 1}])
        body["metrics"]["extra"] = {"load1": 0.5}
        world.later(seconds=1)
        assert 200 == served.send("POST", "/api/monitor/data", agent(key), json=body).status_code
        short, long = (events.until("samples", partial(is_cpu, 12.5))[0][0] for events in (brief, full))
    assert long == short | {"extra": {"load1": 0.5}, "processes": body["processes"]}
    assert {"extra", "processes"} == set(long) - set(short)


def test_a_stream_of_some_servers_has_no_others(served: Served) -> None:
    """Only visible ones, and the stream does not say that others were left out."""
    world = served.world
    bob = world.person("bob")
    own, other = world.server("192.0.2.1", bob), world.server("192.0.2.2", bob)
    hidden = world.server("192.0.2.3")
    keys = {server_id: world.server_key(server_id) for server_id in (own, other, hidden)}
    with served.stream(bob, server_id=f"{own},{hidden},77") as events:
        events.until("servers", lambda data: data == [own])
        for number in range(3):
            for server_id in (hidden, other, own):
                send(served, keys[server_id], cpu=number)
            _, before = events.until("samples", partial(is_cpu, number))
            assert servers_in(before) <= {own}
        world.later(seconds=91)
        world.container.get(DetectOffline)()
        assert [{"server_id": own, "status": "offline"}] == events.until("status")[0]


@pytest.mark.parametrize("query", [{"server_id": "x"}, {"server_id": "1,,-2"}, {"brief": "perhaps"}])
def test_an_invalid_choice_of_servers_is_a_400(served: Served, query: dict[str, str]) -> None:
    answer = served.send("GET", "/api/live", served.world.admin, params=query)
    assert (400, list(query)) == (answer.status_code, list(answer.json()["data"]["fields"]))


def test_unlinking_stops_it_and_linking_starts_it(served: Served) -> None:
    world = served.world
    bob = world.person("bob")
    first, second = world.server("192.0.2.1", bob), world.server("192.0.2.2", bob)
    keys = {server_id: world.server_key(server_id) for server_id in (first, second)}
    with served.stream(bob) as events:
        events.until("servers", lambda data: data == [first, second])
        served.send("POST", f"/api/servers/{first}/users", world.admin, json={"user_ids": []})
        events.until("servers", lambda data: data == [second])
        send(served, keys[first], cpu=1)
        send(served, keys[second], cpu=2)
        _, before = events.until("samples", of(second))
        assert [] == [
            event for event in before if event[0] in ("samples", "status") and event[1][0]["server_id"] == first
        ]
        served.send("POST", f"/api/servers/{first}/users", world.admin, json={"user_ids": [bob.id]})
        events.until("servers", lambda data: data == [first, second])
        send(served, keys[first], cpu=3)
        events.until("samples", of(first))


def test_a_restored_fleet_is_listed_again(served: Served) -> None:
    """It may have the revision of before."""
    world = served.world
    server_id = world.server("192.0.2.1")
    with served.stream(world.admin) as events:
        events.until("servers", lambda data: data == [server_id])
        world.container.fleet.doubt()
        world.container.fleet.refresh()
        assert [server_id] == events.until("servers")[0]


def test_samples_are_sent_even_while_the_fleet_changes(served: Served) -> None:
    """A new server, and in the same moment a sample of an old one."""
    world = served.world
    server_id = world.server("192.0.2.1")
    key = world.server_key(server_id)
    with served.stream(world.admin) as events:
        events.until("servers", lambda data: data == [server_id])
        for number in range(1, 11):
            send(served, key, cpu=number)
            world.server(f"198.51.100.{number}")
            events.until("samples", partial(is_cpu, number))


@pytest.mark.parametrize("how", ["log out", "delete", "reset", "role", "session", "expiry"])
def test_it_ends_with_the_session(served: Served, how: str) -> None:
    world = served.world
    bob = world.person("bob")
    [session] = world.store.queries.users.sessions(bob.actor, world.clock.now())
    with served.stream(bob) as events:
        events.until("servers")
        match how:
            case "log out":
                served.send("POST", "/api/auth/logout", bob)
            case "delete":
                served.send("DELETE", f"/api/users/{bob.id}", world.admin)
            case "reset":
                body = {"username": "bob", "password": "a brand new one"}
                served.send("PUT", "/api/users/reset-password", world.admin, json=body)
            case "role":
                served.send("PUT", f"/api/users/{bob.id}", world.admin, json={"role": "admin"})
            case "session":
                served.send("DELETE", f"/api/auth/sessions/{session.id}", bob)
            case "expiry":
                world.later(minutes=15)
        assert ("end", []) == events.rest()[-1]
    wait_until(lambda: served.hub.stream_count == 0)


def test_a_quiet_stream_is_kept_alive(served: Served) -> None:
    with served.stream(served.world.admin) as events:
        events.until("servers")
        events.until("alive")
        events.until("alive")


def test_a_reader_that_disconnects_is_forgotten(served: Served) -> None:
    for _ in range(3):
        with served.stream(served.world.admin) as events:
            events.until("servers")
            assert 1 == served.hub.stream_count
        wait_until(lambda: served.hub.stream_count == 0)


def test_a_shutdown_ends_it_at_once(served: Served) -> None:
    with served.stream(served.world.admin) as events:
        events.until("servers")
        served.hub.end_streams_soon()
        assert "end" not in [name for name, _ in events.rest()], "the client is to come again with the same token"


def test_without_a_token_there_is_no_stream(served: Served) -> None:
    for caller in (ANONYMOUS, Caller(headers={"Authorization": "Bearer x"})):
        answer = served.send("GET", "/api/live", caller)
        assert (401, 401) == (answer.status_code, answer.json()["code"])


def test_a_ticket_opens_it_once(served: Served) -> None:
    held = ticket(served, served.world.admin)
    with served.stream(ANONYMOUS, ticket=held) as events:
        events.until("servers")
        assert 401 == served.send("GET", "/api/live", ANONYMOUS, params={"ticket": held}).status_code


@pytest.mark.parametrize("used", ["", "x", "x" * 5000, "\0"])
def test_other_tickets_open_nothing(served: Served, used: str) -> None:
    """Not even beside a good token."""
    for caller in (ANONYMOUS, served.world.admin):
        assert 401 == served.send("GET", "/api/live", caller, params={"ticket": used}).status_code


def test_a_ticket_lasts_for_30_seconds(served: Served) -> None:
    early, late = (ticket(served, served.world.admin) for _ in range(2))
    served.world.later(seconds=29)
    with served.stream(ANONYMOUS, ticket=early) as events:
        events.until("servers")
    served.world.later(seconds=1)
    assert 401 == served.send("GET", "/api/live", ANONYMOUS, params={"ticket": late}).status_code


def test_a_ticket_ends_with_the_session(served: Served) -> None:
    bob = served.world.person("bob")
    held = ticket(served, bob)
    served.send("POST", "/api/auth/logout", bob)
    assert 401 == served.send("GET", "/api/live", ANONYMOUS, params={"ticket": held}).status_code


def known(world: World, person: Person) -> Known:
    return world.container.get(Authenticate)(person.token, ADDRESS)


def test_a_slow_reader_gets_the_newest_and_costs_no_memory(world: World) -> None:
    """All that happened between two reads is one sample per server."""
    ids = [world.server(f"192.0.2.{number}") for number in (1, 2)]
    keys = [world.server_key(server_id) for server_id in ids]
    world.report(keys[0])
    hub = world.application.hub
    hub.tick_seconds = 0.001
    stream: AsyncIterator[bytes] = hub.events(known(world, world.admin), Scope())

    async def read() -> bytes:
        return await anext(stream)

    listed = b"id: %d\nevent: servers\ndata: [1,2]\n\n" % world.container.fleet.directory.revision
    assert [b"retry: 2000\n\n", listed] == [world.run(read()) for _ in range(2)]
    assert world.run(read()).startswith(b"event: samples\n")
    for number in range(100):
        world.report(keys[0], f"2030-01-01 11:{number // 60:02}:{number % 60:02}", cpu=number)
        world.report(keys[1], f"2030-01-01 11:{number // 60:02}:{number % 60:02}", cpu=number)
    pieces = [world.run(read())]
    while b'"server_id":2' not in pieces[-1] or b'"cpu_value":99.0' not in pieces[-1]:
        pieces.append(world.run(read()))
    assert len(pieces) <= 2
    assert max(map(len, pieces)) < 1000
    world.run(stream.aclose())  # type: ignore[attr-defined]  # it is an async generator
    assert 0 == hub.stream_count
