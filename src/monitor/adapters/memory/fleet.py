"""Of the fleet as a whole: its keys, and the snapshot that a process keeps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.adapters.memory.database import MemoryReader, MemoryRepository, forget_servers
from monitor.application.fleet.ports import (
    ApiKeyQueries,
    ApiKeys,
    FleetChanges,
    FleetQueries,
    FleetSnapshot,
    ServerFilter,
    ServerQueries,
    Servers,
    Tracked,
    UnregisteredHosts,
)
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.agents import AgentInfo
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.errors import AddressTaken
from monitor.domain.fleet.servers import MAX_UNREGISTERED, Server, ServerId, Status, UnregisteredHost
from monitor.domain.fleet.teams import Reach, TeamId


class MemoryServers(MemoryRepository, Servers):
    def add(self, server: Server) -> Server:
        if server.ip_address in self._draft.server_ids:
            raise AddressTaken
        self._check_links(server)
        server = replace(server, id=ServerId(self._draft.next_id("servers")))
        self._draft.server_ids[server.ip_address] = server.id
        self._put(server)
        return server

    def add_many(self, servers: Sequence[Server]) -> list[Server]:
        return [self.add(server) for server in servers]

    def get(self, server_id: ServerId, *, changed_by: Actor) -> Server:
        return self._draft.changed([server_id], changed_by)[0]

    def get_many(self, server_ids: Collection[ServerId], *, changed_by: Actor) -> list[Server]:
        return self._draft.changed(sorted(set(server_ids)), changed_by)

    def find_many(self, server_ids: Collection[ServerId], *, changed_by: Actor) -> list[Server]:
        found = [self._draft.servers[server_id] for server_id in sorted(self.existing(server_ids))]
        return [server for server in found if server.is_host and server.is_changeable_by(changed_by)]

    def by_addresses(self, addresses: Collection[str]) -> list[Server]:
        found = (self._draft.server_ids.get(address) for address in set(addresses))
        return [self._draft.servers[server_id] for server_id in sorted(filter(None, found))]

    def save(self, server: Server) -> None:
        before = self._draft.servers.found(server.id, "server")
        if self._draft.server_ids.get(server.ip_address, server.id) != server.id:
            raise AddressTaken
        self._check_links(server)
        del self._draft.server_ids[before.ip_address]
        self._draft.server_ids[server.ip_address] = server.id
        self._put(
            replace(
                before,
                name=server.name,
                ip_address=server.ip_address,
                port=server.port,
                tags=server.tags,
                user_ids=server.user_ids,
            )
        )

    def save_many(self, servers: Sequence[Server]) -> None:
        for server in servers:
            self.save(server)

    def delete(self, server_ids: Collection[ServerId]) -> None:
        gone = self.existing(server_ids)
        forget_servers(self._draft, gone)
        self._draft.fleet_changed |= bool(gone)

    def existing(self, server_ids: Collection[ServerId], *, keep: bool = False) -> set[ServerId]:
        return {server_id for server_id in server_ids if server_id in self._draft.servers}

    def host_of(self, server_id: ServerId) -> ServerId | None:
        server = self._draft.servers.found(server_id, "server")
        return server.id if server.is_host else server.host_id

    def names(self, server_ids: Collection[ServerId]) -> dict[ServerId, str]:
        return {server_id: self._draft.servers[server_id].name for server_id in self.existing(server_ids)}

    def mark_online(self, server_ids: Collection[ServerId]) -> None:
        for server_id in self.existing(server_ids):
            self._set(server_id, status=Status.ONLINE, last_report_at=None)

    def mark_offline(self, last_reports: Mapping[ServerId, datetime]) -> None:
        for server_id in self.existing(last_reports.keys()):
            self._set(server_id, status=Status.OFFLINE, last_report_at=last_reports[server_id])

    def intervals(self, server_ids: Collection[ServerId]) -> dict[ServerId, float]:
        declared = {id_: self._draft.servers[id_].report_interval for id_ in self.existing(server_ids)}
        return {server_id: interval for server_id, interval in declared.items() if interval is not None}

    def save_intervals(self, intervals: Mapping[ServerId, float]) -> None:
        for server_id in self.existing(intervals.keys()):
            self._set(server_id, report_interval=intervals[server_id])

    def save_agents(self, agents: Mapping[ServerId, AgentInfo]) -> None:
        for server_id in self.existing(agents.keys()):
            self._set(server_id, agent_version=agents[server_id].version, agent_os=agents[server_id].system)
            self._draft.fleet_changed = True

    def _put(self, server: Server) -> None:
        self._draft.servers[server.id] = Reach.of(self._draft.teams.in_order()).applied(server)
        self._draft.fleet_changed = True

    def _set(self, server_id: ServerId, **liveness: Any) -> None:
        self._draft.servers[server_id] = replace(self._draft.servers[server_id], **liveness)

    def _check_links(self, server: Server) -> None:
        for user_id in server.user_ids:
            self._draft.check_user(user_id)


class MemoryServerQueries(MemoryReader, ServerQueries):
    def find(self, actor: Actor, wanted: ServerFilter) -> list[Server]:
        there = self._state.servers
        ids = there if wanted.ids is None else [id_ for id_ in wanted.ids if id_ in there]
        servers = [there[id_] for id_ in sorted(ids)]
        return list(
            islice((s for s in servers if s.is_host and s.is_visible_to(actor) and _matches(s, wanted)), wanted.limit)
        )

    def get(self, actor: Actor, server_id: ServerId) -> Server:
        return self._state.seen(server_id, actor)

    def usernames(self, user_ids: set[UserId]) -> dict[UserId, str]:
        users = self._state.users
        return {user_id: users[user_id].username for user_id in user_ids if user_id in users}

    def unregistered(self, actor: Actor) -> list[UnregisteredHost]:
        actor.must_be_admin()
        hosts = sorted(self._state.unregistered_hosts.values(), key=lambda host: host.ip_address)
        return sorted(hosts, key=lambda host: host.last_seen_at, reverse=True)


def _matches(server: Server, wanted: ServerFilter) -> bool:
    return (
        (wanted.after is None or server.id > wanted.after)
        and (wanted.status is None or server.status is wanted.status)
        and (wanted.tag is None or wanted.tag in server.tags)
        and (wanted.text is None or server.mentions(wanted.text))
    )


def is_visible(key: ApiKey, actor: Actor, servers: Mapping[ServerId, Server]) -> bool:
    return actor.is_admin or (key.server_id is not None and servers[key.server_id].is_visible_to(actor))


class MemoryApiKeys(MemoryRepository, ApiKeys):
    def add(self, key: ApiKey) -> ApiKey:
        self._draft.check_server(key.server_id)
        self._draft.check_user(key.owner_id)
        if any(key.digest == other.digest for other in self._draft.api_keys.values()):
            raise ConstraintViolated("the same key is stored already")
        key = replace(key, id=ApiKeyId(self._draft.next_id("api_keys")))
        self._draft.api_keys[key.id] = key
        self._draft.fleet_changed = True
        return key

    def get(self, key_id: ApiKeyId, *, changed_by: Actor) -> ApiKey:
        key = self._draft.api_keys.get(key_id)
        if key is None or not is_visible(key, changed_by, self._draft.servers):
            raise NotFound(f"no API key {key_id}")
        if key.server_id is not None:
            self._draft.changed([key.server_id], changed_by)
        return key

    def fleet_keys_of(self, owner_id: UserId) -> list[ApiKey]:
        keys = self._draft.api_keys.values()
        return [key for key in keys if key.server_id is None and key.owner_id == owner_id]

    def delete(self, key_id: ApiKeyId) -> None:
        if self._draft.api_keys.pop(key_id, None) is not None:
            self._draft.fleet_changed = True

    def save_last_used(self, last_used: Mapping[ApiKeyId, datetime]) -> None:
        for key_id, at in last_used.items():
            if (key := self._draft.api_keys.get(key_id)) is not None:
                self._draft.api_keys[key_id] = replace(key, last_used_at=at)


class MemoryUnregisteredHosts(MemoryRepository, UnregisteredHosts):
    def record(self, hosts: Sequence[UnregisteredHost]) -> None:
        for host in hosts:
            known = self._draft.unregistered_hosts.get(host.ip_address)
            if known is not None:
                host = replace(host, first_seen_at=known.first_seen_at, reports=known.reports + host.reports)
            self._draft.unregistered_hosts[host.ip_address] = host
        by_last_seen = sorted(self._draft.unregistered_hosts.values(), key=lambda host: host.last_seen_at, reverse=True)
        for host in by_last_seen[MAX_UNREGISTERED:]:
            del self._draft.unregistered_hosts[host.ip_address]

    def known(self, addresses: Collection[str]) -> set[str]:
        return set(addresses) & self._draft.unregistered_hosts.keys()

    def delete(self, *addresses: str) -> None:
        for address in addresses:
            self._draft.unregistered_hosts.pop(address, None)


class MemoryApiKeyQueries(MemoryReader, ApiKeyQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        state = self._state
        keys = (key for key in state.api_keys.in_order() if key.id > (after or 0))
        found = (key for key in keys if is_visible(key, actor, state.servers))
        return list(islice(found, limit))


class MemoryFleetQueries(MemoryReader, FleetQueries):
    def revision(self) -> int:
        return self._state.revision

    def snapshot(self) -> FleetSnapshot:
        state = self._state
        return FleetSnapshot(
            revision=state.revision,
            servers=list(state.servers.values()),
            api_keys=list(state.api_keys.values()),
            users=dict(state.users),
            teams=state.teams.in_order(),
            policies=state.policies.in_order(),
            silences=state.silences.in_order(),
            channels=state.channels.in_order(),
            preferences=dict(state.preferences),
        )

    def changes(self, since: int, at_most: int) -> FleetChanges | None:
        state = self._state
        if not 0 <= since <= state.revision:
            return None
        changed: dict[Tracked, set[int]] = {part: set() for part in Tracked}
        for entry in state.fleet_log[since:]:
            for part, ids in entry.items():
                changed[part].update(ids)
        if sum(map(len, changed.values())) > at_most:
            return None
        return FleetChanges(
            revision=state.revision,
            servers={id_: state.servers.get(id_) for id_ in map(ServerId, changed[Tracked.SERVER])},
            api_keys={id_: state.api_keys.get(id_) for id_ in map(ApiKeyId, changed[Tracked.API_KEY])},
            users={id_: state.users.get(id_) for id_ in map(UserId, changed[Tracked.USER])},
            teams={id_: state.teams.get(id_) for id_ in map(TeamId, changed[Tracked.TEAM])},
            policies=state.policies.in_order() if changed[Tracked.RULES] else None,
            silences=state.silences.in_order() if changed[Tracked.RULES] else None,
            channels=state.channels.in_order() if changed[Tracked.CHANNELS] else None,
            preferences=dict(state.preferences) if changed[Tracked.PREFERENCES] else None,
        )
