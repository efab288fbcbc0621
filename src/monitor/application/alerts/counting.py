"""The figures of a fleet, as one person sees it."""

from dataclasses import dataclass
from typing import NamedTuple

from monitor.application.alerts.evaluation import Alerting
from monitor.application.fleet.counts import count, count_visible
from monitor.application.fleet.fleet import Fleet
from monitor.domain.accounts.actors import Actor


class FleetCounts(NamedTuple):
    """*never_reported*: part of *offline*. *firing*: alerts."""

    total: int
    online: int
    offline: int
    never_reported: int
    firing: int


@dataclass(frozen=True, slots=True)
class CountServers:
    """Count from memory, without a query: some 15 ms for a hundred thousand servers."""

    fleet: Fleet
    alerting: Alerting

    def __call__(self, actor: Actor) -> FleetCounts:
        found = count(self.fleet, actor)
        firing = count_visible(self.fleet.directory, actor, (server_id for server_id, _ in self.alerting.firing()))
        return FleetCounts(found.total, found.online, found.offline, found.never_reported, firing)
