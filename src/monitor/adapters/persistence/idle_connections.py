"""Connections that wait in the pool, looked at before they are used again.

A ping each time is one more trip to the server with every commit, a quarter of what a small one takes. A server that
ends or closes a connection says so, and what it said lies in the socket; only one that vanished with its machine or its
network says nothing.
"""

from select import POLLIN, poll
from time import monotonic
from typing import Any

import pymysql
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from monitor.adapters.persistence.deferring_connection import socket_of

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
