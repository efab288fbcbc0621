from sqlalchemy import Connection, delete, select, update

from monitor.adapters.persistence.tables import heartbeats as t
from monitor.adapters.persistence.upserts import upsert
from monitor.application.ports.heartbeats import Heartbeats


class SqlHeartbeats(Heartbeats):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beat(self, process: str) -> None:
        raised = update(t).where(t.c.process == process).values(number=t.c.number + 1)
        if self._connection.execute(raised).rowcount == 0:
            make = upsert(self._connection, t, key="process", changes=lambda _: {"number": t.c.number + 1})
            self._connection.execute(make, {"process": process, "number": 1})

    def numbers(self) -> dict[str, int]:
        rows = self._connection.execute(select(t.c.process, t.c.number))
        return {row.process: int(row.number) for row in rows}

    def end(self, process: str, at: int | None = None) -> bool:
        wanted = delete(t).where(t.c.process == process)
        return self._connection.execute(wanted if at is None else wanted.where(t.c.number == at)).rowcount > 0
