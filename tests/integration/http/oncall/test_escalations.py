"""/api/escalations, and the escalations of teams and policies."""

from typing import Any

import pytest

from tests.integration.http.access_subjects import Subjects
from tests.integration.http.alerts.alarms import host, policy
from tests.integration.http.world import Json, World

LINKED: Json = {"after": 0, "to": [{"linked": True}]}
NIGHT: Json = {"name": "Night", "steps": [LINKED]}


def data(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def create(world: World, **more: Any) -> Json:
    made: Json = data(world.send("POST", "/api/escalations", world.admin, json=NIGHT | more))
    return made


def test_an_escalation_is_shown_as_it_was_given(any_world: World) -> None:
    world = any_world
    ann = world.person("ann")
    server = world.server("192.0.2.1", ann)
    channel = Subjects(world, server, ann).id_of("channel_id", "")
    rota = {"name": "web", "timezone": "UTC", "starts_at": "2030-01-01 08:00:00", "user_ids": [ann.id]}
    rota_id = data(world.send("POST", "/api/rotas", world.admin, json=rota))["id"]
    team = data(world.send("POST", "/api/teams", world.admin, json={"name": "web", "access": "read"}))
    steps = [LINKED, {"after": 300, "to": [{"user_id": ann.id}, {"team_id": team["id"]}, {"channel_id": channel}]}]
    body = {"name": "all", "steps": [*steps, {"after": 900, "to": [{"rota_id": rota_id}]}], "repeat_after": 600}
    escalation = create(world, **body)
    assert body | {"id": escalation["id"], "repeats": 1} == escalation
    assert [escalation] == data(world.send("GET", "/api/escalations", world.admin))
    assert [{"id": escalation["id"], "name": "all"}] == data(world.send("GET", "/api/escalations/options", ann))
    path = f"/api/escalations/{escalation['id']}"
    changed = data(world.send("PUT", path, world.admin, json=NIGHT))
    assert NIGHT | {"id": escalation["id"], "repeat_after": None, "repeats": 0} == changed
    assert data(world.send("DELETE", path, world.admin)) is None
    assert [] == data(world.send("GET", "/api/escalations", world.admin))


WRONG: list[tuple[Json, str]] = [
    ({"name": ""}, "name"),
    ({"steps": []}, "steps"),
    ({"steps": [{"after": 0, "to": []}]}, "steps.0.to"),
    ({"steps": [LINKED, {"after": 60, "to": [{"user_id": 4711}]}]}, "steps.1.to"),
    ({"steps": [LINKED, {"after": 60, "to": [{"rota_id": 1}]}]}, "steps.1.to"),
    ({"steps": [LINKED, {"after": 60, "to": [{"user_id": 1, "team_id": 1}]}]}, "steps.1.to"),
    ({"steps": [LINKED, {"after": 60, "to": [{"linked": False}]}]}, "steps.1.to"),
    ({"steps": [{"after": 60, "to": [{"linked": True}]}, LINKED]}, "steps.1.after"),
    ({"steps": [{"after": -1, "to": [{"linked": True}]}]}, "steps[0].after"),
    ({"steps": [{"after": 604_801, "to": [{"linked": True}]}]}, "steps.0.after"),
    ({"steps": [LINKED] * 21}, "steps"),
    ({"repeat_after": 59}, "repeat_after"),
    ({"repeats": 2}, "repeat_after"),
    ({"repeat_after": 60, "repeats": 101}, "repeats"),
    ({"owner": 1}, "owner"),
]


@pytest.mark.parametrize(("more", "field"), WRONG)
def test_a_bad_field_is_named_and_nothing_stored(calm_world: World, more: Json, field: str) -> None:
    answer = calm_world.send("POST", "/api/escalations", calm_world.admin, json=NIGHT | more)
    assert [field] == list(data(answer, 400)["fields"]), answer.text
    assert [] == data(calm_world.send("GET", "/api/escalations", calm_world.admin))


def test_teams_and_policies_name_one(any_world: World) -> None:
    world = any_world
    ann = world.person("ann")
    server = world.server("192.0.2.1", ann)
    escalation_id = create(world)["id"]
    team = {"name": "web", "access": "read", "user_ids": [], "server_ids": [], "tags": []}
    made = data(world.send("POST", "/api/teams", world.admin, json=team | {"escalation_id": escalation_id}))
    assert escalation_id == made["escalation_id"]
    policy = {"metric": "cpu", "warning": 80, "scope": {"server_id": server}}
    named = data(world.send("POST", "/api/alert-policies", ann, json=policy | {"escalation_id": escalation_id}))
    assert escalation_id == named["escalation_id"]
    path = f"/api/alert-policies/{named['id']}"
    assert escalation_id == data(world.send("PUT", path, ann, json={"warning": 81}))["escalation_id"]
    assert data(world.send("PUT", path, ann, json={"escalation_id": None}))["escalation_id"] is None
    for method, at, caller, body in (
        ("POST", "/api/teams", world.admin, team | {"name": "db"}),
        ("PUT", f"/api/teams/{made['id']}", world.admin, team),
        ("POST", "/api/alert-policies", ann, policy | {"metric": "memory"}),
        ("PUT", path, ann, {}),
    ):
        answer = world.send(method, at, caller, json=body | {"escalation_id": 4711})
        assert ["escalation_id"] == list(data(answer, 400)["fields"])
    data(world.send("PUT", path, ann, json={"escalation_id": escalation_id}))
    data(world.send("DELETE", f"/api/escalations/{escalation_id}", world.admin))
    [shown] = data(world.send("GET", "/api/teams", world.admin))
    assert shown["escalation_id"] is None
    assert [None] == [each["escalation_id"] for each in data(world.send("GET", "/api/alert-policies", ann))]


def test_an_acknowledgement_says_when_it_ends(world: World) -> None:
    policy(world)
    host(world, "192.0.2.1").reports(90)
    world.send("PUT", "/api/settings", world.admin, json={"ack_expires": 5400})
    acknowledged = data(world.send("POST", "/api/alerts/1/ack", world.admin, json={}))
    expected = ("2030-01-01 12:00:01", "2030-01-01 13:30:01")
    assert expected == (acknowledged["acknowledged_at"], acknowledged["ack_ends_at"])
    world.send("PUT", "/api/settings", world.admin, json={"ack_expires": None})
    [row] = data(world.send("GET", "/api/alerts", world.admin))
    assert ("2030-01-01 12:00:01", None) == (row["acknowledged_at"], row["ack_ends_at"])
