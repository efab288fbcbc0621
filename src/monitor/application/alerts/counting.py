"""The figures of a fleet, as one person sees it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from monitor.application.alerts.evaluation import Alerting
from monitor.application.fleet.counts import Tally, count
from monitor.application.fleet.directory import EMPTY
from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.silencing import Silenced
from monitor.domain.fleet.servers import Server, ServerId


class FleetCounts(NamedTuple):
    """*never_reported*: part of *offline*. *firing*: alerts. *silenced*: servers on which a silence acts now."""

    total: int
    online: int
    offline: int
    never_reported: int
    firing: int
    silenced: int


class _OnServers(NamedTuple):
    """How many *servers* each person sees on which a silence acts."""

    servers: Mapping[ServerId, Server]
    silenced: Silenced | None
    tally: Tally


class CountServers:
    """Count from memory, without a query: some 15 ms for a hundred thousand servers."""

    def __init__(self, fleet: Fleet, alerting: Alerting, clock: Clock) -> None:
        self._fleet = fleet
        self._alerting = alerting
        self._clock = clock
        self._silenced = _OnServers(EMPTY.servers, None, Tally(EMPTY, ()))

    def __call__(self, actor: Actor) -> FleetCounts:
        return self.for_each([actor])[0]

    def for_each(self, actors: Sequence[Actor]) -> list[FleetCounts]:
        """Count for each of *actors*, but look at alerts and silences once for all."""
        firing = Tally(self._fleet.directory, (server_id for server_id, _ in self._alerting.firing()))
        silenced = self._on_servers()
        counts = []
        for actor in actors:
            total, online, never_reported = found = count(self._fleet, actor)
            counts.append(
                FleetCounts(total, online, found.offline, never_reported, firing.of(actor), silenced.of(actor))
            )
        return counts

    def _on_servers(self) -> Tally:
        """Count the silenced servers again only if the servers or the active silences are other ones."""
        directory, held = self._fleet.directory, self._silenced
        silenced = directory.rules.silencing.at(self._clock.now())
        if held.servers is not directory.servers or held.silenced is not silenced:
            server_ids = [server.id for server in directory.servers.values() if silenced.acts_on(server)]
            held = self._silenced = _OnServers(directory.servers, silenced, Tally(directory, server_ids))
        return held.tally
