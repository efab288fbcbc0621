"""Reports of processes, and the state of the database server, in SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select, text, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.mysql_server import address_in, refusal
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.tables.operations import heartbeats, leases
from monitor.application.operations.cluster import ClusterQueries, Process, ProcessReports, Report, StoreState

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Report).decode


class SqlProcessReports(SqlRepository, ProcessReports):
    def save(self, process: str, at: datetime, report: Report) -> None:
        written = {"last_seen_at": at, "report": _encode(report).decode()}
        self._connection.execute(update(heartbeats).where(heartbeats.c.process == process).values(written))


@dataclass(eq=False)
class SqlClusterQueries(SqlReader, ClusterQueries):
    """*_host*: the host in use where there are several. *_intake_server*: see `Store.intake_server`."""

    _host: Callable[[], str] = str
    _intake_server: Callable[[], str] = str

    def processes(self, now: datetime) -> list[Process]:
        with connected(self._engine) as connection:
            rows = connection.execute(select(heartbeats).order_by(heartbeats.c.process)).all()
            held = connection.execute(
                select(leases.c.holder, leases.c.name).where(leases.c.expires_at > now).order_by(leases.c.name)
            ).all()
        return [
            Process(
                row.process,
                row.last_seen_at,
                _read(row.report),
                tuple(name for holder, name in held if holder == row.process),
            )
            for row in rows
        ]

    def store(self) -> StoreState:
        with connected(self._engine) as connection:
            if self._engine.dialect.name == "sqlite":
                version = str(connection.scalar(text("SELECT sqlite_version()")))
                return StoreState(
                    kind="sqlite", version=version, address=self._engine.url.database or "", can_write=True
                )
            state = _mysql(connection)
        url = self._engine.url
        host = self._host() or f"{url.host}:{url.port or 3306}"
        return replace(state, host=host, address=address_in(self._intake_server()) or state.address)


def _read(report: str | None) -> Report | None:
    try:
        return None if report is None else _decode(report)
    except msgspec.DecodeError:
        return None  # of a later version, while processes are replaced one by one


def _mysql(connection: Connection) -> StoreState:
    # Not by SELECT, which a Galera node without its cluster refuses.
    def rows_of(statement: str) -> Sequence[Any]:
        return connection.exec_driver_sql(statement).all()

    asked = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'hostname', 'port')"
    found = {str(name).lower(): str(value) for name, value in rows_of(asked)}
    # A server without Galera has none of these.
    [*size] = rows_of("SHOW GLOBAL STATUS WHERE Variable_name = 'wsrep_cluster_size'")
    return StoreState(
        kind="mysql",
        version=found["version"],
        address=f"{found['hostname']}:{found['port']}",
        can_write=not refusal(rows_of),
        nodes=(int(size[0][1]) or None) if size else None,
    )
