"""/api/rotas, /api/on-call and files for calendars over HTTP."""

from typing import Any

import pytest
from icalendar import Calendar

from tests.integration.http.world import ANONYMOUS, Caller, Json, World

ROTA: Json = {"name": "Web", "timezone": "Europe/Berlin", "starts_at": "2030-01-01 08:00:00", "user_ids": []}
HOURS = [{"days": ["mon", "fri"], "from": "09:00", "to": "17:30"}, {"days": ["sat"], "from": "22:00", "to": "06:00"}]


def data(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def create(world: World, **more: Any) -> Json:
    made: Json = data(world.send("POST", "/api/rotas", world.admin, json=ROTA | more))
    return made


def given(world: World, rota: Json, caller: Caller, **override: Any) -> Any:
    return world.send("POST", f"/api/rotas/{rota['id']}/overrides", caller, json=override)


def test_a_rota_is_shown_as_it_was_given(any_world: World) -> None:
    world = any_world
    ann, bob = world.person("ann"), world.person("bob")
    override = {"user_id": bob.id, "starts_at": "2030-01-02 00:00:00", "ends_at": "2030-01-03 00:00:00"}
    body = ROTA | {"turn": {"days": 3}, "hours": HOURS, "user_ids": [bob.id, ann.id], "overrides": [override]}
    rota = create(world, **body)
    assert body == {name: rota[name] for name in body}
    assert [{"id": ann.id, "username": "ann"}, {"id": bob.id, "username": "bob"}] == rota["users"]
    assert [rota] == data(world.send("GET", "/api/rotas", ann))
    path = f"/api/rotas/{rota['id']}"
    changed = data(world.send("PUT", path, world.admin, json=ROTA | {"name": "db", "user_ids": [ann.id]}))
    kept = {"name": "db", "turn": {"days": 7}, "hours": None, "user_ids": [ann.id], "overrides": [override]}
    assert kept == {name: changed[name] for name in kept}
    assert [] == data(world.send("PUT", path, world.admin, json=ROTA | {"overrides": []}))["overrides"]
    assert data(world.send("DELETE", path, world.admin)) is None
    assert [] == data(world.send("GET", "/api/rotas", ann))


WRONG: list[tuple[Json, str]] = [
    ({"name": ""}, "name"),
    ({"timezone": "Nowhere"}, "timezone"),
    ({"starts_at": "soon"}, "starts_at"),
    ({"starts_at": "1999-12-31 00:00:00"}, "starts_at"),
    ({"turn": {"days": 0}}, "turn.days"),
    ({"turn": {}}, "turn.days"),
    ({"turn": {"days": 7, "hours": 1}}, "turn.hours"),
    ({"hours": []}, "hours"),
    ({"hours": [HOURS[0], {"days": ["mon"], "from": "25:00", "to": "09:00"}]}, "hours.1.from"),
    ({"hours": [{"days": ["mon"], "from": "09:00", "to": "9"}]}, "hours.0.to"),
    ({"hours": [{"days": ["day"], "from": "09:00", "to": "10:00"}]}, "hours[0].days[0]"),
    ({"hours": [{"days": [], "from": "09:00", "to": "10:00"}]}, "hours[0].days"),
    ({"user_ids": [4711]}, "user_ids"),
    ({"user_ids": list(range(1, 202))}, "user_ids"),
    (
        {"overrides": [{"user_id": 1, "starts_at": "2030-01-02 00:00:00", "ends_at": "2030-01-02 00:00:00"}]},
        "overrides.0.ends_at",
    ),
    (
        {"overrides": [{"user_id": 4711, "starts_at": "2030-01-02 00:00:00", "ends_at": "2030-01-03 00:00:00"}]},
        "user_ids",
    ),
    ({"owner": 1}, "owner"),
]


@pytest.mark.parametrize(("more", "field"), WRONG)
def test_a_bad_field_is_named_and_nothing_stored(calm_world: World, more: Json, field: str) -> None:
    answer = calm_world.send("POST", "/api/rotas", calm_world.admin, json=ROTA | more)
    assert [field] == list(data(answer, 400)["fields"]), answer.text
    assert [] == data(calm_world.send("GET", "/api/rotas", calm_world.admin))


def test_who_is_on_call_now_and_next(any_world: World) -> None:
    world = any_world
    ann, bob = world.person("ann"), world.person("bob")
    rota = create(world, turn={"days": 1}, user_ids=[ann.id, bob.id])
    empty = create(world, name="Empty")
    now = {"user_id": ann.id, "username": "ann", "starts_at": ROTA["starts_at"], "ends_at": "2030-01-02 08:00:00"}
    later = {"user_id": bob.id, "username": "bob", "starts_at": now["ends_at"], "ends_at": "2030-01-03 08:00:00"}
    assert [
        {"rota_id": rota["id"], "name": "Web", "now": now, "next": later},
        {"rota_id": empty["id"], "name": "Empty", "now": None, "next": None},
    ] == data(world.send("GET", "/api/on-call", bob))
    path = f"/api/rotas/{rota['id']}/on-call"
    assert [now] == data(world.send("GET", path, bob))
    assert [later] == data(world.send("GET", path, bob, params={"at": "2030-01-02 12:00:00"}))
    both = {"at": "2030-01-01 08:00:00", "until": "2030-01-03 08:00:00"}
    assert [now, later] == data(world.send("GET", path, bob, params=both))
    for params, field in (
        ({"at": "x"}, "at"),
        ({"at": "0001-01-01 00:00:00"}, "at"),
        ({"until": "2031-12-01 00:00:00"}, "until"),
        ({"until": "2030-01-01 00:00:00"}, "until"),
    ):
        assert [field] == list(data(world.send("GET", path, bob, params=params), 400)["fields"])
    data(world.send("GET", "/api/rotas/4711/on-call", bob), 404)


def test_an_override_is_who_is_on_call(any_world: World) -> None:
    world = any_world
    ann, bob = world.person("ann"), world.person("bob")
    override = {"user_id": bob.id, "starts_at": "2030-01-01 11:00:00", "ends_at": "2030-01-01 14:00:00"}
    create(world, turn={"days": 1}, user_ids=[ann.id], overrides=[override])
    now = override | {"username": "bob"}
    later = {"user_id": ann.id, "username": "ann", "starts_at": override["ends_at"]}
    [shown] = data(world.send("GET", "/api/on-call", ann))
    assert (now, later) == (shown["now"], {name: shown["next"][name] for name in later})


def test_a_person_who_is_away_is_passed_over(any_world: World) -> None:
    world = any_world
    ann, bob = world.person("ann"), world.person("bob")
    create(world, user_ids=[ann.id, bob.id])
    span = {"starts_at": "2030-01-01 00:00:00", "ends_at": "2030-01-02 00:00:00"}
    assert [span] == data(world.send("PUT", "/api/auth/me", ann, json={"away": [span]}))["away"]
    [shown] = data(world.send("GET", "/api/on-call", ann))
    assert ("bob", "ann") == (shown["now"]["username"], shown["next"]["username"])


def test_a_member_gives_a_turn_and_takes_it_back(any_world: World) -> None:
    world = any_world
    ann, bob, carl = (world.person(name) for name in ("ann", "bob", "carl"))
    rota = create(world, turn={"days": 1}, user_ids=[ann.id, bob.id])
    override = {"user_id": bob.id, "starts_at": "2030-01-01 18:00:00", "ends_at": "2030-01-02 08:00:00"}
    assert [override] == data(given(world, rota, ann, **override))["overrides"]
    data(given(world, rota, carl, **override), 403)
    assert ["starts_at"] == list(data(given(world, rota, ann, **override), 400)["fields"])
    path = f"/api/rotas/{rota['id']}/overrides"
    data(world.send("DELETE", path, carl, params=override), 403)
    data(world.send("DELETE", path, ann, params=override | {"user_id": ann.id}), 404)
    assert [] == data(world.send("DELETE", path, ann, params=override))["overrides"]
    data(given(world, {"id": 4711}, ann, **override), 404)
    assert ["user_id"] == list(data(given(world, rota, world.admin, **override | {"user_id": 4711}), 400)["fields"])


def test_the_file_for_calendars_needs_no_log_in(any_world: World) -> None:
    world = any_world
    ann, bob = world.person("ann"), world.person("bob")
    rota = create(world, name="夜班; web", turn={"days": 1}, user_ids=[ann.id, bob.id])
    answer = world.send("GET", rota["ics_path"], ANONYMOUS)
    assert 200 == answer.status_code
    assert "text/calendar" == answer.headers["content-type"].partition(";")[0]
    calendar = Calendar.from_ical(answer.content)
    assert ("2.0", "夜班; web") == (calendar["version"], calendar["x-wr-calname"])
    events = calendar.walk("VEVENT")
    assert 180 <= len(events) <= 181
    first = events[0]
    assert ("ann (夜班; web)", "2030-01-01 08:00:00+00:00") == (first["summary"], str(first.decoded("dtstart")))
    same = world.send("GET", rota["ics_path"], ANONYMOUS, headers={"If-None-Match": answer.headers["etag"]})
    assert (304, b"", answer.headers["etag"]) == (same.status_code, same.content, same.headers["etag"])
    assert "private" in answer.headers["cache-control"]
    override = {"user_id": bob.id, "starts_at": "2030-01-01 18:00:00", "ends_at": "2030-01-02 08:00:00"}
    data(given(world, rota, ann, **override))
    assert (
        200
        == world.send("GET", rota["ics_path"], ANONYMOUS, headers={"If-None-Match": answer.headers["etag"]}).status_code
    )


@pytest.mark.parametrize("name", ["{id}.ics?token=x", "{id}.ics", "{id}", "{id}.ics.ics", "0.ics", "x.ics", "4711.ics"])
def test_without_its_token_there_is_no_file(world: World, name: str) -> None:
    rota = create(world)
    answer = world.send("GET", f"/api/rotas/{name.format(**rota)}", world.admin)
    assert "not_found" == data(answer, 404)["reason"]
