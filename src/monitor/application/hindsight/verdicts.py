"""Judge an alert: it was useful, or noise."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.alerts.acknowledging import check_note
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, entry
from monitor.domain.alerts.alert import Alert, AlertId, Verdict


@dataclass(frozen=True, slots=True)
class JudgeAlert:
    """Store a verdict, or take it back, also after the alert's end. Needs the right to acknowledge it."""

    new_uow: Callable[[], UnitOfWork]
    clock: Clock

    @retried
    def __call__(self, actor: Actor, alert_id: AlertId, verdict: Verdict | None, note: str = "") -> Alert:
        """Raises NotFound, Forbidden, InvalidInput."""
        check_note(note)
        with self.new_uow() as uow:
            before, now = uow.alerts.get(alert_id, changed_by=actor), self.clock.now()
            after = before.judged(verdict, note or None, actor.username, now)
            uow.alerts.save(after)
            detail = f"alert {alert_id}; {changes(_audit_details(before), _audit_details(after))}"
            uow.audit.add(entry(actor, now, "alert.verdict", after.metric, detail))
            uow.commit()
        return after


def _audit_details(alert: Alert) -> dict[str, object]:
    return {"verdict": alert.verdict, "note": alert.verdict_note}
