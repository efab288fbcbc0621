"""/api/alerts: lists, acknowledgements and verdicts."""

from typing import Annotated, Literal

from litestar import Controller, Response, get, post, put
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from monitor.adapters.http.alerts.shown_alerts import AlertDetail, AlertOut, ShowAlerts, StateName, chosen
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import Id, Limit, PathId, QueryId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, LevelName, paged
from monitor.adapters.http.edge.supplying import Part
from monitor.application.alerts.acknowledging import AcknowledgeAlert, AcknowledgeAlerts, JudgeAlert
from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import MAX_NOTE, AlertId, AlertState, Verdict
from monitor.domain.fleet.servers import ServerId

MAX_AT_ONCE = 1000


class Acknowledgement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    note: Annotated[str, Meta(max_length=MAX_NOTE)] | None = None


class Acknowledgements(Acknowledgement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    alert_ids: Annotated[list[Id], Meta(min_length=1, max_length=MAX_AT_ONCE)]


class VerdictIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*verdict*: null takes it back, with its note."""

    verdict: Literal["useful", "noise"] | None
    note: Annotated[str, Meta(max_length=MAX_NOTE)] | None = None


class AcknowledgedOut(Struct, frozen=True, kw_only=True):
    """Ids. *already_closed*: those of alerts that have ended."""

    acknowledged: list[int]
    already_closed: list[int]


class AlertController(Controller):
    path = "/alerts"
    tags = ("alerts",)

    @get("/", sync_to_thread=True)
    def list_alerts(
        self,
        actor: Part[Actor],
        queries: Part[Queries],
        fleet: Part[Fleet],
        show_alerts: Part[ShowAlerts],
        alert_state: Annotated[StateName | None, QueryParameter(name="state")] = None,
        server_id: QueryId = None,
        check_id: QueryId = None,
        check_in_id: QueryId = None,
        level: FromQuery[LevelName | None] = None,
        acknowledged: FromQuery[bool | None] = None,
        metric: FromQuery[str | None] = None,
        q: FromQuery[str | None] = None,
        tag: FromQuery[str | None] = None,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        processes: FromQuery[bool] = False,
        limit: Limit = 100,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[AlertOut]]]:
        """Newest first. `server_id` chooses a server with its checks and check-ins. `level` is the highest level of the
        alert. `q` and `tag` choose servers, as in the list of servers. `state=pending` lists those that may fire soon;
        they have no id and no pages. `processes=true` adds the top processes when an alert fired."""
        visible = fleet.visible_to(actor)
        is_pending = alert_state == "pending"
        wanted = AlertFilter(
            state=None if alert_state is None or is_pending else AlertState(alert_state),
            server_id=None if server_id is None else ServerId(server_id),
            watched_id=chosen(visible, check_id, check_in_id),
            level=None if level is None else LEVEL_OF[level],
            acknowledged=acknowledged,
            metric=metric,
            text=q or None,
            tag=tag,
            start=None if start is None else times.parsed(start, "start"),
            end=None if end is None else times.parsed(end, "end"),
            before=cursors.to_id(cursor),
            limit=limit + 1,
        )
        if is_pending:
            return Response(ok(show_alerts.pending(visible, wanted)[:limit]))
        return paged(
            queries.alerts.newest(actor, wanted),
            limit,
            lambda found: show_alerts.listed(actor, found, with_processes=processes),
            lambda last: cursors.of_id(last.alert),
        )

    @post("/ack", status_code=200, sync_to_thread=True)
    def acknowledge_all(
        self, actor: Part[Actor], acknowledge_alerts: Part[AcknowledgeAlerts], data: JSONBody[Acknowledgements]
    ) -> Envelope[AcknowledgedOut]:
        """Stop the reminders of all that still fire. 404 if any does not exist; then none is acknowledged."""
        alert_ids = [AlertId(alert_id) for alert_id in data.alert_ids]
        acknowledged, closed = acknowledge_alerts(actor, alert_ids, data.note or "")
        return ok(AcknowledgedOut(acknowledged=[*acknowledged], already_closed=[*closed]), "updated")

    @get("/{alert_id:int}", sync_to_thread=True)
    def one(
        self, actor: Part[Actor], alert_id: PathId, fleet: Part[Fleet], show_alerts: Part[ShowAlerts]
    ) -> Envelope[AlertDetail]:
        """An alert with its timeline: changes, notifications with their channels, and acknowledgements."""
        fleet.refresh()
        return ok(show_alerts.detail(actor, AlertId(alert_id)))

    @post("/{alert_id:int}/ack", status_code=200, sync_to_thread=True)
    def acknowledge(
        self,
        actor: Part[Actor],
        alert_id: PathId,
        acknowledge_alert: Part[AcknowledgeAlert],
        show_alerts: Part[ShowAlerts],
        data: JSONBody[Acknowledgement | None] = None,
    ) -> Envelope[AlertDetail]:
        """Stop the reminders. The body is optional. 409 if the alert is closed."""
        acknowledge_alert(actor, AlertId(alert_id), (data and data.note) or "")
        return ok(show_alerts.detail(actor, AlertId(alert_id)), "updated")

    @put("/{alert_id:int}/verdict", sync_to_thread=True)
    def judge(
        self,
        actor: Part[Actor],
        alert_id: PathId,
        judge_alert: Part[JudgeAlert],
        show_alerts: Part[ShowAlerts],
        data: JSONBody[VerdictIn],
    ) -> Envelope[AlertDetail]:
        """Say whether the alert was useful or noise, while it fires or later. Backtests count what a policy would have
        kept and removed of these."""
        verdict = None if data.verdict is None else Verdict(data.verdict)
        judge_alert(actor, AlertId(alert_id), verdict, data.note or "")
        return ok(show_alerts.detail(actor, AlertId(alert_id)), "updated")
