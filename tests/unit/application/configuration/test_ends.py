"""A plan says which open alerts a file would end, and applying it ends these alone."""

import re

import pytest

from monitor.application.checks.checks import CreateCheck
from monitor.application.configuration.applying import ApplyConfiguration
from monitor.application.configuration.current import ReadConfiguration
from monitor.application.configuration.planning import FindEnds, Plans
from monitor.application.policies.policies import CreatePolicy, EnsureDefaultPolicies
from monitor.domain.checks.checks import Check
from monitor.domain.checks.kinds import KINDS
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World

CPU = Policy(metric="cpu", warning=70.0)


@pytest.fixture
def world() -> World:
    """Of two hosts that fire, web is at 75 % and db at 90 %."""
    world = World()
    web, db = world.server("web", "10.0.0.1", tags=["shop"]), world.server("db", "10.0.0.2")
    world.process.get(CreatePolicy)(ROOT, CPU)
    for _ in range(25):
        world.clock.advance(15)
        world.store_samples([world.sample(web.id, 75.0), world.sample(db.id, 90.0)])
    return world


def ending(world: World, old: str, new: str) -> tuple[list[str], list[str]]:
    """Of a file with a change: what its plan says, and what ends when it is applied."""
    text = world.process.get(ReadConfiguration)(ROOT).text
    assert old in text
    text = text.replace(old, new)
    plan = world.process.get(Plans).start(ROOT, text, 0)
    assert [each.id for each in plan.ends] == [each.id for each in world.process.get(FindEnds)(ROOT, text)]
    world.process.get(ApplyConfiguration)(ROOT, text, plan.revision)
    world.process.fleet.refresh()
    world.background()
    names = {server.id: server.name for server in world.process.fleet.directory.servers.values()}
    return [each.server_name for each in plan.ends if each.ends], [
        names[alert.server_id] for alert in reversed(world.alerts()) if not alert.is_open
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("warning: 70", "warning: 72", []),
        ("warning: 70", "warning: 80", ["web"]),
        ("warning: 70", "warning: 95", ["db", "web"]),
        ("enabled: true", "enabled: false", ["db", "web"]),
        ("scope: everything", "scope: {tag: shop}", ["db"]),
    ],
)
def test_an_edit_ends_what_is_no_breach_by_it(world: World, old: str, new: str, expected: list[str]) -> None:
    """Or what it no longer covers."""
    assert ending(world, old, new) == (expected, expected)


@pytest.mark.parametrize("edit", ["another target", "another interval", "gone"])
def test_alerts_of_a_check_end_if_it_goes_or_asks_for_something_else(edit: str) -> None:
    world = World()
    made = Check(name="shop", kind=KINDS["http"], target="https://shop.example.com", created_at=world.now)
    check = world.process.get(CreateCheck)(ROOT, made)
    world.process.fleet.refresh()
    world.process.get(EnsureDefaultPolicies)()
    for _ in range(20):
        world.clock.advance(30)
        world.store_samples([world.sample(check.id, extra={UP: 0.0})])
    [alert] = world.alerts()
    text = world.process.get(ReadConfiguration)(ROOT).text
    changed = {
        "another target": text.replace("shop.example.com", "shop.example.com:3000"),
        "another interval": re.sub(r"( interval:) [0-9.]+", r"\1 45", text, count=1),
        "gone": re.sub(r"\nchecks:\n.*?\n\n", "\nchecks: {}\n\n", text, flags=re.DOTALL),
    }[edit]
    assert changed != text
    plan = world.process.get(Plans).start(ROOT, changed, 0)
    ends = [] if edit == "another interval" else [alert.id]
    assert ends == [each.id for each in plan.ends if each.ends]
    world.process.get(ApplyConfiguration)(ROOT, changed, plan.revision)
    assert (not ends) == any(each.is_open for each in world.alerts())
