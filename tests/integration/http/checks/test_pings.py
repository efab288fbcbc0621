"""What jobs request: any method, any body, no log-in."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from monitor.application.accounts.limits import Refusals
from monitor.application.checks.pings import PINGS_A_MINUTE, UNKNOWN_A_MINUTE
from monitor.domain.checks.check_ins import MAX_PING_BODY
from tests.integration.http.checks.test_check_ins import create, read
from tests.integration.http.served import Served
from tests.integration.http.world import World


def pings(world: World, check_in: Any, query: str = "") -> Any:
    return world.send("GET", f"/api/check-ins/{check_in['id']}/pings{query}", world.admin).json()["data"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    ("event", "kind", "status", "state"),
    [
        ("", "success", None, "up"),
        ("/start", "start", None, "new"),
        ("/fail", "fail", None, "down"),
        ("/0", "success", 0, "up"),
        ("/1", "fail", 1, "down"),
        ("/255", "fail", 255, "down"),
    ],
)
def test_each_event_comes_by_each_method(
    calm_world: World, method: str, event: str, kind: str, status: int | None, state: str
) -> None:
    made = create(calm_world)
    answer = calm_world.send(method, made["ping_path"] + event, address="203.0.113.5")
    assert (answer.status_code, answer.text) == (200, "" if method == "HEAD" else "OK")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    shown = {"at": "2030-01-01 12:00:00", "kind": kind, "status": status, "duration": None, "body": ""}
    assert pings(calm_world, made) == [shown | {"address": "203.0.113.5"}]
    assert read(calm_world, made)["state"] == state


@pytest.mark.parametrize(
    "path",
    [
        "/ping",
        "/ping/",
        "/ping/00000000-0000-4000-8000-000000000000",
        "/ping/00000000-0000-4000-8000-000000000000/fail",
        "/ping/{key}/256",
        "/ping/{key}/-1",
        "/ping/{key}/01234",
        "/ping/{key}/stop",
        "/ping/{key}/٣",
        "/ping/{key}/fail/1",
        "/ping/{plain}",
        "/ping/{key}%20",
        "/ping/%00",
        "/ping/'%20OR%201=1",
    ],
)
def test_what_is_no_ping_is_not_found(calm_world: World, path: str) -> None:
    made = create(calm_world)
    key = made["ping_path"].rpartition("/")[2]
    for method in ("GET", "HEAD", "POST"):
        answer = calm_world.send(method, path.format(key=key, plain=key.replace("-", "")))
        assert answer.status_code == 404
    assert pings(calm_world, made) == []


def test_other_methods_are_refused(calm_world: World) -> None:
    made = create(calm_world)
    for method in ("PUT", "DELETE", "PATCH"):
        assert calm_world.send(method, made["ping_path"]).status_code == 405


def test_the_secret_is_compared_without_regard_to_case(calm_world: World) -> None:
    made = create(calm_world)
    prefix, _, key = made["ping_path"].rpartition("/")
    assert calm_world.send("GET", f"{prefix}/{key.upper()}").text == "OK"


def test_a_browser_pings_too_and_gets_no_screen(served: Served) -> None:
    made = create(served.world)
    assert served.client.get(made["ping_path"], headers={"Accept": "text/html"}).text == "OK"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"all good", "all good"),
        (b"\xff\x00\x1b[31m", "\ufffd\x00\x1b[31m"),
        (b'{"a": 1}', '{"a": 1}'),
        (b"x" * MAX_PING_BODY, "x" * MAX_PING_BODY),
        (b"x" * 900_000, "x" * MAX_PING_BODY),
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/x-www-form-urlencoded", "nonsense"])
def test_any_body_is_taken_and_cut(calm_world: World, body: bytes, shown: str, kind: str) -> None:
    made = create(calm_world)
    answer = calm_world.send("POST", made["ping_path"], content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.text) == (200, "OK")
    assert pings(calm_world, made)[0]["body"] == shown


def test_a_body_without_end_is_not_read(any_world: World) -> None:
    made, sent = create(any_world), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000_000):
            sent += 1
            yield b"x" * 10_000

    answer = any_world.send("POST", f"{made['ping_path']}/7", content=endless())
    assert (answer.text, answer.headers["connection"]) == ("OK", "close")
    assert sent < 200
    [ping] = pings(any_world, made)
    assert (ping["status"], len(ping["body"])) == (7, MAX_PING_BODY)


def test_pings_have_pages(any_world: World) -> None:
    made = create(any_world)
    for n in range(5):
        any_world.send("POST", f"{made['ping_path']}/{n}")
        any_world.later(seconds=1)
    found, query = [], "?limit=2"
    while query:
        answer = any_world.send("GET", f"/api/check-ins/{made['id']}/pings{query}", any_world.admin)
        found += [each["status"] for each in answer.json()["data"]]
        cursor = answer.headers.get("X-Next-Cursor")
        query = f"?limit=2&cursor={cursor}" if cursor else ""
    assert found == [4, 3, 2, 1, 0]
    for wrong in ("?limit=0", "?limit=1001", "?cursor=x"):
        assert any_world.send("GET", f"/api/check-ins/{made['id']}/pings{wrong}", any_world.admin).status_code == 400


def test_a_flood_of_one_secret_is_slowed_down_and_others_are_not(world: World) -> None:
    flooded, calm = create(world), create(world)
    answers = [world.send("GET", flooded["ping_path"]) for _ in range(PINGS_A_MINUTE + 5)]
    assert [answer.status_code for answer in answers] == [200] * (PINGS_A_MINUTE + 1) + [429] * 4
    assert answers[-1].headers["retry-after"] == "60"
    assert world.send("GET", calm["ping_path"]).status_code == 200
    world.later(seconds=60)
    assert world.send("GET", flooded["ping_path"]).status_code == 200


def test_who_guesses_secrets_is_slowed_down_and_known_jobs_behind_the_same_address_are_not(world: World) -> None:
    known = create(world)
    world.send("GET", known["ping_path"])
    statuses = [world.send("GET", f"/ping/{uuid4()}").status_code for _ in range(UNKNOWN_A_MINUTE + 5)]
    assert statuses == [404] * UNKNOWN_A_MINUTE + [429] * 5
    assert world.send("GET", known["ping_path"]).status_code == 200
    assert world.send("GET", f"/ping/{uuid4()}", address="203.0.113.99").status_code == 404


def test_the_secret_is_in_no_log_and_no_audit_entry(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    made = create(world)
    key = made["ping_path"].rpartition("/")[2]
    for _ in range(PINGS_A_MINUTE + 3):
        world.send("GET", f"{made['ping_path']}/start")
    world.send("DELETE", f"/api/check-ins/{made['id']}", world.admin)
    world.send("GET", made["ping_path"])
    world.container.get(Refusals)(all_of_them=True)
    entries = world.store.queries.audit.newest(world.admin.actor, limit=1000)
    assert "access.limited" in {each.action for each in entries}
    assert not any(key in f"{each.target} {each.detail}" for each in entries)
    out, err = capfd.readouterr()
    assert key not in out + err


def test_many_at_once_over_a_real_server_are_all_stored(served: Served) -> None:
    """Each `OK` is one ping, and the numbers have no gaps."""
    made = [create(served.world, name=f"job {n}") for n in range(5)]

    async def ping_all() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=served.url, timeout=30.0) as client:
            return await asyncio.gather(*(client.post(each["ping_path"]) for each in made * 20))

    answers = asyncio.run(ping_all())
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "OK")}
    queries = served.world.store.queries.check_ins
    for each in made:
        numbers = [ping.number for ping in queries.pings(each["id"], before=None, limit=100)]
        assert numbers == [*range(20, 0, -1)]
