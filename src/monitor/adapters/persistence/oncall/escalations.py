"""Store escalations: a row each, with the targets of their steps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select, update

from monitor.adapters.persistence.accounts.unique_names import free_name
from monitor.adapters.persistence.accounts.users import stored_key
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, entity_of, found_row, insert_row
from monitor.adapters.persistence.oncall.parts import parts_of, replace_parts
from monitor.adapters.persistence.tables.accounts import teams
from monitor.adapters.persistence.tables.oncall import escalation_targets
from monitor.adapters.persistence.tables.oncall import escalations as t
from monitor.application.fleet.ports import Tracked
from monitor.application.oncall.ports import Escalations
from monitor.domain.errors import NotFound
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.escalations import Escalation, EscalationNameTaken, Step, Target, TargetKind
from monitor.domain.text import as_read

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[timedelta, ...]).decode
_COLUMNS = {kind: f"{kind}_id" for kind in TargetKind if kind is not TargetKind.LINKED}


class SqlEscalations(SqlRepository, Escalations):
    def add(self, escalation: Escalation) -> Escalation:
        with free_name(self._connection, t, escalation.name, EscalationNameTaken):
            escalation = replace(escalation, id=EscalationId(insert_row(self._connection, t, _to_row(escalation))))
        self._save_targets(escalation)
        return escalation

    def get(self, escalation_id: EscalationId) -> Escalation:
        wanted = select(t).where(t.c.id == escalation_id).with_for_update()
        row = found_row(self._connection, wanted, f"escalation {escalation_id}")
        [escalation] = _whole(self._connection, [row])
        return escalation

    def save(self, escalation: Escalation) -> None:
        with free_name(self._connection, t, escalation.name, EscalationNameTaken, but_for=escalation.id):
            found = self._connection.execute(update(t).where(t.c.id == escalation.id).values(_to_row(escalation)))
        if not found.rowcount:
            raise NotFound(f"no escalation {escalation.id}")
        self._save_targets(escalation)

    def delete(self, escalation_id: EscalationId) -> None:
        self.get(escalation_id)  # locks it, so that no team takes it
        in_teams = select(teams.c.id).where(teams.c.escalation_id == escalation_id)
        self._log.note(Tracked.TEAM, self._connection.scalars(in_teams))
        self._log.note(Tracked.RULES)  # policies that name it
        self._log.note(Tracked.ROSTER)
        self._connection.execute(delete(t).where(t.c.id == escalation_id))

    def _save_targets(self, escalation: Escalation) -> None:
        rows = [
            dict.fromkeys(_COLUMNS.values()) | _to_target_row(target) | {"step": number, "place": place}
            for number, step in enumerate(escalation.steps)
            for place, target in enumerate(step.to)
        ]
        replace_parts(self._connection, escalation_targets.c.escalation_id, escalation.id, rows)
        self._log.note(Tracked.ROSTER)


def all_escalations(connection: Connection) -> list[Escalation]:
    return _whole(connection, connection.execute(select(t).order_by(t.c.id)).all())


def _whole(connection: Connection, rows: Sequence[Row[Any]]) -> list[Escalation]:
    targets = parts_of(connection, escalation_targets.c.escalation_id, [row.id for row in rows])
    return [
        entity_of(Escalation, row, name=as_read(row.name), steps=_to_steps(row, targets.get(row.id, ())))
        for row in rows
    ]


def _to_steps(row: Row[Any], targets: Sequence[Row[Any]]) -> tuple[Step, ...]:
    return tuple(
        Step(after, tuple(_to_target(target) for target in targets if target.step == number))
        for number, after in enumerate(_decode(row.steps))
    )


def _to_target(row: Row[Any]) -> Target:
    named = (Target(kind, id_) for kind, name in _COLUMNS.items() if (id_ := getattr(row, name)) is not None)
    return next(named, Target(TargetKind.LINKED))


def _to_target_row(target: Target) -> dict[str, int]:
    return {} if target.kind is TargetKind.LINKED else {_COLUMNS[target.kind]: target.id}


def _to_row(escalation: Escalation) -> dict[str, Any]:
    steps = _encode([step.after for step in escalation.steps]).decode()
    return columns_of(escalation) | {"name_key": stored_key(escalation.name), "steps": steps}
