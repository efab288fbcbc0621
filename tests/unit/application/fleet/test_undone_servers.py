"""Servers that were new go again where the change that made them fails."""

from datetime import timedelta

from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.fleet.batches import ServerChange, UndoServerChanges
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.alerts.alert import EventKind
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, World


def test_recipients_of_its_alert_are_notified_of_the_cancellation(world: World) -> None:
    ann, bob = (world.person(name, f"{name}@example.com") for name in ("ann", "bob"))
    new, kept = world.server("web", "10.0.0.1", [ann]), world.server("db", "10.0.0.2", [bob])
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", critical=90.0, sustained_for=timedelta(0)))
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE, enabled=False))
    for server in (new, kept):
        world.report(server.id, 99.0)
    world.let_pass(30, 10)
    undo = UndoServerChanges(world.new_uow, world.clock, world.process.get(CancelOpenAlerts))
    undo(ROOT, [ServerChange(before=None, after=new)])
    world.let_pass(30, 10)
    notified = [item.event_kind for to, mail in world.mailer.sent for item in mail.items if to == "ann@example.com"]
    assert [EventKind.FIRED, EventKind.CANCELLED] == notified
    assert [kept.id] == [alert.server_id for alert in world.alerts()]
