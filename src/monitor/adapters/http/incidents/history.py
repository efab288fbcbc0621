"""What happened in an incident, its report, and the dependencies that the history suggests."""

from litestar import Response, get
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery
from msgspec import Struct

from monitor.adapters.http.alerts.shown_alerts import TimelineOut, ids_of
from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.bodies import Limit, PathId
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.mapping import encoded, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.incidents.incidents import title_of
from monitor.adapters.http.incidents.markdown import code, written
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.incidents.ports import IncidentEntry
from monitor.application.incidents.reporting import ReportIncident
from monitor.application.incidents.suggesting import SuggestDependencies
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import IncidentId
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.suggestions import Suggestion

_MARKDOWN = "text/markdown; charset=utf-8"
_FILE = ResponseSpec(str, generate_examples=False, media_type=_MARKDOWN, description="The report")


class IncidentEntryOut(TimelineOut, frozen=True, kw_only=True, omit_defaults=True):
    """Of an alert of it. *server_name*, and the ids: as of the alert."""

    alert_id: int
    server_name: str
    metric: str
    server_id: int | None
    check_id: int | None
    check_in_id: int | None

    @staticmethod
    def of_alert(found: IncidentEntry, visible: VisibleFleet) -> "IncidentEntryOut":
        return shown(
            IncidentEntryOut,
            TimelineOut.of(found.entry),
            alert_id=found.entry.alert_id,
            server_name=found.server_name,
            metric=found.metric,
            **ids_of(found.server_id, visible.find(found.server_id)),
        )


class DependencyOut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A server or a check."""

    server_id: int | None = None
    check_id: int | None = None
    name: str

    @staticmethod
    def fields(visible: VisibleFleet, id_: ServerId) -> dict[str, object]:
        found = visible.get(id_)
        return {"check_id" if found.kind is Kind.CHECK else "server_id": id_, "name": found.name}


class DependencySuggestionOut(DependencyOut, frozen=True, kw_only=True, omit_defaults=True):
    """*together*: how often it was down, from within two minutes, while what it would depend on was. *alone*: how often
    without that. *pages_removed*: notifications that nobody would have got. *useful_lost*: alerts among *together* that
    lasted longer than the other's, or that somebody called useful."""

    depends_on: DependencyOut
    together: int
    alone: int
    pages_removed: int
    useful_lost: int

    @staticmethod
    def of(found: Suggestion, visible: VisibleFleet) -> "DependencySuggestionOut":
        parent = DependencyOut(**DependencyOut.fields(visible, found.parent))  # type: ignore[arg-type]  # by name
        return shown(
            DependencySuggestionOut,
            found,
            **({"server_id": None, "check_id": None} | DependencyOut.fields(visible, found.child)),
            depends_on=parent,
        )


@get("/incidents/{incident_id:int}/timeline", tags=("alerts",), sync_to_thread=True)
def timeline(
    actor: Part[Actor],
    incident_id: PathId,
    queries: Part[Queries],
    fleet: Part[Fleet],
    limit: Limit = 100,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[list[IncidentEntryOut]]]:
    """The events of all its alerts that the caller sees, oldest first."""
    found = queries.incidents.timeline(actor, IncidentId(incident_id), cursors.to_entry(cursor), limit + 1)
    visible = fleet.visible_to(actor)
    return paged(
        found,
        limit,
        lambda each: IncidentEntryOut.of_alert(each, visible),
        lambda last: cursors.of_entry(last.entry),
    )


@get(
    "/incidents/{incident_id:int}/report",
    tags=("alerts",),
    sync_to_thread=True,
    media_type=_MARKDOWN,
    responses={200: _FILE},
)
def report(
    actor: Part[Actor], incident_id: PathId, report_incident: Part[ReportIncident], fleet: Part[Fleet]
) -> Response[str]:
    """What happened, who was notified, and what would have paged earlier or less, in Markdown, in the language of the
    request. It tries edits of at most 20 policies, which counts as a backtest. This answer has no envelope."""
    found = report_incident(actor, IncidentId(incident_id))
    return Response(written(found, title_of(found.found, fleet.visible_to(actor), code)), media_type=_MARKDOWN)


@get("/dependencies/suggestions", tags=("alerts",), sync_to_thread=True)
def suggestions(
    actor: Part[Actor], suggest: Part[SuggestDependencies], fleet: Part[Fleet]
) -> Response[Envelope[list[DependencySuggestionOut]]]:
    """What seems to depend on what, by the outages of the last 90 days, of what the caller may change: at most 200, the
    most useful first."""
    visible = fleet.visible_to(actor)
    return encoded([DependencySuggestionOut.of(each, visible) for each in suggest(actor)])
