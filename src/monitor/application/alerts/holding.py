"""What holds an alert back now: a silence, or that a server or check that it depends on is down, or may be.

Down is a host that is offline, or a check whose alert fires; it may be down while it is overdue. One hop counts. A
parent of which nobody would be notified holds nothing back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.alerts.ports import Outage, Queries, Waiting
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import KnownFleet
from monitor.application.notifications.called import notifies_of_outage
from monitor.application.notifications.deciding import Hold, HoldsBack
from monitor.application.ports import Clock
from monitor.domain.alerts.alert import Alert
from monitor.domain.alerts.offline import DEFAULT_OFFLINE_AFTER
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import Kind, Server, ServerId, Status
from monitor.domain.incidents.dependencies import LONGEST_PATIENCE, patience
from monitor.domain.incidents.incidents import DOWN
from monitor.domain.intake.intervals import least_gap
from monitor.domain.intake.live import Live
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import DRILL, OFFLINE
from monitor.domain.times import MICROSECOND

_FOUND_WITHIN = timedelta(seconds=5)
"""After it is due that a host is found offline."""


@dataclass(frozen=True, slots=True)
class Holding:
    """*outages*: of parents, the last of each; without them, as within the transaction of a sample, delivery and
    maintenance decide again before anybody is notified. *listening_since*: no report was owed before."""

    fleet: KnownFleet
    now: datetime
    outages: Mapping[ServerId, Outage] = field(default_factory=dict)
    offline_after: timedelta = DEFAULT_OFFLINE_AFTER
    listening_since: datetime | None = None

    def __call__(self, server_id: ServerId, metric: str, at: datetime) -> Hold | None:
        if self.fleet.directory.is_silenced(server_id, metric, self.now):
            return Hold(Reason.SILENCED)
        return self.by_parent(server_id, metric, at)

    def by_parent(self, server_id: ServerId, metric: str, at: datetime) -> Hold | None:
        """Return what holds back an event of *at*, but for silences."""
        server = self.fleet.directory.watched(server_id)
        if server is None or not server.depends_on or metric == DRILL:
            return None
        begun_at = None if metric in DOWN else at
        return min(self._holds(server, begun_at), key=lambda hold: hold.reason is Reason.PENDING_PARENT, default=None)

    def of(self, alert: Alert | Waiting) -> Hold | None:
        return self(alert.server_id, alert.metric, alert.fired_at)

    def is_held_back(self, alert: Alert | Waiting) -> bool:
        """True if something holds it back, or its host is offline."""
        live = self.fleet.live.get(alert.server_id)
        is_offline = live is not None and live.status is Status.OFFLINE
        return (is_offline and alert.metric not in (OFFLINE, DRILL)) or self.of(alert) is not None

    def _holds(self, server: Server, begun_at: datetime | None) -> Iterator[Hold]:
        """*begun_at*: when it began; None: before the last outage, such as silence, which is found late."""
        directory = self.fleet.directory
        for parent_id in sorted(server.depends_on):
            parent, live = directory.watched(parent_id), self.fleet.live.get(parent_id)
            if parent is None or live is None or parent.kind is Kind.CHECK_IN:
                continue
            if not notifies_of_outage(directory, parent):
                continue
            if self._is_down(server, parent, live, begun_at):
                yield Hold(Reason.SUPPRESSED_BY, parent_id)
            elif self._is_overdue(parent, live):
                yield Hold(Reason.PENDING_PARENT, parent_id)

    def _is_down(self, server: Server, parent: Server, live: Live, begun_at: datetime | None) -> bool:
        """Tell whether *parent* is down, or was when this began, a moment ago."""
        outage = self.outages.get(parent.id)
        if outage is not None:
            ended_at = outage.ended_at
            if ended_at is None:
                return True
            if (begun_at is None or begun_at <= ended_at) and self.now < ended_at + self._patience(server):
                return True
        return parent.is_host and live.status is Status.OFFLINE and live.last_report_at is not None

    def _patience(self, server: Server) -> timedelta:
        live = self.fleet.live.get(server.id)
        own = patience((live.interval if live is not None else None) or server.report_interval)
        return max(own, self.fleet.directory.preferences.digest_pause)

    def _is_overdue(self, parent: Server, live: Live) -> bool:
        """Tell whether a host is not found offline yet, or whether the last run of a check failed."""
        allowed, last = least_gap(live.interval or parent.report_interval) * MICROSECOND, live.last_report_at
        if not parent.is_host:
            run = live.sample
            return run is not None and run.metric(UP) == 0.0 and self.now - run.recorded_at <= allowed
        if last is None or live.status is Status.OFFLINE:
            return False
        offline_after = self.fleet.directory.preferences.offline_after_or(self.offline_after)
        found_at = max(last, self.listening_since or last) + max(allowed, offline_after) + _FOUND_WITHIN
        return last + allowed * 2 / 3 < self.now <= found_at


@dataclass(slots=True)
class HoldBack(HoldsBack):
    """Read what parents are down, once for all that is decided at a moment; nothing if nothing depends on others."""

    queries: Queries
    fleet: Fleet
    clock: Clock
    offline_after: timedelta
    listening_since: datetime
    _known: Directory = field(default=EMPTY, init=False)
    _parents: frozenset[ServerId] = field(default=frozenset(), init=False)

    def __call__(self) -> Holding:
        now, parents = self.clock.now(), self._parents_of(self.fleet.directory)
        outages = self.queries.alerts.outages(parents, now - LONGEST_PATIENCE) if parents else ()
        last = {each.server_id: each for each in outages}
        return Holding(self.fleet, now, last, self.offline_after, self.listening_since)

    def _parents_of(self, directory: Directory) -> frozenset[ServerId]:
        """Find them anew only after a change of the fleet."""
        if directory.servers is not self._known.servers or directory.checks is not self._known.checks:
            watched = (*directory.servers.values(), *directory.checks.values())
            self._parents = frozenset().union(*(each.depends_on for each in watched if each.depends_on))
            self._known = directory
        return self._parents
