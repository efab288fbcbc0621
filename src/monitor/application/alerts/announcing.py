"""Write each change of an alert, its timeline, and its notifications into the outbox, in the caller's transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet import ports as fleet_ports
from monitor.application.fleet.ports import OpenAlerts
from monitor.application.fleet.visibility import KnownFleet
from monitor.application.notifications.recipients import Audience, audience
from monitor.domain.alerts.alert import Alert, EventKind, TimelineEntry, timeline_entry
from monitor.domain.alerts.quiet import Notice, Quiet
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.notifications.outbox import UNSENT, DeliveryState, Notification, Target
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.times import MICROSECOND, microseconds, moment


@dataclass(frozen=True, slots=True)
class CancelOpenAlerts(OpenAlerts):
    fleet: KnownFleet

    def cancel_of(
        self, uow: fleet_ports.UnitOfWork, server_ids: Collection[ServerId], now: datetime, note: str = "server deleted"
    ) -> None:
        whole = cast(UnitOfWork, uow)  # Every transaction has all repositories; a type shows what a concept uses.
        Announcer(self.fleet, whole, now).cancel_all(whole.alerts.open(server_ids=server_ids), note)


@dataclass(frozen=True, slots=True)
class Announcer:
    """Store what happens to alerts *now*, and notify of it, in the transaction *uow*."""

    fleet: KnownFleet
    uow: UnitOfWork
    now: datetime

    def change(
        self, server: Server, alert: Alert, event: Event, limit: float | None, *, is_late: bool, note: str | None = None
    ) -> Alert:
        """Escalate, de-escalate or resolve *alert*. *is_late*: because of a sample that came with a backlog.

        *note*: why, if values do not say it.
        """
        was_held = alert.due_at is not None
        if alert.due_at is not None and microseconds(alert.due_at) < event.at and not self.is_silenced(server, alert):
            alert = self.fall_due(server, alert, alert.due_at)
        after = alert.changed(event, limit)
        if event.change is Change.ESCALATED:
            risen = silenced(after) if self.is_silenced(server, after) else self._judged(after, event.at)
            self.uow.alerts.save(risen.alert)
            entry, targets = self.entry_and_targets(server, risen, event, None)
            self._announce(server, risen.alert, entry, targets, is_silenced=risen.is_silenced)
            return risen.alert
        quiet, targets = self.uow.alerts.quiet(server.id, alert.key), set[Target]()
        if event.change is Change.DEESCALATED:
            quiet, _ = quiet.after(event.change, event.level, event.at)
            after = replace(after, due_at=_due_at(quiet))
        else:
            is_late = is_late and not was_held and self._drop_if_unsent(alert)
            after = replace(after, late=is_late)
            quiet = quiet.dropped() if is_late else quiet.ended(event.at)[0]
            if not is_late:
                targets = self.uow.notifications.notified_targets([alert.id])
        self.uow.alerts.save_quiet(server.id, alert.key, quiet)
        self.uow.alerts.save(after)
        self._announce(server, after, replace(timeline_entry(alert.id, event), note=note), targets)
        if after.late:
            self.report_found(server, after)
        return after

    def found(self, server: Server, alert: Alert, timeline: Iterable[TimelineEntry]) -> None:
        """Store an alert that was over when late samples showed it, and notify of it once."""
        alert = self.uow.alerts.add(replace(alert, late=True))
        self.uow.alerts.add_to_timeline([replace(entry, alert_id=alert.id) for entry in timeline])
        self.report_found(server, alert)

    def report_found(self, server: Server, alert: Alert, *, notifies: bool = True) -> None:
        """Note that late samples showed or changed *alert*, and notify the recipients of its highest level.

        Nothing holds it back, and it counts for nothing later. A silence that covered its end covers it.
        """
        at, directory = alert.resolved_at or self.now, self.fleet.directory
        worst = replace(alert, level=alert.peak_level, value=alert.peak_value)
        notifies = notifies and not directory.is_silenced(server.id, alert.metric, at)
        known = self._audience(server, worst) if notifies else None
        targets = set() if known is None else {*known.targets}
        self._announce(server, worst, self._entry(worst, EventKind.FOUND, known), targets)

    def take_away(self, server: Server, alert: Alert) -> None:
        """Mark *alert* as one that late samples have disproved. Notify only recipients already notified."""
        self._cancel(server, alert, alert.taken_away(self.now), "late samples")

    def cancel(self, server: Server, alert: Alert, note: str) -> None:
        """End *alert* without a resolution. Notify only recipients already notified."""
        self._cancel(server, alert, self._present(alert).cancelled(self.now), note)

    def _cancel(self, server: Server, alert: Alert, after: Alert, note: str) -> None:
        self.uow.alerts.save(after)
        notifications = self.uow.notifications
        # A notification with a message id may be on its way, and counts as sent.
        unsent = [n for n in notifications.of_alerts([alert.id]) if n.delivery in UNSENT and not n.message_id]
        notifications.save([notification.dropped() for notification in unsent])
        targets, at = notifications.notified_targets([alert.id]), microseconds(self.now)
        if alert.is_open:
            quiet = self.uow.alerts.quiet(server.id, alert.key)
            is_dropped = not targets and (bool(unsent) or after.late)
            quiet = quiet.dropped() if is_dropped else quiet.ended(at)[0]
            self.uow.alerts.save_quiet(server.id, alert.key, quiet)
        entry = TimelineEntry(
            alert_id=alert.id, at=self.now, event_kind=EventKind.CANCELLED, level=alert.level, note=note
        )
        self._announce(server, after, entry, targets)

    def cancel_all(self, alerts: Iterable[Alert], note: str) -> None:
        for alert in alerts:
            server = self.fleet.directory.watched(alert.server_id)
            if server is not None:
                self.cancel(server, alert, note)

    def remind(self, server: Server, alert: Alert) -> None:
        """Notify the present recipients, who may be others than when it fired."""
        alert = self._present(alert)
        present = self._audience(server, alert)
        quiet = self.uow.alerts.quiet(server.id, alert.key)
        self.uow.alerts.save_quiet(server.id, alert.key, quiet.reminded(microseconds(self.now))[0])
        self._announce(server, alert, self._entry(alert, EventKind.REMINDED, present), {*present.targets})

    def fall_due(self, server: Server, alert: Alert, at: datetime) -> Alert:
        """Notify of a held alert whose time is over *at* that time."""
        alert = replace(alert, due_at=None)
        self.uow.alerts.save(alert)
        quiet, notice = self.uow.alerts.quiet(server.id, alert.key).fell_due(microseconds(at))
        self.uow.alerts.save_quiet(server.id, alert.key, quiet)
        present = self._audience(server, alert)
        entry = replace(self._entry(self._present(alert), EventKind.DUE, present), at=at, notice=notice)
        self._announce(server, alert, entry, {*present.targets})
        return alert

    def release(self, alert: Alert) -> tuple[bool, Notice | None]:
        """Return whether people are notified of *alert* now that its silence ended, and why; if not, it is held.

        A level that people were notified of before the silence is not judged again.
        """
        open_ = self.uow.alerts.quiet(alert.server_id, alert.key).open
        if open_ is not None and open_.notified >= alert.level:
            return True, None
        risen = self._judged(alert, microseconds(self.now))
        self.uow.alerts.save(risen.alert)
        return risen.is_notified, risen.notice

    def _drop_if_unsent(self, alert: Alert) -> bool:
        """Drop the notifications of *alert* if none was sent or tried yet, and tell whether that is so."""
        notifications = self.uow.notifications.of_alerts([alert.id])
        if any(n.delivery is not DeliveryState.PENDING or n.attempts or n.message_id for n in notifications):
            return False
        self.uow.notifications.save([notification.dropped() for notification in notifications])
        return True

    def _judged(self, alert: Alert, at: int) -> "Risen":
        quiet, risen = self.judge(alert, self.uow.alerts.quiet(alert.server_id, alert.key), at)
        self.uow.alerts.save_quiet(alert.server_id, alert.key, quiet)
        return risen

    def judge(self, alert: Alert, quiet: Quiet, at: int, *, is_new: bool = False) -> tuple[Quiet, "Risen"]:
        """Apply the quiet rule to *alert*, which has reached its level *at* that time."""
        pause = self.fleet.directory.preferences.reminder_pause // MICROSECOND
        quiet, notice = quiet.after(Change.FIRED if is_new else quiet.rise, alert.level, at, pause)
        return quiet, Risen(replace(alert, due_at=_due_at(quiet)), is_notified=notice is not None, notice=notice)

    def entry_and_targets(
        self, server: Server, risen: "Risen", event: Event, note: str | None
    ) -> tuple[TimelineEntry, set[Target]]:
        """Return the entry that an alert fired or escalated, and who is notified of it: nobody if it is held."""
        alert, entry = risen.alert, replace(timeline_entry(risen.alert.id, event), note=note)
        if not risen.is_notified and alert.due_at is None:
            return entry, set()
        present = self._audience(server, alert)
        entry = replace(entry, left_out=present.left_out, notice=risen.notice)
        if risen.is_notified:
            return entry, {*present.targets}
        held = (LeftOut(Reason.HELD, each.user_id, each.channel_id) for each in present.targets)
        return replace(entry, left_out=(*held, *present.left_out)), set()

    def is_silenced(self, server: Server, alert: Alert) -> bool:
        return self.fleet.directory.is_silenced(server.id, alert.metric, self.now)

    def _audience(self, server: Server, alert: Alert) -> Audience:
        return audience(self.fleet.directory, server, alert.level)

    def _present(self, alert: Alert) -> Alert:
        return alert.present(self.fleet.live.get(alert.server_id), self.now)

    def _entry(self, alert: Alert, event_kind: EventKind, known: Audience | None = None) -> TimelineEntry:
        return TimelineEntry(
            alert_id=alert.id,
            at=self.now,
            event_kind=event_kind,
            level=alert.level,
            value=alert.value,
            left_out=None if known is None else known.left_out,
        )

    def _announce(
        self, server: Server, alert: Alert, entry: TimelineEntry, targets: set[Target], *, is_silenced: bool = False
    ) -> None:
        """Write *entry*, and notify *targets* of it, when the silence has ended if it *is_silenced*."""
        [entry] = self.uow.alerts.add_to_timeline([entry])
        self.uow.notifications.add(self.notifications(server, alert, entry, targets, is_silenced=is_silenced))

    def notifications(
        self, server: Server, alert: Alert, entry: TimelineEntry, targets: set[Target], *, is_silenced: bool
    ) -> list[Notification]:
        not_before = self.now + self.fleet.directory.preferences.digest_pause
        added = [
            Notification(
                alert_id=alert.id,
                event_id=entry.id,
                event_kind=entry.event_kind,
                target=target,
                server_id=server.id,
                server_name=server.name,
                ip_address=server.ip_address if server.is_host else "",
                metric=alert.metric,
                level=alert.level,
                value=alert.value,
                note=entry.note or "",
                notice=entry.notice,
                created_at=self.now,
                not_before=not_before,
            )
            for target in sorted(targets, key=lambda target: (target.user_id or 0, target.channel_id or 0))
        ]
        return [each.held() for each in added] if is_silenced else added


@dataclass(frozen=True, slots=True)
class Risen:
    """Alert that has fired or escalated, and whether people are notified of that now."""

    alert: Alert
    is_notified: bool
    is_silenced: bool = False
    notice: Notice | None = None


def silenced(alert: Alert) -> Risen:
    """While *alert* is silenced its notifications wait in the outbox, and the quiet rule does not count them."""
    return Risen(alert, is_notified=True, is_silenced=True)


def _due_at(quiet: Quiet) -> datetime | None:
    return None if quiet.due is None else moment(quiet.due)
