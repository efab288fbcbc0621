"""The servers that a person sees in groups, from memory and with one query."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.application.alerts.lists import ListServers, firing_by_server
from monitor.application.alerts.ports import Queries
from monitor.application.fleet.grouping import Group, GroupKind, Host, grouped
from monitor.application.fleet.listing import ListFilter, Sort
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor


@dataclass(frozen=True, slots=True)
class GroupServers:
    list_servers: ListServers
    queries: Queries
    clock: Clock

    def __call__(self, actor: Actor, wanted: ListFilter, by: Sequence[GroupKind], metrics: Sequence[str]) -> Group:
        """Return one group of all that match, with the others inside. *metrics*: those whose values are needed."""
        found = self.list_servers(actor, wanted, Sort())
        waiting = self.queries.alerts.acknowledged(self.clock.now())
        acknowledged = firing_by_server((alert.server_id, alert.level) for alert in waiting)
        servers = found.directory.servers
        hosts = [Host.of(servers[id_], found.moment, acknowledged, metrics) for id_ in found.server_ids]
        return Group(kind="all", value=None, hosts=hosts, groups=grouped(hosts, by, found.directory.reach))
