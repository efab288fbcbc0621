"""Administration of escalations."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from monitor.application.fleet.visibility import KnownFleet
from monitor.application.oncall.ports import UnitOfWork
from monitor.application.oncall.rotas import check_room
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry, values_of
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.escalations import Escalation, Step, TargetKind, checked_escalation, next_steps
from monitor.domain.oncall.limits import MAX_ESCALATIONS


@dataclass(frozen=True, slots=True)
class ManageEscalations:
    """*are_checked*: whether all that steps name is known to exist."""

    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    fleet: KnownFleet
    are_checked: bool = False

    @retried
    def create(self, actor: Actor, escalation: Escalation) -> Escalation:
        """Raises Forbidden, InvalidInput, EscalationNameTaken."""
        actor.must_be_admin()
        self._check(escalation)
        check_room("escalations", self.fleet.directory.roster.escalations, MAX_ESCALATIONS)
        with self.new_uow() as uow:
            escalation = uow.escalations.add(escalation)
            detail = created_values(_audit_details(escalation))
            uow.audit.add(entry(actor, self.clock.now(), "escalation.create", escalation.name, detail))
            uow.commit()
        return escalation

    @retried
    def change(self, actor: Actor, escalation: Escalation) -> Escalation:
        """Raises Forbidden, NotFound, InvalidInput, EscalationNameTaken."""
        actor.must_be_admin()
        self._check(escalation)
        with self.new_uow() as uow:
            before = uow.escalations.get(escalation.id)
            if escalation != before:
                uow.escalations.save(escalation)
                uow.pagings.renumber(escalation.id, next_steps(before, escalation))
                detail = changes(_audit_details(before), _audit_details(escalation))
                uow.audit.add(entry(actor, self.clock.now(), "escalation.update", escalation.name, detail))
            uow.commit()
        return escalation

    @retried
    def delete(self, actor: Actor, escalation_id: EscalationId) -> None:
        """Teams and policies that name it have none any more. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            escalation = uow.escalations.get(escalation_id)
            uow.escalations.delete(escalation_id)
            detail = deleted_values(_audit_details(escalation))
            uow.audit.add(entry(actor, self.clock.now(), "escalation.delete", escalation.name, detail))
            uow.commit()

    def _check(self, escalation: Escalation) -> None:
        """Raises InvalidInput. What is deleted at the same moment is taken from the steps by the store."""
        if self.are_checked:
            return
        held = self.fleet.directory
        known: dict[TargetKind, Container[int]] = {
            TargetKind.USER: held.users,
            TargetKind.TEAM: held.reach.teams,
            TargetKind.ROTA: held.roster.rotas,
            TargetKind.CHANNEL: held.channels,
            TargetKind.LINKED: (0,),
        }
        for place, step in enumerate(checked_escalation(escalation).steps):
            if unknown := [str(each.id) for each in step.to if each.id not in known[each.kind]]:
                raise InvalidInput({f"steps.{place}.to": Problem("unknown_ids", {"ids": ", ".join(unknown)})})


def _audit_details(escalation: Escalation) -> dict[str, object]:
    pause = escalation.repeat_after
    return values_of(escalation, "name", "repeats") | {
        "steps": [_text(step) for step in escalation.steps],
        "repeat_after": None if pause is None else pause.total_seconds(),
    }


def _text(step: Step) -> str:
    targets = ", ".join(f"{each.kind} {each.id}" if each.id else each.kind for each in step.to)
    return f"{step.after.total_seconds():g} s: {targets}"
