"""What a channel is for: everything, a tag, a team's servers, certain servers, or certain checks; and its level."""

import pytest

from tests.integration.http.alerts.alarms import data, fields
from tests.integration.http.notifications.test_channels import PATH, TEAM, create
from tests.integration.http.world import Json, World


class Named:
    """What a scope may name."""

    def __init__(self, world: World) -> None:
        self.server = world.server("192.0.2.1", name="web-1", tags=["web"])
        check: Json = {"name": "shop", "kind": "http", "target": "https://shop.example", "server_id": self.server}
        self.check = data(world.send("POST", "/api/checks", world.admin, json=check))["id"]
        check_in: Json = {"name": "backup", "period": 3600, "grace": 60, "server_id": self.server}
        self.check_in = data(world.send("POST", "/api/check-ins", world.admin, json=check_in))["id"]
        self.team = data(world.send("POST", "/api/teams", world.admin, json={"name": "Shop", "access": "read"}))["id"]

    def scope(self, kind: str) -> Json:
        named = {
            "everything": {},
            "tag": {"tag": "web"},
            "team": {"team_id": self.team},
            "servers": {"server_ids": [self.server]},
            "checks": {"check_ids": [self.check, self.check_in]},
        }
        return named[kind]


KINDS = ("everything", "tag", "team", "servers", "checks")
NAMES = {"tag": "tag web", "team": "team Shop", "servers": "servers web-1", "checks": "checks backup, shop"}


def last_entry(world: World) -> Json:
    found: Json = data(world.send("GET", "/api/audit?action=channel", world.admin))[0]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_scope_is_stored_shown_and_changed(any_world: World, kind: str) -> None:
    world, named = any_world, Named(any_world)
    made = create(world, TEAM | {"scope": named.scope(kind)})
    assert named.scope(kind) == made["scope"]
    path = f"{PATH}/{made['id']}"
    for change, scope in (({"name": "b"}, kind), ({"scope": {}}, "everything"), ({"scope": named.scope(kind)}, kind)):
        changed = data(world.send("PUT", path, world.admin, json=change))
        assert named.scope(scope) == changed["scope"]
        assert [changed] == data(world.send("GET", PATH, world.admin))


@pytest.mark.parametrize("kind", NAMES)
def test_the_audit_log_has_the_names(world: World, kind: str) -> None:
    named = Named(world)
    made = create(world, TEAM | {"scope": named.scope(kind)})
    assert f'scope: null -> "{NAMES[kind]}"' in last_entry(world)["detail"]
    world.send("PUT", f"{PATH}/{made['id']}", world.admin, json={"scope": {}})
    assert f'scope: "{NAMES[kind]}" -> null' == last_entry(world)["detail"]
    world.send("PUT", f"{PATH}/{made['id']}", world.admin, json={"scope": named.scope(kind)})
    world.send("DELETE", f"{PATH}/{made['id']}", world.admin)
    assert f'scope: "{NAMES[kind]}" -> null' in last_entry(world)["detail"]


def test_what_does_not_exist_is_refused_by_name(world: World) -> None:
    named = Named(world)
    made = create(world, TEAM)
    for scope, field in (
        ({"team_id": 4711}, "scope.team_id"),
        ({"server_ids": [named.server, 4711]}, "scope.server_ids"),
        ({"check_ids": [4711]}, "scope.check_ids"),
        ({"server_ids": [named.check]}, "scope.server_ids"),
        ({"check_ids": [named.server]}, "scope.check_ids"),
        ({"tag": "a,b"}, "scope"),
        ({"tag": "web", "team_id": named.team}, "scope"),
        ({"server_ids": [*range(5000, 6001)]}, "scope"),
        ({"server_id": 1}, "scope.server_id"),
        ({"team_id": 0}, "scope.team_id"),
    ):
        for method, path, body in (
            ("POST", PATH, TEAM | {"settings": {"address": "b@example.com"}}),
            ("PUT", f"{PATH}/1", {}),
        ):
            answer = world.send(
                method, path, world.admin, json=body | {"scope": scope}, headers={"Accept-Language": "en"}
            )
            assert [field] == list(fields(answer)), scope
    assert [made] == data(world.send("GET", PATH, world.admin))


def test_what_was_deleted_since_then_does_not_prevent_other_changes(world: World) -> None:
    named = Named(world)
    create(world, TEAM | {"scope": named.scope("servers")})
    world.send("DELETE", f"/api/servers/{named.server}", world.admin)
    changed = data(world.send("PUT", f"{PATH}/1", world.admin, json={"name": "night"}))
    assert "night" == changed["name"]


@pytest.mark.parametrize("names", [["level"], ["least_level"], ["level", "least_level"]])
def test_level_and_its_older_name_are_one(world: World, names: list[str]) -> None:
    made = create(world, TEAM | dict.fromkeys(names, "critical"))
    assert ("critical", "critical") == (made["level"], made["least_level"])
    path = f"{PATH}/{made['id']}"
    changed = data(world.send("PUT", path, world.admin, json=dict.fromkeys(names, "warning")))
    assert ("warning", "warning") == (changed["level"], changed["least_level"])
    both = {"level": "critical", "least_level": "warning"}
    assert ["level"] == list(fields(world.send("PUT", path, world.admin, json=both)))


def test_without_a_level_it_is_warning(world: World) -> None:
    assert "warning" == create(world, TEAM)["level"]
