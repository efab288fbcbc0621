"""Put alerts into incidents, beside intake: alerts wait for it no longer than their notifications wait anyway."""

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from monitor.application.alerts.evaluating.state_cache import AlertChanges
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.incidents.ports import Queries, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.incidents.causes import CauseKind, Group, Groups, groups_of
from monitor.domain.incidents.dependencies import Dependencies
from monitor.domain.incidents.grouping import grouped
from monitor.domain.incidents.incidents import Ill

LEASE_NAME = "incidents"
LEASE = timedelta(seconds=30)
_RECENT = timedelta(days=1)
"""An alert that was over before it was grouped still gets an incident: one of a backlog, or of while no job ran."""
_SOONEST = timedelta(seconds=1)
"""Before the first message about an alert is due."""


@dataclass(slots=True)
class GroupAlerts:
    """Run about once a second, in the process that holds the lease. *holder* names this process in it."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock
    changes: AlertChanges
    holder: str
    _ungrouped: Set[AlertId] = field(default=frozenset(), init=False)
    _known: Directory = field(default=EMPTY, init=False)
    _groups: dict[ServerId, Collection[Group]] = field(default_factory=dict, init=False)
    _parents: Dependencies = field(default_factory=dict, init=False)

    def __call__(self) -> None:
        self.fleet.refresh()
        now = self.clock.now()
        new, over = self.queries.incidents.ungrouped(now - _RECENT), self.queries.incidents.over()
        left = {each.alert_id for each in new}
        self.changes.add(self._ungrouped - left)  # grouped since, here or by another process
        self._ungrouped = left
        if over or any(self._is_due(each, now) for each in new):
            self._store(new, over, now)

    def _is_due(self, ill: Ill, now: datetime) -> bool:
        """Tell whether its first message is due soon. Until then others may begin that belong together with it."""
        return now - ill.fired_at >= self.fleet.directory.preferences.digest_pause - _SOONEST

    @retried
    def _store(self, new: Sequence[Ill], over: dict[IncidentId, datetime], now: datetime) -> None:
        known = self._known_groups()
        unknown = frozenset(each for each, live in self.fleet.live.items() if live.last_report_at is None)
        with self.new_uow() as uow:
            if uow.leases.acquire(LEASE_NAME, self.holder, now, LEASE) is None:
                return
            alerts = uow.alerts.get_many([each.alert_id for each in new], changed_by=None)
            left = [
                each._replace(is_over=not alerts[each.alert_id].is_open)
                for each in new
                if each.alert_id in alerts and alerts[each.alert_id].incident_id is None
            ]
            uow.incidents.end(over)
            found = grouped(left, uow.incidents.opened(), *known, unknown)
            ids = uow.incidents.save(found.incidents)
            uow.incidents.merge({gone: ids[place] for gone, place in found.merged.items()}, now)
            uow.commit()

    def _known_groups(self) -> tuple[Groups, Dependencies]:
        """Return the groups of all hosts, and what depends on what: made anew only for what changed in the fleet."""
        held, known = self.fleet.directory, self._known
        if held.servers is not known.servers or held.checks is not known.checks:
            alone = [check for check in held.checks.values() if check.host_id is None]
            self._groups = {
                each.id: self._groups[each.id] if known.watched(each.id) is each else _groups_of(held, each)
                for each in chain(held.servers.values(), alone)
            }
            watched = chain(held.servers.values(), held.checks.values())
            self._parents = {each.id: each.depends_on for each in watched if each.depends_on}
            self._known = held
        return self._groups, self._parents


def _groups_of(directory: Directory, server: Server) -> Collection[Group]:
    parents = [(CauseKind.SERVER if each in directory.servers else CauseKind.CHECK, each) for each in server.depends_on]
    return groups_of(server.tags, server.ip_address if server.is_host else None, parents)
