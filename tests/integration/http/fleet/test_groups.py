"""The fleet in groups, and the link of a wallboard, which opens nothing else."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import UNSET

from monitor.adapters.http.fleet.groups import MOST_CELLS, shown_groups
from monitor.application.fleet.grouping import Group, Host
from monitor.application.fleet.leaving import DeleteUser
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.fleet.servers import Server, ServerId
from tests.budget.counting import statements
from tests.integration.http.access_table import ROWS
from tests.integration.http.alerts import alarms
from tests.integration.http.alerts.alarms import data, policy
from tests.integration.http.world import Caller, Person, World

GROUPS, WALLBOARD = "/api/fleet/groups", "/api/fleet/wallboard"


class Scene:
    """bob sees `critical` and `calm`; `other` is hidden from him."""

    def __init__(self, world: World) -> None:
        self.world = world
        policy(world)
        self.bob = world.person("bob")
        self.critical = self._host("192.0.2.1", "web-1", self.bob, tags=["web", "eu"])
        self.calm = self._host("192.0.2.2", "web-2", self.bob, tags=["web"])
        self.other = self._host("198.51.100.1", "db-1", tags=["db"])
        self.critical.reports(90)
        self.calm.reports(20)
        self.other.reports(90)

    def _host(self, address: str, name: str, *people: Person, tags: list[str]) -> alarms.Host:
        return alarms.host(self.world, address, *people, name=name, tags=tuple(tags))

    def groups(self, caller: Person | Caller, **params: Any) -> list[dict[str, Any]]:
        self.world.later(seconds=3)
        found: list[dict[str, Any]] = data(self.world.send("GET", GROUPS, caller, params=params))
        return found

    def link(self) -> Caller:
        return self.world.token(self.bob, TokenScope.WALLBOARD)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def named(groups: list[dict[str, Any]]) -> dict[str | None, int]:
    return {group["value"]: group["counts"]["total"] for group in groups}


def test_groups_say_how_the_servers_are_that_one_sees(any_world: World) -> None:
    scene = Scene(any_world)
    eu, web = scene.groups(scene.bob)
    assert {
        "kind": "tag",
        "value": "web",
        "worst": "critical",
        "counts": {"total": 2, "critical": 1, "offline": 0, "warning": 0, "never": 0, "ok": 1, "unacknowledged": 1},
        "medians": {"cpu": 55.0, "memory": 67.8, "disk": 23.4},
        "groups": [],
    } == web
    assert ("eu", 1) == (eu["value"], eu["counts"]["total"])
    assert {"db": 1, "eu": 1, "web": 2} == named(scene.groups(scene.world.admin))


def test_an_acknowledged_alert_is_no_longer_waiting(any_world: World) -> None:
    scene = Scene(any_world)
    alerts = data(scene.world.send("GET", "/api/alerts", scene.bob))
    scene.world.send("POST", "/api/alerts/ack", scene.bob, json={"alert_ids": [alert["id"] for alert in alerts]})
    (web,) = [group for group in scene.groups(scene.bob, cells="true") if group["value"] == "web"]
    assert (1, 0, "ck") == (web["counts"]["critical"], web["counts"]["unacknowledged"], web["states"])


def test_more_servers_take_no_more_statements(any_world: World) -> None:
    scene = Scene(any_world)

    def cost() -> Counter[str]:
        with statements() as found:
            scene.groups(scene.bob, by="tag,network", cells="true")
        return found

    few = [cost(), cost()][1]
    for number in range(10, 20):
        any_world.server(f"192.0.2.{number}", scene.bob)
    assert few == [cost(), cost()][1]


def test_a_second_level_and_the_cells_of_the_innermost(scene: Scene) -> None:
    world = scene.world
    first, second = scene.groups(world.admin, by="network,tag", cells="true", metric="memory")
    assert ["192.0.2.0/24", "198.51.100.0/24"] == [first["value"], second["value"]]
    assert "states" not in first
    web = first["groups"][1]
    assert ("web", [scene.critical.id, scene.calm.id], "Ck", [67.8, 67.8]) == tuple(
        web[name] for name in ("value", "server_ids", "states", "values")
    )


def test_teams_and_servers_in_none(scene: Scene) -> None:
    scene.world.team("read", scene.calm.id, scene.bob)  # type: ignore[arg-type]  # as a word
    assert {"read 2": 1, None: 1} == named(scene.groups(scene.bob, by="team"))
    for params, expected in (({"team": "read 2"}, [2]), ({"without": "team"}, [1])):
        assert expected == data(scene.world.send("GET", "/api/servers/ids", scene.bob, params=params))
    network = {"network": "198.51.100.0/24"}
    assert [scene.other.id] == data(scene.world.send("GET", "/api/servers/ids", scene.world.admin, params=network))


def test_filters_narrow_the_groups(scene: Scene) -> None:
    assert {"eu": 1, "web": 1} == named(scene.groups(scene.bob, alerts="critical"))


@pytest.mark.parametrize("by", ["", "rack", "tag,", "tag,tag,tag,tag"])
def test_unknown_kinds_are_refused(scene: Scene, by: str) -> None:
    assert 400 == scene.world.send("GET", GROUPS, scene.bob, params={"by": by}).status_code


@pytest.mark.parametrize(("cells", "is_drawn"), [(MOST_CELLS, True), (MOST_CELLS + 1, False)])
def test_of_too_many_servers_there_are_no_cells(cells: int, is_drawn: bool) -> None:
    server = Server(id=ServerId(1), name="web", ip_address="192.0.2.1", created_at=datetime(2030, 1, 1, tzinfo=UTC))
    hosts = [Host(server, "ok", False, ())] * cells
    one, two = (Group(kind="tag", value=tag, hosts=some) for tag, some in (("a", hosts[:9]), ("b", hosts[9:])))
    whole = Group(kind="all", value=None, hosts=hosts, groups=[one, two])
    assert [is_drawn, is_drawn] == [group.states is not UNSET for group in shown_groups(whole, (), None, cells=True)]


def test_a_wallboard_shows_what_its_maker_sees(scene: Scene) -> None:
    shown = data(scene.world.send("GET", WALLBOARD, scene.link(), params={"by": "network"}))
    assert {"192.0.2.0/24": 2} == named(shown["groups"])
    assert 2 == shown["counts"]["total"]
    assert [("web-1", "cpu", "critical", None)] == [
        (alert["server_name"], alert["metric"], alert["level"], alert["acknowledged_by"]) for alert in shown["alerts"]
    ]


def test_its_link_opens_nothing_else(scene: Scene) -> None:
    """Whatever is added needs a session, or a token of another scope."""
    link = scene.link()
    for row in ROWS:
        method, path = row.operation.split()
        if row.statuses["anonymous"] == 401 and path not in (WALLBOARD, "/api/auth/refresh", "/api/live"):
            answer = scene.world.send(method, re.sub("{.*?}", "1", path), link)
            assert answer.json()["data"]["reason"] in ("not_for_tokens", "invalid_api_key"), row.operation
    assert 403 == scene.world.send("GET", "/api/live", link).status_code


def test_it_ends_with_its_revocation_and_with_its_makers_rights(scene: Scene) -> None:
    world, link, other = scene.world, scene.link(), scene.link()
    unlink = {"action": "unlink_users", "server_ids": [scene.critical.id], "user_ids": [scene.bob.id]}
    data(world.send("POST", "/api/servers/batch", world.admin, json=unlink))
    world.later(seconds=3)
    shown = data(world.send("GET", WALLBOARD, link))
    assert (1, []) == (shown["counts"]["total"], shown["alerts"])
    token, _ = data(world.send("GET", "/api/tokens", scene.bob))
    assert "wallboard" == token["scope"]
    world.send("DELETE", f"/api/tokens/{token['id']}", scene.bob)
    assert 401 == world.send("GET", WALLBOARD, link).status_code
    assert 200 == world.send("GET", WALLBOARD, other).status_code
    world.container.get(DeleteUser)(world.admin.actor, scene.bob.id)
    assert 401 == world.send("GET", WALLBOARD, other).status_code


def test_making_and_revoking_one_is_audited_without_its_secret(scene: Scene) -> None:
    body = {"name": "lobby", "scope": "wallboard", "expires_at": "2030-02-01 00:00:00"}
    made = data(scene.world.send("POST", "/api/tokens", scene.bob, json=body))
    scene.world.send("DELETE", f"/api/tokens/{made['id']}", scene.bob)
    rows = scene.world.send("GET", "/api/audit", scene.world.admin)
    assert made["token"] not in rows.text
    found = [(row["action"], row["target"]) for row in data(rows) if row["action"].startswith("token.")]
    assert [("token.revoke", "lobby"), ("token.create", "lobby")] == found
