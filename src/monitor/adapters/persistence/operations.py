"""Leases, heartbeats, reports of processes, epochs, peer updates and preferences in SQL.

Peer updates are compressed JSON: for ten thousand hosts a tenth of the plain size.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, text, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.migration_plans import newest_revision
from monitor.adapters.persistence.engine.mysql_server import RowsOf, address_in, refusal, server_run, variables
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import LONG_AGO, locked_row, upsert, without_traces
from monitor.adapters.persistence.tables.accounts import sessions
from monitor.adapters.persistence.tables.operations import heartbeats, leases, peer_updates, preferences, store_epoch
from monitor.application.fleet.ports import Preferences, Tracked
from monitor.application.operations.ports import (
    ClusterQueries,
    PeerUpdate,
    PeerUpdateQueries,
    PeerUpdates,
    Process,
    ProcessReports,
    Report,
    StoreState,
)
from monitor.application.ports import Cipher, Epochs, Heartbeats, Leases
from monitor.domain.errors import SecretUnreadable
from monitor.domain.intake.epochs import EpochMark
from monitor.domain.intake.live import LiveUpdate
from monitor.domain.notifications.mail_settings import PASSWORD

_ENCODER, _REPORT = msgspec.json.Encoder(), msgspec.json.Decoder(Report)
_UPDATES = msgspec.json.Decoder(list[LiveUpdate])
_CLUSTER_SIZE = "wsrep_cluster_size"
_PLACE = f"preferences.text:{PASSWORD}"


class SqlLeases(SqlRepository, Leases):
    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        row = locked_row(self._connection, name)
        if row.holder == holder:
            token = row.token
        elif row.expires_at > now:
            return None
        else:
            token = row.token + 1
        held = {"holder": holder, "token": token, "expires_at": now + ttl}
        self._connection.execute(update(leases).where(leases.c.name == name).values(held))
        return int(token)

    def free(self, holder: str) -> None:
        self._connection.execute(update(leases).where(leases.c.holder == holder).values(holder="", expires_at=LONG_AGO))


class SqlHeartbeats(SqlRepository, Heartbeats):
    def beat(self, process: str) -> None:
        raised = update(heartbeats).where(heartbeats.c.process == process).values(number=heartbeats.c.number + 1)
        if self._connection.execute(raised).rowcount == 0:
            make = upsert(
                self._connection, heartbeats, key="process", changes=lambda _: {"number": heartbeats.c.number + 1}
            )
            self._connection.execute(make, {"process": process, "number": 1, "revision": newest_revision()})

    def numbers(self) -> dict[str, int]:
        rows = self._connection.execute(select(heartbeats.c.process, heartbeats.c.number))
        return {row.process: int(row.number) for row in rows}

    def end(self, process: str, at: int | None = None) -> bool:
        wanted = delete(heartbeats).where(heartbeats.c.process == process)
        return self._connection.execute(wanted if at is None else wanted.where(heartbeats.c.number == at)).rowcount > 0


class SqlProcessReports(SqlRepository, ProcessReports):
    def save(self, process: str, at: datetime, report: Report) -> None:
        written = {"last_seen_at": at, "report": _ENCODER.encode(report).decode()}
        self._connection.execute(update(heartbeats).where(heartbeats.c.process == process).values(written))


@dataclass(eq=False)
class SqlClusterQueries(SqlReader, ClusterQueries):
    """*_host*: the host in use where there are several. *_intake_server*: see `Store.intake_server`."""

    _host: Callable[[], str] = str
    _intake_server: Callable[[], str] = str

    def processes(self, now: datetime) -> list[Process]:
        with connected(self._engine) as connection:
            rows = connection.execute(select(heartbeats).order_by(heartbeats.c.process)).all()
            held = connection.execute(select(leases).where(leases.c.expires_at > now).order_by(leases.c.name)).all()
        held_by = {row.process: tuple(lease.name for lease in held if lease.holder == row.process) for row in rows}
        return [Process(row.process, row.last_seen_at, _to_report(row.report), held_by[row.process]) for row in rows]

    def store(self) -> StoreState:
        with connected(self._engine) as connection:
            if self._engine.dialect.name == "sqlite":
                version = str(connection.scalar(text("SELECT sqlite_version()")))
                file = self._engine.url.database or ""
                return StoreState(kind="sqlite", version=version, address=file, can_write=True)
            state = _mysql_state(connection)
        url = self._engine.url
        host = self._host() or f"{url.host}:{url.port or 3306}"
        return replace(state, host=host, address=address_in(self._intake_server()) or state.address)

    def sessions(self, now: datetime) -> int:
        with connected(self._engine) as connection:
            return connection.scalar(select(func.count()).where(sessions.c.expires_at > now)) or 0


def _to_report(report: str | None) -> Report | None:
    try:
        return None if report is None else _REPORT.decode(report)
    except msgspec.DecodeError:
        return None  # of a later version, while processes are replaced one by one


def _mysql_state(connection: Connection) -> StoreState:
    rows_of = _rows_of(connection)
    found = variables(rows_of, ("version", "hostname", "port"))
    size = variables(rows_of, (_CLUSTER_SIZE,), "STATUS").get(_CLUSTER_SIZE)  # a server without Galera has none
    return StoreState(
        kind="mysql",
        version=str(found["version"]),
        address=f"{found['hostname']}:{found['port']}",
        can_write=not refusal(rows_of),
        nodes=None if size is None else int(size) or None,
    )


def _rows_of(connection: Connection) -> RowsOf:
    return lambda statement: connection.exec_driver_sql(statement).all()


_THE_ROW = 1
_SERVER = "server"


class SqlEpochs(SqlRepository, Epochs):
    def get(self) -> EpochMark | None:
        wanted = select(store_epoch.c.epoch, store_epoch.c.number).where(store_epoch.c.id == _THE_ROW).with_for_update()
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else EpochMark(row.epoch, int(row.number))

    def put(self, mark: EpochMark) -> None:
        put = upsert(
            self._connection, store_epoch, key="id", changes=lambda new: {"epoch": new.epoch, "number": new.number}
        )
        self._connection.execute(put, {"id": _THE_ROW, **mark._asdict()})

    def server(self) -> str:
        if self._connection.dialect.name == "sqlite":
            return ""
        known = self._connection.info  # which ends with the connection
        if _SERVER not in known:
            known[_SERVER] = server_run(_rows_of(self._connection))
        return str(known[_SERVER])


class SqlPeerUpdates(SqlRepository, PeerUpdates):
    def add(self, process: str, peer_update: PeerUpdate) -> None:
        data = zlib.compress(_ENCODER.encode(peer_update.heard), 1)
        self._connection.execute(insert(peer_updates).values(process=process, number=peer_update.number, data=data))

    def remove(self, process: str, before: int | None = None) -> None:
        wanted = delete(peer_updates).where(peer_updates.c.process == process)
        self._connection.execute(wanted if before is None else wanted.where(peer_updates.c.number < before))


class SqlPeerUpdateQueries(SqlReader, PeerUpdateQueries):
    def newest(self, but: str) -> dict[str, int]:
        wanted = (
            select(peer_updates.c.process, func.max(peer_updates.c.number))
            .where(peer_updates.c.process != but)
            .group_by(peer_updates.c.process)
        )
        return {process: int(number) for process, number in self._rows(wanted)}

    def between(self, process: str, after: int, until: int) -> list[PeerUpdate]:
        chosen = peer_updates.c.process == process, peer_updates.c.number > after, peer_updates.c.number <= until
        wanted = select(peer_updates.c.number, peer_updates.c.data).where(*chosen).order_by(peer_updates.c.number)
        return [peer_update for row in self._rows(wanted) for peer_update in _read(*row)]


def _read(number: int, data: bytes) -> Iterator[PeerUpdate]:
    try:
        yield PeerUpdate(number, _UPDATES.decode(zlib.decompress(data)))
    except (zlib.error, msgspec.DecodeError):
        return  # from a later version, while processes are replaced one by one


class SqlPreferences(SqlRepository, Preferences):
    def all(self) -> dict[str, float | str]:
        return all_preferences(self._connection, self._cipher)

    def save(self, values: Mapping[str, float | str]) -> None:
        if not values:
            return
        statement = upsert(
            self._connection, preferences, key="name", changes=lambda new: {"value": new.value, "text": new.text}
        )
        with without_traces(self._connection) if PASSWORD in values else nullcontext():
            self._connection.execute(statement, [self._preference(*each) for each in sorted(values.items())])
        self._log.note(Tracked.PREFERENCES)

    def reencrypt(self) -> None:
        wanted = select(preferences.c.text).where(preferences.c.name == PASSWORD).with_for_update()
        stored = self._connection.scalar(wanted)
        if stored and not self._cipher.is_current(stored):
            with suppress(SecretUnreadable):
                self.save({PASSWORD: self._cipher.decrypt(stored, _PLACE)})

    def _preference(self, name: str, value: float | str) -> dict[str, object]:
        if not isinstance(value, str):
            return {"name": name, "value": value, "text": None}
        is_secret = name == PASSWORD and value != ""
        return {"name": name, "value": 0.0, "text": self._cipher.encrypt(value, _PLACE) if is_secret else value}


def all_preferences(connection: Connection, cipher: Cipher) -> dict[str, float | str]:
    rows = connection.execute(select(preferences))
    found: dict[str, float | str] = {row.name: row.value if row.text is None else row.text for row in rows}
    if secret := found.get(PASSWORD):
        try:
            found[PASSWORD] = cipher.decrypt(str(secret), _PLACE)
        except SecretUnreadable:
            found[PASSWORD] = 0.0
    return found
