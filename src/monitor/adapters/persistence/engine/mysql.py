"""Connections that wait in the pool, looked at before they are used again.

A ping each time is one more trip to the server with every commit, a quarter of what a small one takes. A server that
ends or closes a connection says so, and what it said lies in the socket; only one that vanished with its machine or its
network says nothing.
"""

from datetime import datetime
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

from monitor.adapters.persistence.engine.deferring_connection import DeferringConnection, socket_of
from monitor.adapters.persistence.engine.errors import translate_errors_of

TRUSTED = 5.0
"""Seconds in which a connection that says nothing is taken for a good one."""
_SINCE = "idle_since"


def check_idle_connections_of(engine: Engine, trusted: float = TRUSTED) -> None:
    """From now on *engine*, over PyMySQL, replaces connections that were lost while nobody used them."""

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
# Below the read timeout: the server then tells what the matter was, where a read timeout looks like a lost connection.
_LOCK_WAIT_TIMEOUT = 5
_SQL_MODE = "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
_INIT_COMMAND = f"SET time_zone = '+00:00', sql_mode = '{_SQL_MODE}', innodb_lock_wait_timeout = {_LOCK_WAIT_TIMEOUT}"
# The driver's own converters go through a regular expression and Decimal: eight times slower on long reads.
_CONVERSIONS = conversions | {
    FIELD_TYPE.DATETIME: datetime.fromisoformat,
    FIELD_TYPE.TIMESTAMP: datetime.fromisoformat,
    FIELD_TYPE.NEWDECIMAL: float,
}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_WANTS_TLS = {1045, 3159}  # access denied, as for accounts that REQUIRE SSL; require_secure_transport


def mysql_engine(url: URL, *, read_timeout: int | None, pipelines: bool = False, **options: Any) -> Engine:
    """*read_timeout* in seconds; None waits for ever. *pipelines*: its connections are `Deferring`."""
    driver = DeferringConnection if pipelines else Connection
    engine = create_engine(
        url.set(drivername="mysql+pymysql"),
        isolation_level="READ COMMITTED",
        # What is given back has no transaction open: SQLAlchemy's Connection ends each itself. The pool's own rollback
        # would be one more trip to the server after every commit.
        pool_reset_on_return=None,
        hide_parameters=True,  # passwords' hashes and digests have no place in a log
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
        return _connected(driver, settings)

    check_idle_connections_of(engine)
    translate_errors_of(engine)
    return engine


def _connected(driver: Any, settings: dict[str, Any]) -> Any:
    """Without TLS to a server on this very machine: it protects nothing there, and takes a third of a small commit's
    time. In the driver's own way (TLS where the server has it) to every other, where the settings speak of TLS, and
    where this one insists: MySQL 8 takes a password it has not seen before only over TLS."""
    if settings.get("host") in _LOOPBACK and not any(name.startswith("ssl") for name in settings):
        try:
            return driver(**settings, ssl_disabled=True)
        except RuntimeError:  # the driver lacks the package for passwords outside TLS
            pass
        except pymysql.err.OperationalError as error:
            if error.args[0] not in _WANTS_TLS:
                raise
    return driver(**settings)
