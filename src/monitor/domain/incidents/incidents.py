"""Incidents: alerts that begin together and share a cause. One page, one acknowledgement, one silence."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import Cause, Group
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import OFFLINE

MERGED_WITHIN = timedelta(minutes=10)
DOWN = (OFFLINE, UP)
"""Metrics of the alerts that say that a server or a check is down."""


class IncidentState(StrEnum):
    """ACKNOWLEDGED: all that fires is."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"


class Ill(NamedTuple):
    """Alert that fires, or did. *host_id*: the server, or that of a check; a check without a server is its own host.
    *watched_id*: the server or check itself. *is_down*: it is offline, or fails. *is_drill*: nothing is ill. *is_over*:
    it has ended already."""

    alert_id: AlertId
    host_id: ServerId
    fired_at: datetime
    watched_id: ServerId
    is_down: bool = False
    is_drill: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """*hosts*, *watched*: with an alert that fires; *down*: those of *watched* that are down. *cause* None: of one
    host, or of what began together without sharing one. *merged_into*: the older one that it proved to be part of."""

    started_at: datetime
    hosts: frozenset[ServerId] = frozenset()
    watched: frozenset[ServerId] = frozenset()
    down: frozenset[ServerId] = frozenset()
    cause: Cause | None = None
    ended_at: datetime | None = None
    merged_into: IncidentId | None = None
    id: IncidentId = IncidentId(0)  # 0 until stored

    def with_ills(self, ills: Collection[Ill]) -> "Incident":
        """Return it with more that fires."""
        return replace(
            self,
            started_at=min([self.started_at, *(each.fired_at for each in ills)]) if not self.id else self.started_at,
            hosts=self.hosts.union(each.host_id for each in ills),
            watched=self.watched.union(each.watched_id for each in ills),
            down=self.down.union(each.watched_id for each in ills if each.is_down),
        )

    def with_part(self, other: "Incident") -> "Incident":
        """Return it with what fires of a younger one, and the cause of that if it has none."""
        return replace(
            self,
            cause=self.cause or other.cause,
            hosts=self.hosts | other.hosts,
            watched=self.watched | other.watched,
            down=self.down | other.down,
        )

    def covering(self, host_id: ServerId, own: Collection[Group]) -> "Incident":
        """Return it with *host_id* among the sick of its cause, if *own*, its groups, have that."""
        cause = self.cause
        if cause is None or cause.group not in own or host_id in cause.sick:
            return self
        healthy = tuple(each for each in cause.healthy if each != host_id)
        return replace(self, cause=replace(cause, sick=tuple(sorted((*cause.sick, host_id))), healthy=healthy))

    def may_merge(self, at: datetime) -> bool:
        """Tell whether it may prove to be one with what begins then."""
        return abs(at - self.started_at) <= MERGED_WITHIN
