from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, select

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import New, batches, rows_with, upsert
from monitor.adapters.persistence.tables.fleet import unregistered_hosts as t
from monitor.application.fleet.ports import UnregisteredHosts
from monitor.domain.fleet.servers import MAX_UNREGISTERED, UnregisteredHost


class SqlUnregisteredHosts(SqlRepository, UnregisteredHosts):
    def record(self, hosts: Sequence[UnregisteredHost]) -> None:
        if not hosts:
            return
        statement = upsert(self._connection, t, key="ip_address", changes=_newer)
        self._connection.execute(statement, [_to_row(host) for host in sorted(hosts, key=lambda host: host.ip_address)])
        self._forget_oldest()

    def known(self, addresses: Collection[str]) -> set[str]:
        rows = rows_with(self._connection, select(t.c.ip_address), t.c.ip_address, addresses)
        return {row.ip_address for row in rows}

    def delete(self, *addresses: str) -> None:
        for batch in batches(addresses):
            self._connection.execute(delete(t).where(t.c.ip_address.in_(batch)))

    def _forget_oldest(self) -> None:
        surplus = self._connection.execute(select(func.count()).select_from(t)).scalar_one() - MAX_UNREGISTERED
        if surplus > 0:
            oldest = select(t.c.ip_address).order_by(t.c.last_seen_at, t.c.ip_address).limit(surplus)
            for batch in batches(self._connection.scalars(oldest).all()):
                self._connection.execute(delete(t).where(t.c.ip_address.in_(batch)))


def _newer(new: New) -> dict[str, Any]:
    latest = ("last_seen_at", "cpu_value", "memory_value", "disk_value")
    return {"reports": t.c.reports + new.reports} | {name: new[name] for name in latest}


def to_host(row: Row[Any]) -> UnregisteredHost:
    return UnregisteredHost(
        ip_address=row.ip_address,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        reports=row.reports,
        cpu=float(row.cpu_value),  # SQLite gives a whole number back as an int
        memory=float(row.memory_value),
        disk=float(row.disk_value),
    )


def _to_row(host: UnregisteredHost) -> dict[str, Any]:
    return {
        "ip_address": host.ip_address,
        "first_seen_at": host.first_seen_at,
        "last_seen_at": host.last_seen_at,
        "reports": host.reports,
        "cpu_value": host.cpu,
        "memory_value": host.memory,
        "disk_value": host.disk,
    }
