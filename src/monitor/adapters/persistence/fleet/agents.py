"""Store keys of agents, what they say of their hosts, and hosts that report and are not registered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, case, delete, func, literal, select, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import (
    New,
    batches,
    columns_of,
    entity_of,
    found_row,
    insert_row,
    rows_with,
    upsert,
)
from monitor.adapters.persistence.fleet.conditions import is_seen_by, must_be_changeable, seen_by
from monitor.adapters.persistence.tables.fleet import api_keys as t
from monitor.adapters.persistence.tables.fleet import host_facts as f
from monitor.adapters.persistence.tables.fleet import unregistered_hosts as u
from monitor.application.fleet.ports import ApiKeyQueries, ApiKeys, Tracked, UnregisteredHosts
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.facts import HostFacts
from monitor.domain.fleet.servers import MAX_UNREGISTERED, ServerId, UnregisteredHost
from monitor.domain.text import as_read


class SqlApiKeys(SqlRepository, ApiKeys):
    def add(self, key: ApiKey) -> ApiKey:
        key = replace(key, id=ApiKeyId(insert_row(self._connection, t, columns_of(key))))
        self._log.note(Tracked.API_KEY, [key.id])
        return key

    def get(self, key_id: ApiKeyId, *, changed_by: Actor) -> ApiKey:
        wanted = select(t).where(t.c.id == key_id, is_seen_by(changed_by, t.c.server_id))
        key = to_api_key(found_row(self._connection, wanted, f"API key {key_id}"))
        must_be_changeable(self._connection, changed_by, [key.server_id] if key.server_id is not None else [])
        return key

    def fleet_keys_of(self, owner_id: UserId) -> list[ApiKey]:
        wanted = select(t).where(t.c.owner_id == owner_id, t.c.server_id.is_(None)).order_by(t.c.id)
        return [to_api_key(row) for row in self._connection.execute(wanted)]

    def delete(self, key_id: ApiKeyId) -> None:
        if self._connection.execute(delete(t).where(t.c.id == key_id)).rowcount:
            self._log.note(Tracked.API_KEY, [key_id])

    def save_last_used(self, last_used: Mapping[ApiKeyId, datetime]) -> None:
        for batch in batches(sorted(last_used)):
            at = case({i: literal(last_used[i], t.c.last_used_at.type) for i in batch}, value=t.c.id)
            self._connection.execute(update(t).where(t.c.id.in_(batch)).values(last_used_at=at))


def to_api_key(row: Row[Any]) -> ApiKey:
    return entity_of(ApiKey, row, name=as_read(row.name))


class SqlApiKeyQueries(SqlReader, ApiKeyQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        with connected(self._engine) as connection:
            is_seen = seen_by(connection, actor, t.c.server_id)
            wanted = select(t).where(is_seen, t.c.id > (after or 0)).order_by(t.c.id).limit(limit)
            return [to_api_key(row) for row in connection.execute(wanted)]


class SqlUnregisteredHosts(SqlRepository, UnregisteredHosts):
    def record(self, hosts: Sequence[UnregisteredHost]) -> None:
        if not hosts:
            return
        statement = upsert(self._connection, u, key="ip_address", changes=_newer)
        self._connection.execute(statement, [_to_row(host) for host in sorted(hosts, key=lambda host: host.ip_address)])
        self._forget_oldest()

    def known(self, addresses: Collection[str]) -> set[str]:
        rows = rows_with(self._connection, select(u.c.ip_address), u.c.ip_address, addresses)
        return {row.ip_address for row in rows}

    def delete(self, *addresses: str) -> None:
        for batch in batches(addresses):
            self._connection.execute(delete(u).where(u.c.ip_address.in_(batch)))

    def _forget_oldest(self) -> None:
        count = self._connection.execute(select(func.count()).select_from(u)).scalar_one()
        if count > MAX_UNREGISTERED:
            oldest_first = select(u.c.ip_address).order_by(u.c.last_seen_at, u.c.ip_address)
            self.delete(*self._connection.scalars(oldest_first.limit(count - MAX_UNREGISTERED)))


def _newer(new: New) -> dict[str, Any]:
    latest = ("last_seen_at", "cpu_value", "memory_value", "disk_value")
    return {"reports": u.c.reports + new.reports} | {name: new[name] for name in latest}


def all_hosts(connection: Connection) -> list[UnregisteredHost]:
    """Return the hosts, the last seen first."""
    wanted = select(u).order_by(u.c.last_seen_at.desc(), u.c.ip_address)
    return [_to_host(row) for row in connection.execute(wanted)]


def _to_host(row: Row[Any]) -> UnregisteredHost:
    # SQLite returns a whole number as an int.
    cpu, memory, disk = (float(value) for value in (row.cpu_value, row.memory_value, row.disk_value))
    return entity_of(UnregisteredHost, row, cpu=cpu, memory=memory, disk=disk)


def _to_row(host: UnregisteredHost) -> dict[str, Any]:
    values = {"cpu_value": host.cpu, "memory_value": host.memory, "disk_value": host.disk}
    return columns_of(host, "cpu", "memory", "disk") | values


def save_facts(connection: Connection, facts: Mapping[ServerId, HostFacts]) -> None:
    """Save what is newer than what is stored. All servers exist."""
    rows = [{"server_id": id_, "facts": msgspec.json.encode(of).decode(), "at": of.at} for id_, of in facts.items()]
    if rows:
        connection.execute(upsert(connection, f, key="server_id", changes=_newest), rows)


def _newest(new: New) -> dict[str, Any]:
    return {name: case((new.at >= f.c.at, new[name]), else_=f.c[name]) for name in ("facts", "at")}
