"""/api/on-call/rehearsal: whom the past would have paged after an edit that is about to be saved."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from monitor.adapters.http.accounts.profiles import AwayBody, QuietBody, absences, quiet_hours
from monitor.adapters.http.configuration.configuration import RehearsalOut
from monitor.adapters.http.edge.bodies import Id
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import given, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.notifications.ways import WayIn
from monitor.adapters.http.oncall.escalations import NewEscalation
from monitor.adapters.http.oncall.rotas import NewRota
from monitor.application.configuration.edited import RosterEdit
from monitor.application.configuration.planning import Plans
from monitor.application.notifications.ways import MAX_WAYS
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.availability import MAX_ABSENCES
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.rotas import RotaId


class RehearsedRota(NewRota, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*id*: null or left out: a new one."""

    id: Id | None = None


class RehearsedEscalation(NewEscalation, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*id*: null or left out: a new one."""

    id: Id | None = None


class RehearsalIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is about to be saved; the rest stays as it is. *quiet*, *away*, *ways*: the caller's own."""

    days: Annotated[int, Meta(ge=1, le=90)] = 30
    rota: RehearsedRota | None = None
    escalation: RehearsedEscalation | None = None
    quiet: QuietBody | UnsetType | None = UNSET
    away: Annotated[list[AwayBody], Meta(max_length=MAX_ABSENCES)] | UnsetType = UNSET
    ways: Annotated[list[WayIn], Meta(max_length=MAX_WAYS)] | UnsetType = UNSET

    def edit(self, actor: Actor) -> RosterEdit:
        """Raises InvalidInput."""
        sent = given(self, quiet=quiet_hours, away=absences)
        rota, escalation = self.rota, self.escalation
        return RosterEdit(
            rota=None if rota is None else rota.to_domain(RotaId(rota.id or 0)),
            keeps_overrides=rota is not None and rota.overrides is UNSET,
            escalation=None if escalation is None else escalation.to_domain(EscalationId(escalation.id or 0)),
            own={name: sent[name] for name in ("quiet", "away") if name in sent},
            ways=None if self.ways is UNSET else [each.way(actor) for each in self.ways],
        )


class RehearsalProgressOut(Struct, frozen=True, kw_only=True):
    """*progress*: from 0 to 1. *result*: null until it is 1. *error*: the reason, if it failed."""

    progress: float
    result: RehearsalOut | None
    error: str | None


class RehearsalController(Controller):
    path = "/on-call/rehearsal"
    tags = ("on call",)

    @post("/", status_code=200, sync_to_thread=True)
    def rehearse(self, actor: Part[Actor], data: JSONBody[RehearsalIn], plans: Part[Plans]) -> Envelope[RehearsalOut]:
        """Replay the last days of the servers that the caller sees. Changes nothing.

        Rotas and escalations need an administrator. Where the replay takes long, a job goes on with it.
        """
        return ok(RehearsalOut.of(plans.rehearse(actor, data.edit(actor), data.days)), "planned")

    @get("/{rehearsal_id:str}", sync_to_thread=True)
    def progress(
        self, actor: Part[Actor], rehearsal_id: FromPath[str], plans: Part[Plans]
    ) -> Envelope[RehearsalProgressOut]:
        job = plans.get(actor, rehearsal_id)
        result = None if job.result is None else RehearsalOut.of(job.result)
        return ok(shown(RehearsalProgressOut, job, result=result))

    @delete("/{rehearsal_id:str}", status_code=200, sync_to_thread=True)
    def cancel(self, actor: Part[Actor], rehearsal_id: FromPath[str], plans: Part[Plans]) -> Envelope[None]:
        plans.cancel(actor, rehearsal_id)
        return ok(None, "deleted")
