"""A stream of the servers that one looks at, with the figures of all: what a large fleet needs."""

from typing import Any

from monitor.application.alerts.offline import DetectOffline
from tests.integration.http.served import Served
from tests.integration.http.world import agent, report


def counted(total: int, online: int, never: int, alerts: int = 0, silenced: int = 0) -> dict[str, int]:
    return {
        "total_servers": total,
        "online_servers": online,
        "offline_servers": total - online,
        "never_reported": never,
        "alert_count": alerts,
        "silenced_servers": silenced,
    }


def is_so(expected: dict[str, int]) -> Any:
    return lambda data: data == [expected]


def send(served: Served, key: str, **values: Any) -> None:
    served.world.later(seconds=1)
    assert 200 == served.send("POST", "/api/monitor/data", agent(key), json=report(interval=15, **values)).status_code


def test_one_sees_all_in_figures_and_only_what_one_looks_at_in_full(served: Served) -> None:
    world = served.world
    looked_at, other = world.server("192.0.2.1"), world.server("192.0.2.2")
    keys = {server_id: world.server_key(server_id) for server_id in (looked_at, other)}
    with served.stream(world.admin, server_id=str(looked_at), counts="true", brief="true") as events:
        events.until("counts", is_so(counted(2, 0, 2)))
        send(served, keys[other])
        events.until("counts", is_so(counted(2, 1, 1)))
        send(served, keys[looked_at])
        _, before = events.until("counts", is_so(counted(2, 2, 0)))
        samples = [row["server_id"] for name, rows in before if name == "samples" for row in rows]
        assert {looked_at} >= set(samples)
        world.server("192.0.2.3")
        events.until("counts", is_so(counted(3, 2, 1)))
        world.later(seconds=91)
        world.container.get(DetectOffline)()
        events.until("counts", lambda data: data[0]["online_servers"] == 0)


def test_a_stream_of_no_server_has_the_figures_alone(served: Served) -> None:
    world = served.world
    key = world.server_key(world.server("192.0.2.1"))
    with served.stream(world.admin, server_id="", counts="true") as events:
        assert [] == events.until("servers")[0]
        events.until("counts", is_so(counted(1, 0, 1)))
        send(served, key)
        _, before = events.until("counts", is_so(counted(1, 1, 0)))
        assert {name for name, _ in before} <= {"alive", "counts"}


def test_figures_are_those_of_what_one_may_see(served: Served) -> None:
    world = served.world
    bob = world.person("bob")
    own, hidden = world.server("192.0.2.1", bob), world.server("192.0.2.2")
    with served.stream(bob, server_id="", counts="true") as events:
        events.until("counts", is_so(counted(1, 0, 1)))
        send(served, world.server_key(hidden))
        send(served, world.server_key(own))
        _, before = events.until("counts", is_so(counted(1, 1, 0)))
        assert all(data == [counted(1, 0, 1)] for name, data in before if name == "counts")


def test_silenced_servers_are_counted_while_a_silence_acts(served: Served) -> None:
    world = served.world
    one, _ = world.server("192.0.2.1"), world.server("192.0.2.2")
    with served.stream(world.admin, server_id="", counts="true") as events:
        events.until("counts", is_so(counted(2, 0, 2)))
        body = {"scope": {"server_id": one}, "ends_at": "2030-01-01 12:10:00"}
        assert 200 == served.send("POST", "/api/silences", world.admin, json=body).status_code
        events.until("counts", is_so(counted(2, 0, 2, silenced=1)))
        world.later(minutes=10)
        events.until("counts", is_so(counted(2, 0, 2)))


def test_who_asks_for_no_figures_gets_none(served: Served) -> None:
    world = served.world
    key = world.server_key(world.server("192.0.2.1"))
    with served.stream(world.admin) as events:
        send(served, key)
        _, before = events.until("samples", lambda rows: rows[0]["cpu_value"] is not None)
        assert "counts" not in {name for name, _ in before}
