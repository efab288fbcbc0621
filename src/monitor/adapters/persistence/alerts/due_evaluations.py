"""Store which samples are to be evaluated anew."""

from collections.abc import Collection, Sequence
from secrets import randbelow
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, select

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import New, rows_with, upsert
from monitor.adapters.persistence.tables.alerts import due_evaluations as t
from monitor.application.alerts.ports import DueEvaluations
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.fleet.servers import ServerId

_HIGHEST = 2**31 - 1
_KEY = ("server_id", "watched", "cause")


class SqlDueEvaluations(SqlRepository, DueEvaluations):
    """Rows are written in key order, so that two processes that write the same ones wait instead of deadlocking."""

    def add(self, due: Sequence[DueEvaluation]) -> list[DueEvaluation]:
        given = [each._replace(version=1 + randbelow(_HIGHEST)) for each in sorted(due)]
        if given:
            statement = upsert(self._connection, t, key=_KEY, changes=_earliest)
            self._connection.execute(statement, [each._asdict() for each in given])
        return given

    def of_watches(self, server_ids: Collection[ServerId] | None = None) -> list[DueEvaluation]:
        wanted = select(t).where(t.c.cause != Cause.LATE)
        if server_ids is None:
            return [to_due(row) for row in self._connection.execute(wanted)]
        return [to_due(row) for row in rows_with(self._connection, wanted, t.c.server_id, server_ids)]

    def delete(self, due: Sequence[DueEvaluation]) -> bool:
        if not due:
            return True
        names = (*_KEY, "version")
        same = delete(t).where(*(t.c[name] == bindparam(f"its_{name}") for name in names))
        given = [{f"its_{name}": getattr(each, name) for name in names} for each in sorted(due)]
        return self._connection.execute(same, given).rowcount == len(due)


def to_due(row: Row[Any]) -> DueEvaluation:
    return DueEvaluation(**row._mapping)


def _earliest(new: New) -> dict[str, Any]:
    return {
        "since": case((new.since < t.c.since, new.since), else_=t.c.since),
        "noted_at": case((new.noted_at < t.c.noted_at, new.noted_at), else_=t.c.noted_at),
        "last_noted_at": case((new.last_noted_at > t.c.last_noted_at, new.last_noted_at), else_=t.c.last_noted_at),
        "version": new.version,
    }
