"""Write each change of an alert, its timeline, and its notifications into the outbox, in the caller's transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from monitor.application.alerts.escalating import Opened, StepRun, opened, skipped, together, waiting
from monitor.application.alerts.holding import Holding
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.alerts.written import Written, notifications_of
from monitor.application.fleet import ports as fleet_ports
from monitor.application.fleet.ports import OpenAlerts
from monitor.application.fleet.visibility import KnownFleet
from monitor.application.notifications.called import caller_of, escalations_of, refusal_now
from monitor.application.notifications.recipients import Audience, audience, quiet_delays, receiver_of
from monitor.application.oncall.ports import Paging
from monitor.domain.alerts.alert import Alert, EventKind, TimelineEntry, timeline_entry
from monitor.domain.alerts.quiet import Notice, Quiet
from monitor.domain.alerts.reasons import Reason
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
        held_by = self.held_by(alert)
        due_at = None if held_by or server.depends_on else alert.due_at  # maintenance knows what a parent held
        if due_at is not None and microseconds(due_at) < event.at:
            alert = self.fall_due(server, alert, due_at)
        after = alert.changed(event, limit)
        if event.change is Change.ESCALATED:
            risen = self._judged(after, event.at) if held_by is None else silenced(after, held_by)
            self.uow.alerts.save(risen.alert)
            written, pagings = self.beginning(server, risen, event, None)
            if risen.is_notified:
                self.replace_pagings(alert, pagings)
            self.announce(server, risen.alert, *written, held_by=risen.held_by)
            return risen.alert
        quiet, known = self.uow.alerts.quiet(server.id, alert.key), Audience([])
        if event.change is Change.DEESCALATED:
            quiet, _ = quiet.after(event.change, event.level, event.at)
            after = replace(after, due_at=_due_at(quiet))
        else:
            is_late = is_late and not was_held and self._drop_if_unsent(alert)
            after = replace(after, late=is_late)
            quiet = quiet.dropped() if is_late else quiet.ended(event.at)[0]
            if not is_late:
                known = self._notified(server, after)
            self.replace_pagings(alert)
        self.uow.alerts.save_quiet(server.id, alert.key, quiet)
        self.uow.alerts.save(after)
        self.announce(server, after, Written(replace(timeline_entry(alert.id, event), note=note), known))
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
        entry, present = self.entry(worst, EventKind.FOUND), Audience([])
        if notifies:
            found = opened(directory, server, worst, self.now)
            present = together([found.present, *(step.present for step in found.steps)])
            entry = replace(entry, left_out=present.left_out)
        self.announce(server, worst, Written(entry, present))

    def take_away(self, server: Server, alert: Alert) -> None:
        """Mark *alert* as one that late samples have disproved. Notify only recipients already notified."""
        self._cancel(server, alert, alert.taken_away(self.now), "late samples")

    def cancel(self, server: Server, alert: Alert, note: str) -> None:
        """End *alert* without a resolution. Notify only recipients already notified."""
        self._cancel(server, alert, self.present(alert).cancelled(self.now), note)

    def _cancel(self, server: Server, alert: Alert, after: Alert, note: str) -> None:
        self.uow.alerts.save(after)
        notifications = self.uow.notifications
        # A notification with a message id may be on its way, and counts as sent.
        unsent = [n for n in notifications.of_alerts([alert.id]) if n.delivery in UNSENT and not n.message_id]
        notifications.save([notification.dropped() for notification in unsent])
        known, at = self._notified(server, after), microseconds(self.now)
        if alert.is_open:
            quiet = self.uow.alerts.quiet(server.id, alert.key)
            is_dropped = not known.targets and (bool(unsent) or after.late)
            quiet = quiet.dropped() if is_dropped else quiet.ended(at)[0]
            self.uow.alerts.save_quiet(server.id, alert.key, quiet)
            self.replace_pagings(alert)
        entry = TimelineEntry(
            alert_id=alert.id, at=self.now, event_kind=EventKind.CANCELLED, level=alert.level, note=note
        )
        # Once the server is deleted, nobody can tell any more who has it.
        refusals = self._refusals(server, after, Written(entry, known))
        still = [target for target in known.targets if refusals[target] is not Reason.NOT_LINKED]
        self.announce(server, after, Written(entry, known._replace(targets=still)))

    def cancel_all(self, alerts: Iterable[Alert], note: str) -> None:
        for alert in alerts:
            server = self.fleet.directory.watched(alert.server_id)
            if server is not None:
                self.cancel(server, alert, note)

    def remind(self, server: Server, alert: Alert) -> None:
        """Notify the present recipients, who may be others than when it fired; with an escalation whom it notified, or
        if none of them can be notified any more, begin it anew."""
        alert, directory = self.present(alert), self.fleet.directory
        quiet = self.uow.alerts.quiet(server.id, alert.key)
        self.uow.alerts.save_quiet(server.id, alert.key, quiet.reminded(microseconds(self.now))[0])
        entry = self.entry(alert, EventKind.REMINDED)
        if not escalations_of(directory, server, alert.key):
            present = audience(directory, server, alert.level, self.now)
            targets = self._not_yet_waiting(alert, present)
            self.announce(server, alert, Written(replace(entry, left_out=present.left_out), targets))
        elif alert.last_notified_at is None:
            self.begin(server, alert, entry)
        elif None in self._refusals(server, alert, known := Written(entry, self._notified(server, alert))).values():
            self.announce(server, alert, known)
        else:
            self.begin(server, alert, entry)

    def _refusals(self, server: Server, alert: Alert, written: Written) -> dict[Target, Reason | None]:
        """Return why each of the recipients may no longer be notified."""
        directory, planned = self.fleet.directory, self.notifications(server, alert, written, None)
        return {each.target: refusal_now(directory, receiver_of(directory, each.target), each) for each in planned}

    def _not_yet_waiting(self, alert: Alert, present: Audience) -> Audience:
        """Return *present* without those for whom a notification of *alert* waits for the end of their quiet hours."""
        if not any(delay.reason is Reason.QUIET_HOURS for delay in present.delays.values()):
            return present
        own = self.uow.notifications.of_alerts([alert.id])
        wait = {n.target for n in own if n.reason is Reason.QUIET_HOURS and n.delivery is DeliveryState.PENDING}
        return present._replace(targets=[target for target in present.targets if target not in wait])

    def fall_due(self, server: Server, alert: Alert, at: datetime) -> Alert:
        """Notify of a held alert whose time is over *at* that time."""
        alert = replace(alert, due_at=None)
        self.uow.alerts.save(alert)
        quiet, notice = self.uow.alerts.quiet(server.id, alert.key).fell_due(microseconds(at))
        self.uow.alerts.save_quiet(server.id, alert.key, quiet)
        self.begin(server, alert, replace(self.entry(self.present(alert), EventKind.DUE), at=at, notice=notice))
        return alert

    def begin(self, server: Server, alert: Alert, entry: TimelineEntry) -> None:
        """Write *entry*, and notify who is notified when an alert begins to."""
        found = opened(self.fleet.directory, server, alert, self.now)
        self.replace_pagings(alert, found.pagings)
        self.announce(server, alert, *self._opening(alert, replace(entry, left_out=found.present.left_out), found))

    def _opening(self, alert: Alert, entry: TimelineEntry, found: Opened) -> list[Written]:
        return [Written(entry, found.present), *self.as_written(alert, found.steps, entry.event_kind)]

    def as_written(self, alert: Alert, steps: Iterable[StepRun], event_kind: EventKind) -> list[Written]:
        entry = self.entry(self.present(alert), EventKind.STEP)
        return [
            Written(replace(entry, note=step.note, left_out=step.present.left_out), step.present, event_kind)
            for step in steps
        ]

    def replace_pagings(self, alert: Alert, pagings: Sequence[Paging] = ()) -> None:
        if self.fleet.directory.roster.escalations:
            self.uow.pagings.delete([alert.id])
            if pagings:
                self.uow.pagings.save(pagings)

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

    def beginning(
        self, server: Server, risen: "Risen", event: Event, note: str | None
    ) -> tuple[list[Written], Sequence[Paging]]:
        """Return the entry that an alert fired or escalated, with who is notified of it, and its escalations. While it
        is held nobody is; while it is silenced no escalation begins."""
        alert, entry = risen.alert, replace(timeline_entry(risen.alert.id, event), note=note)
        if not risen.is_notified and alert.due_at is None:
            return [Written(entry)], ()
        found = opened(self.fleet.directory, server, alert, self.now)
        entry = replace(entry, notice=risen.notice, left_out=found.present.left_out)
        pagings = waiting(self.fleet.directory, server, alert, self.now) if risen.held_by is not None else []
        if risen.is_notified and not pagings:
            return self._opening(alert, entry, found), found.pagings
        present = together([found.present, *(step.present for step in found.steps)])
        return [Written(replace(entry, left_out=skipped(present, risen.held_by or Reason.HELD)))], pagings

    def held_by(self, alert: Alert) -> Reason | None:
        """Return why people are not notified now: a silence, or a parent."""
        hold = Holding(self.fleet, self.now).of(alert)
        return None if hold is None else hold.reason

    def _notified(self, server: Server, alert: Alert) -> Audience:
        """Return who was notified of *alert*. People in their quiet hours wait, unless an escalation called them."""
        known, directory = self.uow.notifications.notified_targets([alert.id]).get(alert.id, {}), self.fleet.directory
        is_called = bool(escalations_of(directory, server, alert.key))
        linked = [] if is_called else [target for target, called_by in known.items() if not called_by]
        delays = quiet_delays(directory, linked, alert.peak_level, self.now)
        callers = {target: caller_of(directory, server, target, ids) for target, ids in known.items() if ids}
        return Audience([*known], (), delays, callers)

    def present(self, alert: Alert) -> Alert:
        return alert.present(self.fleet.live.get(alert.server_id), self.now)

    def entry(self, alert: Alert, event_kind: EventKind) -> TimelineEntry:
        return TimelineEntry(
            alert_id=alert.id, at=self.now, event_kind=event_kind, level=alert.level, value=alert.value
        )

    def announce(self, server: Server, alert: Alert, *written: Written, held_by: Reason | None = None) -> None:
        """Write events, and notify of them: when nothing holds *alert* back any more."""
        entries = self.uow.alerts.add_to_timeline([each.entry for each in written])
        self.uow.notifications.add(
            [
                notification
                for entry, each in zip(entries, written, strict=True)
                for notification in self.notifications(server, alert, each._replace(entry=entry), held_by)
            ]
        )

    def notifications(
        self, server: Server, alert: Alert, written: Written, held_by: Reason | None
    ) -> list[Notification]:
        """*written*: with the id of the stored event."""
        return notifications_of(server, alert, written, self.now, self.fleet.directory, held_by)


@dataclass(frozen=True, slots=True)
class Risen:
    """Alert that has fired or escalated, and whether people are notified of that now. *held_by*: why it waits."""

    alert: Alert
    is_notified: bool
    held_by: Reason | None = None
    notice: Notice | None = None


def silenced(alert: Alert, held_by: Reason) -> Risen:
    """While *alert* is held back its notifications wait in the outbox, and the quiet rule does not count them."""
    return Risen(alert, is_notified=True, held_by=held_by)


def _due_at(quiet: Quiet) -> datetime | None:
    return None if quiet.due is None else moment(quiet.due)
