"""Who changes escalations, what their steps may name, and which teams and policies name them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.fleet.teams import ChangeTeam, CreateTeam
from monitor.application.oncall.escalations import ManageEscalations
from monitor.application.oncall.rotas import ManageRotas
from monitor.application.policies.policies import CreatePolicy, UpdatePolicy
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import Forbidden, InvalidInput, NotFound
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.escalations import Escalation, EscalationNameTaken, Step, Target, TargetKind
from monitor.domain.oncall.limits import MAX_ESCALATIONS
from monitor.domain.oncall.rotas import Rota
from monitor.domain.policies.policies import Policy
from tests.contracts.builders import a_team
from tests.unit.application.core import ROOT, Core

MINUTE = timedelta(minutes=1)
LINKED = Step(timedelta(0), (Target(TargetKind.LINKED),))


@pytest.fixture
def manage(core: Core) -> ManageEscalations:
    return ManageEscalations(core.new_uow, core.clock, core.fleet)


@pytest.fixture
def linked(manage: ManageEscalations) -> Escalation:
    return manage.create(ROOT, Escalation(name="night", steps=(LINKED,)))


def test_only_administrators_create_change_and_delete(
    manage: ManageEscalations, linked: Escalation, ann: Actor
) -> None:
    changes: list[Callable[[], object]] = [
        lambda: manage.create(ann, Escalation(name="another", steps=(LINKED,))),
        lambda: manage.change(ann, linked),
        lambda: manage.delete(ann, linked.id),
    ]
    for change in changes:
        with pytest.raises(Forbidden):
            change()


def test_each_change_is_in_the_log(core: Core, manage: ManageEscalations, linked: Escalation) -> None:
    steps = (LINKED, Step(5 * MINUTE, (Target(TargetKind.LINKED),)))
    changed = replace(linked, name="day", steps=steps, repeat_after=MINUTE, repeats=2)
    manage.change(ROOT, changed)
    manage.change(ROOT, changed)
    manage.delete(ROOT, linked.id)
    entries = [(each.action, each.target, each.detail) for each in core.audit()[:3]]
    assert [
        (
            "escalation.delete",
            "day",
            'repeats: 2 -> null, steps: ["0 s: linked", "300 s: linked"] -> null, repeat_after: 60 -> null',
        ),
        (
            "escalation.update",
            "day",
            'name: "night" -> "day", repeats: 0 -> 2, '
            'steps: ["0 s: linked"] -> ["0 s: linked", "300 s: linked"], repeat_after: null -> 60',
        ),
        ("escalation.create", "night", 'repeats: null -> 0, steps: null -> ["0 s: linked"]'),
    ] == entries
    with pytest.raises(NotFound):
        manage.delete(ROOT, linked.id)


def test_a_name_is_taken_whatever_its_case(manage: ManageEscalations, linked: Escalation) -> None:
    with pytest.raises(EscalationNameTaken):
        manage.create(ROOT, Escalation(name="NIGHT", steps=(LINKED,)))


def test_there_are_so_many_and_no_more(core: Core, manage: ManageEscalations) -> None:
    for number in range(MAX_ESCALATIONS):
        manage.create(ROOT, Escalation(name=f"e {number}", steps=(LINKED,)))
    core.fleet.refresh()
    with pytest.raises(InvalidInput) as refusal:
        manage.create(ROOT, Escalation(name="one more", steps=(LINKED,)))
    assert ["escalations"] == list(refusal.value.problems)


@pytest.mark.parametrize("kind", [kind for kind in TargetKind if kind is not TargetKind.LINKED])
def test_a_step_names_what_exists(core: Core, manage: ManageEscalations, kind: TargetKind) -> None:
    step = Step(MINUTE, (Target(TargetKind.LINKED), Target(kind, 4711)))
    core.fleet.refresh()
    with pytest.raises(InvalidInput) as refusal:
        manage.create(ROOT, Escalation(name="new", steps=(LINKED, step)))
    assert {"steps.1.to": "4711"} == {name: each.params["ids"] for name, each in refusal.value.problems.items()}


def test_a_step_names_people_teams_and_rotas(core: Core, manage: ManageEscalations, ann: Actor) -> None:
    team = CreateTeam(core.new_uow, core.clock)(ROOT, a_team("web"))
    rota = ManageRotas(core.new_uow, core.clock, core.fleet).create(
        ROOT, Rota(name="r", timezone="UTC", starts_at=core.clock.now(), user_ids=(ann.user_id,))
    )
    core.fleet.refresh()
    named = {TargetKind.USER: ann.user_id, TargetKind.TEAM: team.id, TargetKind.ROTA: rota.id}
    step = Step(MINUTE, tuple(Target(kind, id_) for kind, id_ in named.items()))
    manage.create(ROOT, Escalation(name="all", steps=(step,)))
    expected = f"60 s: user {ann.user_id}, team {team.id}, rota {rota.id}"
    assert expected in core.audit()[0].detail


def test_teams_and_policies_name_an_escalation_that_exists(
    core: Core, manage: ManageEscalations, linked: Escalation
) -> None:
    nothing, policies = EscalationId(4711), CreatePolicy(core.new_uow, core.clock)
    team = CreateTeam(core.new_uow, core.clock)(ROOT, a_team("web", escalation_id=linked.id))
    policy = policies(ROOT, Policy(metric="cpu", warning=80, escalation_id=linked.id))
    refused: list[Callable[[], object]] = [
        lambda: CreateTeam(core.new_uow, core.clock)(ROOT, a_team("db", escalation_id=nothing)),
        lambda: ChangeTeam(core.new_uow, core.clock)(ROOT, replace(team, escalation_id=nothing)),
        lambda: policies(ROOT, Policy(metric="memory", warning=80, escalation_id=nothing)),
        lambda: UpdatePolicy(core.new_uow, core.clock, core.fleet)(ROOT, policy.id, escalation_id=nothing),
    ]
    for change in refused:
        with pytest.raises(InvalidInput) as refusal:
            change()
        assert ["escalation_id"] == list(refusal.value.problems)
    UpdatePolicy(core.new_uow, core.clock, core.fleet)(ROOT, policy.id, escalation_id=None)
    assert f"everything; escalation_id: {linked.id} -> null" == core.audit()[0].detail


def test_another_escalation_does_not_evaluate_a_policy_anew(core: Core, linked: Escalation) -> None:
    policy = CreatePolicy(core.new_uow, core.clock)(ROOT, Policy(metric="cpu", warning=80))
    core.clock.advance(MINUTE)
    after = UpdatePolicy(core.new_uow, core.clock, core.fleet)(ROOT, policy.id, escalation_id=linked.id)
    assert policy.changed_at == after.changed_at
