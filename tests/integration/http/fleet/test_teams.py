"""Teams: who sees, is notified of, and changes the same servers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.application.notifications.called import may_acknowledge
from monitor.application.notifications.recipients import audience
from monitor.domain.alerts.alert import AlertId
from monitor.domain.fleet.teams import TeamAccess
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target
from tests.integration.http.access_subjects import Subjects
from tests.integration.http.world import Caller, Json, World

TEAM: Json = {"name": "Web", "access": "read", "user_ids": [], "server_ids": [], "tags": ["web"], "oidc_group": None}


def create(world: World, **more: Any) -> Json:
    made = world.send("POST", "/api/teams", world.admin, json=TEAM | more)
    assert made.status_code == 200, made.text
    return dict(made.json()["data"])


def names(world: World, caller: Caller) -> list[str]:
    return [server["server_name"] for server in world.send("GET", "/api/servers", caller).json()["data"]]


def test_a_team_is_shown_as_it_was_given(any_world: World) -> None:
    world = any_world
    ann = world.person("ann")
    first, _, _ = (world.server(f"192.0.2.{n}", tags=["web"] if n < 3 else []) for n in (1, 2, 3))
    team = create(world, user_ids=[ann.id], server_ids=[first], oidc_group="ops")
    given = TEAM | {"user_ids": [ann.id], "server_ids": [first], "oidc_group": "ops"}
    assert {name: team[name] for name in given} == given
    assert team["users"] == [{"id": ann.id, "username": "ann"}]
    assert team["servers"] == [{"id": first, "server_name": "host 192.0.2.1"}]
    assert team["reaches"] == 2
    assert world.send("GET", "/api/teams", world.admin).json()["data"] == [team]
    given |= {"name": "others", "tags": [], "access": "write"}
    changed = world.send("PUT", f"/api/teams/{team['id']}", world.admin, json=given).json()["data"]
    assert {name: changed[name] for name in given} == given
    assert changed["reaches"] == 1
    assert world.send("DELETE", f"/api/teams/{team['id']}", world.admin).json()["data"] is None
    assert world.send("GET", "/api/teams", world.admin).json()["data"] == []


def test_teams_come_in_pages(world: World) -> None:
    ids = [create(world, name=f"team {n}")["id"] for n in range(3)]
    first = world.send("GET", "/api/teams?limit=2", world.admin)
    assert [team["id"] for team in first.json()["data"]] == ids[:2]
    cursor = first.headers["X-Next-Cursor"]
    last = world.send("GET", f"/api/teams?limit=2&cursor={cursor}", world.admin)
    assert [team["id"] for team in last.json()["data"]] == ids[2:]
    assert "X-Next-Cursor" not in last.headers


def test_teams_are_searched_by_name(world: World) -> None:
    for name in ("Web Shop", "Databases", "shopping"):
        create(world, name=name)
    found = {q: world.send("GET", f"/api/teams?q={q}&limit=2", world.admin).json()["data"] for q in ("SHOP", "x")}
    assert [["Web Shop", "shopping"], []] == [[team["name"] for team in teams] for teams in found.values()]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"access": "own"}, "access"),
        ({"user_ids": [4711]}, "user_ids"),
        ({"user_ids": ["1"]}, "user_ids[0]"),
        ({"server_ids": [4711]}, "server_ids"),
        ({"server_ids": [0]}, "server_ids[0]"),
        ({"tags": ["a,b"]}, "tags"),
        ({"oidc_group": "a\nb"}, "oidc_group"),
        ({"owner": 1}, "owner"),
    ],
)
def test_a_bad_field_is_named_and_nothing_stored(world: World, given: Json, field: str) -> None:
    team = create(world, name="others")
    answers = [
        world.send("POST", "/api/teams", world.admin, json=TEAM | given),
        world.send("PUT", f"/api/teams/{team['id']}", world.admin, json=TEAM | given),
    ]
    for answer in answers:
        assert (answer.status_code, list(answer.json()["data"]["fields"])) == (400, [field]), answer.text
    assert world.send("GET", "/api/teams", world.admin).json()["data"] == [team]


def test_a_check_is_no_server_of_a_team(any_world: World) -> None:
    """It is its host's, and no file could say it."""
    check = {"name": "shop", "kind": "tcp", "target": "shop.example.com:443"}
    made = any_world.send("POST", "/api/checks", any_world.admin, json=check).json()["data"]
    answer = any_world.send("POST", "/api/teams", any_world.admin, json=TEAM | {"server_ids": [made["id"]]})
    assert (answer.status_code, list(answer.json()["data"]["fields"])) == (400, ["server_ids"]), answer.text


@pytest.mark.parametrize("missing", ["name", "user_ids", "server_ids", "tags", "access"])
def test_a_change_takes_the_whole_team(world: World, missing: str) -> None:
    team = create(world)
    part = {name: value for name, value in TEAM.items() if name != missing}
    answer = world.send("PUT", f"/api/teams/{team['id']}", world.admin, json=part)
    assert (answer.status_code, list(answer.json()["data"]["fields"])) == (400, [missing])


def test_a_name_is_taken_whatever_its_case(world: World) -> None:
    create(world)
    answer = world.send("POST", "/api/teams", world.admin, json=TEAM | {"name": "WEB"})
    assert (answer.status_code, answer.json()["data"]["reason"]) == (409, "team_name_taken")


def test_a_member_sees_what_the_team_has_at_once(any_world: World) -> None:
    world = any_world
    ann = world.person("ann")
    server = world.server("192.0.2.1", tags=["web"])
    assert names(world, ann) == []
    team = create(world, user_ids=[ann.id])
    [row] = world.send("GET", "/api/servers", ann).json()["data"]
    shown = {"id": team["id"], "name": "Web", "access": "read"}
    assert (row["teams"], row["may_change"], row["users"]) == ([shown], False, [])
    ordered = world.send("GET", "/api/servers/ordered", ann).json()["data"]["servers"]
    assert [(each["teams"], each["may_change"]) for each in ordered] == [([shown], False)]
    assert world.send("GET", "/api/auth/me", ann).json()["data"]["teams"] == [shown]
    assert world.send("GET", "/api/auth/me", world.admin).json()["data"]["teams"] == []
    answer = world.send("PUT", f"/api/servers/{server}/tags", ann, json={"tags": []})
    assert (answer.status_code, answer.json()["data"]["reason"]) == (403, "forbidden")
    world.send("PUT", f"/api/teams/{team['id']}", world.admin, json=TEAM | {"user_ids": [ann.id], "access": "write"})
    assert world.send("GET", f"/api/servers/{server}", ann).json()["data"]["may_change"] is True
    assert world.send("PUT", f"/api/servers/{server}", ann, json={"server_name": "new"}).status_code == 200
    world.send("DELETE", f"/api/teams/{team['id']}", world.admin)
    assert names(world, ann) == []


def test_a_tag_of_a_team_is_refused_with_its_name(world: World) -> None:
    ann = world.person("ann")
    server = world.server("192.0.2.1", ann)
    create(world)
    body = {"action": "add_tags", "server_ids": [server], "tags": ["web"]}
    for method, path, json in (
        ("POST", "/api/servers", {"server_name": "new", "ip_address": "192.0.2.2", "tags": ["web"]}),
        ("PUT", f"/api/servers/{server}", {"tags": ["web"]}),
        ("PUT", f"/api/servers/{server}/tags", {"tags": ["web"]}),
        ("POST", "/api/servers/batch", body),
    ):
        answer = world.send(method, path, ann, json=json, headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json()["data"]) == (403, {"reason": "team_tag"})
        assert '"web"' in answer.json()["msg"]
    for dry_run in ("true", "false"):
        csv = b"server_name,ip_address,tags\nnew,192.0.2.2,web\n"
        answer = world.send(
            "POST", f"/api/servers/import?dry_run={dry_run}", ann, content=csv, headers={"Content-Type": "text/csv"}
        )
        assert (answer.status_code, list(answer.json()["data"]["fields"])) == (400, ["line 2.tags"])
    assert world.send("GET", f"/api/servers/{server}", ann).json()["data"]["tags"] == []
    assert names(world, ann) == ["host 192.0.2.1"]


def test_members_are_notified_and_only_writers_get_a_link(world: World) -> None:
    reader, writer = world.person("reader"), world.person("writer")
    server = world.server("192.0.2.1")
    for person in (reader, writer):
        world.send("PUT", "/api/auth/me", person, json={"email": f"{person.name}@example.com"})
    world.team(TeamAccess.READ, server, reader)
    world.team(TeamAccess.WRITE, server, writer)
    fleet = world.container.fleet
    fleet.refresh()
    directory = fleet.directory
    targets = audience(directory, directory.servers[server], Level.WARNING, datetime(2030, 1, 1, tzinfo=UTC)).targets
    assert targets == [Target(user_id=reader.id), Target(user_id=writer.id)]
    links = {}
    for person in (reader, writer):
        notification_id = Subjects(world, server, person).id_of("notification_id", "")
        with world.container.uow() as uow:
            [stored] = [n for n in uow.notifications.of_alerts([*map(AlertId, range(1, 9))]) if n.id == notification_id]
        links[person.name] = may_acknowledge(stored, directory)
    assert links == {"reader": False, "writer": True}


def test_rules_of_a_server_say_who_may_change_them(world: World) -> None:
    reader, writer = world.person("reader"), world.person("writer")
    server = world.server("192.0.2.1")
    world.team(TeamAccess.READ, server, reader)
    world.team(TeamAccess.WRITE, server, writer)
    subjects = Subjects(world, server, writer)
    for name in ("policy_id", "silence_id"):
        for variant in ("of_server", "of_everything"):
            subjects.id_of(name, variant)
    for caller, may in ((reader, False), (writer, True), (world.admin, True)):
        silences = world.send("GET", "/api/silences", caller).json()["data"]
        reach = world.send("GET", "/api/alert-policies/reach", caller).json()["data"]
        assert [silence["may_change"] for silence in silences] == [may, caller is world.admin]
        assert [policy["may_change"] for policy in reach] == [may, caller is world.admin]
