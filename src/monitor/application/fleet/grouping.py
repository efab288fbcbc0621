"""Servers in groups by tag, network or team: how each group does."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
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
        states = Counter(host.state for host in self.hosts)
        unacknowledged = sum(host.is_unacknowledged for host in self.hosts)
        counts = {state: states[state] for state in STATES}
        return {"total": len(self.hosts), **counts, "unacknowledged": unacknowledged}

    def medians(self, metrics: Sequence[str]) -> dict[str, float | None]:
        """Return those of the servers that report; None if none of them has the metric."""
        known = ([value for value in column if value is not None] for column in zip(*(h.values for h in self.hosts)))
        found = [round(median(values), 2) if values else None for values in known]
        return dict(zip(metrics, found or [None] * len(metrics), strict=True))


def grouped(hosts: Sequence[Host], by: Sequence[GroupKind], reach: Reach, above: Collection[str] = ()) -> list[Group]:
    """Return *hosts* in groups by name, with those of further levels inside. Servers without a value, then the rest, are
    last: of more than MOST_GROUPS the worst have one of their own, of equal ones the largest.

    *above*: tags of the groups that these are in.
    """
    if not by:
        return []
    kind, *further = by
    held: dict[str | None, list[Host]] = {}
    for host in hosts:
        for value in [each for each in _VALUES[kind](host.server, reach) if each not in above] or [None]:
            held.setdefault(value, []).append(host)
    groups = [Group(kind=kind, value=value, hosts=of) for value, of in held.items()]
    most = MOST_GROUPS[-len(by)]
    groups.sort(key=lambda group: (STATES.index(group.worst), -len(group.hosts)))
    shown, rest = (groups, []) if len(groups) <= most else (groups[: most - 1], groups[most - 1 :])
    shown.sort(key=lambda group: (group.value is None, name_key(group.value or "")))
    if rest:
        of_rest = {host.server.id: host for group in rest for host in group.hosts}
        shown.append(Group(kind="rest", value=None, hosts=list(of_rest.values())))
    return [_divided(group, further, reach, above) for group in shown]


def _divided(group: Group, by: Sequence[GroupKind], reach: Reach, above: Collection[str]) -> Group:
    inside = (*above, group.value) if group.kind == "tag" and group.value is not None else above
    groups = grouped(group.hosts, by, reach, inside)
    return Group(kind=group.kind, value=group.value, hosts=group.hosts, groups=groups)


_VALUES: Mapping[GroupKind, Callable[[Server, Reach], Collection[str]]] = {
    "tag": lambda server, _: server.tags,
    "network": lambda server, _: (network_of(server.ip_address),),
    "team": lambda server, reach: [team.name for team in reach.teams_of(server)],
}
