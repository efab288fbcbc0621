"""/api/config: the configuration as a file; what another file would change, and whom it would page."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from litestar import Controller, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from monitor.adapters.http.alerts.shown_alerts import ids_of
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import SAME, IfNoneMatch, is_known
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LevelName, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.configuration.applying import ApplyConfiguration
from monitor.application.configuration.current import ReadConfiguration
from monitor.application.configuration.pages import Pages
from monitor.application.configuration.planning import EndedAlert, FindEnds, Plan, Plans
from monitor.application.configuration.sides import Unanswered
from monitor.application.fleet.fleet import Fleet
from monitor.application.hindsight.backtest import MAX_DAYS
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.reasons import Reason
from monitor.domain.configuration.changes import Change

MAX_FILE = 10_000_000
"""Characters: the tags of a hundred thousand servers take 5,000,000, five checks of each of ten thousand 8,000,000."""
MAX_SENT = 2 * MAX_FILE
"""Bytes of a body: JSON escapes some characters."""
MEDIA_TYPE = "application/yaml"
Text = Annotated[str, Meta(max_length=MAX_FILE, description="A configuration file, in YAML.")]
_FILE = ResponseSpec(dict[str, Any], generate_examples=False, media_type=MEDIA_TYPE, description="The file")


class PlanIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*days*: how much of the past is replayed; 0: none of it, so that the changes alone are answered."""

    config: Text
    days: Annotated[int, Meta(ge=0, le=MAX_DAYS)] = 30


class ApplyIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*revision*: that of the plan, or of `ETag`."""

    config: Text
    revision: Annotated[str, Meta(max_length=100)]


class FieldChangeOut(Struct, frozen=True, kw_only=True):
    """*before*, *after*: as in a file; null where it is empty."""

    name: str
    before: Any
    after: Any


class ChangeOut(Struct, frozen=True, kw_only=True):
    """*action*: `missing` if the file names a server, user or check that does not exist; then it can't be applied."""

    kind: Literal[
        "check",
        "check_in",
        "channel",
        "team",
        "rota",
        "escalation",
        "policy",
        "silence",
        "tags",
        "server",
        "user",
        "depends_on",
    ]
    name: str
    action: Literal["create", "update", "rename", "delete", "missing"]
    fields: list[FieldChangeOut]


class PagesOut(Struct, frozen=True, kw_only=True):
    """Alerts of which somebody is notified, now and with the change. *added*, *removed*: those that only one side has.
    *unanswered_…*: those that reach nobody."""

    before: int
    after: int
    added: int
    removed: int
    unanswered_before: int
    unanswered_after: int


class PersonPagesOut(Struct, frozen=True, kw_only=True):
    """Alerts that a person is notified of, now and with the change. *nights_…*: nights with a message, from 22 to 7 as
    their quiet hours, or else a rota of theirs, have the time."""

    username: str
    before: int
    after: int
    nights_before: int
    nights_after: int


class ChannelPagesOut(Struct, frozen=True, kw_only=True):
    """Likewise of a channel."""

    name: str
    before: int
    after: int


class UnansweredAlertOut(Struct, frozen=True, kw_only=True):
    server_id: int | None
    check_id: int | None
    server_name: str
    metric: str
    level: LevelName


class UnansweredOut(Struct, frozen=True, kw_only=True):
    """A page that would reach nobody. *why*: as an explanation has it."""

    at: str
    alert: UnansweredAlertOut
    why: Reason

    @staticmethod
    def of(found: Unanswered) -> "UnansweredOut":
        ids = ids_of(found.server.id, found.server)
        own = {name: ids[name] for name in ("server_id", "check_id")}
        return shown(UnansweredOut, found, alert=shown(UnansweredAlertOut, found, server_name=found.server.name, **own))


class EndedAlertOut(Struct, frozen=True, kw_only=True):
    """Open alert that ends with the file. *ends*: null if it may: too many would have to be evaluated to know."""

    id: int
    server_name: str
    metric: str
    level: LevelName
    ends: bool | None


class RehearsalOut(Struct, frozen=True, kw_only=True):
    """All null while they are counted, which the job *job_id* does. *unanswered*: pages that would reach nobody after
    the change, the newest 100. Only administrators see other people, and channels."""

    pages: PagesOut | None
    people: list[PersonPagesOut] | None
    channels: list[ChannelPagesOut] | None
    unanswered: list[UnansweredOut] | None
    job_id: str | None

    @staticmethod
    def of(plan: Plan) -> "RehearsalOut":
        return shown(RehearsalOut, plan, **_counted(plan.pages))


class PlanOut(RehearsalOut, frozen=True, kw_only=True):
    """*pages*, *people*, *channels*, *unanswered*: null while they are counted, which the job *job_id* does, and for 0
    days."""

    revision: str
    changes: list[ChangeOut]
    ends: list[EndedAlertOut]

    @staticmethod
    def of(plan: Plan) -> "PlanOut":
        return shown(PlanOut, plan, changes=_changes(plan.changes), ends=_ends(plan.ends), **_counted(plan.pages))


def _counted(pages: Pages | None) -> dict[str, Any]:
    if pages is None:
        return dict.fromkeys(("pages", "people", "channels", "unanswered"))
    people = [
        PersonPagesOut(username=name, before=n[0], after=n[1], nights_before=nights[0], nights_after=nights[1])
        for name, n in pages.people.items()
        for nights in [pages.nights.get(name, (0, 0))]
    ]
    channels = [ChannelPagesOut(name=name, before=n[0], after=n[1]) for name, n in pages.channels.items()]
    unanswered = [UnansweredOut.of(each) for each in pages.unanswered]
    return {"pages": shown(PagesOut, pages), "people": people, "channels": channels, "unanswered": unanswered}


def _changes(changes: Sequence[Change]) -> list[ChangeOut]:
    return [
        shown(ChangeOut, change, fields=[shown(FieldChangeOut, each) for each in change.fields]) for change in changes
    ]


def _ends(alerts: Sequence[EndedAlert]) -> list[EndedAlertOut]:
    return [shown(EndedAlertOut, alert) for alert in alerts]


class PlanProgressOut(Struct, frozen=True, kw_only=True):
    """*progress*: from 0 to 1. *result*: null until it is 1. *error*: the reason, if it failed."""

    progress: float
    result: PlanOut | None
    error: str | None


class AppliedOut(Struct, frozen=True, kw_only=True):
    """*revision*: the new one."""

    revision: str
    changes: list[ChangeOut]
    ends: list[EndedAlertOut]


class ConfigurationController(Controller):
    path = "/config"
    tags = ("administration",)
    guards = (admins_only,)

    @get("/", sync_to_thread=True, media_type=MEDIA_TYPE, responses={200: _FILE, 304: SAME})
    def export(
        self,
        actor: Part[Actor],
        read_configuration: Part[ReadConfiguration],
        if_none_match: IfNoneMatch = None,
    ) -> Response[str]:
        """Policies, silences, teams, channels without their secrets, rotas, escalations, checks, check-ins and tags,
        without ids. `ETag` is its revision. This answer has no envelope."""
        current = read_configuration(actor)
        etag = f'"{current.revision}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if is_known(etag, if_none_match):
            return Response("", status_code=304, headers=headers, media_type=MEDIA_TYPE)
        headers["Content-Disposition"] = 'attachment; filename="monitor.yaml"'
        return Response(current.text, headers=headers, media_type=MEDIA_TYPE)

    @post("/plan", status_code=200, sync_to_thread=True, request_max_body_size=MAX_SENT)
    def plan(self, actor: Part[Actor], data: JSONBody[PlanIn], plans: Part[Plans]) -> Envelope[PlanOut]:
        """Say what a file would change, and whom it would have paged. Changes nothing.

        Where the replay of the past takes long, `pages`, `people` and `channels` are null, and a job counts them.
        """
        return ok(PlanOut.of(plans.start(actor, data.config, data.days)), "planned")

    @get("/plan/{plan_id:str}", sync_to_thread=True)
    def progress(self, actor: Part[Actor], plan_id: FromPath[str], plans: Part[Plans]) -> Envelope[PlanProgressOut]:
        job = plans.get(actor, plan_id)
        return ok(shown(PlanProgressOut, job, result=None if job.result is None else PlanOut.of(job.result)))

    @delete("/plan/{plan_id:str}", status_code=200, sync_to_thread=True)
    def cancel(self, actor: Part[Actor], plan_id: FromPath[str], plans: Part[Plans]) -> Envelope[None]:
        plans.cancel(actor, plan_id)
        return ok(None, "deleted")

    @post("/apply", status_code=200, sync_to_thread=True, request_max_body_size=MAX_SENT)
    def apply(
        self,
        actor: Part[Actor],
        data: JSONBody[ApplyIn],
        apply_configuration: Part[ApplyConfiguration],
        find_ends: Part[FindEnds],
        read_configuration: Part[ReadConfiguration],
        fleet: Part[Fleet],
    ) -> Envelope[AppliedOut]:
        """Make the configuration that of the file: all of it or nothing. 409 if something changed since *revision*."""
        ends = find_ends(actor, data.config)
        found = apply_configuration(actor, data.config, data.revision)
        fleet.refresh()  # applies to the next report
        revision = read_configuration(actor).revision
        return ok(AppliedOut(revision=revision, changes=_changes(found), ends=_ends(ends)), "applied")
