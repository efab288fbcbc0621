"""Acknowledge alerts, one or many, or say whether one was useful. `links` acknowledges by the link in a message."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.application.alerts.escalating import everybody, skipped
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, entry
from monitor.domain.alerts.alert import MAX_NOTE, Alert, AlertId, EventKind, TimelineEntry, Verdict
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import has_control_characters
from monitor.domain.times import microseconds

NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert:
    """Stop the reminders of a firing alert."""

    new_uow: NewUow
    clock: Clock
    fleet: Fleet

    @retried
    def __call__(self, actor: Actor, alert_id: AlertId, note: str = "") -> Alert:
        """Raises NotFound, Forbidden, AlertClosed, InvalidInput."""
        check_note(note)
        with self.new_uow() as uow:
            alert = uow.alerts.get(alert_id, changed_by=actor)
            [alert] = acknowledge(uow, self.fleet, self.clock.now(), [alert], actor, note)
            uow.commit()
        return alert


@dataclass(frozen=True, slots=True)
class AcknowledgeAlerts:
    """Acknowledge many alerts. Skips those that have already ended."""

    new_uow: NewUow
    clock: Clock
    fleet: Fleet

    @retried
    def __call__(
        self, actor: Actor, alert_ids: Collection[AlertId], note: str = ""
    ) -> tuple[list[AlertId], list[AlertId]]:
        """Return the ids of acknowledged alerts, and of closed ones. After an error none is acknowledged.

        Raises InvalidInput; NotFound if one is unknown or invisible to the actor; Forbidden if one is only visible.
        """
        check_note(note)
        with self.new_uow() as uow:
            found = uow.alerts.get_many(alert_ids, changed_by=actor)
            firing = [alert for alert in found.values() if alert.is_open]
            acknowledge(uow, self.fleet, self.clock.now(), firing, actor, note)
            uow.commit()
        return [alert.id for alert in firing], [alert.id for alert in found.values() if not alert.is_open]


def check_note(note: str) -> None:
    """Raises InvalidInput."""
    if len(note) > MAX_NOTE:
        raise InvalidInput({"note": Problem("too_long", {"limit": MAX_NOTE})})
    if has_control_characters(note.replace("\n", " ")):
        raise InvalidInput({"note": Problem("control_characters")})


def acknowledge(
    uow: UnitOfWork, fleet: Fleet, now: datetime, alerts: Sequence[Alert], actor: Actor, note: str, how: str = ""
) -> list[Alert]:
    """End the reminders and the escalations. Raises AlertClosed."""
    acknowledged = [alert.acknowledged(actor.user_id, now) for alert in alerts]
    for alert in acknowledged:
        uow.alerts.save(alert)
        quiet = uow.alerts.quiet(alert.server_id, alert.key)
        uow.alerts.save_quiet(alert.server_id, alert.key, quiet.acknowledged(microseconds(now)))
    if fleet.directory.roster.escalations:
        uow.pagings.delete([alert.id for alert in acknowledged])
    uow.audit.add(
        *(entry(actor, now, "alert.acknowledge", alert.metric, f"alert {alert.id}{how}") for alert in acknowledged)
    )
    uow.alerts.add_to_timeline(
        [
            TimelineEntry(
                alert_id=alert.id,
                at=now,
                event_kind=EventKind.ACKNOWLEDGED,
                level=alert.level,
                username=actor.username,
                note=note or None,
                left_out=_left_out(fleet, alert, now),
            )
            for alert in acknowledged
        ]
    )
    return acknowledged


def _left_out(fleet: Fleet, alert: Alert, now: datetime) -> tuple[LeftOut, ...] | None:
    """Return who is not notified of *alert* from now on: because it is acknowledged, or as before."""
    server = fleet.directory.watched(alert.server_id)
    if server is None:  # deleted meanwhile
        return None
    return skipped(everybody(fleet.directory, server, alert, now), Reason.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class JudgeAlert:
    """Store a verdict, or take it back, also after the alert's end. Needs the right to acknowledge it."""

    new_uow: NewUow
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
