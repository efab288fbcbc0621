from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.adapters.memory.cascades import forget_alerts_of, forget_history_of
from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.servers import Servers
from monitor.domain.actors import Actor, UserId
from monitor.domain.errors import AddressTaken, ConstraintViolated, NotFound
from monitor.domain.servers import Server, ServerId, Status


class MemoryServers(Servers):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, server: Server) -> Server:
        if server.ip_address in self._draft.server_ids:
            raise AddressTaken
        self._check_links(server.user_ids)
        server = replace(server, id=ServerId(self._database.next_id("servers")))
        self._draft.server_ids[server.ip_address] = server.id
        self._draft.servers[server.id] = server
        self._draft.fleet_changed = True
        return server

    def add_many(self, servers: Sequence[Server]) -> list[Server]:
        return [self.add(server) for server in servers]

    def get(self, server_id: ServerId, *, visible_to: Actor) -> Server:
        server = self._draft.servers.get(server_id)
        if server is None or not server.is_visible_to(visible_to):
            raise NotFound(f"no server {server_id}")
        return server

    def get_many(self, server_ids: Collection[ServerId], *, visible_to: Actor) -> list[Server]:
        return [self.get(server_id, visible_to=visible_to) for server_id in sorted(set(server_ids))]

    def find_many(self, server_ids: Collection[ServerId], *, visible_to: Actor) -> list[Server]:
        found = [self._draft.servers[server_id] for server_id in sorted(self.existing(server_ids))]
        return [server for server in found if server.is_visible_to(visible_to)]

    def by_addresses(self, addresses: Collection[str]) -> list[Server]:
        found = (self._draft.server_ids.get(address) for address in set(addresses))
        return [self._draft.servers[server_id] for server_id in sorted(filter(None, found))]

    def save(self, server: Server) -> None:
        before = self._draft.servers.get(server.id)
        if before is None:
            raise NotFound(f"no server {server.id}")
        if self._draft.server_ids.get(server.ip_address, server.id) != server.id:
            raise AddressTaken
        self._check_links(server.user_ids)
        del self._draft.server_ids[before.ip_address]
        self._draft.server_ids[server.ip_address] = server.id
        self._draft.servers[server.id] = replace(
            before,
            name=server.name,
            ip_address=server.ip_address,
            port=server.port,
            tags=server.tags,
            user_ids=server.user_ids,
        )
        self._draft.fleet_changed = True

    def save_many(self, servers: Sequence[Server]) -> None:
        for server in servers:
            self.save(server)

    def delete(self, server_ids: Collection[ServerId]) -> None:
        draft, gone = self._draft, self.existing(server_ids)
        for server_id in gone:
            del draft.server_ids[draft.servers.pop(server_id).ip_address]
            draft.samples.drop(server_id)
        forget_history_of(draft, gone)
        for key in [k for k in draft.api_keys.values() if k.server_id in gone]:
            del draft.api_keys[key.id]
        forget_alerts_of(draft, gone)
        draft.fleet_changed |= bool(gone)

    def existing(self, server_ids: Collection[ServerId]) -> set[ServerId]:
        return {server_id for server_id in server_ids if server_id in self._draft.servers}

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

    def _set(self, server_id: ServerId, **liveness: Any) -> None:
        self._draft.servers[server_id] = replace(self._draft.servers[server_id], **liveness)

    def _check_links(self, user_ids: Iterable[UserId]) -> None:
        if any(user_id not in self._draft.users for user_id in user_ids):
            raise ConstraintViolated("a linked user is gone")
