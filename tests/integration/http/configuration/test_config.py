"""/api/config: what is exported, planned and applied."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml

from monitor.application.configuration.applying import ApplyConfiguration
from monitor.application.fleet.servers import DeleteServer
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.configuration.configuration import ConfigurationChanged
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.channels import MASK
from tests.integration.http.configuration.scene import PATH, apply, changed, data, export, filled, plan, refused
from tests.integration.http.world import World


@pytest.fixture
def full(world: World) -> World:
    return filled(world)


def test_a_file_names_things_and_no_ids(full: World):
    text = export(full)
    tree = yaml.safe_load(text)
    assert {"192.0.2.2", "192.0.2.3", "web-1"} >= set(tree["tags"])
    assert tree["tags"] == {"web-1": ["prod", "web"], "192.0.2.3": ["prod"]}
    assert list(tree["checks"]) == ["shop", "shop (2)"]
    assert tree["checks"]["shop (2)"]["server"] == "192.0.2.3"
    assert tree["policies"][-1]["scope"] == {"check": "shop"}
    assert tree["teams"]["write 1"]["members"] == ["alice"]
    assert "id" not in text.replace("ids", "").split()


def test_secrets_are_not_in_it(full: World):
    text = export(full)
    assert "s3cr3t" not in text
    assert "hunter2" not in text
    assert "ops@example.com" in text


def test_what_is_exported_changes_nothing(full: World):
    text = export(full)
    assert plan(full, text)["changes"] == []
    assert apply(full, text)["changes"] == []
    assert export(full) == text


def test_the_revision_is_the_entity_tag(full: World):
    answer = full.send("GET", PATH, full.admin)
    tag = answer.headers["etag"]
    assert tag == f'"{plan(full, answer.text)["revision"]}"'
    same = full.send("GET", PATH, full.admin, headers={"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    full.server("192.0.2.9", name="new", tags=["x"])
    assert full.send("GET", PATH, full.admin, headers={"If-None-Match": tag}).status_code == 200


EDITS: dict[str, tuple[Callable[[str], str], list[tuple[str, str, str]]]] = {
    "a threshold": (
        lambda text: text.replace("warning: 70", "warning: 75"),
        [("policy", "cpu of everything", "update")],
    ),
    "a rename": (lambda text: text.replace("write 1:", "operators:"), [("team", "operators", "rename")]),
    "a rename with more": (
        lambda text: text.replace(
            '"backup: nightly":\n    period: 3600', "backups:\n    was: 'backup: nightly'\n    period: 60"
        ),
        [("check_in", "backups", "rename")],
    ),
    "a renamed channel keeps its secret": (
        lambda text: text.replace("ops room:", "the room:"),
        [("channel", "the room", "rename")],
    ),
    "a new secret": (
        lambda text: text.replace(
            "ops room:\n    kind: webhook\n",
            "ops room:\n    kind: webhook\n    settings: {url: https://hooks.example.com/other}\n",
        ),
        [("channel", "ops room", "update")],
    ),
    "a renamed check, and what refers to it": (
        lambda text: text.replace("  shop:\n", "  store:\n").replace("check: shop\n", "check: store\n"),
        [("check", "store", "rename")],
    ),
    "tags": (lambda text: text.replace("web-1: [prod, web]", "web-1: [prod, www]"), [("tags", "web-1", "update")]),
    "what a server and a new check depend on": (
        lambda text: (
            text.replace("checks:\n", "checks:\n  gateway:\n    kind: ping\n    target: 192.0.2.9\n", 1)
            .replace("depends_on:\n", "depends_on:\n  checks:\n    gateway: {servers: [192.0.2.2]}\n")
            .replace('      servers: ["192.0.2.2"]\n', "      checks: [gateway]\n")
        ),
        [
            ("check", "gateway", "create"),
            ("depends_on", "gateway", "update"),
            ("depends_on", "web-1", "update"),
        ],
    ),
    "an end of a silence": (
        lambda text: text.replace("2030-01-01 14:00:00", "2030-01-01 15:00:00"),
        [
            ("silence", "server 192.0.2.3, 2030-01-01 12:00:00 to 2030-01-01 14:00:00", "delete"),
            ("silence", "server 192.0.2.3, 2030-01-01 12:00:00 to 2030-01-01 15:00:00", "create"),
        ],
    ),
    "a new check with its policy": (
        lambda text: text.replace(
            "checks:\n", "checks:\n  mail:\n    kind: tcp\n    target: mail.example.com:25\n"
        ).replace(
            "policies:\n",
            "policies:\n  - {metric: up, direction: below, critical: 0.5, clear_margin: 0, scope: {check: mail}}\n",
        ),
        [("check", "mail", "create"), ("policy", "up of check mail", "create")],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_planned_and_applied(full: World, edit: str):
    """Applied, nothing of it is left to do, and the file that comes out says the same as the one that went in."""
    make, expected = EDITS[edit]
    text = make(export(full))
    assert text != export(full)
    assert expected == changed(plan(full, text))
    assert expected == changed(apply(full, text))
    assert plan(full, text)["changes"] == []
    again = export(full)
    assert apply(full, again)["changes"] == []
    assert again == export(full)


def test_a_new_secret_is_planned_and_not_shown(full: World):
    make, _ = EDITS["a new secret"]
    [change] = plan(full, make(export(full)))["changes"]
    assert [{"name": "settings", "before": MASK, "after": MASK}] == change["fields"]


def test_secrets_stay_where_they_are(full: World):
    text = (
        export(full)
        .replace("ops room:", "the room:")
        .replace("shop.example.com/", "shop.example.com/")
        .replace("attempts: 2", "attempts: 3")
    )
    apply(full, text)
    [room] = [each for each in full.container.fleet.directory.channels.values() if each.name == "the room"]
    assert room.settings["url"] == "https://hooks.example.com/s3cr3t-token"
    with full.container.uow() as uow:
        assert uow.checks.get(ServerId(4)).check.target == "https://bob:hunter2@shop.example.com/"


def test_a_masked_secret_is_no_change(full: World):
    text = export(full).replace("    kind: webhook\n", f"    kind: webhook\n    settings: {{url: '{MASK}'}}\n")
    assert MASK in text
    assert plan(full, text)["changes"] == []


def test_a_setting_that_the_file_lacks_is_removed(full: World):
    before = export(full)
    chinese = before.replace('"ops@example.com"\n', '"ops@example.com"\n      locale: zh-CN\n')
    assert [("channel", "yes", "update")] == changed(apply(full, chinese))
    assert export(full) == chinese
    assert [("channel", "yes", "update")] == changed(apply(full, before))
    assert export(full) == before


def test_each_change_is_in_the_log_as_if_made_singly(full: World):
    text = export(full).replace("warning: 70", "warning: 75").replace("web-1: [prod, web]", "web-1: []")
    text = (
        text.replace("write 1:", "operators:")
        .replace("  shop:\n", "  store:\n")
        .replace("check: shop\n", "check: store\n")
    )
    apply(full, text)
    entries = full.store.queries.audit.newest(full.admin.actor, limit=4)
    assert [
        ("server.update", "web-1", 'tags: ["prod", "web"] -> []'),
        ("policy.update", "cpu", "everything; warning: 70 -> 75"),
        ("team.update", "operators", 'name: "write 1" -> "operators"'),
        ("check.update", "store", 'name: "shop" -> "store"'),
    ] == [(entry.action, entry.target, entry.detail) for entry in entries]
    assert {entry.address for entry in entries} == {"198.51.100.7"}


def test_it_is_refused_if_something_changed_since(full: World):
    text = export(full)
    revision = plan(full, text)["revision"]
    full.server("192.0.2.9", name="new", tags=["x"])
    answer = full.send("POST", f"{PATH}/apply", full.admin, json={"config": text, "revision": revision})
    assert refused(answer, 409)["reason"] == "configuration_changed"


def apply_after(full: World, other: str, text: str) -> None:
    """Apply *text*, where *other* is applied between its reading and its transaction."""
    apply_configuration = full.container.get(ApplyConfiguration)
    revision = plan(full, text)["revision"]

    def after_the_other() -> UnitOfWork:
        apply(full, other)
        return apply_configuration.new_uow()

    replace(apply_configuration, new_uow=after_the_other)(full.admin.actor, text, revision)


@pytest.mark.parametrize("text", ["policies: []\n", "teams: {}\n", "channels: {}\n", "checks: {}\n", "silences: []\n"])
def test_of_two_at_once_one_hears_that_something_changed(full: World, text: str):
    """The other has deleted what this one is about to delete."""
    with pytest.raises(ConfigurationChanged):
        apply_after(full, text, text)


def test_of_two_edits_at_once_the_later_overwrites_nothing(full: World):
    before = export(full)
    with pytest.raises(ConfigurationChanged):
        apply_after(full, before.replace("warning: 70", "warning: 80"), before.replace("warning: 70", "warning: 75"))
    assert export(full) == before.replace("warning: 70", "warning: 80")


def test_a_file_of_yesterday_says_what_changed_since(full: World):
    text = export(full)
    full.container.get(DeleteServer)(full.admin.actor, ServerId(1))
    full.server("192.0.2.9", name="new", tags=["x"])
    found = plan(full, text)
    assert {("server", "web-1", "missing"), ("team", "write 1", "update"), ("tags", "new", "update")} == set(
        changed(found)
    )
    body = {"config": text, "revision": found["revision"]}
    problems = refused(full.send("POST", f"{PATH}/apply", full.admin, json=body))["fields"]
    assert list(problems) == ["teams.write 1.servers[0]", "tags.web-1", "depends_on.servers.web-1"]


def test_all_or_nothing(full: World):
    before = export(full)
    text = before.replace("warning: 70", "warning: 75").replace("ops@example.com", "other@example.com")
    text = text.replace(
        "ops room:\n    kind: webhook\n",
        "ops room:\n    kind: webhook\n    settings: {url: ftp://example.com/x}\n",
    )
    body = {"config": text, "revision": plan(full, text)["revision"]}
    problems = refused(full.send("POST", f"{PATH}/apply", full.admin, json=body))["fields"]
    assert list(problems) == ["channels.ops room.settings.url"]
    assert export(full) == before


WRONG = {
    "checks: {a: {kind: tcp, target: nowhere}}": "checks.a.target",
    "checks:\n  a: {kind: tcp}": "checks.a.target",
    "checks: {a: {kind: http, target: 'https://***@x.example.com/'}}": "checks.a.target",
    "checks: [a]": "checks",
    "checks: {a: {kind: tcp, target: 'x:1', interval: .inf}}": "checks.a.interval",
    "check_ins: {a: {schedule: 0 0 31 2 *, grace: 60}}": "check_ins.a.schedule",
    "channels: {a: {kind: webhook, enabled: false}}": "channels.a.settings.url",
    "channels: {a: {kind: webhook, enabled: false, settings: {url: '***'}}}": "channels.a.settings.url",
    "channels: {a: {kind: pigeon}}": "channels.a.kind",
    "teams: {a: {access: write}, A: {access: read}}": "teams.A",
    "teams: {a: {access: all}}": "teams.a.access",
    "policies: [{metric: cpu, warning: 101}]": "policies[0].warning",
    "policies: [{metric: cpu, warning: 70}, {metric: cpu, warning: 71}]": "policies[1]",
    "policies: [{metric: cpu, warning: 70, id: 3}]": "policies[0].id",
    "policies: [{metric: cpu, warning: '70'}]": "policies[0].warning",
    "policies: [{metric: cpu, warning: 70, scope: {tag: a, server: b}}]": "policies[0].scope",
    "silences: [{scope: everything, starts_at: now, ends_at: 2030-01-01 13:00:00}]": "silences[0].starts_at",
    "tags: {web-1: [a;b]}": "tags.web-1",
    "tags: {web-1: [a], 192.0.2.1: [b]}": "tags.192.0.2.1",
    "rooms: {}": "rooms",
    "rotas: {a: {timezone: Mars, starts_at: 2030-01-01 08:00:00}}": "rotas.a.timezone",
    "rotas: {a: {timezone: UTC, starts_at: 2030-01-01 08:00:00, turn: {days: 0}}}": "rotas.a.turn.days",
    "rotas:\n  a:\n    timezone: UTC\n    starts_at: 2030-01-01 08:00:00\n"
    "    hours: [{days: [mon], from: '25:00', to: '09:00'}]": "rotas.a.hours[0].from",
    "rotas: {a: {timezone: UTC, starts_at: 2030-01-01 08:00:00, hours: [{days: [day], from: '1', to: '2'}]}}": (
        "rotas.a.hours[0].days[0]"
    ),
    "rotas: {a: {timezone: UTC, starts_at: 2030-01-01 08:00:00}, A: {timezone: UTC, starts_at: 2030-01-01 08:00:00}}": (
        "rotas.A"
    ),
    "rotas: {a: {timezone: UTC, starts_at: 2030-01-01 08:00:00, overrides: []}}": "rotas.a.overrides",
    "escalations: {a: {steps: []}}": "escalations.a.steps",
    "escalations: {a: {steps: [{after: 0, to: []}]}}": "escalations.a.steps[0].to",
    "escalations: {a: {steps: [{after: 0, to: [{user: a, team: b}]}]}}": "escalations.a.steps[0].to[0]",
    "escalations: {a: {steps: [{after: 0, to: [{linked: false}]}]}}": "escalations.a.steps[0].to[0]",
    "escalations: {a: {steps: [{after: 0, to: [{linked: true}]}], repeats: 1}}": "escalations.a.repeat_after",
    "escalations: {a: {steps: [{after: 9, to: [{linked: true}]}, {after: 8, to: [{linked: true}]}]}}": (
        "escalations.a.steps[1].after"
    ),
    "channels: {a: {kind: email, settings: {address: a@example.com}, scope: {tag: a, team: b}}}": "channels.a.scope",
    "version: 2": "version",
    "- a": "config",
    "a: 1\na: 2": "config",
    "a: &x [1]\nb: *x": "config",
    "a: !!python/object/apply:os.system [ls]": "config",
    "{" * 50: "config",
    "a: " + "[" * 50 + "]" * 50: "config",
    "a: 1\n---\nb: 2": "config",
    "a: \x00": "config",
    "a: [1": "config",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_with_its_line(full: World, text: str):
    before = export(full)
    answer = full.send("POST", f"{PATH}/plan", full.admin, json={"config": text}, headers={"Accept-Language": "en"})
    problems = refused(answer)["fields"]
    assert list(problems) == [WRONG[text]]
    assert problems[WRONG[text]].startswith("(line ")
    assert export(full) == before


@pytest.mark.parametrize("path", [f"{PATH}/plan", f"{PATH}/apply"])
def test_a_file_is_bounded(calm_world: World, path: str):
    body = b'{"revision": "", "config": "' + b" " * 10_000_001 + b'"}'
    long = calm_world.send(
        "POST", path, calm_world.admin, content=body.replace(b'"revision": "", ', b"", "plan" in path)
    )
    assert "config" in refused(long)["fields"]
    assert 413 == calm_world.send("POST", path, calm_world.admin, content=b" " * 20_000_001).status_code


def test_only_administrators_and_after_a_fresh_proof(full: World):
    text = export(full).replace("write 1:", "operators:")
    body = {"config": text, "revision": plan(full, text)["revision"]}
    full.later(minutes=11)
    assert (
        refused(full.send("POST", f"{PATH}/apply", full.admin, json=body), 403)["reason"] == "reauthentication_required"
    )
    token = full.token(full.admin)
    assert changed(data(full.send("POST", f"{PATH}/apply", token, json=body))) == [("team", "operators", "rename")]
    reading = full.token(full.admin, TokenScope.READ)
    assert export(full, reading) == export(full)


def test_a_silence_that_is_over_is_ignored_in_a_file(full: World):
    """A file in a repository would else differ for ever, and make it again each time."""
    text = export(full)
    over = text.replace(
        "silences:\n",
        "silences:\n  - {scope: everything, starts_at: 2020-01-01 00:00:00, ends_at: 2020-01-02 00:00:00}\n",
    )
    assert over != text
    assert plan(full, over)["changes"] == []
    assert apply(full, over)["changes"] == []
    assert export(full) == text
    full.later(hours=3)
    full.admin = full.log_in("admin")
    assert "silences: []" in export(full)
    assert plan(full, text)["changes"] == []


def test_a_silence_that_a_file_no_longer_names_is_ended_and_one_that_has_not_begun_is_deleted(full: World):
    whole = export(full)
    without = re.sub(r"silences:\n(  .*\n)+", "silences: []\n", whole)
    apply(full, without)
    listed = data(full.send("GET", "/api/silences", full.admin))
    assert [] == listed
    apply(full, whole)
    full.later(minutes=1)
    apply(full, without)
    [ended] = data(full.send("GET", "/api/silences", full.admin))
    assert "2030-01-01 12:01:00" == ended["ends_at"]


def test_the_end_of_a_silence_in_the_past_ends_it(full: World):
    text = export(full).replace("2030-01-01 14:00:00", "2030-01-01 12:00:30")
    full.later(minutes=1)
    [change] = changed(apply(full, text))
    assert ("silence", "delete") == (change[0], change[2])
    assert "silences: []" in export(full)


REPLACED = """
checks: {%s: {kind: tcp, target: '%s:25'}}
policies: [{metric: up, scope: {check: %s}, direction: below, critical: 0.5, clear_margin: 0}]
"""


def test_a_policy_moves_from_a_deleted_check_to_a_new_one(any_world: World):
    """It is the same policy, with another scope, and goes with no check that is deleted."""
    apply(any_world, REPLACED % ("mail", "mail.example.com", "mail"))
    text = REPLACED % ("post", "post.example.com", "post")
    expected = [("check", "mail", "delete"), ("check", "post", "create"), ("policy", "up of check post", "update")]
    assert expected == changed(apply(any_world, text))
    assert plan(any_world, text)["changes"] == []
    assert "check: post" in export(any_world)


@pytest.mark.parametrize(
    ("given", "place", "code"),
    [
        ("{servers: {web-1: {servers: [web-1]}}}", "depends_on", "形成循环依赖"),
        ("{servers: {web-1: {hosts: []}}}", "depends_on.servers.web-1.hosts", "未知字段"),
        ("{servers: {web-1: {servers: [nobody]}}}", "depends_on.servers.web-1.servers[0]", "nobody"),
    ],
)
def test_dependencies_that_cannot_be(full: World, given: str, place: str, code: str):
    text = f"depends_on: {given}"
    body = {"config": text, "revision": plan(full, export(full))["revision"]}
    fields = refused(full.send("POST", f"{PATH}/apply", full.admin, json=body))["fields"]
    assert [place] == [*fields]
    assert code in fields[place]


def test_a_file_without_dependencies_clears_them(full: World):
    assert 'depends_on:\n  servers:\n    web-1:\n      servers: ["192.0.2.2"]\n' in export(full)
    assert changed(apply(full, "depends_on: {}")) == [("depends_on", "web-1", "update")]
    assert "depends_on: {}" in export(full)
