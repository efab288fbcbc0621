"""/api/checks, over each kind of store."""

from contextlib import ExitStack
from typing import Any

import pytest

from monitor.adapters.outbound.destinations import networks
from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.checks.runs import RunCheck, RunDueChecks
from monitor.domain.checks.checks import MOST_CHECKS
from monitor.domain.fleet.teams import TeamAccess
from tests.contracts.checks import a_check
from tests.integration.checks.targets import answering, listening, ok
from tests.integration.http.conftest import NewWorld
from tests.integration.http.served import wait_until
from tests.integration.http.world import Json, Person, World, bearer
from tests.integration.ports import free_port

LOOPBACK = tuple(networks(["127.0.0.0/8"]))
WHOLE: Json = {"name": "shop", "kind": "http", "target": "https://shop.example.com/health"}


def send(world: World, method: str, path: str, caller: Person | None = None, **more: Any) -> Any:
    answer = world.send(method, f"/api/checks{path}", caller or world.admin, headers={"Accept-Language": "en"}, **more)
    return answer.json()["data"] if answer.status_code == 200 else (answer.status_code, answer.json())


@pytest.fixture
def near(any_store: Any, new_world: NewWorld) -> World:
    """May reach loopback."""
    return new_world(any_store, allowed_destinations=LOOPBACK)


def test_a_check_from_its_creation_to_its_end(near: World) -> None:
    world = near
    server_id = world.server("192.0.2.1", name="web-1")
    fields = ("statuses", "pattern", "json_path", "json_value", "record")
    expect = {"status": 204, "text": "fine"} | dict.fromkeys(fields)
    made = send(world, "POST", "", json=WHOLE | {"server_id": server_id, "expect": expect, "interval": 30})
    shown = {**WHOLE, "interval": 30, "timeout": 10, "attempts": 2, "server_id": server_id, "expect": expect}
    new = {"state": "new", "failures": 0, "last": None, "failed": None, "server_name": "web-1", "may_change": True}
    assert (shown | new).items() <= made.items()
    assert made == send(world, "GET", f"/{made['id']}") == send(world, "GET", "")[0]
    changed = send(world, "PUT", f"/{made['id']}", json={"name": "b", "kind": "ping", "target": "a.example"})
    assert {"kind": "ping", "expect": None, "server_id": None, "interval": 60, "attempts": 2}.items() <= changed.items()
    assert send(world, "DELETE", f"/{made['id']}") is None
    assert 404 == send(world, "GET", f"/{made['id']}")[0]
    assert [] == send(world, "GET", "")
    entries = world.store.queries.audit.newest(world.admin.actor, limit=3)
    assert ["check.delete", "check.update", "check.create"] == [entry.action for entry in entries]
    assert 'target: null -> "https://shop.example.com/health"' in entries[2].detail
    assert 'server: "web-1" -> null' in entries[1].detail


def test_runs(near: World) -> None:
    world = near
    with listening(answering(ok(b"all fine"))) as target:
        body = {"name": "a", "kind": "http", "target": f"http://127.0.0.1:{target.port}/", "timeout": 5}
        made = send(world, "POST", "", json=body | {"expect": {"text": "all fine"}})
        ran = send(world, "POST", f"/{made['id']}/run")
        assert ("up", True, None, None) == (ran["state"], *(ran["last"][key] for key in ("up", "error", "cert_days")))
        send(world, "PUT", f"/{made['id']}", json=body | {"expect": {"status": 500}})
        world.later(seconds=60)
        ran = send(world, "POST", f"/{made['id']}/run")
        assert ("new", 1, "status 200, expected 500") == (ran["state"], ran["failures"], ran["last"]["error"])
        world.later(seconds=60)
        ran = send(world, "POST", f"/{made['id']}/run")
        assert ("down", 2, ran["last"]["at"]) == (ran["state"], ran["failures"], ran["failed"]["at"])
    path = f"/{made['id']}/series"
    wait_until(lambda: len(send(world, "GET", path, params={"end": "2030-01-01 13:00:00"})["time"]) == 3)
    series = send(world, "GET", path, params={"end": "2030-01-01 13:00:00"})
    assert [1.0, 0.0, 0.0] == series["up"]["avg"]
    assert all(value > 0 for value in series["ms"]["avg"])
    uptime = send(world, "GET", f"/{made['id']}/uptime")
    assert ("2029-12-03", [*[None] * 29, 33.333]) == (uptime["first"], uptime["days"])
    [alert] = world.send("GET", "/api/alerts", world.admin).json()["data"]
    assert (made["id"], None, "up", "critical") == tuple(
        alert[key] for key in ("check_id", "server_id", "metric", "level")
    )
    assert "firing" == alert["state"]
    for params, found in (({"check_id": made["id"]}, [alert]), ({"check_id": made["id"], "state": "pending"}, [])):
        assert found == world.send("GET", "/api/alerts", world.admin, params=params).json()["data"]
    for wrong in ({"check_in_id": made["id"]}, {"check_id": 4711}):
        assert 404 == world.send("GET", "/api/alerts", world.admin, params=wrong).status_code
    assert 404 == world.send("GET", f"/api/servers/{made['id']}/series", world.admin).status_code


def test_a_target_that_is_not_public_is_not_asked(world: World) -> None:
    with listening(answering(ok())) as target:
        made = send(world, "POST", "", json={"name": "a", "kind": "tcp", "target": f"127.0.0.1:{target.port}"})
        ran = send(world, "POST", f"/{made['id']}/run")
    assert [] == target.accepted
    assert not ran["last"]["up"]
    assert "MONITOR_ALLOWED_DESTINATIONS" in ran["last"]["error"]


def test_pages_and_filters(near: World) -> None:
    world = near
    server_id = world.server("192.0.2.1")
    with listening(lambda _: None) as target:
        targets = [f"127.0.0.1:{target.port}", f"127.0.0.1:{free_port()}", "a.example:1"]
        ids = [
            send(world, "POST", "", json={"name": f"C{n}", "kind": "tcp", "target": target, "attempts": 1})["id"]
            for n, target in enumerate(targets)
        ]
        ids.append(send(world, "POST", "", json=WHOLE | {"server_id": server_id})["id"])
        for check_id in ids[:2]:
            send(world, "POST", f"/{check_id}/run")

    def found(**params: Any) -> list[int]:
        return [each["id"] for each in send(world, "GET", "", params=params)]

    assert ids == found()
    assert ids[3:] == found(server_id=server_id) == found(kind="http") == found(q="SHOP.Example")
    assert [ids[:1], ids[1:2]] == [found(up=True), found(up=False)]
    assert [ids[:1], ids[1:2], ids[2:]] == [found(state=state) for state in ("up", "down", "new")]
    assert ids[1:2] == found(q="c1")
    assert [ids[1], ids[0], *ids[2:]] == found(sort="state")
    first = world.send("GET", "/api/checks?limit=3&sort=state", world.admin)
    assert [ids[1], ids[0], ids[2]] == [each["id"] for each in first.json()["data"]]
    assert ids[3:] == found(limit=3, sort="state", cursor=first.headers["X-Next-Cursor"])
    first = world.send("GET", "/api/checks?limit=3", world.admin)
    assert ids[:3] == [each["id"] for each in first.json()["data"]]
    assert ids[3:] == found(limit=3, cursor=first.headers["X-Next-Cursor"])
    assert 400 == send(world, "GET", "", params={"kind": "x"})[0]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("target", {"target": "a b"}),
        ("target", {"kind": "tcp", "target": "a"}),
        ("kind", {"kind": "smtp"}),
        ("interval", {"interval": 5}),
        ("timeout", {"timeout": 60}),
        ("attempts", {"attempts": 0}),
        ("attempts", {"attempts": 1.5}),
        ("expect.record", {"expect": {"record": "192.0.2.1"}}),
        ("expect.status", {"expect": {"status": 1000}}),
        ("expect.body", {"expect": {"body": "x"}}),
        ("expect.statuses", {"expect": {"statuses": "299-200"}}),
        ("expect.pattern", {"expect": {"pattern": "(?=a)"}}),
        ("expect.pattern", {"expect": {"pattern": "(.{1,900}){1,9}"}}),
        ("expect.json_path", {"expect": {"json_path": "a[b]"}}),
        ("request.method", {"request": {"method": "TRACE"}}),
        ("request.redirects", {"request": {"redirects": 6}}),
        ("request.ca", {"request": {"ca": "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----"}}),
        ("request.headers.1.name", {"request": {"headers": [{"name": "A"}, {"name": "Content-Length"}]}}),
        ("request.headers.0.value", {"request": {"headers": [{"name": "A", "secret": True}]}}),
        ("request.body", {"kind": "tcp", "target": "a:1", "request": {"body": "x"}}),
        ("port", {"port": 1}),
        ("name", {"name": "\u202e"}),
    ],
)
def test_what_is_refused(world: World, field: str, body: Json) -> None:
    status, answer = send(world, "POST", "", json=WHOLE | body)
    assert (400, [field]) == (status, [*answer["data"]["fields"]])
    assert [] == send(world, "GET", "")


def test_an_unknown_server_is_refused(near: World) -> None:
    other = send(near, "POST", "", json=WHOLE)["id"]
    for server_id in (4711, other):
        for method, path in (("POST", ""), ("PUT", f"/{other}")):
            status, answer = send(near, method, path, json=WHOLE | {"server_id": server_id})
            assert (400, ["server_id"]) == (status, [*answer["data"]["fields"]])


def test_secrets_are_shown_to_those_alone_who_may_change_them(near: World) -> None:
    world = near
    reader = world.person("reader")
    server_id = world.server("192.0.2.1")
    world.team(TeamAccess.READ, server_id, reader)
    body = WHOLE | {"target": "https://user:s3cret@shop.example.com/?key=t0ken", "server_id": server_id}
    made = send(world, "POST", "", json=body)
    send(world, "PUT", f"/{made['id']}", json=body | {"target": "https://user:s3cret2@shop.example.com/"})
    [seen] = send(world, "GET", "", reader)
    assert ("https://***@shop.example.com/", False) == (seen["target"], seen["may_change"])
    send(world, "PUT", f"/{made['id']}", json=body)
    token = world.send("POST", "/api/tokens", world.admin, json={"name": "reads", "scope": "read"}).json()["data"]
    for caller in (reader, bearer(token["token"])):
        [seen] = world.send("GET", "/api/checks", caller).json()["data"]
        assert ("https://***@shop.example.com/***", False) == (seen["target"], seen["may_change"])
        for text in ("s3cret", "t0ken"):
            assert [] == world.send("GET", "/api/checks", caller, params={"q": text}).json()["data"]
    entries = world.store.queries.audit.newest(world.admin.actor, limit=10)
    assert not any("s3cret" in entry.detail for entry in entries)


def test_a_stop_keeps_results_and_their_alerts(world: World) -> None:
    made = send(world, "POST", "", json={"name": "a", "kind": "tcp", "target": "127.0.0.1:1", "attempts": 1})
    run = world.container.get(RunDueChecks)
    assert 1 == run()
    wait_until(lambda: not run._running)
    world.run(world._stack.aclose())
    assert "down" == world.store.queries.checks.get(world.admin.actor, made["id"]).status.state
    assert [(made["id"], "up")] == world.container.get(Alerting).states.firing()


def test_there_is_a_limit(world: World) -> None:
    with world.container.uow() as uow:
        for number in range(MOST_CHECKS):
            uow.checks.add(a_check(), f"100::{number + 1:x}", world.clock.now())
        uow.commit()
    status, answer = send(world, "POST", "", json=WHOLE)
    assert (409, "too_many_checks") == (status, answer["data"]["reason"])


def test_no_list_of_hosts_has_it(near: World) -> None:
    world = near
    made = send(world, "POST", "", json=WHOLE)
    send(world, "POST", f"/{made['id']}/run")
    for path in ("/api/servers", "/api/servers/ids", "/api/monitor/data"):
        assert [] == world.send("GET", path, world.admin).json()["data"]
    assert 0 == world.send("GET", "/api/monitor/stats", world.admin).json()["data"]["total_servers"]
    for method in ("GET", "DELETE"):
        assert 404 == world.send(method, f"/api/servers/{made['id']}", world.admin).status_code


def test_several_wait_for_one_run(near: World) -> None:
    """Runs of one check never overlap: who comes during a run gets its result."""
    from concurrent.futures import ThreadPoolExecutor
    from time import sleep

    def slow(connection: Any) -> None:
        sleep(0.5)
        answering(ok())(connection)

    world = near
    run = world.container.get(RunCheck)
    with ExitStack() as stack:
        target = stack.enter_context(listening(slow))
        body = {"name": "a", "kind": "http", "target": f"http://127.0.0.1:{target.port}/"}
        made = send(world, "POST", "", json=body)
        pool = stack.enter_context(ThreadPoolExecutor(3))
        runs = [pool.submit(run, world.admin.actor, made["id"]) for _ in range(3)]
        assert all(each.result().status.last is not None for each in runs)
        assert 1 == len(target.accepted)
