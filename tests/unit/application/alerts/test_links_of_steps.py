"""The link in a step's message, for somebody who does not see the server otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.alerts.links import AcknowledgeByLink, ShowLinkedAlert
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.errors import NotFound
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World


def test_opens_and_acknowledges_while_an_escalation_calls_its_people() -> None:
    world, at_once = World(), timedelta(0)
    bob, server = world.person("bob", "bob@example.com"), world.server("web", "10.0.0.1")
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", warning=70.0, sustained_for=at_once, clear_for=at_once))
    with world.new_uow() as uow:
        made = uow.escalations.add(Escalation(name="ops", steps=(Step(at_once, (Target(TargetKind.USER, bob.id),)),)))
        team = Team(
            name="ops",
            access=TeamAccess.READ,
            created_at=world.now,
            server_ids=frozenset({server.id}),
            escalation_id=made.id,
        )
        uow.teams.add(team)
        uow.commit()
    world.report(server.id, 75.0)
    world.let_pass(10)
    [(_, message)] = world.mails()
    token = (message.items[0].ack_link or "").rsplit("/", 1)[1]
    with world.new_uow(), pytest.raises(NotFound):  # a second unit of work would be refused: a wrong link begins none
        world.process.get(AcknowledgeByLink)(token[:-64] + "0" * 64)
    shown = world.process.get(ShowLinkedAlert)(token)
    assert (True, False, None) == (shown.may_change, shown.may_silence, shown.acknowledged_by)
    assert world.process.get(AcknowledgeByLink)(token).acknowledged_by == bob.id
    with world.new_uow() as uow:
        uow.escalations.delete(made.id)
        uow.commit()
    world.process.fleet.refresh()
    with pytest.raises(NotFound):
        world.process.get(ShowLinkedAlert)(token)
    with pytest.raises(NotFound):
        world.process.get(AcknowledgeByLink)(token)


def test_opens_nothing_for_a_person_whom_the_escalation_no_longer_names() -> None:
    """That it calls others is no reason to show them the server."""
    world, at_once = World(), timedelta(0)
    bob, eve = world.person("bob", "bob@example.com"), world.person("eve", "eve@example.com")
    server = world.server("web", "10.0.0.1")
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", warning=70.0, sustained_for=at_once, clear_for=at_once))
    with world.new_uow() as uow:
        made = uow.escalations.add(Escalation(name="ops", steps=(Step(at_once, (Target(TargetKind.USER, bob.id),)),)))
        own = frozenset({server.id})
        uow.teams.add(
            Team(name="ops", access=TeamAccess.READ, created_at=world.now, server_ids=own, escalation_id=made.id)
        )
        uow.commit()
    world.report(server.id, 75.0)
    world.let_pass(10)
    [(_, message)] = world.mails()
    token = (message.items[0].ack_link or "").rsplit("/", 1)[1]
    with world.new_uow() as uow:
        uow.escalations.save(replace(made, steps=(Step(at_once, (Target(TargetKind.USER, eve.id),)),)))
        uow.commit()
    world.process.fleet.refresh()
    with pytest.raises(NotFound):
        world.process.get(ShowLinkedAlert)(token)
    with pytest.raises(NotFound):
        world.process.get(AcknowledgeByLink)(token)
