"""Lists, groups and figures of the servers that a person sees, from memory."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.application.alerts.evaluating.state_cache import StateCache
from monitor.application.alerts.ports import Queries
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.grouping import Group, GroupKind, Host, grouped
from monitor.application.fleet.listing import ByName, Firing, ListFilter, Moment, Sort, matching, ordered
from monitor.application.fleet.visibility import Tally, VisibleFleet
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.silencing import Silenced

KEPT_FOR = timedelta(seconds=3)
"""Rows that move more often are hard to read."""
MOST_KEPT = 16
"""Lists; of a hundred thousand servers each takes 0.8 MB."""


class ServerList(NamedTuple):
    """Ids in order, with what they were ordered by."""

    directory: Directory
    moment: Moment
    server_ids: Sequence[ServerId]


class _Kept(NamedTuple):
    made_at: datetime
    list: ServerList


_Key = tuple[UserId | None, ListFilter, Sort]


class ListServers:
    """Filter and order servers, for all threads.

    A list is kept for some seconds, or until the fleet changes, so that twenty people who look at a hundred thousand
    servers, and one who turns pages, cost one list.
    """

    def __init__(self, fleet: Fleet, states: StateCache, clock: Clock) -> None:
        self._fleet = fleet
        self._states = states
        self._clock = clock
        self._by_name = ByName()
        self._directory = EMPTY
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, actor: Actor, wanted: ListFilter, sort: Sort) -> ServerList:
        directory, now = self._fleet.directory, self._clock.now()
        key = (None if actor.is_admin else actor.user_id, wanted, sort)  # all administrators see the same
        with self._lock:  # who waits here finds the list that another one made
            if directory is not self._directory:
                self._kept.clear()  # they would also keep old directories in memory
                self._directory = directory
            kept = self._kept.get(key)
            if kept is None or not timedelta() <= now - kept.made_at < KEPT_FOR:
                kept = self._kept[key] = _Kept(now, self._made(VisibleFleet(directory, actor), wanted, sort, now))
                if len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return kept.list

    def _made(self, visible: VisibleFleet, wanted: ListFilter, sort: Sort, now: datetime) -> ServerList:
        directory = visible.directory
        silenced = directory.rules.silencing.at(now)
        firing = firing_by_server(self._states.firing_levels())
        moment = Moment(self._fleet.live, firing, silenced.acts_on, directory.users, directory.reach)
        rows = ordered(matching(self._by_name.sorted(visible), wanted, moment), sort, moment)
        return ServerList(directory, moment, [row.server.id for row in rows])


def firing_by_server(levels: Iterable[tuple[ServerId, Level]]) -> dict[ServerId, Firing]:
    """Count firing alerts, given as server and level."""
    found: dict[ServerId, Firing] = {}
    for server_id, level in levels:
        criticals, warnings = found.get(server_id, (0, 0))
        is_critical = level is Level.CRITICAL
        found[server_id] = Firing(criticals + is_critical, warnings + (not is_critical))
    return found


def tags(visible: VisibleFleet) -> list[tuple[str, int]]:
    """Return the tags of the servers, each with how many have it, in alphabetical order."""
    counted = Counter(tag for server in visible.servers for tag in server.tags)
    return sorted(counted.items(), key=lambda pair: (pair[0].lower(), pair[0]))


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

    def __init__(self, fleet: Fleet, states: StateCache, clock: Clock) -> None:
        self._fleet = fleet
        self._states = states
        self._clock = clock
        self._silenced = _OnServers(EMPTY.servers, None, Tally(EMPTY, ()))

    def __call__(self, actor: Actor) -> FleetCounts:
        return self.for_each([actor])[0]

    def for_each(self, actors: Sequence[Actor]) -> list[FleetCounts]:
        """Count for each of *actors*, but look at alerts and silences once for all."""
        firing = Tally(self._fleet.directory, (server_id for server_id, _ in self._states.firing()))
        silenced = self._on_servers()
        counts = []
        for actor in actors:
            seen = self._fleet.seen_by(actor)
            total, online = sum(len(each.servers) for each in seen), sum(each.online for each in seen)
            never = sum(each.never_reported for each in seen)
            counts.append(FleetCounts(total, online, total - online, never, firing.of(actor), silenced.of(actor)))
        return counts

    def _on_servers(self) -> Tally:
        """Count the silenced servers again only if servers or active silences changed."""
        directory, held = self._fleet.directory, self._silenced
        silenced = directory.rules.silencing.at(self._clock.now())
        if held.servers is not directory.servers or held.silenced is not silenced:
            server_ids = [server.id for server in directory.servers.values() if silenced.acts_on(server)]
            held = self._silenced = _OnServers(directory.servers, silenced, Tally(directory, server_ids))
        return held.tally


@dataclass(frozen=True, slots=True)
class GroupServers:
    """The servers that a person sees in groups, from memory and with one query."""

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
