"""Rotas, escalations and the scopes of channels in configuration files."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from monitor.adapters.yaml_files import YamlFiles
from tests.integration.http.configuration.scene import PATH, apply, changed, data, export, plan, refused
from tests.integration.http.world import World

FILE = """\
checks:
  shop:
    kind: http
    target: https://shop.example.com/
teams:
  web:
    access: write
    members: [ann]
    escalation: night
channels:
  room:
    kind: email
    settings: {address: room@example.com}
    scope: {team: web}
  shop mailbox:
    kind: email
    settings: {address: shop@example.com}
    scope: {checks: [shop]}
  all:
    kind: email
    settings: {address: all@example.com}
    scope: {tag: web}
rotas:
  夜班:
    timezone: Europe/Berlin
    starts_at: 2030-01-07 08:00:00
    turn: {days: 1}
    hours:
      - {days: [mon, tue], from: "22:00", to: "06:00"}
    users: [ben, ann]
escalations:
  night:
    steps:
      - after: 0
        to: [{rota: 夜班}]
      - after: 300
        to: [{user: ann}, {team: web}, {channel: room}, {linked: true}]
    repeat_after: 1800
    repeats: 2
policies:
  - {metric: cpu, scope: everything, warning: 70, critical: 90, escalation: night}
"""
"""The team names the escalation, which names the team and a channel, which has the team as its scope."""


@pytest.fixture
def full(any_world: World) -> World:
    any_world.person("ann")
    any_world.person("ben")
    apply(any_world, FILE)
    return any_world


def test_what_is_applied_is_what_is_exported(full: World) -> None:
    tree, given = (YamlFiles().read(text) for text in (export(full), FILE))
    for section in ("teams", "rotas", "escalations"):
        found = {name: {key: each[key] for key in given[section][name]} for name, each in tree[section].items()}
        assert given[section] == found
    assert {"room": {"team": "web"}, "shop mailbox": {"checks": ["shop"]}, "all": {"tag": "web"}} == {
        name: each["scope"] for name, each in tree["channels"].items()
    }
    assert ["night"] == [each["escalation"] for each in tree["policies"]]
    assert "  夜班:\n" in export(full) or '  "夜班":\n' in export(full)
    for text in (FILE, export(full)):
        assert plan(full, text)["changes"] == []
        assert apply(full, text)["changes"] == []


def test_the_api_shows_what_a_file_made(full: World) -> None:
    [rota] = data(full.send("GET", "/api/rotas", full.admin))
    assert ["ben", "ann"] == [{each["id"]: each["username"] for each in rota["users"]}[id_] for id_ in rota["user_ids"]]
    [escalation] = data(full.send("GET", "/api/escalations", full.admin))
    assert [{"rota_id": rota["id"]}] == escalation["steps"][0]["to"]
    [team] = data(full.send("GET", "/api/teams", full.admin))
    [policy] = data(full.send("GET", "/api/alert-policies", full.admin))
    assert [escalation["id"]] * 2 == [team["escalation_id"], policy["escalation_id"]]
    assert team["id"] in [each.get("team_id") for each in escalation["steps"][1]["to"]]


def replaced(*pairs: tuple[str, str]) -> Callable[[str], str]:
    def edit(text: str) -> str:
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        return text

    return edit


def without(*sections: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        tree = yaml.safe_load(text)
        return yaml.safe_dump(tree | {name: type(tree[name])() for name in sections}, allow_unicode=True)

    return edit


EDITS: dict[str, tuple[Callable[[str], str], list[tuple[str, str, str]]]] = {
    "other people": (replaced(("users: [ben, ann]", "users: [ann, ben]")), [("rota", "夜班", "update")]),
    "a renamed rota": (
        replaced(("  夜班:\n", "  nights:\n"), ("rota: 夜班", "rota: nights")),
        [("rota", "nights", "rename")],
    ),
    "a renamed escalation": (
        replaced(("  night:\n", "  夜:\n"), ("escalation: night", "escalation: 夜")),
        [("escalation", "夜", "rename")],
    ),
    "a renamed team": (
        replaced(("  web:\n", "  www:\n"), ("team: web", "team: www")),
        [("team", "www", "rename")],
    ),
    "an earlier step": (replaced(("after: 300", "after: 240")), [("escalation", "night", "update")]),
    "another escalation of a team": (
        replaced(
            ("escalations:\n", "escalations:\n  day:\n    steps: [{after: 0, to: [{team: web}]}]\n"),
            ("    escalation: night\n", "    escalation: day\n"),
        ),
        [("team", "web", "update"), ("escalation", "day", "create")],
    ),
    "another scope": (replaced(("scope: {team: web}", "scope: everything")), [("channel", "room", "update")]),
    "no rotas": (
        lambda text: without("rotas")(replaced(("to: [{rota: 夜班}]", "to: [{user: ann}]"))(text)),
        [("rota", "夜班", "delete"), ("escalation", "night", "update")],
    ),
    "no escalations": (
        lambda text: without("escalations")(
            replaced(("    escalation: night\n", ""), (", escalation: night", ""))(text)
        ),
        [
            ("team", "web", "update"),
            ("escalation", "night", "delete"),
            ("policy", "cpu of everything", "update"),
        ],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_planned_and_applied(full: World, edit: str) -> None:
    """Applied, nothing of it is left to do, and the file that comes out says the same as the one that went in."""
    make, expected = EDITS[edit]
    text = make(FILE)
    assert expected == changed(plan(full, text))
    assert expected == changed(apply(full, text))
    assert plan(full, text)["changes"] == []
    again = export(full)
    assert apply(full, again)["changes"] == []
    assert again == export(full)


def test_an_escalation_takes_the_name_of_another_one(full: World) -> None:
    """What names it then names the new one."""
    new = "escalations:\n  night:\n    steps: [{after: 0, to: [{team: web}]}]\n  late:\n    was: night\n"
    text = replaced(("escalations:\n  night:\n", new))(FILE)
    assert [
        ("team", "web", "update"),
        ("escalation", "late", "rename"),
        ("escalation", "night", "create"),
        ("policy", "cpu of everything", "update"),
    ] == changed(apply(full, text))
    assert plan(full, text.replace("    was: night\n", ""))["changes"] == []


BODIES = {
    "team": "access: read, tags: [tag{}]",
    "rota": "starts_at: 2030-01-07 08:00:00, turn: {{days: 1}}, users: [ann], timezone: Europe/{}",
    "escalation": "steps: [{{after: 0, to: [{{user: ann}}]}}], repeat_after: 60, repeats: {}",
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_name_is_given_up_before_another_thing_takes_it(any_world: World, kind: str) -> None:
    any_world.person("ann")
    first, second = map(BODIES[kind].format, {"rota": ("Rome", "Oslo")}.get(kind, (1, 2)))
    apply(any_world, f"{kind}s:\n  b: {{{second}}}\n")
    apply(any_world, f"{kind}s:\n  b: {{{second}}}\n  a: {{{first}}}\n")
    text = f"{kind}s:\n  z: {{{first}, was: a}}\n  a: {{{second}, was: b}}\n  b: {{{first}}}\n"
    expected = [(kind, "a", "rename"), (kind, "z", "rename"), (kind, "b", "create")]
    assert expected == changed(plan(any_world, text))
    assert expected == changed(apply(any_world, text))
    assert plan(any_world, text)["changes"] == []


def test_a_rota_keeps_its_overrides(full: World) -> None:
    [rota] = data(full.send("GET", "/api/rotas", full.admin))
    override = {"user_id": full.admin.id, "starts_at": "2030-01-07 08:00:00", "ends_at": "2030-01-08 08:00:00"}
    data(full.send("POST", f"/api/rotas/{rota['id']}/overrides", full.admin, json=override))
    assert plan(full, FILE)["changes"] == []
    apply(full, FILE.replace("users: [ben, ann]", "users: [ben]"))
    [rota] = data(full.send("GET", "/api/rotas", full.admin))
    assert [override] == rota["overrides"]


def test_a_step_whose_target_was_deleted_is_exported_and_planned(full: World) -> None:
    [rota] = data(full.send("GET", "/api/rotas", full.admin))
    data(full.send("DELETE", f"/api/rotas/{rota['id']}", full.admin))
    text = export(full)
    assert [] == yaml.safe_load(text)["escalations"]["night"]["steps"][0].get("to", [])
    assert plan(full, text)["changes"] == []
    assert [("escalation", "late", "rename")] == changed(
        apply(full, text.replace("  night:\n", "  late:\n").replace("escalation: night", "escalation: late"))
    )


MISSING: list[tuple[str, str, str, Any]] = [
    ("users: [ben, ann]", "users: [ben, eve]", "rotas.夜班.users[1]", ("user", "eve")),
    ("rota: 夜班", "rota: days", "escalations.night.steps[0].to[0].rota", ("rota", "days")),
    ("{team: web}, {ch", "{team: db}, {ch", "escalations.night.steps[1].to[1].team", ("team", "db")),
    ("channel: room", "channel: hall", "escalations.night.steps[1].to[2].channel", ("channel", "hall")),
    ("    escalation: night\n", "    escalation: day\n", "teams.web.escalation", ("escalation", "day")),
    (", escalation: night", ", escalation: day", "policies[0].escalation", ("escalation", "day")),
    ("scope: {team: web}", "scope: {team: db}", "channels.room.scope.team", ("team", "db")),
    ("checks: [shop]", "servers: [db]", "channels.shop mailbox.scope.servers[0]", ("server", "db")),
]


@pytest.mark.parametrize(("old", "new", "place", "missing"), MISSING)
def test_an_unknown_name_is_planned_and_not_applied(full: World, old: str, new: str, place: str, missing: Any) -> None:
    assert old in FILE
    text = FILE.replace(old, new)
    found = plan(full, text)
    assert (*missing, "missing") in {(each["kind"], each["name"], each["action"]) for each in found["changes"]}
    body = {"config": text, "revision": found["revision"]}
    assert place in refused(full.send("POST", f"{PATH}/apply", full.admin, json=body))["fields"]
