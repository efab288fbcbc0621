"""What happens to an alert, written down: the alert, its timeline, and the outbox, in the caller's unit of work."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.application.fleet import Directory, Fleet
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.domain.alert_engine import Change, Event, Level, moment
from monitor.domain.alerts import Alert, EventId, Happening, TimelineEntry, is_flapping
from monitor.domain.channels import Channel
from monitor.domain.notifications import Delivery, Notification, Target
from monitor.domain.policies import Policy
from monitor.domain.samples import Process
from monitor.domain.servers import Server
from monitor.domain.users import User

_CHANGES_LOOKED_AT = timedelta(hours=24)


def threshold(policy: Policy, level: Level) -> float | None:
    return policy.critical if level is Level.CRITICAL else policy.warning


def wants(receiver: User | Channel, level: Level) -> bool:
    """Whether a person or a channel is to be told of alerts of *level*."""
    if isinstance(receiver, Channel):
        return receiver.enabled and level >= receiver.least_level
    return receiver.email is not None and level >= receiver.alert_level


def recipients(directory: Directory, server: Server, level: Level) -> list[Target]:
    """The people linked to *server* who have an address, and the channels, as far as they want that level."""
    people = [directory.users[user_id] for user_id in sorted(server.user_ids) if user_id in directory.users]
    return [
        *(Target(user_id=user.id) for user in people if wants(user, level)),
        *(Target(channel_id=channel.id) for channel in directory.channels.values() if wants(channel, level)),
    ]


@dataclass(frozen=True, slots=True)
class Announcer:
    fleet: Fleet

    def fire(
        self,
        uow: UnitOfWork,
        server: Server,
        policy: Policy,
        event: Event,
        *,
        started_at: datetime,
        limit: float | None,
        now: datetime,
        processes: tuple[Process, ...] = (),
    ) -> Alert:
        """*limit* is the threshold that was reached."""
        alert = uow.alerts.add(
            Alert(
                server_id=server.id,
                policy_id=policy.id,
                metric=policy.metric,
                level=event.level,
                value=event.value,
                threshold=limit,
                started_at=started_at,
                fired_at=moment(event.at),
                processes=processes,
            )
        )
        targets = recipients(self.fleet.directory, server, alert.level)
        return self._changed(uow, server, alert, Happening.FIRED, event, now, targets)

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
        """Escalated, de-escalated or resolved. *is_late*: by a sample out of a backlog."""
        after = alert.changed(event, limit)
        if event.change is Change.RESOLVED:
            if is_late and self._untold(uow, alert):
                after = replace(after, late=True)
            uow.alerts.save(after)
            targets = [] if after.late else sorted(uow.notifications.told(alert.id), key=_order)
            return self._changed(uow, server, after, Happening.RESOLVED, event, now, targets)
        uow.alerts.save(after)
        happening = Happening(event.change.value)
        entry = self._write(uow, after, happening, event)
        if happening is Happening.ESCALATED and not after.flapping:
            self._notify(
                uow, server, after, happening, entry, now, recipients(self.fleet.directory, server, after.level)
            )
        return after

    def cancel(self, uow: UnitOfWork, server: Server, alert: Alert, now: datetime, note: str) -> Alert:
        """Told once to those who were told; who was not yet told is not."""
        after = alert.cancelled(now)
        uow.alerts.save(after)
        entry = uow.alerts.add_to_timeline(
            [TimelineEntry(alert_id=alert.id, at=now, happening=Happening.CANCELLED, level=alert.level, note=note)]
        )[0]
        waiting = [
            n for n in uow.notifications.of_alerts([alert.id]) if n.delivery in (Delivery.PENDING, Delivery.HELD)
        ]
        uow.notifications.save([notification.dropped() for notification in waiting])
        told = uow.notifications.told(alert.id)
        self._notify(uow, server, after, Happening.CANCELLED, entry.id, now, sorted(told, key=_order), note)
        return after

    def cancel_all(self, uow: UnitOfWork, alerts: Iterable[Alert], now: datetime, note: str) -> None:
        for alert in alerts:
            server = self.fleet.directory.servers.get(alert.server_id)
            if server is not None:
                self.cancel(uow, server, alert, now, note)

    def remind(self, uow: UnitOfWork, server: Server, alert: Alert, happening: Happening, now: datetime) -> None:
        """REMINDED or CALMED."""
        event = TimelineEntry(alert_id=alert.id, at=now, happening=happening, level=alert.level, value=alert.value)
        entry = uow.alerts.add_to_timeline([event])[0]
        self._notify(uow, server, alert, happening, entry.id, now, sorted(uow.notifications.told(alert.id), key=_order))

    def _untold(self, uow: UnitOfWork, alert: Alert) -> bool:
        """Whether nobody was told of it yet; what was to be told is dropped then."""
        notifications = uow.notifications.of_alerts([alert.id])
        if any(n.delivery is Delivery.SENT or n.attempts for n in notifications):
            return False
        uow.notifications.save([notification.dropped() for notification in notifications])
        return True

    def _changed(
        self,
        uow: UnitOfWork,
        server: Server,
        alert: Alert,
        happening: Happening,
        event: Event,
        now: datetime,
        targets: Iterable[Target],
    ) -> Alert:
        """Fired or resolved: counted for flapping, and told unless it flaps."""
        entry = self._write(uow, alert, happening, event)
        changes = uow.alerts.recent_changes(alert.server_id, alert.metric, moment(event.at) - _CHANGES_LOOKED_AT)
        if not is_flapping(changes):
            self._notify(uow, server, alert, happening, entry, now, targets)
            return alert
        alert = replace(alert, flapping=True)
        uow.alerts.save(alert)
        if not is_flapping(changes[:-1]):
            entry = self._write(uow, alert, Happening.FLAPPING, event)
            told = uow.notifications.told(alert.id) or set(recipients(self.fleet.directory, server, alert.level))
            self._notify(uow, server, alert, Happening.FLAPPING, entry, now, sorted(told, key=_order))
        return alert

    def _write(self, uow: UnitOfWork, alert: Alert, happening: Happening, event: Event) -> EventId:
        entry = TimelineEntry(
            alert_id=alert.id, at=moment(event.at), happening=happening, level=event.level, value=event.value
        )
        return uow.alerts.add_to_timeline([entry])[0].id

    def _notify(
        self,
        uow: UnitOfWork,
        server: Server,
        alert: Alert,
        happening: Happening,
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
                    happening=happening,
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
                for target in targets
            ]
        )


def _order(target: Target) -> tuple[int, int]:
    return target.user_id or 0, target.channel_id or 0
