from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from monitor.adapters.persistence.row_locks import LONG_AGO, locked_row
from monitor.adapters.persistence.tables import leases as t
from monitor.application.ports.leases import Leases


class SqlLeases(Leases):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        row = locked_row(self._connection, name)
        if row.holder == holder:
            token = row.token
        elif row.expires_at > now:
            return None
        else:
            token = row.token + 1
        held = {"holder": holder, "token": token, "expires_at": now + ttl}
        self._connection.execute(update(t).where(t.c.name == name).values(held))
        return int(token)

    def free(self, holder: str) -> None:
        self._connection.execute(update(t).where(t.c.holder == holder).values(holder="", expires_at=LONG_AGO))
