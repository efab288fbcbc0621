"""Incidents: alerts that begin together and share a cause. One page, one acknowledgement, one silence."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import Cause, Groups, causes

MERGED_WITHIN = timedelta(minutes=10)


class IncidentState(StrEnum):
    """ACKNOWLEDGED: all that fires is."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"


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

    def with_host(self, host_id: ServerId) -> "Incident":
        """Return it with one more sick host."""
        cause = self.cause
        if cause is not None and host_id in cause.healthy:
            healthy = tuple(each for each in cause.healthy if each != host_id)
            cause = replace(cause, sick=tuple(sorted({*cause.sick, host_id})), healthy=healthy)
        return replace(self, hosts=self.hosts | {host_id}, cause=cause)

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
    grouping = _Grouping(new, opened, groups)
    grouping.join_opened()
    unexplained = grouping.find_causes(now)
    grouping.begin(unexplained)
    return grouping.result()


class _Grouping:
    """*waiting*: the new alerts that no incident has yet, by host."""

    def __init__(self, new: Iterable[Ill], opened: Sequence[Incident], groups: Groups) -> None:
        self._groups = groups
        self._incidents = [*opened]
        self._joined: dict[int, list[AlertId]] = defaultdict(list)
        self._merged: dict[IncidentId, int] = {}
        self._waiting: dict[ServerId, list[Ill]] = defaultdict(list)
        for each in new:
            self._waiting[each.host_id].append(each)

    def join_opened(self) -> None:
        """Let alerts join the oldest incident of their host, or whose cause covers it."""
        for host_id in [*self._waiting]:
            own = self._groups.get(host_id, ())
            for place, each in enumerate(self._incidents):
                if host_id in each.hosts or (each.cause is not None and each.cause.group in own):
                    self._incidents[place] = each.with_host(host_id)
                    self._join(place, host_id)
                    break

    def find_causes(self, now: datetime) -> list[ServerId]:
        """Make incidents of what has a common cause, and return the other hosts with new alerts."""
        loose = {
            host_id: place
            for place, each in enumerate(self._incidents)
            if each.may_merge(now)
            for host_id in each.hosts
        }
        found, _ = causes(self._groups, {*self._waiting, *loose})
        for cause in found:
            places = sorted({loose[each] for each in cause.sick if each in loose})
            if len(places) > 1 or any(each in self._waiting for each in cause.sick):
                self._merge(cause, places)
        return sorted(self._waiting)

    def _merge(self, cause: Cause, places: Sequence[int]) -> None:
        """Make one incident of what *cause* explains: the oldest of those at *places*, or a new one."""
        place = places[0] if places else self._new(cause.sick)
        parts = [self._incidents[each] for each in (place, *places[1:])]
        hosts = frozenset(cause.sick).union(*(each.hosts for each in parts))
        self._incidents[place] = replace(parts[0], hosts=hosts, cause=cause)
        self._joined[place] += []
        self._merged |= {each.id: place for each in parts[1:]}
        for host_id in cause.sick:
            self._join(place, host_id)

    def begin(self, host_ids: Iterable[ServerId]) -> None:
        """Begin an incident for each of these hosts."""
        for host_id in host_ids:
            self._join(self._new([host_id]), host_id)

    def _new(self, host_ids: Collection[ServerId]) -> int:
        started_at = min(each.fired_at for host_id in host_ids for each in self._waiting.get(host_id, ()))
        self._incidents.append(Incident(started_at=started_at, hosts=frozenset(host_ids)))
        return len(self._incidents) - 1

    def _join(self, place: int, host_id: ServerId) -> None:
        self._joined[place] += [each.alert_id for each in self._waiting.pop(host_id, ())]

    def result(self) -> Grouped:
        places = {place: at for at, place in enumerate(sorted(self._joined))}
        return Grouped(
            [(self._incidents[place], self._joined[place]) for place in places],
            {incident_id: places[place] for incident_id, place in self._merged.items()},
        )
