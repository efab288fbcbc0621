"""What happened in an incident, and its report."""

from litestar import Response, get
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery

from monitor.adapters.http.alerts.shown_alerts import TimelineOut, ids_of
from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.bodies import Limit, PathId
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.mapping import paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.incidents.incidents import title_of
from monitor.adapters.http.incidents.markdown import code, written
from monitor.application.fleet.fleet import Fleet
from monitor.application.incidents.ports import IncidentEntry
from monitor.application.incidents.reporting import ReportIncident
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import IncidentId

_MARKDOWN = "text/markdown"
_FILE = ResponseSpec(str, generate_examples=False, media_type=_MARKDOWN, description="The report")


class IncidentEntryOut(TimelineOut, frozen=True, kw_only=True, omit_defaults=True):
    """Event of one of its alerts. *server_name*, and the ids: as of the alert."""

    alert_id: int
    server_id: int | None
    check_id: int | None
    check_in_id: int | None
    server_name: str
    metric: str


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
    visible = fleet.visible_to(actor)

    def show(found: IncidentEntry) -> IncidentEntryOut:
        ids = ids_of(found.server_id, visible.find(found.server_id))
        more = {"alert_id": found.entry.alert_id, "server_name": found.server_name, "metric": found.metric}
        return shown(IncidentEntryOut, TimelineOut.of(found.entry.seen_by(actor)), **ids, **more)

    found = queries.incidents.timeline(actor, IncidentId(incident_id), cursors.to_entry(cursor), limit + 1)
    return paged(found, limit, show, lambda last: cursors.of_entry(last.entry))


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
