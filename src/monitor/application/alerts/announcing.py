"""Write each change of an alert, its timeline, and its notifications into the outbox, in the caller's transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet import ports as fleet_ports
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import OpenAlerts
from monitor.application.notifications.recipients import Audience, audience
from monitor.domain.alerts.alert import (
    CALM_AFTER,
    FLAPPING_LOOKED_BACK,
    Alert,
    EventKind,
    TimelineEntry,
    fired,
    is_calm,
    is_flapping,
    timeline_entry,
)
from monitor.domain.alerts.engine import Change, Event
from monitor.domain.alerts.policies import Policy, WatchKey
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import Process
from monitor.domain.notifications.outbox import UNSENT, DeliveryState, Notification, Target


@dataclass(frozen=True, slots=True)
class CancelOpenAlerts(OpenAlerts):
    fleet: Fleet

    def cancel_of(
        self, uow: fleet_ports.UnitOfWork, server_ids: Collection[ServerId], now: datetime, note: str = "server deleted"
    ) -> None:
        whole = cast(UnitOfWork, uow)  # Every transaction has all repositories; a type shows what a concept uses.
        Announcer(self.fleet, whole, now).cancel_all(whole.alerts.open(server_ids=server_ids), note)


@dataclass(frozen=True, slots=True)
class Announcer:
    """Store what happens to alerts *now*, and notify of it, in the transaction *uow*."""

    fleet: Fleet
    uow: UnitOfWork
    now: datetime

    def fire(
        self,
        server: Server,
        policy: Policy,
        event: Event,
        *,
        started_at: datetime,
        processes: tuple[Process, ...] = (),
        note: str | None = None,
    ) -> Alert:
        """Store the alert that begins with *event*, and notify of it. *note*: why it fired, if values do not say it."""
        alert = self.uow.alerts.add(fired(server.id, policy, event, started_at=started_at, processes=processes))
        return self._changed(server, alert, event, self._audience(server, alert), note)

    def change(
        self,
        server: Server,
        alert: Alert,
        event: Event,
        limit: float | None,
        *,
        is_late: bool,
        note: str | None = None,
    ) -> Alert:
        """Escalate, de-escalate or resolve *alert*. *is_late*: because of a sample that came with a backlog.

        *note*: why, if values do not say it.
        """
        after = alert.changed(event, limit)
        if event.change is Change.RESOLVED and is_late and self._drop_if_unsent(alert):
            after = replace(after, late=True)
        self.uow.alerts.save(after)
        known: Audience | set[Target] = set()
        if event.change is Change.RESOLVED and not after.late:
            known = self.uow.notifications.notified_targets([alert.id])
        elif event.change is Change.ESCALATED:
            known = self._audience(server, after)
        after = self._changed(server, after, event, known, note)
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
        self._cancel(server, alert.taken_away(self.now), "late samples")

    def cancel(self, server: Server, alert: Alert, note: str) -> None:
        """End *alert* without a resolution. Notify only recipients already notified."""
        self._cancel(server, self._present(alert).cancelled(self.now), note)

    def _cancel(self, server: Server, alert: Alert, note: str) -> None:
        self.uow.alerts.save(alert)
        notifications = self.uow.notifications
        # A notification with a message id may be on its way, and counts as sent.
        unsent = [n for n in notifications.of_alerts([alert.id]) if n.delivery in UNSENT and not n.message_id]
        notifications.save([notification.dropped() for notification in unsent])
        entry = TimelineEntry(
            alert_id=alert.id, at=self.now, event_kind=EventKind.CANCELLED, level=alert.level, note=note
        )
        self._announce(server, alert, entry, notifications.notified_targets([alert.id]))

    def cancel_all(self, alerts: Iterable[Alert], note: str) -> None:
        for alert in alerts:
            server = self.fleet.directory.watched(alert.server_id)
            if server is not None:
                self.cancel(server, alert, note)

    def remind(self, server: Server, alert: Alert) -> None:
        """Notify the present recipients, who may be others than when it fired."""
        alert = self._present(alert)
        present = self._audience(server, alert)
        entry = self._entry(alert, EventKind.REMINDED, present)
        self._announce(server, alert, entry, set(present.targets))

    def calm(self, server: Server, key: WatchKey) -> None:
        """End the flapping of what is watched, and notify of it.

        If its last alert still fires, notify all present recipients too: they had no notification of that alert.
        """
        flapped = self.uow.alerts.end_flapping(server.id, key)
        if not flapped:
            return
        last = self._present(self.uow.alerts.get(flapped[-1], changed_by=None))
        targets = self.uow.notifications.notified_targets(flapped)
        present = self._audience(server, last) if last.is_open else None
        if present is not None:
            targets |= {*present.targets}
        self._announce(server, last, self._entry(last, EventKind.CALMED, present), targets)

    def _drop_if_unsent(self, alert: Alert) -> bool:
        """Drop the notifications of *alert* if none was sent or tried yet, and tell whether that is so."""
        notifications = self.uow.notifications.of_alerts([alert.id])
        if any(n.delivery is not DeliveryState.PENDING or n.attempts or n.message_id for n in notifications):
            return False
        self.uow.notifications.save([notification.dropped() for notification in notifications])
        return True

    def _changed(
        self, server: Server, alert: Alert, event: Event, known: Audience | set[Target], note: str | None = None
    ) -> Alert:
        """Write the change, count it for flapping, and notify *known* unless the metric flaps.

        *known*: the audience of the present level, or the targets that were notified of the alert.

        If it flaps, all recipients are notified once that it does, and again when it reaches a higher level.
        """
        alerts = self.uow.alerts
        targets, left_out = ({*known.targets}, known.left_out) if isinstance(known, Audience) else (known, None)
        [entry] = alerts.add_to_timeline([replace(timeline_entry(alert.id, event), note=note, left_out=left_out)])
        noticed = alerts.noticed(server.id, alert.key)
        if not self._flaps(alert, entry.at, goes_on=noticed is not None):
            if noticed is not None:
                self.calm(server, alert.key)
            self._notify(server, alert, entry, targets)
            return alert
        alert = replace(alert, flapping=True)
        alerts.save(alert)
        present = self._audience(server, alert)
        everyone = self.uow.notifications.notified_targets([alert.id]) | {*present.targets}
        # `noticed` leaves out notices that were dropped with an alert that ended in a backlog or a silence.
        if not alert.late and (noticed is None or (everyone and noticed < alert.level)):
            entry = replace(timeline_entry(alert.id, event, EventKind.FLAPPING), left_out=present.left_out)
            self._announce(server, alert, entry, everyone)
        return alert

    def _flaps(self, alert: Alert, at: datetime, *, goes_on: bool) -> bool:
        """Tell whether the metric flaps after a change *at* that time. *goes_on*: it did before, until calm ends it."""
        since = at - (CALM_AFTER if goes_on else FLAPPING_LOOKED_BACK)
        changes = self.uow.alerts.recent_changes(alert.server_id, alert.key, since)
        return len(changes) > 1 and not is_calm(*changes[-2:]) if goes_on else is_flapping(changes)

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

    def _announce(self, server: Server, alert: Alert, entry: TimelineEntry, targets: set[Target]) -> None:
        """Write *entry*, and notify *targets* of it."""
        [entry] = self.uow.alerts.add_to_timeline([entry])
        self._notify(server, alert, entry, targets)

    def _notify(self, server: Server, alert: Alert, entry: TimelineEntry, targets: set[Target]) -> None:
        not_before = self.now + self.fleet.directory.preferences.digest_pause
        self.uow.notifications.add(
            [
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
                    created_at=self.now,
                    not_before=not_before,
                )
                for target in sorted(targets, key=lambda target: (target.user_id or 0, target.channel_id or 0))
            ]
        )
