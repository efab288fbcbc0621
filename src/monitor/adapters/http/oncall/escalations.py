"""/api/escalations: which step notifies whom, and when."""

from datetime import timedelta
from typing import Annotated

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody
from msgspec import Meta, Struct, structs

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import MAX_ID, Id, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import each_of, only_one, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.fleet.fleet import Fleet
from monitor.application.oncall.escalations import ManageEscalations
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.escalations import MAX_STEPS, MAX_TARGETS, Escalation, Step, Target, TargetKind


class TargetBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One of them. *rota_id*: who is on call then. *linked*: the people linked to the server, and its teams."""

    user_id: Id | None = None
    team_id: Id | None = None
    rota_id: Id | None = None
    channel_id: Id | None = None
    linked: bool | None = None

    def to_domain(self) -> Target:
        """Raises InvalidInput."""
        name, id_ = only_one(self, "to")
        return Target(TargetKind.LINKED) if name == "linked" else Target(TargetKind(name.removesuffix("_id")), id_)

    @staticmethod
    def of(target: Target) -> "TargetBody":
        name = "linked" if target.kind is TargetKind.LINKED else f"{target.kind}_id"
        return structs.replace(TargetBody(), **{name: target.id or True})


class StepBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*after*: seconds since the page may first go out."""

    after: Annotated[int, Meta(ge=0, le=MAX_ID)]
    to: Annotated[list[TargetBody], Meta(max_length=MAX_TARGETS)]

    def to_domain(self) -> Step:
        """Raises InvalidInput."""
        return Step(timedelta(seconds=self.after), tuple(each.to_domain() for each in self.to))

    @staticmethod
    def of(step: Step) -> "StepBody":
        return StepBody(after=int(step.after.total_seconds()), to=list(map(TargetBody.of, step.to)))


class NewEscalation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*steps*: by *after*. A step that reaches nobody passes to the next at once. *repeat_after*: seconds from the last
    step to the first one again, *repeats* times: once, if left out."""

    name: Text
    steps: Annotated[list[StepBody], Meta(max_length=MAX_STEPS)]
    repeat_after: Annotated[int, Meta(ge=0, le=MAX_ID)] | None = None
    repeats: int | None = None

    def to_domain(self, escalation_id: EscalationId = EscalationId(0)) -> Escalation:
        """Raises InvalidInput."""
        steps = each_of("steps", self.steps, StepBody.to_domain)
        pause = None if self.repeat_after is None else timedelta(seconds=self.repeat_after)
        repeats = int(pause is not None) if self.repeats is None else self.repeats
        return Escalation(id=escalation_id, name=self.name, steps=steps, repeat_after=pause, repeats=repeats)


class EscalationOut(Struct, frozen=True, kw_only=True):
    id: int
    name: str
    steps: list[StepBody]
    repeat_after: int | None
    repeats: int

    @staticmethod
    def of(escalation: Escalation) -> "EscalationOut":
        pause = escalation.repeat_after
        return shown(
            EscalationOut,
            escalation,
            steps=list(map(StepBody.of, escalation.steps)),
            repeat_after=None if pause is None else int(pause.total_seconds()),
        )


class EscalationOption(Struct, frozen=True):
    id: int
    name: str


class EscalationController(Controller):
    path = "/escalations"
    tags = ("on call",)

    @get("/", sync_to_thread=True, guards=[admins_only])
    def list_escalations(self, fleet: Part[Fleet]) -> Envelope[list[EscalationOut]]:
        fleet.refresh()
        return ok([EscalationOut.of(each) for each in fleet.directory.roster.escalations.values()])

    @get("/options", sync_to_thread=True)
    def options(self, fleet: Part[Fleet]) -> Envelope[list[EscalationOption]]:
        """Return id and name of all, for pickers: who changes a server's policies may give them one."""
        fleet.refresh()
        return ok([EscalationOption(each.id, each.name) for each in fleet.directory.roster.escalations.values()])

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self,
        actor: Part[Actor],
        data: JSONBody[NewEscalation],
        manage_escalations: Part[ManageEscalations],
        fleet: Part[Fleet],
    ) -> Envelope[EscalationOut]:
        """Where a policy or a server's team names it, its steps alone say who is notified."""
        fleet.poll()  # steps may name what another process has just stored
        return ok(EscalationOut.of(manage_escalations.create(actor, data.to_domain())), "created")

    @put("/{escalation_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        escalation_id: PathId,
        data: JSONBody[NewEscalation],
        manage_escalations: Part[ManageEscalations],
        fleet: Part[Fleet],
    ) -> Envelope[EscalationOut]:
        """Replaces the whole escalation."""
        fleet.poll()
        escalation = manage_escalations.change(actor, data.to_domain(EscalationId(escalation_id)))
        return ok(EscalationOut.of(escalation), "updated")

    @delete("/{escalation_id:int}", status_code=200, sync_to_thread=True)
    def remove(
        self, actor: Part[Actor], escalation_id: PathId, manage_escalations: Part[ManageEscalations]
    ) -> Envelope[None]:
        """Teams and policies that name it have none any more."""
        manage_escalations.delete(actor, EscalationId(escalation_id))
        return ok(None, "deleted")
