"""How checks ask, over HTTP: secret headers, trials, pauses, and uptime."""

from typing import Any

import pytest

from monitor.domain.accounts.limits import CHECK_TRIALS
from tests.integration.checks.targets import answering, listening, ok
from tests.integration.http.checks.test_checks import WHOLE, near, send
from tests.integration.http.served import wait_until
from tests.integration.http.world import Json, World, bearer

__all__ = ["near"]  # a fixture
REQUEST: Json = {
    "method": "POST",
    "headers": [
        {"name": "X-Key", "value": "s3cret", "secret": True},
        {"name": "Accept", "value": "text/plain", "secret": False},
    ],
    "body": '{"pass": "w0rd"}',
    "redirects": 2,
    "ca": None,
}
KEPT: Json = REQUEST | {"headers": [{"name": "x-key", "secret": True}]}


def details(world: World) -> list[str]:
    return [f"{entry.action} {entry.detail}" for entry in world.store.queries.audit.newest(world.admin.actor, limit=9)]


def test_a_secret_header_is_sent_and_never_read_again(near: World) -> None:
    world, seen = near, list[bytes]()
    with listening(answering(ok(), seen=seen)) as target:
        body = WHOLE | {"target": f"http://127.0.0.1:{target.port}/", "request": REQUEST}
        made = send(world, "POST", "", json=body)
        secret, other = made["request"]["headers"]
        assert ({"name": "X-Key", "value": None, "secret": True}, "text/plain") == (secret, other["value"])
        assert (REQUEST | {"headers": None}) == made["request"] | {"headers": None}
        changed = send(world, "PUT", f"/{made['id']}", json=body | {"request": KEPT})
        assert 1 == len(changed["request"]["headers"])
        send(world, "POST", f"/{made['id']}/run")
        assert b"x-key: s3cret" in seen[0]
        tried = send(world, "POST", f"/try?check_id={made['id']}", json=body | {"request": KEPT})
        assert (True, 200) == (tried["up"], tried["status"])
        assert b"x-key: s3cret" in seen[1]
    elsewhere = WHOLE | {"target": f"http://127.0.0.2:{target.port}/", "request": KEPT}
    for method, path in (("PUT", f"/{made['id']}"), ("POST", f"/try?check_id={made['id']}"), ("POST", "/try")):
        status, answer = send(world, method, path, json=elsewhere)
        assert (400, ["request.headers.0.value"]) == (status, [*answer["data"]["fields"]])
    token = world.send("POST", "/api/tokens", world.admin, json={"name": "reads", "scope": "read"}).json()["data"]
    [reader] = world.send("GET", "/api/checks", bearer(token["token"])).json()["data"]
    assert reader["request"] is None
    assert not any("s3cret" in each or "w0rd" in each for each in details(world))
    assert any('request.method: null -> "POST"' in each for each in details(world))


def test_a_trial_is_not_stored(near: World) -> None:
    world = near
    with listening(answering(ok(b'{"state": "fine"}'))) as target:
        body = WHOLE | {"target": f"http://127.0.0.1:{target.port}/", "expect": {"json_path": "state"}}
        found = send(world, "POST", "/try", json=body)
        assert {"up": True, "status": 200, "matched": {"json_path": '"fine"'}, "error": None}.items() <= found.items()
        assert found["ms"] > 0
        found = send(world, "POST", "/try", json=body | {"expect": {"text": "well"}})
        assert (False, "the expected text is missing") == (found["up"], found["error"])
    assert [] == send(world, "GET", "")
    assert f"check.try http http://127.0.0.1:{target.port}/" in details(world)
    status, answer = send(world, "POST", "/try", json=WHOLE | {"interval": 1})
    assert (400, ["interval"]) == (status, [*answer["data"]["fields"]])
    assert 404 == send(world, "POST", "/try?check_id=4711", json=WHOLE)[0]


def test_trials_are_limited(world: World) -> None:
    body = {"name": "a", "kind": "tcp", "target": "127.0.0.1:1"}
    for _ in range(CHECK_TRIALS):
        assert not send(world, "POST", "/try", json=body)["up"]
    assert 429 == send(world, "POST", "/try", json=body)[0]


def firing(world: World) -> list[Json]:
    found: list[Json] = world.send("GET", "/api/alerts?state=firing", world.admin).json()["data"]
    return found


def test_a_paused_one_does_not_run_and_its_alert_is_cancelled(near: World) -> None:
    world = near
    made = send(world, "POST", "", json={"name": "a", "kind": "tcp", "target": "127.0.0.1:1", "attempts": 1})
    path = f"/{made['id']}"
    send(world, "POST", f"{path}/run")
    wait_until(lambda: len(firing(world)) == 1)
    [alert] = firing(world)
    paused = send(world, "POST", f"{path}/pause")
    assert ("paused", 0, False) == (paused["state"], paused["failures"], paused["last"]["up"])
    assert [] == firing(world)
    [ended] = world.send("GET", "/api/alerts", world.admin).json()["data"]
    assert (alert["id"], "cancelled") == (ended["id"], ended["state"])
    assert (409, "check_paused") == (lambda s, a: (s, a["data"]["reason"]))(*send(world, "POST", f"{path}/run"))
    assert paused == send(world, "POST", f"{path}/pause")
    body = {"name": "b", "kind": "tcp", "target": "127.0.0.1:2"}
    assert "paused" == send(world, "PUT", path, json=body)["state"]
    assert [made["id"]] == [each["id"] for each in send(world, "GET", "", params={"state": "paused"})]
    assert "new" == send(world, "POST", f"{path}/resume")["state"]
    send(world, "POST", f"{path}/run")
    wait_until(lambda: send(world, "GET", path)["failures"] == 1)
    actions = [each.partition(" ")[0] for each in details(world)]
    assert ["check.run", "check.resume", "check.update", "check.pause", "check.run"] == actions[:5]
    assert 'check.pause state: "down" -> "paused"' in details(world)


def test_many_are_paused_and_resumed(near: World) -> None:
    world = near
    ids = [send(world, "POST", "", json=WHOLE | {"name": f"c{n}"})["id"] for n in range(3)]
    job = world.send("POST", "/api/check-ins", world.admin, json={"name": "j", "period": 60, "grace": 60}).json()[
        "data"
    ]
    wanted = {"check_ids": [*ids[:2], ids[0]], "check_in_ids": [job["id"]]}
    assert {"checks": 2, "check_ins": 1} == send(world, "POST", "/batch", json={"action": "pause"} | wanted)
    assert ["paused", "paused", "new"] == [each["state"] for each in send(world, "GET", "")]
    assert "paused" == world.send("GET", f"/api/check-ins/{job['id']}", world.admin).json()["data"]["state"]
    send(world, "POST", "/batch", json={"action": "resume"} | wanted)
    assert ["new"] * 3 == [each["state"] for each in send(world, "GET", "")]
    assert 404 == send(world, "POST", "/batch", json={"action": "pause", "check_ids": [job["id"]]})[0]


def test_uptime_of_some_checks(near: World) -> None:
    world = near
    server_id = world.server("192.0.2.1")
    person = world.person("ann")
    with listening(answering(ok())) as target:
        body = {"name": "a", "kind": "tcp", "target": f"127.0.0.1:{target.port}"}
        up = send(world, "POST", "", json=body)["id"]
        down = send(world, "POST", "", json=body | {"target": "127.0.0.1:1", "server_id": server_id})["id"]
        new = send(world, "POST", "", json=WHOLE)["id"]
        for _ in range(2):
            for check_id in (up, down):
                send(world, "POST", f"/{check_id}/run")
            world.later(seconds=60)

    def spans(caller: Any = None) -> dict[int, tuple[Any, ...]]:
        ids = ",".join(map(str, (up, down, new, server_id, 4711)))
        found = send(world, "GET", "/uptime", caller, params={"ids": f"{ids},x"})
        return {each.pop("id"): tuple(each.values()) for each in found}

    wait_until(lambda: spans()[down][0] is not None and spans()[up][0] is not None)
    assert {up: (100.0,) * 4, down: (0.0,) * 4, new: (None,) * 4} == spans()
    assert {} == spans(person)


@pytest.mark.parametrize("body", [{"action": "stop"}, {"action": "pause", "ids": [1]}])
def test_wrong_batches(world: World, body: Json) -> None:
    assert 400 == send(world, "POST", "/batch", json=body)[0]
