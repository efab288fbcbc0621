"""What an edited policy changes is said with the value of now, not with that of the last event."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.application.policies.policies import CreatePolicy, UpdatePolicy
from monitor.domain.alerts.alert import EventKind
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World

AT_ONCE = timedelta(0)


@pytest.mark.parametrize(
    ("then", "now", "changes", "kind"),
    [(95, 75, {"warning": 90.0}, EventKind.RESOLVED), (71, 89, {"critical": 85.0}, EventKind.ESCALATED)],
)
def test_the_event_has_the_present_value(then: float, now: float, changes: dict[str, Any], kind: EventKind) -> None:
    world = World()
    web = world.server("web", "10.0.0.1", [world.person("ann", "ann@example.com")])
    policy = Policy(metric="cpu", warning=70, critical=99, sustained_for=AT_ONCE, clear_for=AT_ONCE)
    policy = world.process.get(CreatePolicy)(ROOT, policy)
    world.report(web.id, then)
    world.let_pass(60)
    world.report(web.id, now)
    world.process.get(UpdatePolicy)(ROOT, policy.id, **changes)
    world.let_pass(60)
    [alert] = world.alerts()
    events = [(each.event_kind, each.value) for each in world.timeline(alert) if each.value is not None]
    assert [(EventKind.FIRED, then), (kind, now)] == events
    assert [then, now] == [item.value for _, message in world.mails() for item in message.items]
