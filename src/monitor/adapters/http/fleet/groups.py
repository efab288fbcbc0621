"""The fleet in groups, and the wallboard that shows them without a session."""

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from litestar import get
from litestar.params import FromQuery, QueryParameter
from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.authentication import FOR_WALLBOARDS
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.supplying import Part
from monitor.application.alerts.lists import GroupServers
from monitor.application.alerts.ports import AlertFilter, ShownAlert
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.grouping import Group, GroupKind, Host
from monitor.application.fleet.listing import ListFilter
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertState
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.levels import Level

MOST_CELLS = 20_000
"""Servers of one answer, each counted as often as it is there; beyond, groups come without them."""
MOST_READ, MOST_ALERTS = 500, 12
"""Newest alerts of which a wallboard shows the worst."""
By = Annotated[str, QueryParameter(pattern=r"^(tag|network|team)(,(tag|network|team)){0,2}\Z")]
MetricOfCells = Annotated[str | None, QueryParameter(max_length=255)]
StateName = Literal["critical", "offline", "warning", "never", "ok"]


class GroupCounts(Struct, frozen=True, kw_only=True):
    """Servers by state. *unacknowledged*: those with a firing alert that nobody has acknowledged."""

    total: int
    critical: int
    offline: int
    warning: int
    never: int
    ok: int
    unacknowledged: int


class ServerGroup(Struct, frozen=True, kw_only=True):
    """*value*: the tag, network or name of a team; null for servers without one, and of `rest`: all further groups.

    *medians*: by metric, of servers that report. *groups*: of the next level. With `cells=true` the innermost groups
    have the *server_ids*, the *states*, one letter each, and the *values* of `metric`, all in the same order. Letters:
    `c`ritical, `o`ffline, `w`arning, `n`ever reported, o`k`; a capital where an alert is not acknowledged.
    """

    kind: Literal["tag", "network", "team", "rest"]
    value: str | None
    worst: StateName
    counts: GroupCounts
    medians: dict[str, float | None]
    groups: list["ServerGroup"]
    server_ids: list[int] | UnsetType = UNSET
    states: str | UnsetType = UNSET
    values: list[float | None] | UnsetType = UNSET


class WallAlert(Struct, frozen=True, kw_only=True):
    server_name: str
    metric: str
    level: Literal["warning", "critical"]
    fired_at: str
    acknowledged_by: str | None


class Wallboard(Struct, frozen=True, kw_only=True):
    """*alerts*: the worst that fire. *counts*: of all servers, each counted once."""

    counts: GroupCounts
    groups: list[ServerGroup]
    alerts: list[WallAlert]


@get("/fleet/groups", tags=("servers",), sync_to_thread=True)
def groups(
    actor: Part[Actor],
    fleet: Part[Fleet],
    group_servers: Part[GroupServers],
    list_filter: Part[ListFilter],
    by: By = "tag",
    metric: MetricOfCells = None,
    cells: FromQuery[bool] = False,
) -> Envelope[list[ServerGroup]]:
    """The servers that the caller may see, in groups; a server with two tags is in two.

    `by=tag,network`: groups by tag, each with groups by network inside. `metric`: a further one for medians and cells.
    The filters are those of `/servers/ordered`. Of very many groups the last, `rest`, holds all that are left.
    """
    fleet.refresh()
    metrics = _metrics(metric)
    return ok(shown_groups(group_servers(actor, list_filter, _kinds(by), metrics), metrics, metric, cells))


@get("/fleet/wallboard", tags=("servers",), opt=FOR_WALLBOARDS, sync_to_thread=True)
def wallboard(
    actor: Part[Actor],
    fleet: Part[Fleet],
    group_servers: Part[GroupServers],
    queries: Part[Queries],
    by: By = "tag",
    metric: MetricOfCells = None,
) -> Envelope[Wallboard]:
    """What a wallboard shows: `/fleet/groups` with cells, and the worst alerts that fire.

    A token with the scope `wallboard` opens this alone, for as long as its owner may log in, and shows what they see.
    """
    fleet.refresh()
    metrics = _metrics(metric)
    found = group_servers(actor, ListFilter(), _kinds(by), metrics)
    firing = queries.alerts.newest(actor, AlertFilter(state=AlertState.FIRING, limit=MOST_READ))
    worst = sorted(firing, key=lambda each: (-each.alert.level, each.alert.acknowledged_at is not None))
    return ok(
        Wallboard(
            counts=GroupCounts(**found.counts),
            groups=shown_groups(found, metrics, metric, True),
            alerts=[_alert(each) for each in worst[:MOST_ALERTS]],
        )
    )


def _kinds(by: str) -> Sequence[GroupKind]:
    return cast(Sequence[GroupKind], by.split(","))


def _metrics(metric: str | None) -> Sequence[str]:
    return [*COLUMN_METRICS, *([metric] if metric is not None and metric not in COLUMN_METRICS else [])]


def shown_groups(whole: Group, metrics: Sequence[str], metric: str | None, cells: bool) -> list[ServerGroup]:
    place = metrics.index(metric) if metric is not None else None

    def of(group: Group) -> ServerGroup:
        inner = [of(each) for each in group.groups]
        return ServerGroup(
            kind=cast(GroupKind, group.kind),
            value=group.value,
            worst=group.worst,
            counts=GroupCounts(**group.counts),
            medians=group.medians(metrics),
            groups=inner,
            server_ids=[host.server.id for host in group.hosts] if (is_drawn := has_cells and not inner) else UNSET,
            states="".join(map(_letter, group.hosts)) if is_drawn else UNSET,
            values=[_rounded(host.values[place]) for host in group.hosts] if is_drawn and place is not None else UNSET,
        )

    has_cells = cells and _cells_of(whole) <= MOST_CELLS
    return [of(group) for group in whole.groups]


def _cells_of(group: Group) -> int:
    return sum(map(_cells_of, group.groups)) if group.groups else len(group.hosts)


def _letter(host: Host) -> str:
    letter = "k" if host.state == "ok" else host.state[0]
    return letter.upper() if host.is_unacknowledged else letter


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _alert(shown: ShownAlert) -> WallAlert:
    alert = shown.alert
    return WallAlert(
        server_name=shown.server_name,
        metric=alert.metric,
        level="critical" if alert.level is Level.CRITICAL else "warning",
        fired_at=times.written(alert.fired_at),
        acknowledged_by=shown.acknowledged_by,
    )
