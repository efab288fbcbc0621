"""What a person may not see is for them as what does not exist: in every operation of the OpenAPI document.

Requests are those of the table of access, whose `other` sees neither the server that they name nor what is on it.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from monitor.application.fleet.servers import UpdateServer
from monitor.domain.alerts.alert import AlertState
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import OFFLINE
from tests.contracts.builders import an_alert
from tests.integration.http.access_requests import ID, NEW_SERVER, Place, Request
from tests.integration.http.access_scene import Scene
from tests.integration.http.access_subjects import Subjects
from tests.integration.http.access_table import ROWS, Row
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import Json, World

NOBODYS_ID = 2_000_000
PUBLIC = {"user_ids", "user_id", "rota_id", "escalation_id"}
"""Ids that hide nothing: everybody reads who there is, who is on call, and who is notified when."""
WATCHED = {"server_id", "server_ids", "check_id", "check_in_id", "ids"}
"""Servers, checks and check-ins have ids of one sequence."""
SHOWS_NO_SERVER = {
    *(f"GET /api/{path}" for path in ("auth/me", "auth/methods", "auth/oidc/join", "auth/passkeys", "auth/sessions")),
    *(
        "GET /api/rotas",
        "GET /api/escalations",
        "GET /api/escalations/options",
        "GET /api/on-call",
        "GET /api/on-call/reach",
    ),
    *("GET /api/tokens", "GET /api/users/options", "GET /healthz", "GET /readyz"),
    *("GET /api/auth/me/ways", "GET /api/channels/kinds", "GET /api/push/key"),
    "GET /api/servers/filling",  # needs a day of sealed history: history/test_filling.py
}
"""Operations without ids that answer with nothing of servers."""


@pytest.fixture(scope="module")
def scene(calm_world: World) -> Scene:
    return Scene(calm_world)


@pytest.fixture(scope="module")
def document(calm_world: World) -> Json:
    found: Json = calm_world.send("GET", "/schema/openapi.json").json()
    return found


def fields_of(document: Json, operation: str) -> dict[Place, Json]:
    """Return the schema of each value that a request may have, by its place."""
    method, path = operation.split()
    described = document["paths"][path][method.lower()]
    contents = described.get("requestBody", {}).get("content", {}).values()
    return {
        **{(each["in"], each["name"]): each["schema"] for each in described.get("parameters", ())},
        **{("body", *names): held for each in contents for names, held in _properties(document, each["schema"])},
    }


def _properties(document: Json, schema: Json) -> Iterator[tuple[Place, Json]]:
    schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    for part in schema.get("oneOf", ()):
        yield from _properties(document, part)
    for name, held in schema.get("properties", {}).items():
        yield (name,), held
        yield from (((name, *names), inner) for names, inner in _properties(document, held))


def ids_of(document: Json, operation: str) -> set[Place]:
    """Return the places of ids that may be those of something hidden."""
    return {place for place in fields_of(document, operation) if ID.fullmatch(place[-1]) and place[-1] not in PUBLIC}


def rows_with_ids(document: Json) -> Iterator[tuple[Row, set[Place]]]:
    """Yield the rows of operations that take ids of what may be hidden, with the places of these."""
    for row in ROWS:
        if ids := ids_of(document, row.operation):
            yield row, ids


def test_each_id_of_an_operation_is_in_a_row_of_the_table(scene: Scene, document: Json) -> None:
    """A new operation, or a new id of one, fails here until the table names it."""
    missing: dict[str, set[Place]] = {}
    for row, ids in rows_with_ids(document):
        missing[row.operation] = missing.get(row.operation, ids) - scene.request(row, scene.other).ids.keys()
    assert {} == {operation: ids for operation, ids in missing.items() if ids}


def hidden_in(row: Row, request: Request) -> list[Place]:
    """Return the places of ids in *request* that name what `other` does not see."""
    is_shared = row.variant == "of_everything" or row.variant.startswith("to_")
    seen = PUBLIC | ({"policy_id", "silence_id"} if is_shared else set())
    return [place for place, id_ in request.ids.items() if place[-1] not in seen and id_ is not None]


def likewise(scene: Scene, request: Request, place: Place) -> Iterator[Request]:
    """Yield *request*, and the same with the id of a hidden thing of another kind at *place*."""
    yield request
    if place[-1] in WATCHED:
        for id_ in (scene.server_id, scene.check_id, scene.check_in_id):
            yield request.with_value(place, id_)


def spoiled(document: Json, operation: str, request: Request) -> Iterator[Request]:
    """Yield *request*, and the same with each other text of it made invalid: no error may depend on what is hidden."""
    yield request
    for place, schema in fields_of(document, operation).items():
        kinds = [part.get("type") for part in (schema, *schema.get("oneOf", ())) if "enum" not in part]
        if "string" in kinds and place[0] != "path" and not ID.fullmatch(place[-1]) and request.has_room_at(place):
            yield request.with_value(place, "!")


def test_a_hidden_thing_answers_as_one_that_does_not_exist(scene: Scene, document: Json) -> None:
    """To the byte, headers included, but for the id of the request."""

    def answer(request: Request) -> tuple[int, httpx.Headers, bytes]:
        found = scene.sent(request, scene.other)
        del found.headers["x-request-id"]
        return found.status_code, found.headers, found.content

    wrong, different = [], []
    for row, _ in rows_with_ids(document):
        request = scene.request(row, scene.other)
        if (status := answer(request)[0]) != row.statuses["other"]:
            wrong.append((row, status))
        different += [
            (row.operation, place, asked)
            for place in hidden_in(row, request)
            for like in likewise(scene, request, place)
            for asked in spoiled(document, row.operation, like)
            if answer(asked) != answer(asked.with_value(place, NOBODYS_ID))
        ]
    assert (wrong, different) == ([], [])


def fill(scene: Scene, server_id: ServerId, subjects: Subjects) -> None:
    """Let the server have something of everything, of a minute ago."""
    world = scene.world
    world.later(minutes=-1)
    for name in ("policy_id", "notification_id", "silence_id", "incident_id"):
        subjects.id_of(name, "of_server")
    world.container.get(UpdateServer)(scene.admin.actor, server_id, tags=[f"tag {server_id}"])
    world.report(world.server_key(server_id), cpu=95, agent={"version": "0.0.1", "os": "Debian"})
    world.later(minutes=1)
    down = (server_id, OFFLINE), (ServerId(subjects.id_of("check_id", "")), UP)
    with world.container.uow() as uow:  # outages suggest that the check depends on the server
        for watched, metric in down:
            times = [world.clock.now() - timedelta(days=day) for day in (1, 2, 3)]
            past = ({"started_at": at, "fired_at": at, "resolved_at": at} for at in times)
            uow.alerts.add_all([an_alert(watched, metric=metric, state=AlertState.RESOLVED, **each) for each in past])
        uow.commit()


def test_what_is_hidden_is_in_no_list_and_no_count(scene: Scene, new_world: NewWorld) -> None:
    """Nothing that a person reads changes by a byte when it comes; all of it does for those who see it."""

    def is_read(row: Row) -> bool:
        method, path = row.operation.split()
        return method == "GET" or path.endswith("backtest")

    reads = [
        row
        for row in ROWS
        if is_read(row)
        and "{" not in row.operation
        and row.statuses["other"] == 200
        and not hidden_in(row, scene.request(row, scene.other))
    ]
    own = Scene(new_world(), has_server=False)
    fill(own, own.shared_id, Subjects(own.world, own.shared_id, own.other))
    people = {name: getattr(own, name) for name in ("other", "user", "reader", "writer")}

    def answers(name: str) -> dict[str, str]:
        """The stream's events have the revision of the fleet, which is that of all changes."""
        return {row.operation: re.sub(r"(?m)^id: \d+$", "", own.send(row, people[name]).text) for row in reads}

    before = {name: answers(name) for name in people}
    own.add_server()
    fill(own, own.server_id, own.subjects)
    changed = {name: {each for each, text in answers(name).items() if text != before[name][each]} for name in people}
    shown = {row.operation for row in reads} - SHOWS_NO_SERVER
    assert (changed["other"], changed["user"]) == (set(), shown)
    assert changed["reader"] & changed["writer"] >= shown


def test_a_batch_with_one_hidden_server_changes_none_and_says_no_more_than_with_a_missing_one(world: World) -> None:
    scene = Scene(world)
    own = world.server("192.0.2.2", scene.other)
    answers = [
        world.send(
            "POST",
            "/api/servers/batch",
            scene.other,
            json={"action": "add_tags", "server_ids": [own, second], "tags": ["web"]},
        )
        for second in (scene.server_id, NOBODYS_ID)
    ]
    assert (404, answers[1].content) == (answers[0].status_code, answers[0].content)
    assert [] == world.send("GET", f"/api/servers/{own}", scene.other).json()["data"]["tags"]


def test_a_taken_address_says_taken_and_nothing_more(world: World) -> None:
    """The one thing that tells of a hidden server: the seed's table wants addresses unique."""
    scene = Scene(world)
    answer = world.send("POST", "/api/servers", scene.other, json=NEW_SERVER | {"ip_address": "192.0.2.1"})
    assert {"code": 409, "msg": "IP 地址已存在", "data": {"reason": "ip_address_taken"}} == answer.json()
