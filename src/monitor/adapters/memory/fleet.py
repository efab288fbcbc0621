"""Servers, their API keys, unregistered hosts, and the fleet as a whole, in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.adapters.memory.parts import MemoryPart, Rows, fits, having
from monitor.adapters.memory.roster import roster_of
from monitor.adapters.memory.state import State
from monitor.application.fleet import ports
from monitor.application.fleet.ports import ServerFilter, Tracked
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.facts import HostFacts
from monitor.domain.fleet.servers import MAX_UNREGISTERED, AgentInfo, Kind, Server, ServerId, Status, UnregisteredHost
from monitor.domain.fleet.teams import Reach


class MemoryServers(MemoryPart, ports.Servers):
    def add_many(self, servers: Sequence[Server]) -> list[Server]:
        return [self._derived(self._state.servers.add(server)) for server in servers]

    def get_many(self, server_ids: Collection[ServerId], *, changed_by: Actor) -> list[Server]:
        return self._state.changed_by(changed_by, sorted(set(server_ids)))

    def find_many(self, server_ids: Collection[ServerId], *, changed_by: Actor) -> list[Server]:
        found = self._state.servers.of(server_ids)
        return [server for server in found if server.is_host and server.is_changeable_by(changed_by)]

    def by_addresses(self, addresses: Collection[str]) -> list[Server]:
        found = (self._state.servers.by(address) for address in set(addresses))
        return sorted(filter(None, found), key=lambda server: server.id)

    def save(self, server: Server) -> None:
        names = ("name", "ip_address", "port", "tags", "user_ids", "depends_on")
        self._state.servers.found(server.id)
        self._state.servers.amend(server.id, **{name: getattr(server, name) for name in names})
        self._derived(self._state.servers[server.id])

    def save_many(self, servers: Sequence[Server]) -> None:
        for server in servers:
            self.save(server)

    def depend(self, parents: Mapping[ServerId, Collection[ServerId]]) -> None:
        for server_id, depends_on in parents.items():
            self._state.servers.amend(server_id, depends_on=frozenset(depends_on))

    def parents(self, server_ids: Collection[ServerId]) -> dict[ServerId, frozenset[ServerId]]:
        return {each.id: each.depends_on for each in self._state.servers.of(server_ids) if each.depends_on}

    def seen(self, server_ids: Collection[ServerId], actor: Actor) -> dict[ServerId, Kind]:
        state = self._state
        return {each.id: each.kind for each in state.servers.of(server_ids) if state.watches(each.id, actor)}

    def delete(self, server_ids: Collection[ServerId]) -> None:
        gone = self.existing(server_ids)
        for server_id in {row.server_id for row in self._state.blocks.values() if row.generation} & gone:
            self._state.history_deletions[server_id] = None
        self._state.servers.delete(*gone)

    def existing(self, server_ids: Collection[ServerId], *, keep: bool = False) -> set[ServerId]:
        return {server_id for server_id in server_ids if server_id in self._state.servers}

    def host_of(self, server_id: ServerId) -> ServerId | None:
        server = self._state.servers.found(server_id)
        return server.id if server.is_host else server.host_id

    def names(self, server_ids: Collection[ServerId]) -> dict[ServerId, str]:
        return {server.id: server.name for server in self._state.servers.of(server_ids)}

    def mark_online(self, server_ids: Collection[ServerId]) -> None:
        for server_id in server_ids:
            self._state.servers.amend(server_id, is_logged=False, status=Status.ONLINE, last_report_at=None)

    def mark_offline(self, last_reports: Mapping[ServerId, datetime]) -> None:
        for server_id, at in last_reports.items():
            self._state.servers.amend(server_id, is_logged=False, status=Status.OFFLINE, last_report_at=at)

    def intervals(self, server_ids: Collection[ServerId]) -> dict[ServerId, float]:
        declared = {server.id: server.report_interval for server in self._state.servers.of(server_ids)}
        return {server_id: interval for server_id, interval in declared.items() if interval is not None}

    def save_intervals(self, intervals: Mapping[ServerId, float]) -> None:
        for server_id, interval in intervals.items():
            self._state.servers.amend(server_id, is_logged=False, report_interval=interval)

    def save_agents(self, agents: Mapping[ServerId, AgentInfo]) -> None:
        for server_id, agent in agents.items():
            self._state.servers.amend(server_id, agent_version=agent.version, agent_os=agent.system)

    def save_facts(self, facts: Mapping[ServerId, HostFacts]) -> None:
        stored = self._state.host_facts
        for server_id in self.existing(facts):
            if server_id not in stored or stored[server_id].at <= facts[server_id].at:
                stored[server_id] = facts[server_id]

    def _derived(self, server: Server) -> Server:
        after = Reach.of(self._state.teams.values()).applied(server)
        if after is not server:
            self._state.servers.put(after)
        return server


class MemoryServerQueries(MemoryPart, ports.ServerQueries):
    def find(self, actor: Actor, wanted: ServerFilter) -> list[Server]:
        there = self._state.servers
        servers = there.in_order() if wanted.ids is None else there.of(wanted.ids)
        seen = (server for server in servers if server.is_host and server.is_visible_to(actor))
        return list(islice((server for server in seen if _matches(server, wanted)), wanted.limit))

    def get(self, actor: Actor, server_id: ServerId) -> Server:
        return self._state.seen(server_id, actor)

    def facts(self, actor: Actor, server_id: ServerId) -> HostFacts | None:
        return self._state.host_facts.get(self._state.seen(server_id, actor).id)

    def usernames(self, user_ids: set[UserId]) -> dict[UserId, str]:
        return {user.id: user.username for user in self._state.users.of(user_ids)}

    def unregistered(self, actor: Actor) -> list[UnregisteredHost]:
        actor.must_be_admin()
        return sorted(self._state.unregistered_hosts.in_order(), key=_last_seen, reverse=True)


def _last_seen(host: UnregisteredHost) -> datetime:
    return host.last_seen_at


def _matches(server: Server, wanted: ServerFilter) -> bool:
    return (
        fits(server, wanted, "status")
        and (wanted.after is None or server.id > wanted.after)
        and (wanted.tag is None or wanted.tag in server.tags)
        and (wanted.text is None or server.mentions(wanted.text))
    )


class MemoryApiKeys(Rows[ApiKeyId, ApiKey], ports.ApiKeys):
    name = "api_keys"
    fleet_keys_of = having(lambda key, owner_id: key.server_id is None and key.owner_id == owner_id)

    def get(self, key_id: ApiKeyId, *, changed_by: Actor) -> ApiKey:
        key = self._table.found(key_id)
        if not _is_visible(self._state, key, changed_by):
            raise NotFound(f"no API key {key_id}")
        if key.server_id is not None:
            self._state.changed_by(changed_by, [key.server_id])
        return key

    def save_last_used(self, last_used: Mapping[ApiKeyId, datetime]) -> None:
        for key_id, at in last_used.items():
            self._table.amend(key_id, is_logged=False, last_used_at=at)


class MemoryApiKeyQueries(MemoryPart, ports.ApiKeyQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        state = self._state
        return state.api_keys.where(lambda key: key.id > (after or 0) and _is_visible(state, key, actor))[:limit]


def _is_visible(state: State, key: ApiKey, actor: Actor) -> bool:
    return actor.is_admin or (key.server_id is not None and state.servers[key.server_id].is_visible_to(actor))


class MemoryUnregisteredHosts(MemoryPart, ports.UnregisteredHosts):
    def record(self, hosts: Sequence[UnregisteredHost]) -> None:
        held = self._state.unregistered_hosts
        for host in hosts:
            if (known := held.get(host.ip_address)) is not None:
                host = replace(host, first_seen_at=known.first_seen_at, reports=known.reports + host.reports)
            held.put(host)
        unwanted = sorted(held.values(), key=_last_seen, reverse=True)[MAX_UNREGISTERED:]
        held.delete(*[host.ip_address for host in unwanted])

    def known(self, addresses: Collection[str]) -> set[str]:
        return set(addresses) & self._state.unregistered_hosts.keys()

    def delete(self, *addresses: str) -> None:
        self._state.unregistered_hosts.delete(*addresses)


class MemoryPreferences(MemoryPart, ports.Preferences):
    def all(self) -> dict[str, float | str]:
        return dict(self._state.preferences)

    def save(self, values: Mapping[str, float | str]) -> None:
        for name, value in values.items():
            self._state.preferences[name] = value

    def reencrypt(self) -> None:
        """Nothing is encrypted in memory."""


class MemoryFleetQueries(MemoryPart, ports.FleetQueries):
    def revision(self) -> int:
        return self._state.revision

    def snapshot(self) -> ports.FleetSnapshot:
        state = self._state
        return ports.FleetSnapshot(
            revision=state.revision,
            servers=list(state.servers.values()),
            api_keys=list(state.api_keys.values()),
            users=dict(state.users),
            teams=state.teams.in_order(),
            policies=state.policies.in_order(),
            silences=state.silences.in_order(),
            channels=state.channels.in_order(),
            preferences=dict(state.preferences),
            roster=roster_of(state),
        )

    def changes(self, since: int, at_most: int) -> ports.FleetChanges | None:
        state = self._state
        if not 0 <= since <= state.revision:
            return None
        changed: dict[str, set[Any]] = {part: set() for part in Tracked}
        for revision in range(since, state.revision):
            for part, ids in state.fleet_log[revision + 1].items():
                changed[part].update(ids)
        if sum(map(len, changed.values())) > at_most:
            return None
        rules = changed[Tracked.RULES]
        return ports.FleetChanges(
            revision=state.revision,
            servers={id_: state.servers.get(id_) for id_ in changed[Tracked.SERVER]},
            api_keys={id_: state.api_keys.get(id_) for id_ in changed[Tracked.API_KEY]},
            users={id_: state.users.get(id_) for id_ in changed[Tracked.USER]},
            teams={id_: state.teams.get(id_) for id_ in changed[Tracked.TEAM]},
            policies=state.policies.in_order() if rules else None,
            silences=state.silences.in_order() if rules else None,
            channels=state.channels.in_order() if changed[Tracked.CHANNELS] else None,
            preferences=dict(state.preferences) if changed[Tracked.PREFERENCES] else None,
            roster=roster_of(state) if changed[Tracked.ROSTER] else None,
        )
