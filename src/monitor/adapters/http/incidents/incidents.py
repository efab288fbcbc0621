"""/api/incidents: alerts that began together and share a cause."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct, structs

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.alerts.alerts import Acknowledgement
from monitor.adapters.http.alerts.shown_alerts import AlertOut, ShowAlerts
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import Limit, PathId, QueryId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, LEVELS, LevelName, paged
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.edge.words.messages import metric, page
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.incidents.answering import AcknowledgeIncident, SilenceIncident
from monitor.application.incidents.ports import MOST_ALERTS, IncidentFilter, Member, ShownIncident
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import IncidentId
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.causes import Cause, CauseKind, groups_of
from monitor.domain.incidents.incidents import IncidentState
from monitor.domain.intake.metrics import thing_of

StateName = Literal["firing", "acknowledged", "ended"]
StateFilter = Literal["firing", "acknowledged", "ended", "open"]
_STATES: dict[StateFilter | None, Collection[IncidentState]] = {
    None: tuple(IncidentState),
    "open": (IncidentState.FIRING, IncidentState.ACKNOWLEDGED),
    **{each.value: (each,) for each in IncidentState},
}
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
    """*level*: the highest of its alerts. *title*: what happened, in one sentence. *server_count*, *alert_count*: of
    what the caller sees. *alert_ids*: the first thousand, in the order in which they began. *may_change*: whether the
    caller may acknowledge any of what fires. *alert*: its only one; null if it has several. *groups*: of its hosts,
    those with most of them first."""

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
    groups: list[GroupOut]


class IncidentDetail(IncidentOut, frozen=True, kw_only=True):
    """*alerts*: the first thousand that the caller sees, first what came first. *merged_from*: incidents that proved to
    be part of it."""

    alerts: list[AlertOut]
    merged_from: list[int]


class NewSilences(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    seconds: Annotated[int, Meta(ge=60, le=366 * 86_400)] = 7200
    reason: Text = ""


class SilencesOut(Struct, frozen=True):
    silence_ids: list[int]


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
        incident_state: Annotated[StateFilter | None, QueryParameter(name="state")] = None,
        server_id: QueryId = None,
        level: FromQuery[LevelName | None] = None,
        q: FromQuery[str | None] = None,
        tag: FromQuery[str | None] = None,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        limit: Limit = 100,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[IncidentOut]]]:
        """Newest first: those with an alert that the caller may see and that fits. A page ends early, with a cursor,
        where its incidents would have more than 20,000 alerts together."""
        visible = fleet.visible_to(actor)
        wanted = IncidentFilter(
            states=_STATES[incident_state],
            level=None if level is None else LEVEL_OF[level],
            server_id=None if server_id is None else ServerId(server_id),
            tag=tag,
            text=q or None,
            start=None if start is None else times.parsed(start, "start"),
            end=None if end is None else times.parsed(end, "end"),
            before=cursors.to_id(cursor),
            limit=limit + 1,
        )
        found = queries.incidents.newest(actor, wanted)
        return paged(
            found,
            limit,
            lambda found: _shown(found, visible, show_alerts),
            lambda last: cursors.of_id(last.incident),
            ends_early=any(each.ends_page for each in found),
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

    @post("/{incident_id:int}/silence", status_code=200, sync_to_thread=True)
    def silence(
        self,
        actor: Part[Actor],
        incident_id: PathId,
        silence_incident: Part[SilenceIncident],
        data: JSONBody[NewSilences | None] = None,
    ) -> Envelope[SilencesOut]:
        """Silence its tag, or else each server and check that still fires and that the caller may change, from now on.
        After the end it makes none."""
        asked = data or NewSilences()
        lasts = timedelta(seconds=asked.seconds)
        return ok(SilencesOut([*silence_incident(actor, IncidentId(incident_id), lasts, asked.reason.strip())]))


def _detail(
    actor: Actor, incident_id: IncidentId, queries: Queries, fleet: Fleet, show_alerts: ShowAlerts
) -> IncidentDetail:
    found = queries.incidents.get(actor, incident_id)
    shown = structs.asdict(_shown(found, fleet.visible_to(actor), show_alerts))
    alerts = [show_alerts.listed(actor, each) for each in found.alerts]
    return IncidentDetail(**shown, alerts=alerts, merged_from=[*found.merged_from])


def _shown(found: ShownIncident, visible: VisibleFleet, show_alerts: ShowAlerts) -> IncidentOut:
    incident, state = found.incident, found.state
    firing = [each for each in found.members if each.fires]
    watched = {each: visible.find(each) for each in {member.server_id for member in found.members}}
    hosts = {each.host_id or each.id for each in watched.values() if each is not None}
    cause = _cause(incident.cause, visible, len(hosts))
    changed = (watched[each.server_id] for each in firing)
    return IncidentOut(
        id=incident.id,
        state=state.value,
        level=LEVELS[found.level],
        title=_title(cause, found.members, visible),
        started_at=times.written(incident.started_at),
        ended_at=None if found.ended_at is None else times.written(found.ended_at),
        cause=cause,
        server_count=len(hosts),
        alert_ids=[each.id for each in found.members[:MOST_ALERTS]],
        alert_count=len(found.members),
        alerts_firing=len(firing),
        may_change=any(each is not None and each.is_changeable_by(visible.actor) for each in changed),
        alert=show_alerts.listed(visible.actor, found.alerts[0]) if len(found.members) == 1 else None,
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


def title_of(found: ShownIncident, visible: VisibleFleet, quoted: Callable[[str], str]) -> str:
    """Return its title with *quoted* names."""
    return _title(_cause(found.incident.cause, visible, 0, quoted), found.members, visible, quoted)


def _cause(cause: Cause | None, visible: VisibleFleet, hosts: int, quoted: Callable[[str], str] = str) -> CauseOut:
    sick = 0 if cause is None else sum(map(visible.sees, cause.sick))
    if cause is None or not sick:
        return CauseOut(kind="none", value=None, sick=hosts, healthy=0, healthy_names=[])
    healthy = [quoted(server.name) for each in cause.healthy if (server := visible.find(each)) is not None]
    return CauseOut(
        kind=cause.group.kind.value,
        value=quoted(_name(cause, visible)),
        sick=sick,
        healthy=len(healthy),
        healthy_names=healthy[:_NAMED],
    )


def _name(cause: Cause, visible: VisibleFleet) -> str:
    kind, value = cause.group
    if kind in (CauseKind.TAG, CauseKind.NETWORK):
        return value
    parent = visible.find(ServerId(int(value)))
    return f"#{value}" if parent is None else parent.name


def _title(
    cause: CauseOut, members: Sequence[Member], visible: VisibleFleet, quoted: Callable[[str], str] = str
) -> str:
    """Say what was measured, such as "4 of 5 in rack-7; web-3 is healthy"."""
    if cause.kind == "none":
        first = _first(members, visible)
        more = len({(each.server_id, thing_of(each.metric)) for each in members}) - 1
        server = visible.find(first.server_id)
        name = "?" if server is None else server.name
        what = page("incident_of_one", name=quoted(name), metric=quoted(metric(first.metric)))
        return what + (page("incident_more", count=more) if more else "")
    where = page(f"incident_{cause.kind}", value=cause.value, sick=cause.sick, all=cause.sick + cause.healthy)
    if not cause.healthy:
        return where
    key = "incident_healthy" if cause.healthy == 1 else "incident_healthy_many"
    rest = cause.healthy - len(cause.healthy_names)
    names = page("incident_comma").join(cause.healthy_names) + (page("incident_more", count=rest) if rest else "")
    return where + page(key, names=names)


def _first(members: Sequence[Member], visible: VisibleFleet) -> Member:
    """Return the alert of what others depend on, else the oldest one."""
    watched = (visible.find(each) for each in {member.server_id for member in members})
    parents = {parent for each in watched if each is not None for parent in each.depends_on}
    return next((each for each in members if each.server_id in parents), members[0])
