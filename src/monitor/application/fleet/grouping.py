"""Servers in groups by tag, network or team: how each group does."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal, NamedTuple, get_args

from monitor.application.fleet.listing import Firing, Moment, name_key, reporting
from monitor.domain.fleet.servers import Server, ServerId, network_of
from monitor.domain.fleet.teams import Reach

GroupKind = Literal["tag", "network", "team"]
State = Literal["critical", "offline", "warning", "never", "ok"]
STATES: Sequence[State] = get_args(State)
"""The worst first."""
MOST_GROUPS = (150, 20, 5)
"""Of each level; the groups that are left are shown as one."""


class Host(NamedTuple):
    """A server of a group. *values*: newest values of the metrics in question; an offline server has none."""

    server: Server
    state: State
    is_unacknowledged: bool
    values: Sequence[float | None]

    @staticmethod
    def of(server: Server, moment: Moment, acknowledged: Mapping[ServerId, Firing], metrics: Sequence[str]) -> "Host":
        """*acknowledged*: of the firing alerts."""
        firing, sample = moment.firing_on(server), moment.sample_of(server)
        return Host(
            server,
            _state(server, moment, firing),
            sum(firing) > sum(acknowledged.get(server.id, ())),
            [None if sample is None else sample.metric(metric) for metric in metrics],
        )


def _state(server: Server, moment: Moment, firing: Firing) -> State:
    """A server that stopped to report is offline, whatever the alert about it says."""
    now = reporting(moment.live_of(server))
    if now == "offline":
        return "offline"
    if firing.criticals:
        return "critical"
    if firing.warnings:
        return "warning"
    return "never" if now == "never" else "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Servers by name. *value*: their tag, network or team; None if they have none, and of the rest.

    *groups*: those of the next level, in which a server may be more than once."""

    kind: GroupKind | Literal["all", "rest"]
    value: str | None
    hosts: Sequence[Host]
    groups: Sequence["Group"] = ()

    @property
    def worst(self) -> State:
        return min((host.state for host in self.hosts), key=STATES.index, default="ok")

    @property
    def counts(self) -> Mapping[str, int]:
        counts = Counter[str](host.state for host in self.hosts)
        counts.update(total=len(self.hosts), unacknowledged=sum(host.is_unacknowledged for host in self.hosts))
        return {name: counts[name] for name in (*STATES, "total", "unacknowledged")}

    def medians(self, metrics: Sequence[str]) -> dict[str, float | None]:
        """Return those of the servers that report; None if none of them has the metric."""
        return {metric: self._median(place) for place, metric in enumerate(metrics)}

    def _median(self, place: int) -> float | None:
        known = [value for host in self.hosts if (value := host.values[place]) is not None]
        return round(median(known), 2) if known else None


def grouped(
    hosts: Sequence[Host], by: Sequence[GroupKind], reach: Reach, above: Sequence[tuple[GroupKind, str | None]] = ()
) -> list[Group]:
    """Return *hosts* in groups by name, with groups of the next level inside.

    Servers without a value, then the rest, are last: of more than MOST_GROUPS the worst have one of their own, of equal
    ones the largest. *above*: kinds and values of the groups that these are in; they are not repeated.
    """
    if not by:
        return []
    kind, *further = by
    held: dict[str | None, list[Host]] = {}
    for host in hosts:
        for value in {each for each in _VALUES[kind](host.server, reach) if (kind, each) not in above} or _NONE:
            held.setdefault(value, []).append(host)
    groups = [Group(kind=kind, value=value, hosts=of) for value, of in held.items()]
    most = MOST_GROUPS[len(above)]
    groups.sort(key=lambda group: (STATES.index(group.worst), -len(group.hosts), group.value or ""))
    shown, rest = (groups, []) if len(groups) <= most else (groups[: most - 1], groups[most - 1 :])
    shown.sort(key=lambda group: (group.value is None, name_key(group.value or "")))
    if rest:
        left = {host.server.id for group in rest for host in group.hosts}
        shown.append(Group(kind="rest", value=None, hosts=[host for host in hosts if host.server.id in left]))
    return [replace(each, groups=grouped(each.hosts, further, reach, (*above, (kind, each.value)))) for each in shown]


_NONE: Collection[str | None] = (None,)
_VALUES: Mapping[GroupKind, Callable[[Server, Reach], Collection[str]]] = {
    "tag": lambda server, _: server.tags,
    "network": lambda server, _: (network_of(server.ip_address),),
    "team": lambda server, reach: [team.name for team in reach.teams_of(server)],
}
