"""Store where the escalations of open alerts stand."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, case, delete, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import New, Parents, batches, rows_with, upsert
from monitor.adapters.persistence.tables.oncall import escalations
from monitor.adapters.persistence.tables.oncall import pagings as t
from monitor.application.oncall.ports import Paging, Pagings
from monitor.domain.alerts.alert import AlertId
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.escalations import Progress


class SqlPagings(SqlRepository, Pagings):
    def of(self, alert_ids: Collection[AlertId], *, locked: bool = False) -> list[Paging]:
        in_order = select(t).order_by(t.c.alert_id, t.c.escalation_id)
        wanted = in_order.with_for_update() if locked else in_order
        return [_to_paging(row) for row in rows_with(self._connection, wanted, t.c.alert_id, sorted(alert_ids))]

    def save(self, pagings: Sequence[Paging]) -> None:
        there = Parents(self._connection, escalations).existing([each.escalation_id for each in pagings])
        rows = [
            {"alert_id": each.alert_id, "escalation_id": each.escalation_id, **each.progress._asdict()}
            for each in sorted(pagings)
            if each.escalation_id in there
        ]
        if rows:
            save = upsert(self._connection, t, key=("alert_id", "escalation_id"), changes=_progress)
            self._connection.execute(save, rows)

    def delete(self, alert_ids: Collection[AlertId], *, only: EscalationId | None = None) -> None:
        for batch in batches(sorted(alert_ids)):
            own = delete(t).where(t.c.alert_id.in_(batch))
            self._connection.execute(own if only is None else own.where(t.c.escalation_id == only))

    def renumber(self, escalation_id: EscalationId, steps: Mapping[int, int]) -> None:
        if steps:
            own = update(t).where(t.c.escalation_id == escalation_id, t.c.step.in_(steps))
            self._connection.execute(own.values(step=case(steps, value=t.c.step)))


def _to_paging(row: Row[Any]) -> Paging:
    progress = Progress(row.turn, row.step, row.due_at, row.has_reached)
    return Paging(AlertId(row.alert_id), EscalationId(row.escalation_id), progress)


def _progress(new: New) -> dict[str, Any]:
    return {name: new[name] for name in Progress._fields}
