"""Put alerts into incidents, by what their hosts depend on, and by causes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import (
    LEAST_SHARE,
    LEAST_SICK,
    Cause,
    CauseKind,
    Groups,
    causes,
    members_of,
    related,
)
from monitor.domain.incidents.dependencies import Dependencies
from monitor.domain.incidents.incidents import MERGED_WITHIN, Ill, Incident


@dataclass(frozen=True, slots=True)
class Grouped:
    """Result of grouping: incidents that are new or changed, each with the alerts that join it.

    *merged*: ids of incidents that are now part of one of these, by its place.
    """

    incidents: Sequence[tuple[Incident, Sequence[AlertId]]]
    merged: Mapping[IncidentId, int]


def grouped(
    new: Collection[Ill],
    opened: Sequence[Incident],
    groups: Groups,
    parents: Dependencies = MappingProxyType({}),
    unknown: frozenset[ServerId] = frozenset(),
) -> Grouped:
    """Put *new* alerts into incidents. *opened*: those that last, oldest first. *groups*: of each host of the fleet.
    *unknown*: hosts that never reported: no group has them. Each drill is an incident of its own."""
    unknown = unknown.difference((ill.host_id for ill in new), *(each.hosts for each in opened))
    measured = {each: () if each in unknown else own for each, own in groups.items()} if unknown else groups
    grouping, drills = _Grouping(opened, measured, parents), [ill for ill in new if ill.is_drill]
    for ills in _together(ill for ill in new if not ill.is_drill):
        grouping.take(ills)
    found = grouping.result()
    alone = [(Incident(started_at=drill.fired_at), [drill.alert_id]) for drill in drills]
    return Grouped([*found.incidents, *alone], found.merged)


def _together(new: Iterable[Ill]) -> Iterator[list[Ill]]:
    """Yield alerts that begin together: those from before an upgrade, or found late, may be days apart."""
    found = list[Ill]()
    for each in sorted(new, key=lambda ill: (ill.fired_at, ill.alert_id)):
        if found and each.fired_at - found[0].fired_at > MERGED_WITHIN:
            yield found
            found = []
        found.append(each)
    if found:
        yield found


class _Grouping:
    """A place is that of an incident. *waiting*: the new alerts that no incident has yet, by host; *joining*: where
    those of a host went. *merged*: into which place what is merged went. *over*: alerts that have ended."""

    def __init__(self, opened: Sequence[Incident], groups: Groups, parents: Dependencies) -> None:
        self._groups, self._parents = groups, parents
        self._now = datetime.max.replace(tzinfo=UTC)
        self._incidents = [*opened]
        self._joined: dict[int, list[AlertId]] = {}
        self._merged: dict[int, int] = {}
        self._waiting: dict[ServerId, list[Ill]] = defaultdict(list)
        self._joining: dict[ServerId, int] = {}
        self._over: set[AlertId] = set()

    def take(self, ills: Sequence[Ill]) -> None:
        """Put alerts that begin together into incidents."""
        for each in ills:
            self._waiting[each.host_id].append(each)
        self._over |= {each.alert_id for each in ills if each.is_over}
        self._now = ills[-1].fired_at
        self._join_parents()
        self._meet_children()
        self._join_causes()
        self._find_causes()
        self._join_related()
        lasting = {*self._young(), *(place for place in self._lasting() if self._fires(place))}
        own = {host_id: place for place in sorted(lasting)[::-1] for host_id in self._incidents[place].hosts}
        for host_id in sorted(self._waiting):
            self._join(own[host_id] if host_id in own else self._new(), [host_id])

    def result(self) -> Grouped:
        kept = sorted(self._joined.keys() - self._merged.keys())
        places = {place: at for at, place in enumerate(kept)}
        return Grouped(
            [(self._incidents[place], self._joined[place]) for place in kept],
            {self._incidents[gone].id: places[into] for gone, into in self._merged.items() if self._incidents[gone].id},
        )

    def _join_parents(self) -> None:
        """Let alerts join the incident of what their server or check depends on, while that is down."""
        down = {each: place for place in reversed(self._lasting()) for each in self._incidents[place].down}
        for host_id, ills in [*self._waiting.items()] if down else ():
            places = [down[each] for each in self._depends_on(host_id, ills) if each in down]
            if places:
                self._join(min(places), [host_id])

    def _meet_children(self) -> None:
        """Let what is down join the young incidents of what depends on it."""
        waiting, young = defaultdict[ServerId, set[ServerId]](set), defaultdict[ServerId, set[int]](set)
        for host_id, ills in self._waiting.items():
            for parent in self._depends_on(host_id, ills):
                waiting[parent].add(host_id)
        for place in self._young():
            for each in self._incidents[place].hosts | self._incidents[place].watched:
                for parent in self._parents.get(each, ()):
                    young[parent].add(place)
        needed = waiting.keys() | young.keys()
        down = {each.watched_id: host_id for host_id, ills in self._waiting.items() for each in ills if each.is_down}
        for parent_id in sorted(needed & down.keys()):
            host_id = down[parent_id]
            children = waiting[parent_id] & self._waiting.keys() - {host_id}
            places = {self._place(each) for each in young[parent_id]}
            if children or places:
                places |= {self._place(self._joining[host_id])} if host_id in self._joining else set()
                self._join(self._one_of(places), children | ({host_id} & self._waiting.keys()))

    def _join_causes(self) -> None:
        """Let alerts join the oldest incident whose cause covers their host, if it is young or most still fires."""
        wanted = {group for host_id in self._waiting for group in self._groups.get(host_id, ())}
        found = [
            (cause.group, place)
            for place in reversed(self._lasting())
            if (cause := self._incidents[place].cause) is not None and cause.group in wanted
        ]
        young = {*self._young()}
        old = {group for group, place in found if place not in young}
        members, before = members_of(self._groups) if old else {}, self._before()
        covered = {
            group: place for group, place in found if place in young or self._holds(place, members[group], before)
        }
        for host_id in [*self._waiting] if covered else ():
            places = [covered[group] for group in self._groups.get(host_id, ()) if group in covered]
            if places:
                self._join(min(places), [host_id])

    def _holds(self, place: int, members: Set[ServerId], before: Set[ServerId]) -> bool:
        """Tell whether enough of a cause's *members*, and most, are in its incident or join it. *before*: hosts that
        have a trouble already."""
        sick = members & (self._incidents[place].hosts | self._waiting.keys())
        others = members & before - sick
        return len(sick) >= LEAST_SICK and 2 * len(sick) > len(members - others)

    def _before(self) -> set[ServerId]:
        """Return the hosts that have a trouble already."""
        return {host_id for place in self._lasting() for host_id in self._incidents[place].hosts}

    def _find_causes(self) -> None:
        """Make incidents of what has a common cause, also with young incidents."""
        young = self._young()
        loose = {host_id: place for place in reversed(young) for host_id in self._incidents[place].hosts}
        for cause in causes(self._groups, self._waiting.keys() | loose.keys(), self._before())[0]:
            own = {self._place(loose[each]) for each in cause.sick if each in loose}
            places = {place for place in own if self._is_explained(place, cause)}
            parent = [each for each, ills in self._waiting.items() if any(_is_cause(ill, cause) for ill in ills)]
            joining = {*cause.sick, *parent} & self._waiting.keys()
            if joining or len(places) > 1 or places & self._joined.keys():
                place = self._one_of(places)
                self._join(place, joining)
                self._incidents[place] = replace(self._incidents[place], cause=cause)

    def _join_related(self) -> None:
        """Make incidents of what is related but has no cause yet, also with young incidents like that."""
        young = [place for place in self._young() if self._incidents[place].cause is None]
        loose = {host_id: place for place in reversed(young) for host_id in self._incidents[place].hosts}
        for sick in related(self._groups, self._waiting.keys() | loose.keys(), self._before()) if self._waiting else ():
            own = {self._place(loose[each]) for each in sick if each in loose}
            places = [place for place in own if self._is_about(place, sick)]
            if (joining := sick & self._waiting.keys()) or len(places) > 1:
                self._join(self._one_of(places), joining)

    def _is_explained(self, place: int, cause: Cause) -> bool:
        return self._is_about(place, cause.sick, _parent(cause))

    def _is_about(self, place: int, sick: Collection[ServerId], parent: ServerId | None = None) -> bool:
        """Tell whether it is about hosts that are *sick*, beside what they all depend on."""
        incident = self._incidents[place]
        others = len(incident.hosts - {*sick}) - (parent in incident.watched)
        return others <= (1 - LEAST_SHARE) * len(incident.hosts)

    def _depends_on(self, host_id: ServerId, ills: Iterable[Ill]) -> set[ServerId]:
        own = {host_id, *(each.watched_id for each in ills)}
        return {parent for each in own for parent in self._parents.get(each, ())}

    def _place(self, place: int) -> int:
        return self._merged.get(place, place)

    def _lasting(self) -> list[int]:
        """Return the places, oldest first. What began later than what is grouped now has nothing to do with it."""
        latest = self._now + MERGED_WITHIN
        return [
            place
            for place, each in enumerate(self._incidents)
            if place not in self._merged and each.started_at <= latest
        ]

    def _young(self) -> list[int]:
        return [place for place in self._lasting() if self._incidents[place].may_merge(self._now)]

    def _fires(self, place: int) -> bool:
        return bool(self._incidents[place].id) or not self._over.issuperset(self._joined.get(place, ()))

    def _new(self) -> int:
        self._incidents.append(Incident(started_at=datetime.max.replace(tzinfo=UTC)))
        return len(self._incidents) - 1

    def _one_of(self, places: Collection[int]) -> int:
        """Merge the incidents at these places into the oldest of them, and return its place; without any, a new one."""
        if not places:
            return self._new()
        first, *others = sorted(places)
        self._joined.setdefault(first, [])
        for each in others:
            self._incidents[first] = self._incidents[first].with_part(self._incidents[each])
            self._joined[first] += self._joined.get(each, [])
            self._merged[each] = first
        self._merged = {gone: first if into in others else into for gone, into in self._merged.items()}
        return first

    def _join(self, place: int, host_ids: Iterable[ServerId]) -> None:
        for host_id in sorted(host_ids):
            ills = self._waiting.pop(host_id)
            incident = self._incidents[place].with_ills(ills)
            self._incidents[place] = incident.covering(host_id, self._groups.get(host_id, ()))
            self._joined.setdefault(place, []).extend(each.alert_id for each in ills)
            self._joining[host_id] = place


def _parent(cause: Cause) -> ServerId | None:
    """Return what the hosts of the cause depend on, if that is the cause."""
    return ServerId(int(cause.group.value)) if cause.group.kind in (CauseKind.SERVER, CauseKind.CHECK) else None


def _is_cause(ill: Ill, cause: Cause) -> bool:
    return ill.watched_id == _parent(cause)
