"""A host whose clock is off by more than a minute is flagged: each of its requests has its time."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from monitor.application.alerts.clocks import FollowClocks
from monitor.application.alerts.offline import DetectOffline
from monitor.application.policies.policies import EnsureDefaultPolicies
from tests.integration.http.served import Served
from tests.integration.http.world import Caller, Json, World, agent, report

SINGLE, BATCH = "/api/monitor/data", "/api/monitor/data/batch"
ADDRESS = "192.0.2.1"


def date(world: World, seconds: float) -> Json:
    """The `Date` header of a host whose clock is that many seconds ahead."""
    return {"Date": format_datetime(world.clock.now() + timedelta(seconds=seconds), usegmt=True)}


def send(world: World, key: str, ahead: float, path: str = SINGLE, **values: Any) -> httpx.Response:
    world.later(seconds=1)
    return world.send("POST", path, agent(key), json=report(**values), headers=date(world, ahead))


def shown(world: World, server_id: int) -> set[int | None]:
    """The skew at each place where the server is shown."""
    one = world.send("GET", f"/api/servers/{server_id}", world.admin).json()["data"]
    listed = world.send("GET", "/api/servers", world.admin).json()["data"]
    latest = world.send("GET", "/api/monitor/stats", world.admin).json()["data"]["latest_data"]
    rows = [row for row in (*listed, *latest) if server_id in (row.get("id"), row.get("server_id"))]
    return {row["clock_skew"] for row in (one, *rows)}


@pytest.mark.parametrize("path", [SINGLE, f"{SINGLE}/"], ids=["the short way", "the long way"])
def test_a_clock_that_is_off_is_flagged_until_it_is_right(world: World, path: str) -> None:
    server_id = world.server(ADDRESS)
    key = world.server_key(server_id)
    for ahead, flagged in ((-61, -61), (-60, None), (3600, 3600), (60, None), (-86400, -86400), (0, None)):
        assert 200 == send(world, key, ahead, path).status_code
        assert {flagged} == shown(world, server_id), ahead


def test_without_a_valid_date_header_the_skew_is_unknown(world: World) -> None:
    server_id = world.server(ADDRESS)
    key = world.server_key(server_id)
    nothing = ("", "soon", "Tue, 01 Jan 2030", "Tue, 99 Jan 2030 12:00:00 GMT", "2030-01-01 11:00:00", "\xff" * 29)
    for headers in ({}, *({"Date": text} for text in nothing)):
        send(world, key, 300)
        assert {300} == shown(world, server_id)
        world.later(seconds=1)
        assert 200 == world.send("POST", SINGLE, agent(key), json=report(), headers=headers).status_code
        assert {None} == shown(world, server_id), headers


def test_a_sample_that_is_refused_for_its_time_flags_the_host(world: World) -> None:
    """A clock far ahead gets nothing stored: just then a person needs to see it."""
    server_id = world.server(ADDRESS)
    key = world.server_key(server_id)
    refused = send(world, key, 7200, recorded_at="2030-01-01 14:00:00")
    assert (400, {7200}) == (refused.status_code, shown(world, server_id))


def test_a_batch_flags_a_host_only_if_all_samples_are_its_own(world: World) -> None:
    """A batch with samples of several hosts comes from a program that gathered them."""
    first, second = world.server(ADDRESS), world.server("192.0.2.2")
    key = world.fleet_key()

    def item(address: str) -> Json:
        return report(ip_address=address, recorded_at="2030-01-01 11:00:00")

    def batch(*samples: Json) -> None:
        world.send("POST", BATCH, agent(key), json={"samples": samples}, headers=date(world, 600))

    batch(item(ADDRESS), item("192.0.2.2"))
    assert ({None}, {None}) == (shown(world, first), shown(world, second))
    batch(item(ADDRESS), item("192.0.2.99"), item(ADDRESS))
    assert ({600}, {None}) == (shown(world, first), shown(world, second))


def test_the_skew_of_a_deleted_server_is_forgotten(world: World) -> None:
    server_id = world.server(ADDRESS)
    send(world, world.server_key(server_id), 600)
    world.send("DELETE", f"/api/servers/{server_id}", world.admin)
    world.container.fleet.refresh()
    assert {} == world.container.fleet.clock_skew


def test_the_live_stream_has_the_skew() -> None:
    served = Served(World(is_started=False))
    world = served.world
    server_id = world.server(ADDRESS)
    sender = Caller(headers={"X-API-Key": world.server_key(server_id), **date(world, -90)})
    try:
        with served.stream(world.admin) as events:
            assert 200 == served.send("POST", SINGLE, sender, json=report()).status_code
            [row], _ = events.until("samples", lambda rows: rows[0]["clock_skew"] is not None)
            assert -90 == row["clock_skew"]
    finally:
        served.stop()


def alerts(world: World, metric: str) -> list[tuple[str, str, float]]:
    found = world.send("GET", f"/api/alerts?metric={metric}", world.admin).json()["data"]
    return [(alert["state"], alert["level"], alert["value"]) for alert in found]


@pytest.mark.parametrize("dated", [True, False], ids=["with its own time", "by the time of its samples"])
@pytest.mark.parametrize("path", [SINGLE, BATCH])
def test_a_host_days_ahead_is_online_and_has_an_alert_that_says_so(world: World, path: str, dated: bool) -> None:
    """Even where nothing that it measured can be stored."""
    world.container.get(EnsureDefaultPolicies)()
    follow, detect = world.container.get(FollowClocks), world.container.get(DetectOffline)
    server_id = world.server(ADDRESS)
    key = world.server_key(server_id)
    for _ in range(20):
        world.later(seconds=15)
        ahead = 2 * 86_400
        sample = report(recorded_at=f"{world.clock.now() + timedelta(seconds=ahead):%Y-%m-%d %H:%M:%S}")
        body = {"samples": [sample]} if path == BATCH else sample
        answer = world.send("POST", path, agent(key), json=body, headers=date(world, ahead) if dated else {})
        assert answer.status_code == (200 if path == BATCH else 400)
        follow()
        detect()
    assert "online" == world.send("GET", f"/api/servers/{server_id}", world.admin).json()["data"]["status"]
    assert [("firing", "warning", 2 * 86_400)] == alerts(world, "clock_error")
    assert [] == alerts(world, "offline")
    for _ in range(6):
        world.later(seconds=14)
        assert 200 == send(world, key, 0).status_code
        follow()
    assert [("resolved", "warning", 0.0)] == alerts(world, "clock_error")


def test_a_refused_sample_says_why_to_its_agent(world: World) -> None:
    """It is kept, and sent again when its time has come."""
    key = world.server_key(world.server(ADDRESS))
    answer = world.send("POST", SINGLE, agent(key), json=report(recorded_at="2030-01-01 14:00:00"))
    assert (400, "in_future") == (answer.status_code, answer.json()["data"]["reason"])


@pytest.mark.parametrize("key", ["right", "wrong"])
def test_every_answer_has_the_time_of_the_server(world: World, key: str) -> None:
    known = {"right": world.server_key(world.server(ADDRESS)), "wrong": "mk_wrong"}
    for path in (SINGLE, BATCH):
        answer = world.send("POST", path, agent(known[key]), json={"samples": []})
        assert float(answer.headers["X-Monitor-Time"]) == world.clock.now().timestamp()
