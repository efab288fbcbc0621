"""Store alert states, and which samples are to be evaluated anew.

Most commits of the intake write some states, as one DELETE and one INSERT. They are text, so that the intake's
connection can send them with the samples, without a round trip of their own. To replace a row is to delete its known
version and insert the new one.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cache, partial
from operator import attrgetter
from secrets import randbelow
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, func, select

from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.pipelining import pipelining
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import New, batches, rows_with, upsert
from monitor.adapters.persistence.tables.alerts import alert_states as t
from monitor.adapters.persistence.tables.alerts import due_evaluations
from monitor.application.alerts.ports import AlertStates, DueEvaluations, StoredState
from monitor.domain.alerts.alert import AlertId
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.alerts.engine import State
from monitor.domain.errors import TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import METRIC_NAME
from monitor.domain.levels import Level
from monitor.domain.policies.kinds.known import split_key
from monitor.domain.policies.policies import PolicyId

_KEY = attrgetter("server_id", "metric")
_HIGHEST_FIRST = 2**30
_LEVELS = {level: level.name.lower() for level in Level}
_COLUMNS = ("server_id", "metric", "policy_id", "alert_id", "level", *State._fields[1:], "version")
_INTO = f"INSERT INTO alert_states ({', '.join(_COLUMNS)}) VALUES "  # noqa: S608 (our own column names, no input)
_FROM = "DELETE FROM alert_states WHERE "
_DELETED_AT_ONCE = 50
"""For more, and for (…) IN ((…)) with even one row, MariaDB reads the whole table and waits for locks of others."""


class SqlAlertStates(SqlRepository, AlertStates):
    """Writes rows in key order: two processes that write the same rows then wait, and do not deadlock."""

    def all(self) -> list[StoredState]:
        return [_to_state(row) for row in self._connection.execute(select(t).order_by(t.c.server_id, t.c.metric))]

    def fingerprint(self) -> tuple[int, int]:
        count, versions = self._connection.execute(select(func.count(), func.sum(t.c.version)).select_from(t)).one()
        return count, int(versions or 0)

    def of_servers(self, server_ids: Collection[ServerId]) -> list[StoredState]:
        rows = rows_with(self._connection, select(t), t.c.server_id, set(server_ids))
        return sorted(map(_to_state, rows), key=_KEY)

    def of_policy(self, policy_id: PolicyId, at_most: int | None = None) -> list[StoredState]:
        wanted = select(t).where(t.c.policy_id == policy_id).limit(at_most)
        return sorted(map(_to_state, self._connection.execute(wanted)), key=_KEY)

    def save(self, states: Sequence[StoredState], ended: Sequence[StoredState] = ()) -> list[StoredState]:
        # First versions are random: a process that remembers a deleted row must not mistake the next one for it.
        first = 1 + randbelow(_HIGHEST_FIRST)
        saved = [stored._replace(version=stored.version + 1 if stored.version else first) for stored in states]
        self._replace([*ended, *(stored for stored in states if stored.version)], saved)
        return saved

    def delete(self, states: Sequence[StoredState]) -> None:
        self._replace(states, ())

    def _replace(self, old: Collection[StoredState], new: Collection[StoredState]) -> None:
        deleted = list(batches(sorted(old, key=_KEY), _DELETED_AT_ONCE))
        statements = [_FROM + " OR ".join(map(_known_version, batch)) for batch in deleted]
        statements += [_INTO + ", ".join(map(_row, batch)) for batch in batches(sorted(new, key=_KEY))]
        check = partial(_check, [len(batch) for batch in deleted])
        if (driver := pipelining(self._connection)) is None:
            check(self._connection.exec_driver_sql(each).rowcount for each in statements)
        elif statements:
            driver.send(statements, lambda results: check(result.affected_rows for result in results))


def _check(deleted: Sequence[int], rows: Iterator[int]) -> None:
    """Raises TransactionConflict unless the first statements *deleted* as many rows, and the others could insert.

    *rows*: number of rows that each statement changed.
    """
    try:
        if any(count != next(rows) for count in deleted):
            raise TransactionConflict("another changed an alert state")
        for _ in rows:
            pass
    except KeyTaken as error:
        raise TransactionConflict("another made an alert state") from error


def _to_state(row: Row[Any]) -> StoredState:
    return StoredState(
        server_id=ServerId(row.server_id),
        metric=row.metric,
        policy_id=PolicyId(row.policy_id),
        alert_id=None if row.alert_id is None else AlertId(row.alert_id),
        version=row.version,
        state=State._make(getattr(row, name) for name in State._fields),
    )


def _known_version(stored: StoredState) -> str:
    return f"server_id = {stored.server_id:d} AND metric = {_quoted(stored.metric)} AND version = {stored.version:d}"


def _row(stored: StoredState) -> str:
    level, *numbers = stored.state
    written = ", ".join(map(_number, numbers))
    return (
        f"({stored.server_id:d}, {_quoted(stored.metric)}, {stored.policy_id:d}, {_number(stored.alert_id)}, "
        f"'{_LEVELS[level]}', {written}, {stored.version:d})"
    )


def _number(value: float | None) -> str:
    return "NULL" if value is None else repr(value)


@cache
def _quoted(metric: str) -> str:
    """Return the key of what is watched as an SQL string. Raises ValueError if its metric could need escapes."""
    if not METRIC_NAME.fullmatch(split_key(metric)[0]):
        raise ValueError(f"{metric!r} is no metric's name")
    return f"'{metric}'"


_HIGHEST = 2**31 - 1
_DUE_KEY = ("server_id", "watched", "cause")


class SqlDueEvaluations(SqlRepository, DueEvaluations):
    """Rows are written in key order, as those of states."""

    def add(self, due: Sequence[DueEvaluation]) -> list[DueEvaluation]:
        given = [each._replace(version=1 + randbelow(_HIGHEST)) for each in sorted(due)]
        if given:
            statement = upsert(self._connection, due_evaluations, key=_DUE_KEY, changes=_earliest)
            self._connection.execute(statement, [each._asdict() for each in given])
        return given

    def of_watches(self, server_ids: Collection[ServerId] | None = None) -> list[DueEvaluation]:
        wanted = select(due_evaluations).where(due_evaluations.c.cause != Cause.LATE)
        if server_ids is None:
            return [to_due(row) for row in self._connection.execute(wanted)]
        return [to_due(row) for row in rows_with(self._connection, wanted, due_evaluations.c.server_id, server_ids)]

    def delete(self, due: Sequence[DueEvaluation]) -> bool:
        if not due:
            return True
        names = (*_DUE_KEY, "version")
        same = delete(due_evaluations).where(*(due_evaluations.c[name] == bindparam(f"its_{name}") for name in names))
        given = [{f"its_{name}": getattr(each, name) for name in names} for each in sorted(due)]
        return self._connection.execute(same, given).rowcount == len(due)


def to_due(row: Row[Any]) -> DueEvaluation:
    return DueEvaluation(**row._mapping)


def _earliest(new: New) -> dict[str, Any]:
    held = due_evaluations.c
    return {
        "since": case((new.since < held.since, new.since), else_=held.since),
        "noted_at": case((new.noted_at < held.noted_at, new.noted_at), else_=held.noted_at),
        "last_noted_at": case((new.last_noted_at > held.last_noted_at, new.last_noted_at), else_=held.last_noted_at),
        "version": new.version,
    }
