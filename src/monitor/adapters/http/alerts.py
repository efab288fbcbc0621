"""/api/alerts"""

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from monitor.adapters.http import cursors, times
from monitor.adapters.http.bodies import PathId, QueryId
from monitor.adapters.http.envelope import Envelope, ok
from monitor.adapters.http.levels import LEVEL_OF, LEVELS, LevelName
from monitor.adapters.http.live_hub import ProcessOut
from monitor.adapters.http.servers import ServerName
from monitor.application.alert_actions import AcknowledgeAlert
from monitor.application.alerting import Alerting
from monitor.application.coverage import CheckCoverage
from monitor.application.fleet import Fleet
from monitor.application.ports.alert_states import StoredState
from monitor.application.ports.clock import Clock
from monitor.application.ports.queries import AlertFilter, Queries, ShownAlert
from monitor.domain.actors import Actor
from monitor.domain.alert_engine import Level, moment
from monitor.domain.alerts import MAX_NOTE, AlertId, AlertState, Happening, TimelineEntry, threshold
from monitor.domain.errors import NotFound
from monitor.domain.servers import Server, ServerId

StateName = Literal["pending", "firing", "resolved", "cancelled"]


class AlertOut(Struct, frozen=True, kw_only=True):
    """*id* is null while it is only pending. *acknowledged_by* is a user name. *late*: it fired and ended within a
    backlog, nobody was told."""

    id: int | None
    server_id: int
    server_name: str
    policy_id: int | None
    metric: str
    level: LevelName
    state: StateName
    value: float | None
    threshold: float | None
    started_at: str
    fired_at: str | None
    resolved_at: str | None
    acknowledged_by: str | None
    acknowledged_at: str | None
    silenced: bool
    late: bool
    flapping: bool


class TimelineOut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    at: str
    event: Happening
    level: LevelName | None = None
    value: float | None = None
    username: str | None = None
    recipient: str | None = None
    channel: str | None = None
    note: str | None = None

    @staticmethod
    def of(entry: TimelineEntry) -> "TimelineOut":
        return TimelineOut(
            at=times.written(entry.at),
            event=entry.happening,
            level=LEVELS.get(entry.level) if entry.level else None,
            value=entry.value,
            username=entry.username,
            recipient=entry.recipient,
            channel=entry.channel,
            note=entry.note,
        )


class AlertDetail(AlertOut, frozen=True, kw_only=True):
    processes: list[ProcessOut]
    timeline: list[TimelineOut]


class Acknowledgement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    note: Annotated[str, Meta(max_length=MAX_NOTE)] | None = None


class UntoldOut(Struct, frozen=True, kw_only=True):
    policy_id: int
    metric: str
    servers: list[ServerName]


class FailingChannelOut(Struct, frozen=True, kw_only=True):
    channel_id: int
    name: str
    last_error: str
    attempts: int


class CoverageOut(Struct, frozen=True, kw_only=True):
    """*complete*: for every host that is watched, somebody would be told."""

    complete: bool
    mail_configured: bool
    unwatched_servers: list[ServerName]
    untold: list[UntoldOut]
    failing_channels: list[FailingChannelOut]


class AlertController(Controller):
    path = "/alerts"
    tags = ("alerts",)

    @get("/", sync_to_thread=True)
    def list_alerts(
        self,
        actor: NamedDependency[Actor],
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        alerting: NamedDependency[Alerting],
        clock: NamedDependency[Clock],
        alert_state: Annotated[StateName | None, QueryParameter(name="state")] = None,
        server_id: QueryId = None,
        level: FromQuery[LevelName | None] = None,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[AlertOut]]]:
        """Newest first. `pending` ones, which may yet fire, only where asked for; they have no id and no pages."""
        fleet.refresh()
        if alert_state == "pending":
            chosen = LEVEL_OF[level] if level else None
            return Response(ok(_pending(actor, fleet, alerting, server_id, chosen, clock.now())[:limit]))
        wanted = AlertFilter(
            state=None if alert_state is None else AlertState(alert_state),
            server_id=None if server_id is None else ServerId(server_id),
            level=None if level is None else LEVEL_OF[level],
            start=None if start is None else times.parsed(start, "start"),
            end=None if end is None else times.parsed(end, "end"),
            before=None if cursor is None else AlertId(cursors.to_numbers(cursor, 1)[0]),
            limit=limit + 1,
        )
        found, headers = cursors.page(
            queries.alerts.newest(actor, wanted), limit, lambda last: cursors.of_numbers(last.alert.id)
        )
        return Response(ok([AlertOut(**_fields(shown, fleet, clock.now())) for shown in found]), headers=headers)

    @get("/coverage", sync_to_thread=True)
    def coverage(
        self, actor: NamedDependency[Actor], check_coverage: NamedDependency[CheckCoverage]
    ) -> Envelope[CoverageOut]:
        """Would anybody be told? Of the servers the caller may see."""
        found = check_coverage(actor)
        return ok(
            CoverageOut(
                complete=not (found.unwatched or found.untold or found.failing) and found.mail_is_set_up,
                mail_configured=found.mail_is_set_up,
                unwatched_servers=_names(found.unwatched),
                untold=[
                    UntoldOut(policy_id=policy.id, metric=policy.metric, servers=_names(servers))
                    for policy, servers in found.untold
                ],
                failing_channels=[
                    FailingChannelOut(
                        channel_id=channel.id, name=channel.name, last_error=last.last_error, attempts=last.attempts
                    )
                    for channel, last in found.failing
                ],
            )
        )

    @get("/{alert_id:int}", sync_to_thread=True)
    def one(
        self,
        actor: NamedDependency[Actor],
        alert_id: PathId,
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
    ) -> Envelope[AlertDetail]:
        """With its timeline: every change, who was told when and through what, who acknowledged."""
        fleet.refresh()
        return ok(_detail(actor, AlertId(alert_id), queries, fleet, clock.now()))

    @post("/{alert_id:int}/ack", status_code=200, sync_to_thread=True)
    def acknowledge(
        self,
        actor: NamedDependency[Actor],
        alert_id: PathId,
        acknowledge_alert: NamedDependency[AcknowledgeAlert],
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
        data: JSONBody[Acknowledgement | None] = None,
    ) -> Envelope[AlertDetail]:
        """Stops the reminders; a body is not needed. 409 once the alert is closed."""
        acknowledge_alert(actor, AlertId(alert_id), (data and data.note) or "")
        return ok(_detail(actor, AlertId(alert_id), queries, fleet, clock.now()), "updated")


def _detail(actor: Actor, alert_id: AlertId, queries: Queries, fleet: Fleet, now: datetime) -> AlertDetail:
    shown, timeline = queries.alerts.get(actor, alert_id)
    return AlertDetail(
        **_fields(shown, fleet, now),
        processes=[ProcessOut(*process) for process in shown.alert.processes],
        timeline=[TimelineOut.of(entry) for entry in timeline],
    )


def _fields(shown: ShownAlert, fleet: Fleet, now: datetime) -> dict[str, Any]:
    alert = shown.alert
    return {
        "id": alert.id,
        "server_id": alert.server_id,
        "server_name": shown.server_name,
        "policy_id": alert.policy_id,
        "metric": alert.metric,
        "level": LEVELS[alert.level],
        "state": alert.state.value,
        "value": alert.value,
        "threshold": alert.threshold,
        "started_at": times.written(alert.started_at),
        "fired_at": times.written(alert.fired_at),
        "resolved_at": times.written_or_none(alert.resolved_at),
        "acknowledged_by": shown.acknowledged_by,
        "acknowledged_at": times.written_or_none(alert.acknowledged_at),
        "silenced": alert.is_open and fleet.directory.is_silenced(alert.server_id, alert.metric, now),
        "late": alert.late,
        "flapping": alert.flapping,
    }


def _pending(
    actor: Actor, fleet: Fleet, alerting: Alerting, server_id: int | None, level: Level | None, now: datetime
) -> list[AlertOut]:
    visible = {server.id: server for server in fleet.directory.visible(actor)}
    if server_id is not None and server_id not in visible:
        raise NotFound
    found = [
        _pending_out(stored, visible[stored.server_id], fleet, now)
        for stored in alerting.pending()
        if stored.server_id in visible and server_id in (None, stored.server_id)
    ]
    return [out for out in found if level is None or out.level == LEVELS[level]]


def _pending_out(stored: StoredState, server: Server, fleet: Fleet, now: datetime) -> AlertOut:
    state, live = stored.state, fleet.live.get(server.id)
    is_critical = state.critical_since is not None
    since = state.critical_since if state.warning_since is None else state.warning_since
    return AlertOut(
        id=None,
        server_id=server.id,
        server_name=server.name,
        policy_id=stored.policy_id,
        metric=stored.metric,
        level="critical" if is_critical else "warning",
        state="pending",
        value=live.sample.metric(stored.metric) if live is not None and live.sample is not None else None,
        threshold=_threshold(stored, fleet, Level.CRITICAL if is_critical else Level.WARNING),
        started_at=times.written(moment(since or 0)),
        fired_at=None,
        resolved_at=None,
        acknowledged_by=None,
        acknowledged_at=None,
        silenced=fleet.directory.is_silenced(server.id, stored.metric, now),
        late=False,
        flapping=False,
    )


def _threshold(stored: StoredState, fleet: Fleet, level: Level) -> float | None:
    policy = next((policy for policy in fleet.directory.policies if policy.id == stored.policy_id), None)
    return threshold(policy, level) if policy is not None else None


def _names(servers: list[Server]) -> list[ServerName]:
    return [ServerName(id=server.id, server_name=server.name) for server in servers]
