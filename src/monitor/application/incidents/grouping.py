"""Put alerts into incidents, beside intake: alerts wait for it no longer than their notifications wait anyway."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.incidents.ports import Incidents, Queries, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import CHUNK, retried
from monitor.domain.alerts.alert import IncidentId
from monitor.domain.incidents.causes import Groups, groups_of
from monitor.domain.incidents.incidents import Grouped, Ill, grouped

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
    _groups: Groups = field(default_factory=dict, init=False)

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
            _store(uow.incidents, grouped(left, uow.incidents.opened(), self.groups(), now))
            uow.incidents.end(over)
            uow.incidents.delete_before(now - _KEPT, CHUNK)
            uow.commit()

    def groups(self) -> Groups:
        """Return the groups of all hosts: made anew only after a change of the fleet."""
        directory = self.fleet.directory
        if directory.servers is not self._known.servers:
            self._groups = {
                server.id: groups_of(server.tags, server.ip_address, ()) for server in directory.servers.values()
            }
            self._known = directory
        return self._groups


def _store(incidents: Incidents, found: Grouped) -> None:
    ids = [incidents.save(incident, joined) for incident, joined in found.incidents]
    incidents.merge({gone: ids[place] for gone, place in found.merged.items()})
