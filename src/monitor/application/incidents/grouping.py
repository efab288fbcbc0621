"""Put alerts into incidents, beside intake: alerts wait for it no longer than their notifications wait anyway."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.incidents.ports import Incidents, Queries, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import CHUNK, retried
from monitor.domain.alerts.alert import IncidentId
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.incidents.causes import CauseKind, Group, Groups, groups_of
from monitor.domain.incidents.dependencies import Dependencies
from monitor.domain.incidents.grouping import Grouped, grouped
from monitor.domain.incidents.incidents import Ill

LEASE_NAME = "incidents"
LEASE = timedelta(seconds=30)
_RECENT = timedelta(minutes=1)
"""An alert that was over before it was grouped still gets an incident."""
_SOONEST = timedelta(seconds=1)
"""Before the first message about an alert is due."""
_KEPT = timedelta(days=400)


@dataclass(slots=True)
class GroupAlerts:
    """Run about once a second, in the process that holds the lease. *holder* names this process in it."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock
    holder: str
    _known: Directory = field(default=EMPTY, init=False)
    _groups: dict[ServerId, Collection[Group]] = field(default_factory=dict, init=False)
    _parents: Dependencies = field(default_factory=dict, init=False)

    def __call__(self) -> None:
        self.fleet.refresh()
        now = self.clock.now()
        new, over = self.queries.incidents.ungrouped(now - _RECENT), self.queries.incidents.over()
        if over or any(self._is_due(each, now) for each in new):
            self._store(new, over, now)

    def _is_due(self, ill: Ill, now: datetime) -> bool:
        """Tell whether its first message is due soon. Until then others may begin that belong together with it."""
        return now - ill.fired_at >= self.fleet.directory.preferences.digest_pause - _SOONEST

    @retried
    def _store(self, new: Sequence[Ill], over: dict[IncidentId, datetime], now: datetime) -> None:
        with self.new_uow() as uow:
            if uow.leases.acquire(LEASE_NAME, self.holder, now, LEASE) is None:
                return
            alerts = uow.alerts.get_many([each.alert_id for each in new], changed_by=None)
            left = [each for each in new if each.alert_id in alerts and alerts[each.alert_id].incident_id is None]
            uow.incidents.end(over)
            _store(uow.incidents, grouped(left, uow.incidents.opened(), *self._known_groups()))
            uow.incidents.delete_before(now - _KEPT, CHUNK)
            uow.commit()

    def _known_groups(self) -> tuple[Groups, Dependencies]:
        """Return the groups of all hosts, and what depends on what: made anew only after a change of the fleet."""
        held = self.fleet.directory
        if held.servers is not self._known.servers or held.checks is not self._known.checks:
            self._known = held
            self._groups = {
                each.id: groups_of(each.tags, each.ip_address, _parents(held, each)) for each in held.servers.values()
            }
            alone = (check for check in held.checks.values() if check.host_id is None and check.depends_on)
            self._groups |= {each.id: groups_of((), None, _parents(held, each)) for each in alone}
            watched = chain(held.servers.values(), held.checks.values())
            self._parents = {each.id: each.depends_on for each in watched if each.depends_on}
        return self._groups, self._parents


def _parents(directory: Directory, server: Server) -> Iterator[tuple[CauseKind, ServerId]]:
    for each in server.depends_on:
        yield (CauseKind.SERVER if each in directory.servers else CauseKind.CHECK), each


def _store(incidents: Incidents, found: Grouped) -> None:
    ids = [incidents.save(incident, joined) for incident, joined in found.incidents]
    incidents.merge({gone: ids[place] for gone, place in found.merged.items()})
