"""/api/incidents: alerts that began together and share a cause."""

from collections import Counter
from collections.abc import Collection
from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Struct, structs

from monitor.adapters.http.alerts.alerts import Acknowledgement
from monitor.adapters.http.alerts.shown_alerts import AlertOut, ShowAlerts
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import Limit, PathId, QueryId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, LEVELS, LevelName, paged
from monitor.adapters.http.edge.messages import metric, page
from monitor.adapters.http.edge.supplying import Part
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.incidents.acknowledging import AcknowledgeIncident
from monitor.application.incidents.ports import IncidentFilter, ShownIncident
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import IncidentId
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.causes import Cause, CauseKind, groups_of

StateName = Literal["firing", "acknowledged", "ended"]
_NAMED = 3
"""Healthy hosts that a title names."""
_GROUPS = 10
"""Tags and networks of an incident's hosts."""


class CauseOut(Struct, frozen=True, kw_only=True):
    """*value*: the tag or network, or the name of the server or check that its hosts depend on; null for `none`.
    *sick*, *healthy*: how many of its hosts the caller sees. *healthy_names*: of the first few."""

    kind: Literal["server", "check", "tag", "network", "none"]
    value: str | None
    sick: int
    healthy: int
    healthy_names: list[str]


class GroupOut(Struct, frozen=True, kw_only=True):
    """A tag or network of *sick* hosts of an incident."""

    kind: Literal["tag", "network"]
    value: str
    sick: int


class IncidentOut(Struct, frozen=True, kw_only=True):
    """*level*: the highest of its alerts. *title*: what happened, in one sentence. *server_count*, *alert_ids*: of what
    the caller sees. *may_change*: whether the caller may acknowledge any of it. *alert*: its only one; null if it has
    several. *acknowledged_by*: user names, of what fires. *groups*: of its hosts, those with most of them first."""

    id: int
    state: StateName
    level: LevelName
    title: str
    started_at: str
    ended_at: str | None
    cause: CauseOut
    server_count: int
    alert_ids: list[int]
    alert_count: int
    alerts_firing: int
    may_change: bool
    alert: AlertOut | None
    acknowledged_by: list[str]
    groups: list[GroupOut]


class IncidentDetail(IncidentOut, frozen=True, kw_only=True):
    """*alerts*: those that the caller sees, oldest first."""

    alerts: list[AlertOut]


class IncidentController(Controller):
    path = "/incidents"
    tags = ("alerts",)

    @get("/", sync_to_thread=True)
    def list_incidents(
        self,
        actor: Part[Actor],
        queries: Part[Queries],
        fleet: Part[Fleet],
        show_alerts: Part[ShowAlerts],
        incident_state: Annotated[StateName | Literal["open"] | None, QueryParameter(name="state")] = None,
        server_id: QueryId = None,
        level: FromQuery[LevelName | None] = None,
        q: FromQuery[str | None] = None,
        tag: FromQuery[str | None] = None,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        limit: Limit = 100,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[IncidentOut]]]:
        """Newest first: those with an alert that the caller may see and that fits."""
        visible = fleet.visible_to(actor)
        wanted = IncidentFilter(
            lasting=None if incident_state is None else incident_state != "ended",
            acknowledged={"firing": False, "acknowledged": True}.get(incident_state or ""),
            level=None if level is None else LEVEL_OF[level],
            server_id=None if server_id is None else ServerId(server_id),
            tag=tag,
            text=q or None,
            start=None if start is None else times.parsed(start, "start"),
            end=None if end is None else times.parsed(end, "end"),
            before=cursors.to_id(cursor),
            limit=limit + 1,
        )
        return paged(
            queries.incidents.newest(actor, wanted),
            limit,
            lambda found: _shown(found, visible, show_alerts),
            lambda last: cursors.of_id(last.incident),
        )

    @get("/{incident_id:int}", sync_to_thread=True)
    def one(
        self,
        actor: Part[Actor],
        incident_id: PathId,
        queries: Part[Queries],
        fleet: Part[Fleet],
        show_alerts: Part[ShowAlerts],
    ) -> Envelope[IncidentDetail]:
        """An incident with its alerts; the one that it was merged into, if it was."""
        return ok(_detail(actor, IncidentId(incident_id), queries, fleet, show_alerts))

    @post("/{incident_id:int}/ack", status_code=200, sync_to_thread=True)
    def acknowledge(
        self,
        actor: Part[Actor],
        incident_id: PathId,
        acknowledge_incident: Part[AcknowledgeIncident],
        queries: Part[Queries],
        fleet: Part[Fleet],
        show_alerts: Part[ShowAlerts],
        data: JSONBody[Acknowledgement | None] = None,
    ) -> Envelope[IncidentDetail]:
        """Acknowledge all that fires and that the caller may change. After the end it changes nothing."""
        acknowledge_incident(actor, IncidentId(incident_id), (data and data.note) or "")
        return ok(_detail(actor, IncidentId(incident_id), queries, fleet, show_alerts), "updated")


def _detail(
    actor: Actor, incident_id: IncidentId, queries: Queries, fleet: Fleet, show_alerts: ShowAlerts
) -> IncidentDetail:
    found = queries.incidents.get(actor, incident_id)
    shown = structs.asdict(_shown(found, fleet.visible_to(actor), show_alerts))
    return IncidentDetail(**shown, alerts=[show_alerts.listed(actor, each) for each in found.alerts])


def _shown(found: ShownIncident, visible: VisibleFleet, show_alerts: ShowAlerts) -> IncidentOut:
    incident, alerts = found.incident, [each.alert for each in found.alerts]
    firing = [alert for alert in alerts if alert.is_open]
    hosts = {watched.host_id or watched.id for each in alerts if (watched := visible.find(each.server_id)) is not None}
    cause = _cause(incident.cause, visible, len(hosts))
    is_acknowledged = bool(firing) and all(alert.acknowledged_at is not None for alert in firing)
    changeable = (visible.find(alert.server_id) for alert in firing)
    return IncidentOut(
        id=incident.id,
        state="ended" if not firing else "acknowledged" if is_acknowledged else "firing",
        level=LEVELS[max(alert.peak_level for alert in alerts)],
        title=_title(cause, found),
        started_at=times.written(incident.started_at),
        ended_at=None if incident.ended_at is None else times.written(incident.ended_at),
        cause=cause,
        server_count=len(hosts),
        alert_ids=[alert.id for alert in alerts],
        alert_count=len(alerts),
        alerts_firing=len(firing),
        may_change=any(each is not None and each.is_changeable_by(visible.actor) for each in changeable),
        alert=show_alerts.listed(visible.actor, found.alerts[0]) if len(alerts) == 1 else None,
        acknowledged_by=sorted({each.acknowledged_by or "" for each in found.alerts if each.alert.is_open} - {""}),
        groups=_groups(hosts, visible),
    )


def _groups(hosts: Collection[ServerId], visible: VisibleFleet) -> list[GroupOut]:
    found = [server for each in hosts if (server := visible.find(each)) is not None and server.kind is Kind.HOST]
    counted = Counter(group for each in found for group in groups_of(each.tags, each.ip_address, ()))
    ranked = sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:_GROUPS]
    return [
        GroupOut(kind="tag" if kind is CauseKind.TAG else "network", value=value, sick=sick)
        for (kind, value), sick in ranked
    ]


def _cause(cause: Cause | None, visible: VisibleFleet, hosts: int) -> CauseOut:
    if cause is None:
        return CauseOut(kind="none", value=None, sick=hosts, healthy=0, healthy_names=[])
    healthy = [server.name for each in cause.healthy if (server := visible.find(each)) is not None]
    return CauseOut(
        kind=cause.group.kind.value,
        value=_name(cause, visible),
        sick=sum(visible.sees(each) for each in cause.sick),
        healthy=len(healthy),
        healthy_names=healthy[:_NAMED],
    )


def _name(cause: Cause, visible: VisibleFleet) -> str:
    kind, value = cause.group
    if kind in (CauseKind.TAG, CauseKind.NETWORK):
        return value
    parent = visible.find(ServerId(int(value)))
    return f"#{value}" if parent is None else parent.name


def _title(cause: CauseOut, found: ShownIncident) -> str:
    """Say what was measured, such as "4 of 5 in rack-7; web-3 is healthy"."""
    first = found.alerts[0]
    if cause.kind == "none":
        more = len(found.alerts) - 1
        what = page("incident_of_one", name=first.server_name, metric=metric(first.alert.metric))
        return what + (page("incident_more", count=more) if more else "")
    where = page(f"incident_{cause.kind}", value=cause.value, sick=cause.sick, all=cause.sick + cause.healthy)
    if not cause.healthy:
        return where
    key = "incident_healthy" if cause.healthy == 1 else "incident_healthy_many"
    rest = cause.healthy - len(cause.healthy_names)
    names = page("incident_comma").join(cause.healthy_names) + (page("incident_more", count=rest) if rest else "")
    return where + page(key, names=names)
