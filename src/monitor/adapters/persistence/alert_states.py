from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from secrets import randbelow
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, tuple_, update

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.errors import KeyTaken
from monitor.adapters.persistence.tables import alert_states as t
from monitor.application.ports.alert_states import AlertStates, StoredState
from monitor.domain.alert_engine import State
from monitor.domain.alerts import AlertId
from monitor.domain.errors import TransactionConflict
from monitor.domain.policies import PolicyId
from monitor.domain.servers import ServerId

_KEY = attrgetter("server_id", "metric")
_HIGHEST_FIRST = 2**30
_AS_IT_WAS = (
    (t.c.server_id == bindparam("of_server"))
    & (t.c.metric == bindparam("of_metric"))
    & (t.c.version == bindparam("of_version"))
)
_AS_IT_STANDS = tuple_(t.c.server_id, t.c.metric, t.c.version)


class SqlAlertStates(AlertStates):
    """Rows are written in key order, so that two processes which write the same ones wait instead of locking up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[StoredState]:
        return [_to_state(row) for row in self._connection.execute(select(t).order_by(t.c.server_id, t.c.metric))]

    def of_servers(self, server_ids: Collection[ServerId]) -> list[StoredState]:
        wanted = (select(t).where(t.c.server_id.in_(batch)) for batch in batches(sorted(set(server_ids))))
        rows = (row for statement in wanted for row in self._connection.execute(statement))
        return sorted((_to_state(row) for row in rows), key=_KEY)

    def save(self, states: Sequence[StoredState]) -> list[StoredState]:
        saved = [replace(stored, version=_next_version(stored)) for stored in states]
        ordered = sorted(zip(states, saved, strict=True), key=lambda pair: _KEY(pair[0]))
        self._insert([after for before, after in ordered if before.version == 0])
        changed = [_to_row(after) | _as_it_was(before) for before, after in ordered if before.version]
        self._change(update(t).where(_AS_IT_WAS), changed)
        return saved

    def delete(self, states: Sequence[StoredState]) -> None:
        for batch in batches(sorted(states, key=_KEY)):
            rows = [(stored.server_id, stored.metric, stored.version) for stored in batch]
            removed = self._connection.execute(delete(t).where(_AS_IT_STANDS.in_(rows)))
            _check_count(removed.rowcount, len(rows))

    def _insert(self, states: Iterable[StoredState]) -> None:
        rows = [_to_row(stored) for stored in states]
        if not rows:
            return
        try:
            self._connection.execute(insert(t), rows)
        except KeyTaken as error:
            raise TransactionConflict("another made an alert state") from error

    def _change(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            _check_count(self._connection.execute(statement, rows).rowcount, len(rows))


def _check_count(found: int, wanted: int) -> None:
    if found != wanted:
        raise TransactionConflict("another changed an alert state")


def _next_version(stored: StoredState) -> int:
    """A first one is drawn: whoever remembers a row that was deleted must not take the next one for it."""
    return stored.version + 1 if stored.version else 1 + randbelow(_HIGHEST_FIRST)


def _as_it_was(stored: StoredState) -> dict[str, Any]:
    return {"of_server": stored.server_id, "of_metric": stored.metric, "of_version": stored.version}


def _to_state(row: Row[Any]) -> StoredState:
    return StoredState(
        server_id=ServerId(row.server_id),
        metric=row.metric,
        policy_id=PolicyId(row.policy_id),
        alert_id=None if row.alert_id is None else AlertId(row.alert_id),
        version=row.version,
        state=State(
            level=row.level,
            seen=row.seen,
            warning_since=row.warning_since,
            critical_since=row.critical_since,
            clear_since=row.clear_since,
            calm_since=row.calm_since,
        ),
    )


def _to_row(stored: StoredState) -> dict[str, Any]:
    return stored.state._asdict() | {
        "server_id": stored.server_id,
        "metric": stored.metric,
        "policy_id": stored.policy_id,
        "alert_id": stored.alert_id,
        "version": stored.version,
    }
