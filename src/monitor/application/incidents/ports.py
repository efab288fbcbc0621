"""Storage of incidents."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.application.alerts import ports as alerts
from monitor.application.alerts.ports import ShownAlert
from monitor.application.notifications.ports import NotifiedIncidents
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId, IncidentId, TimelineEntry
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.incidents import Ill, Incident, IncidentState
from monitor.domain.levels import Level

NEWEST = 2000
"""Alerts among which those that are over are looked for that have no incident yet."""
MOST_ALERTS = 1000
"""Of one incident, in an answer."""
MOST_MEMBERS = 20_000
"""Of all incidents of a page, unless one alone has more."""


class Incidents(ABC):
    """Incidents. Their hosts are those of their alerts that fire."""

    @abstractmethod
    def opened(self) -> list[Incident]:
        """Return those that last, oldest first."""

    @abstractmethod
    def save(self, incidents: Sequence[tuple[Incident, Collection[AlertId]]]) -> list[IncidentId]:
        """Store new and changed ones, and let these alerts and their notifications join each. Return their ids."""

    @abstractmethod
    def merge(self, merged: Mapping[IncidentId, IncidentId], at: datetime) -> None:
        """Move the alerts and notifications of each of these to the other, of which it proved to be part. It ends."""

    @abstractmethod
    def end(self, ended: Mapping[IncidentId, datetime]) -> None:
        """End those of which nothing fires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """*states*, *level*: of the alerts that the actor sees; the level is the highest. *before*: the last id of the page
    before. *most_members*: the page ends early where more alerts would be read, but has at least one incident."""

    states: Collection[IncidentState] = tuple(IncidentState)
    level: Level | None = None
    server_id: ServerId | None = None
    tag: str | None = None
    text: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: int | None = None
    limit: int = 100
    most_members: int = MOST_MEMBERS


class Member(NamedTuple):
    """Alert of an incident. *ended_at* None: it fires."""

    id: AlertId
    server_id: ServerId
    metric: str
    level: Level
    ended_at: datetime | None
    is_acknowledged: bool

    @property
    def fires(self) -> bool:
        return self.ended_at is None


class IncidentEntry(NamedTuple):
    """Event of an alert of an incident."""

    entry: TimelineEntry
    server_id: ServerId
    server_name: str
    metric: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownIncident:
    """*members*: the alerts that the actor may see, in the order in which they began (`started_at`, then id): the first
    says what came first. *alerts*: the first `MOST_ALERTS` of them; in a list only if there is but one. *merged_from*:
    the incidents that proved to be part of it; none in a list. *ends_page*: the last of a list that ends early."""

    incident: Incident
    members: Sequence[Member]
    alerts: Sequence[ShownAlert] = ()
    merged_from: Sequence[IncidentId] = ()
    ends_page: bool = False

    @property
    def state(self) -> IncidentState:
        """As the actor sees it: other people's alerts may still fire."""
        firing = [each.is_acknowledged for each in self.members if each.fires]
        if not firing:
            return IncidentState.ENDED
        return IncidentState.ACKNOWLEDGED if all(firing) else IncidentState.FIRING

    @property
    def ended_at(self) -> datetime | None:
        """As the actor sees it."""
        ends = [each.ended_at for each in self.members if each.ended_at is not None]
        return max(ends) if len(ends) == len(self.members) else None

    @property
    def level(self) -> Level:
        return max(each.level for each in self.members)


class IncidentQueries(NotifiedIncidents):
    @abstractmethod
    def ungrouped(self, since: datetime) -> list[Ill]:
        """Return alerts without an incident that fire, in id order; of the `NEWEST` ones also those that fired at
        *since* or later, or that late samples showed, which fired long ago."""

    @abstractmethod
    def over(self) -> dict[IncidentId, datetime]:
        """Return those that last although none of their alerts fires, with the end of the last one."""

    @abstractmethod
    def newest(self, actor: Actor, wanted: IncidentFilter) -> list[ShownIncident]:
        """Return incidents with an alert that the actor may see and that fits, newest first: up to `limit` and
        `most_members`. Raises NotFound."""

    @abstractmethod
    def get(self, actor: Actor, incident_id: IncidentId) -> ShownIncident:
        """Return it, or the one that it was merged into. Raises NotFound, also if the actor sees none of its alerts."""

    @abstractmethod
    def timeline(
        self, actor: Actor, incident_id: IncidentId, after: tuple[datetime, int] | None, limit: int
    ) -> list[IncidentEntry]:
        """Return the events of all alerts that the actor may see, oldest first. *after*: the place of the last one of
        the page before. Raises NotFound as `get` does."""


class UnitOfWork(alerts.UnitOfWork):
    incidents: Incidents


class Queries(alerts.Queries):
    incidents: IncidentQueries
