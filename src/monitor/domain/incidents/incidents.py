"""Incidents: alerts that begin together and share a cause. One page, one acknowledgement, one silence."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, NewType

from monitor.domain.alerts.alert import AlertId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import Cause, Groups, causes

IncidentId = NewType("IncidentId", int)
MERGED_WITHIN = timedelta(minutes=10)


class Ill(NamedTuple):
    """Alert that fires. *host_id*: the server, or that of a check; a check without a server is its own host."""

    alert_id: AlertId
    host_id: ServerId
    fired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """*hosts*: with an alert that fires. *cause* None: of one host, or of what began together without a common cause.
    *merged_into*: the older incident that this one proved to be part of."""

    started_at: datetime
    hosts: frozenset[ServerId]
    cause: Cause | None = None
    ended_at: datetime | None = None
    merged_into: IncidentId | None = None
    id: IncidentId = IncidentId(0)  # 0 until stored

    def may_merge(self, now: datetime) -> bool:
        """Tell whether it may prove to be part of another one."""
        return self.cause is None and now - self.started_at <= MERGED_WITHIN


@dataclass(frozen=True, slots=True)
class Grouped:
    """Result of grouping: incidents that are new or changed, each with the alerts that join it.

    *merged*: ids of incidents that are now part of one of these, by its place.
    """

    incidents: Sequence[tuple[Incident, Sequence[AlertId]]]
    merged: Mapping[IncidentId, int]


def grouped(new: Iterable[Ill], opened: Sequence[Incident], groups: Groups, now: datetime) -> Grouped:
    """Put *new* alerts into incidents. *opened*: those that last, oldest first. *groups*: of each host of the fleet."""
    by_host: dict[ServerId, list[Ill]] = defaultdict(list)
    for each in new:
        by_host[each.host_id].append(each)
    incidents = [*opened]
    joined: dict[int, list[AlertId]] = defaultdict(list)
    for host_id in [*by_host]:
        place = _covering(host_id, incidents, groups)
        if place is not None:
            joined[place] += [each.alert_id for each in by_host.pop(host_id)]
            incidents[place] = _with_host(incidents[place], host_id, groups)
    loose = {place for place, each in enumerate(incidents) if each.may_merge(now)}
    merged: dict[IncidentId, int] = {}
    of_host = {host_id: place for place in sorted(loose) for host_id in incidents[place].hosts}
    found, unexplained = causes(groups, {*by_host, *of_host})
    for cause in found:
        places = sorted({of_host[each] for each in cause.sick if each in of_host})
        own = [each for host_id in cause.sick for each in by_host.get(host_id, ())]
        if not own and len(places) < 2:
            continue
        started_at = min([each.fired_at for each in own] + [incidents[place].started_at for place in places])
        place = places[0] if places else len(incidents)
        if not places:
            incidents.append(Incident(started_at=started_at, hosts=frozenset()))
        hosts = frozenset(cause.sick).union(*(incidents[each].hosts for each in places))
        incidents[place] = replace(incidents[place], started_at=started_at, hosts=hosts, cause=cause)
        joined[place] += [each.alert_id for each in own]
        merged |= {incidents[each].id: place for each in places[1:]}
    for host_id in unexplained + sorted(by_host.keys() - groups.keys()):
        own = by_host.get(host_id, [])
        if own:
            place = of_host.get(host_id, len(incidents))
            if place == len(incidents):
                incidents.append(Incident(started_at=own[0].fired_at, hosts=frozenset({host_id})))
            joined[place] += [each.alert_id for each in own]
    changed = [place for place in range(len(incidents)) if place in joined or place in merged.values()]
    places = {place: at for at, place in enumerate(changed)}
    return Grouped(
        [(incidents[place], joined[place]) for place in changed],
        {incident_id: places[place] for incident_id, place in merged.items()},
    )


def _covering(host_id: ServerId, incidents: Sequence[Incident], groups: Groups) -> int | None:
    """Return the place of the oldest incident of this host, or whose cause covers it."""
    own = groups.get(host_id, ())
    for place, each in enumerate(incidents):
        if host_id in each.hosts or (each.cause is not None and each.cause.group in own):
            return place
    return None


def _with_host(incident: Incident, host_id: ServerId, groups: Groups) -> Incident:
    cause = incident.cause
    if cause is not None and cause.group in groups.get(host_id, ()):
        healthy = tuple(each for each in cause.healthy if each != host_id)
        cause = replace(cause, sick=tuple(sorted({*cause.sick, host_id})), healthy=healthy)
    return replace(incident, hosts=incident.hosts | {host_id}, cause=cause)


def title(cause: Cause, names: Mapping[ServerId, str], most: int = 3) -> tuple[int, int, Collection[str]]:
    """Return how many are sick, of how many, and the names of the healthy ones, of which *most* are named."""
    whole = len(cause.sick) + len(cause.healthy)
    return len(cause.sick), whole, [names[each] for each in cause.healthy[:most] if each in names]
