"""Write each change of an alert, its timeline, and its notifications into the outbox, in the caller's transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet import ports as fleet_ports
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import OpenAlerts
from monitor.application.notifications.recipients import recipients
from monitor.domain.alerts.alert import (
    CALM_AFTER,
    FLAPPING_LOOKED_BACK,
    Alert,
    EventId,
    EventKind,
    TimelineEntry,
    fired,
    is_calm,
    is_flapping,
    timeline_entry,
)
from monitor.domain.alerts.engine import Event
from monitor.domain.alerts.policies import Policy
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import Process
from monitor.domain.notifications.outbox import UNSENT, DeliveryState, Notification, Target
from monitor.domain.times import moment


@dataclass(frozen=True, slots=True)
class Announcer(OpenAlerts):
    """Store what happens to alerts, and notify of it."""

    fleet: Fleet

    def cancel_of(self, uow: fleet_ports.UnitOfWork, server_ids: Collection[ServerId], now: datetime) -> None:
        whole = cast(UnitOfWork, uow)  # Every transaction has all repositories; a type shows what a concept uses.
        self.cancel_all(whole, whole.alerts.open(server_ids=server_ids), now, "server deleted")

    def fire(
        self,
        uow: UnitOfWork,
        server: Server,
        policy: Policy,
        event: Event,
        *,
        started_at: datetime,
        now: datetime,
        processes: tuple[Process, ...] = (),
    ) -> Alert:
        """Store the alert that begins with *event*, and notify of it."""
        alert = uow.alerts.add(fired(server.id, policy, event, started_at=started_at, processes=processes))
        targets = recipients(self.fleet.directory, server, alert.level)
        return self._changed(uow, server, alert, EventKind.FIRED, event, now, targets)

    def change(
        self,
        uow: UnitOfWork,
        server: Server,
        alert: Alert,
        event: Event,
        limit: float | None,
        *,
        is_late: bool,
        now: datetime,
    ) -> Alert:
        """Escalate, de-escalate or resolve *alert*. *is_late*: because of a sample that came with a backlog."""
        after = alert.changed(event, limit)
        event_kind = EventKind(event.change.value)
        if event_kind is EventKind.RESOLVED and is_late and self._drop_if_unsent(uow, alert):
            after = replace(after, late=True)
        uow.alerts.save(after)
        targets: Iterable[Target] = ()
        if event_kind is EventKind.RESOLVED and not after.late:
            targets = uow.notifications.notified_targets([alert.id])
        elif event_kind is EventKind.ESCALATED:
            targets = recipients(self.fleet.directory, server, after.level)
        return self._changed(uow, server, after, event_kind, event, now, targets)

    def cancel(self, uow: UnitOfWork, server: Server, alert: Alert, now: datetime, note: str) -> Alert:
        """End *alert* without a resolution. Notify only recipients already notified."""
        after = alert.present(self.fleet.live.get(alert.server_id), now).cancelled(now)
        uow.alerts.save(after)
        entry = uow.alerts.add_to_timeline(
            [TimelineEntry(alert_id=alert.id, at=now, event_kind=EventKind.CANCELLED, level=alert.level, note=note)]
        )[0]
        # A notification with a message id may be on its way, and counts as sent.
        unsent = [n for n in uow.notifications.of_alerts([alert.id]) if n.delivery in UNSENT and not n.message_id]
        uow.notifications.save([notification.dropped() for notification in unsent])
        targets = uow.notifications.notified_targets([alert.id])
        self._notify(uow, server, after, EventKind.CANCELLED, entry.id, now, targets, note)
        return after

    def cancel_all(self, uow: UnitOfWork, alerts: Iterable[Alert], now: datetime, note: str) -> None:
        for alert in alerts:
            server = self.fleet.directory.servers.get(alert.server_id)
            if server is not None:
                self.cancel(uow, server, alert, now, note)

    def remind(self, uow: UnitOfWork, server: Server, alert: Alert, now: datetime) -> None:
        """Notify the present recipients, who may be others than when it fired."""
        targets = recipients(self.fleet.directory, server, alert.level)
        self._announce(uow, server, alert, EventKind.REMINDED, now, targets)

    def calm(self, uow: UnitOfWork, server: Server, metric: str, now: datetime) -> None:
        """End the flapping of *metric*, and notify of it.

        If its last alert still fires, notify all present recipients too: they had no notification of that alert.
        """
        flapped = uow.alerts.end_flapping(server.id, metric)
        if not flapped:
            return
        last = uow.alerts.get(flapped[-1], visible_to=None)
        targets = uow.notifications.notified_targets(flapped)
        if last.is_open:
            targets.update(recipients(self.fleet.directory, server, last.level))
        self._announce(uow, server, last, EventKind.CALMED, now, targets)

    def _announce(
        self,
        uow: UnitOfWork,
        server: Server,
        alert: Alert,
        event_kind: EventKind,
        now: datetime,
        targets: Iterable[Target],
    ) -> None:
        alert = alert.present(self.fleet.live.get(alert.server_id), now)
        event = TimelineEntry(alert_id=alert.id, at=now, event_kind=event_kind, level=alert.level, value=alert.value)
        entry = uow.alerts.add_to_timeline([event])[0]
        self._notify(uow, server, alert, event_kind, entry.id, now, targets)

    def _drop_if_unsent(self, uow: UnitOfWork, alert: Alert) -> bool:
        """Drop the notifications of *alert* if none was sent or tried yet, and tell whether that is so."""
        notifications = uow.notifications.of_alerts([alert.id])
        if any(n.delivery is not DeliveryState.PENDING or n.attempts or n.message_id for n in notifications):
            return False
        uow.notifications.save([notification.dropped() for notification in notifications])
        return True

    def _changed(
        self,
        uow: UnitOfWork,
        server: Server,
        alert: Alert,
        event_kind: EventKind,
        event: Event,
        now: datetime,
        targets: Iterable[Target],
    ) -> Alert:
        """Write the change, count it for flapping, and notify *targets* unless the metric flaps.

        If it flaps, all recipients are notified once that it does, and again when it reaches a higher level.
        """
        entry = self._write(uow, alert, event_kind, event)
        noticed = uow.alerts.noticed(server.id, alert.metric)
        if not self._flaps(uow, alert, moment(event.at), goes_on=noticed is not None):
            if noticed is not None:
                self.calm(uow, server, alert.metric, now)
            self._notify(uow, server, alert, event_kind, entry, now, targets)
            return alert
        alert = replace(alert, flapping=True)
        uow.alerts.save(alert)
        everyone = uow.notifications.notified_targets([alert.id]) | set(
            recipients(self.fleet.directory, server, alert.level)
        )
        # `noticed` leaves out notices that were dropped with an alert that ended in a backlog or a silence.
        if not alert.late and (noticed is None or (everyone and noticed < alert.level)):
            entry = self._write(uow, alert, EventKind.FLAPPING, event)
            self._notify(uow, server, alert, EventKind.FLAPPING, entry, now, everyone)
        return alert

    def _flaps(self, uow: UnitOfWork, alert: Alert, at: datetime, *, goes_on: bool) -> bool:
        """Tell whether the metric flaps after a change *at* that time. *goes_on*: it did before, until calm ends it."""
        since = at - (CALM_AFTER if goes_on else FLAPPING_LOOKED_BACK)
        changes = uow.alerts.recent_changes(alert.server_id, alert.metric, since)
        return len(changes) > 1 and not is_calm(*changes[-2:]) if goes_on else is_flapping(changes)

    def _write(self, uow: UnitOfWork, alert: Alert, event_kind: EventKind, event: Event) -> EventId:
        return uow.alerts.add_to_timeline([timeline_entry(alert.id, event, event_kind)])[0].id

    def _notify(
        self,
        uow: UnitOfWork,
        server: Server,
        alert: Alert,
        event_kind: EventKind,
        event_id: EventId,
        now: datetime,
        targets: Iterable[Target],
        note: str = "",
    ) -> None:
        not_before = now + self.fleet.directory.preferences.digest_pause
        uow.notifications.add(
            [
                Notification(
                    alert_id=alert.id,
                    event_id=event_id,
                    event_kind=event_kind,
                    target=target,
                    server_id=server.id,
                    server_name=server.name,
                    ip_address=server.ip_address,
                    metric=alert.metric,
                    level=alert.level,
                    value=alert.value,
                    note=note,
                    created_at=now,
                    not_before=not_before,
                )
                for target in sorted(targets, key=_order)
            ]
        )


def _order(target: Target) -> tuple[int, int]:
    return target.user_id or 0, target.channel_id or 0
