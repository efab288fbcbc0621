"""Reports of processes, and the state of the database server, in SQL."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select, text, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.tables.operations import heartbeats, leases
from monitor.application.operations.cluster import ClusterQueries, Process, ProcessReports, Report, StoreState

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Report).decode


class SqlProcessReports(SqlRepository, ProcessReports):
    def save(self, process: str, at: datetime, report: Report) -> None:
        written = {"last_seen_at": at, "report": _encode(report).decode()}
        self._connection.execute(update(heartbeats).where(heartbeats.c.process == process).values(written))


class SqlClusterQueries(SqlReader, ClusterQueries):
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
            return _mysql(connection)


def _read(report: str | None) -> Report | None:
    try:
        return None if report is None else _decode(report)
    except msgspec.DecodeError:
        return None  # of a later version, while processes are replaced one by one


def _mysql(connection: Connection) -> StoreState:
    version, host, port, read_only = connection.execute(
        text("SELECT VERSION(), @@hostname, @@port, @@global.read_only")
    ).one()
    # A server without Galera has none of these.
    found = connection.execute(
        text("SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_size', 'wsrep_ready')")
    ).all()
    wsrep = {str(row[0]): str(row[1]) for row in found}
    nodes = int(wsrep.get("wsrep_cluster_size", 0))
    return StoreState(
        kind="mysql",
        version=str(version),
        address=f"{host}:{port}",
        can_write=str(read_only) in ("0", "OFF") and (not nodes or wsrep.get("wsrep_ready") == "ON"),
        nodes=nodes or None,
    )
