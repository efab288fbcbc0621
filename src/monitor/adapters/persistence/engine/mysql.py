"""Settings of connections to MySQL and MariaDB, and the check of idle ones before they are used again.

A ping before each use is one more round trip, a quarter of a small commit's time. A server that closes a connection
sends something first, which waits in the socket. Only a server that vanished with its machine or network sends nothing.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from select import POLLIN, poll
from time import monotonic
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from monitor.adapters.persistence.engine.errors import translate_errors_of, translated
from monitor.adapters.persistence.engine.hosts import Address, HostIsFull, Hosts, Opening
from monitor.adapters.persistence.engine.mysql_server import refusal, server_run
from monitor.adapters.persistence.engine.pipelining_connection import PipeliningConnection, cut, socket_of

TRUSTED = 5.0
"""Seconds for which an idle connection without news counts as good."""
_SINCE = "idle_since"


def check_idle_connections_of(engine: Engine, trusted: float = TRUSTED) -> None:
    """Make *engine* replace connections that were lost while they were idle."""

    @event.listens_for(engine, "checkin")
    def note(_: Any, entry: ConnectionPoolEntry) -> None:
        entry.info[_SINCE] = monotonic()

    @event.listens_for(engine, "checkout")
    def check(connection: Any, entry: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        since = entry.info.get(_SINCE)
        if since is None or (monotonic() - since < trusted and not _is_there_news(socket_of(connection))):
            return
        try:
            connection.ping(reconnect=False)
        except pymysql.err.Error as error:
            raise InvalidatePoolError from error


def _is_there_news(socket: Any) -> bool:
    if socket is None:
        return True
    looked_at = poll()
    looked_at.register(socket, POLLIN)
    return bool(looked_at.poll(0))


_CONNECT_TIMEOUT, _WRITE_TIMEOUT = 5, 10  # seconds
# Below the read timeout: the server then says what is wrong, while a read timeout looks like a lost connection.
_LOCK_WAIT_TIMEOUT = 5
_SQL_MODE = "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
_INIT_COMMAND = f"SET time_zone = '+00:00', sql_mode = '{_SQL_MODE}', innodb_lock_wait_timeout = {_LOCK_WAIT_TIMEOUT}"
# The driver's own converters use a regular expression and Decimal: eight times slower on long reads.
_CONVERSIONS = conversions | {
    FIELD_TYPE.DATETIME: datetime.fromisoformat,
    FIELD_TYPE.TIMESTAMP: datetime.fromisoformat,
    FIELD_TYPE.NEWDECIMAL: float,
}
_ASKING = {"connect_timeout": 2, "read_timeout": 2, "write_timeout": 2}
"""Timeouts of a connection that asks whether a host can write, in seconds."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_TOO_MANY = {1040, 1203, 1226}  # connections: of all, of this user, of this account in an hour
_WANTS_TLS = {1045, 3159}  # access denied, as for accounts that REQUIRE SSL; require_secure_transport


def mysql_engine(
    url: URL, *, read_timeout: int | None, pipelines: bool = False, hosts: Hosts | None = None, **options: Any
) -> Engine:
    """*read_timeout*: seconds; None waits for ever. *pipelines*: with `PipeliningConnection`.

    *hosts*: of a *url* with several, which engines may share; default: hosts of its own.
    """
    driver = PipeliningConnection if pipelines else Connection
    hosts = hosts or hosts_of(url)
    engine = create_engine(
        url.set(drivername="mysql+pymysql"),
        isolation_level="READ COMMITTED",
        # SQLAlchemy's Connection ends each transaction itself. The pool's own rollback would be one more round trip.
        pool_reset_on_return=None,
        hide_parameters=True,  # hashes and digests must not get into logs
        connect_args={
            "charset": "utf8mb4",
            "init_command": _INIT_COMMAND,
            "conv": _CONVERSIONS,
            "connect_timeout": _CONNECT_TIMEOUT,
            "read_timeout": read_timeout,
            "write_timeout": _WRITE_TIMEOUT,
        },
        **options,
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _entry: Any, _args: Any, settings: dict[str, Any]) -> Any:
        if hosts is None:
            return _connected(driver, settings)
        return hosts.connect(lambda address, opening: _connected(driver, settings | address._asdict(), opening))

    check_idle_connections_of(engine)
    translate_errors_of(engine)
    return engine


def hosts_of(url: URL) -> Hosts | None:
    """Return the hosts of an address with several, or None."""
    named = url.query.get("host", ())
    if isinstance(named, str) or not named:
        return None
    settings: dict[str, Any] = {"user": url.username, "password": url.password or "", **_ASKING}
    return Hosts([_address(name) for name in named], partial(_refusal, settings), cut)


def _address(named: str) -> Address:
    host, _, port = named.rpartition(":")
    return Address(host.strip("[]"), int(port))


def _refusal(settings: dict[str, Any], address: Address) -> str:
    try:
        asking = _connected(Connection, settings | address._asdict())
    except pymysql.err.Error as error:
        if error.args[0] in _TOO_MANY:
            raise HostIsFull from error
        raise
    with asking as connection:
        return refusal(partial(_rows_of, connection))


def _rows_of(connection: Any, statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def _connected(driver: Any, settings: dict[str, Any], opening: Opening | None = None) -> Any:
    """Connect; to a server on this machine without TLS, which would take a third of a commit's time for nothing.

    Otherwise, and if the local server insists, the driver decides. MySQL 8 accepts a new password only over TLS.
    """
    if settings.get("host") in _LOOPBACK and not any(name.startswith("ssl") for name in settings):
        try:
            return _open(driver, settings | {"ssl_disabled": True}, opening)
        except RuntimeError:  # the driver lacks the package for passwords outside TLS
            pass
        except pymysql.err.OperationalError as error:
            if error.args[0] not in _WANTS_TLS:
                raise
    return _open(driver, settings, opening)


def _open(driver: Any, settings: dict[str, Any], opening: Opening | None) -> Any:
    """Call *opening* before waiting for the server."""
    if opening is None:
        return driver(**settings)
    connection = driver(**settings, defer_connect=True)
    opening(connection)
    connection.connect()
    return connection


def server_of(engine: Engine) -> Callable[[], str]:
    """Return a function that names the server that *engine*, of one connection, was connected to last; "" if none."""
    seen = [""]

    @event.listens_for(engine, "engine_disposed")
    def forget(_: Engine) -> None:
        seen[0] = ""

    @event.listens_for(engine, "connect")
    def note(connection: Any, _: ConnectionPoolEntry) -> None:
        try:
            seen[0] = server_run(partial(_rows_of, connection))
        except connection.Error as error:  # SQLAlchemy closes it, and does not translate the error here
            raise (translated(error) or error) from error

    return lambda: seen[0]
