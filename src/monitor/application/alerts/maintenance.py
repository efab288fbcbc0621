"""Run steps and remind, notify of held alerts that fall due and after silences, evaluate anew, delete old rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import chain

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.escalating import can_notify
from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.anew import EvaluateAnew
from monitor.application.alerts.evaluating.state_cache import AT_ONCE, Evaluation
from monitor.application.alerts.holding import HoldBack, Holding
from monitor.application.alerts.paging import expire, run_steps
from monitor.application.alerts.ports import Queries, UnitOfWork
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.application.notifications.called import escalations_about
from monitor.application.notifications.deciding import Holds
from monitor.application.notifications.recipients import KnownRecipients
from monitor.application.oncall.ports import Paging
from monitor.application.ports import Clock
from monitor.application.transactions import CHUNK, chunks, retried
from monitor.domain.alerts.alert import Alert, AlertId
from monitor.domain.alerts.quiet import DAY, Notice
from monitor.domain.alerts.reasons import PARENTS, Reason
from monitor.domain.notifications.outbox import ENDINGS, Held, Notification, NotificationId
from monitor.domain.times import MICROSECOND

LEASE_NAME = "alert maintenance"
LEASE = timedelta(seconds=30)
_KEPT = timedelta(days=90)
_WHILE_OPEN = (Reason.SILENCED, *PARENTS)
Work = Callable[[UnitOfWork, datetime], Evaluation]


@dataclass(slots=True)
class AlertMaintenance:
    """Do the periodic work on alerts, in the process that holds the lease. *holder* names this process in it.
    *holding*: what holds alerts back, read once a turn."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    alerting: Alerting
    clock: Clock
    hold_back: HoldBack
    holder: str
    holding: Holding = field(init=False)

    def __call__(self) -> None:
        """Look for work without the lock that intake waits for, and hold it only for what there is to do."""
        self.fleet.refresh()
        self.holding = self.hold_back()
        for work in self._reminding():
            self._is_done(work)
        for work in self._releasing():  # first: what a silence held falls due at the level that it has reached
            if self._is_done(work):
                break  # Another process has the lease.
        self._is_done(_delete_old)
        for work in (*self._falling_due(), *self._expiring(), *self._escalating()):
            self._is_done(work)
        self._evaluate_anew()
        if self.alerting.may_reconcile:
            while not self._is_done(self.alerting.reconcile):
                pass  # Intake gets the lock in between.

    def _evaluate_anew(self) -> None:
        """Do a part of what is due, each server in a transaction of its own."""
        anew = EvaluateAnew(self.new_uow, self.queries, self.fleet, StoredHistory(self.queries))
        due = anew.due(self.clock.now())
        if not due or self._is_done(lambda uow, now: Evaluation(is_all=False)):
            return  # else this process has the lease
        for each in due:
            if (work := anew.prepared(each, self.clock.now())) is not None:
                self._is_done(work)

    def _reminding(self) -> list[Work]:
        """Return the work on alerts that seem to need a reminder, `AT_ONCE` in each part."""
        now, directory = self.clock.now(), self.fleet.directory
        before = now - directory.preferences.reminder_pause
        waiting = self.queries.alerts.awaiting_reminder(before)
        due = [alert.id for alert in waiting if self._needs_reminder(directory, alert, now)]
        recipients_of = KnownRecipients(directory)
        due += [
            alert.id
            for alert in self.queries.alerts.never_notified(before)
            if (server := directory.watched(alert.server_id)) is not None
            and (recipients_of(server, alert.level) or any(escalations_about(directory, server, alert.metric)))
            and not self.holding.is_held_back(alert)
        ]
        return [partial(self._remind, part) for part in chunks(due, AT_ONCE)]

    def _falling_due(self) -> list[Work]:
        """Return the work on held alerts that seem to fall due, `AT_ONCE` in each part."""
        now = self.clock.now()
        due = [alert.id for alert in self.queries.alerts.due(now) if not self.holding.is_held_back(alert)]
        return [partial(self._fall_due, part) for part in chunks(due, AT_ONCE)]

    def _expiring(self) -> list[Work]:
        """Return the work on acknowledgements that seem to expire, `AT_ONCE` in each part."""
        lasts = self.fleet.directory.preferences.ack_expires
        before = None if lasts is None else self.clock.now() - timedelta(seconds=lasts)
        due = [each.id for each in self.queries.alerts.acknowledged(before) if not self.holding.is_held_back(each)]
        return [partial(self._expire, before, part) for part in chunks(due, AT_ONCE)]

    def _escalating(self) -> list[Work]:
        """Return the work on alerts with a step that seems due, `AT_ONCE` in each part."""
        if not self.fleet.directory.roster.escalations:
            return []
        now = self.clock.now()
        due = [each.id for each in self.queries.alerts.due_steps(now) if not self.holding.is_held_back(each)]
        if due:
            self.fleet.poll()
        return [partial(self._run_steps, part) for part in chunks(due, AT_ONCE)]

    @retried
    def _is_done(self, work: Work) -> bool:
        """Do one transaction of *work*. Return True if nothing is left of it, or another process holds the lease."""
        self.fleet.refresh()
        with self.alerting.writing():
            now = self.clock.now()
            with self.new_uow() as uow:
                if uow.leases.acquire(LEASE_NAME, self.holder, now, LEASE) is None:
                    return True
                evaluation = work(uow, now)
                uow.commit()
            self.alerting.states.apply(evaluation)
            return evaluation.is_all

    def _remind(self, alert_ids: Sequence[AlertId], uow: UnitOfWork, now: datetime) -> Evaluation:
        directory, announcer = self.fleet.directory, Announcer(self.fleet, uow, now)
        for alert in uow.alerts.get_many(alert_ids, changed_by=None).values():
            server = directory.watched(alert.server_id)
            if server is not None and self._needs_reminder(directory, alert, now):
                uow.alerts.save(replace(alert, last_notified_at=now))
                announcer.remind(server, alert)
        return Evaluation()

    def _needs_reminder(self, directory: Directory, alert: Alert, now: datetime) -> bool:
        server = directory.watched(alert.server_id)
        if server is None:
            return False
        has_first_recipients = alert.last_notified_at is None and can_notify(directory, server, alert, now)
        pause = directory.preferences.reminder_pause
        is_due = alert.needs_reminder(now, pause, has_first_recipients=has_first_recipients)
        return is_due and not self.holding.is_held_back(alert)

    def _fall_due(self, alert_ids: Sequence[AlertId], uow: UnitOfWork, now: datetime) -> Evaluation:
        directory = self.fleet.directory
        for alert in uow.alerts.get_many(alert_ids, changed_by=None).values():
            server, is_due = directory.watched(alert.server_id), alert.due_at is not None and alert.due_at <= now
            if server is not None and is_due and not self.holding.is_held_back(alert):
                Announcer(self.fleet, uow, now).fall_due(server, alert, now)
        return Evaluation()

    def _expire(
        self, before: datetime | None, alert_ids: Sequence[AlertId], uow: UnitOfWork, now: datetime
    ) -> Evaluation:
        for alert in uow.alerts.get_many(alert_ids, changed_by=None).values():
            server = self.fleet.directory.watched(alert.server_id)
            is_due = alert.is_acknowledgement_over(before)
            if server is not None and is_due and not self.holding.is_held_back(alert):
                expire(Announcer(self.fleet, uow, now), server, alert)
        return Evaluation()

    def _run_steps(self, alert_ids: Sequence[AlertId], uow: UnitOfWork, now: datetime) -> Evaluation:
        alerts = uow.alerts.get_many(alert_ids, changed_by=None)
        pagings: dict[AlertId, list[Paging]] = {}
        for paging in uow.pagings.of(alerts, locked=True):
            pagings.setdefault(paging.alert_id, []).append(paging)
        if self.fleet.is_behind():  # Another process may have renumbered the steps; from here on it would wait.
            return Evaluation()
        # A process that did not know the escalation yet may have left them.
        over = {id_ for id_ in pagings if alerts[id_].acknowledged_at is not None or not alerts[id_].is_open}
        uow.pagings.delete(over)
        for id_ in sorted(pagings.keys() - over):
            alert, server = alerts[id_], self.fleet.directory.watched(alerts[id_].server_id)
            if server is not None and alert.due_at is None and not self.holding.is_held_back(alert):
                run_steps(Announcer(self.fleet, uow, now), server, alert, pagings[id_])
        return Evaluation()

    def _releasing(self) -> list[Work]:
        """Return the work on what silences, parents and incidents held back until now.

        One notification is released for each alert that still fires, unless the quiet rule holds it from now on, and
        each end (`ENDINGS`) that is the newest for its recipient. The rest is dropped.
        """
        now, directory = self.clock.now(), self.fleet.directory
        holds = cache(self.holding)  # many people may wait for one host
        held = [(n, _held_by(n, holds)) for n in self.queries.notifications.held()]
        ended = [n for n, reason in held if reason is None]
        newest = {(n.alert_id, n.target): n.id for n in ended if n.alert_id is not None}
        by_alert: dict[AlertId, list[NotificationId]] = {}
        for (alert_id, _), notification_id in newest.items():
            by_alert.setdefault(alert_id, []).append(notification_id)
        parts = [*chunks([*by_alert.values()], AT_ONCE)]
        # Those of several transactions shall share a message.
        at = now if len(parts) < 2 else now + directory.preferences.digest_pause
        wanted = {*newest.values()}
        return [
            *(partial(_drop, part) for part in chunks([n.id for n in ended if n.id not in wanted])),
            *(partial(self._release, [*chain(*part)], at) for part in parts),
            *(
                partial(_hold, reason, part)
                for reason in _WHILE_OPEN
                for part in chunks([n.id for n, held_by in held if held_by is reason is not n.reason])
            ),
        ]

    def _release(self, ids: Sequence[NotificationId], at: datetime, uow: UnitOfWork, now: datetime) -> Evaluation:
        """Release those of *ids* that are wanted, to be sent *at* that time, and drop the others."""
        held = uow.notifications.held(ids)
        alerts = uow.alerts.get_many({n.alert_id for n in held if n.alert_id is not None}, changed_by=None)
        again = {
            (each.server_id, each.key)
            for each in uow.alerts.open(server_ids={each.server_id for each in alerts.values() if not each.is_open})
            if each.last_notified_at is not None
        }
        released: dict[AlertId, tuple[bool, Notice | None]] = {}
        settled = []
        for n in held:
            alert = alerts.get(n.alert_id) if n.alert_id is not None else None
            # It was deleted meanwhile, or fires again: then its end will be that of the newer one.
            if alert is None or (not alert.is_open and (alert.server_id, alert.key) in again):
                settled.append(n.dropped())
            elif _held_by(n, self.holding) is None:
                if alert.is_open and alert.id not in released:
                    released[alert.id] = Announcer(self.fleet, uow, now).release(alert)
                is_notified, notice = released.get(alert.id, (n.event_kind in ENDINGS, None))
                reason = n.reason or Reason.SILENCED
                settled.append(replace(n, notice=notice).released(at) if is_notified else n.dropped(reason))
        uow.notifications.save(settled)
        return Evaluation(is_all=False)


def _held_by(n: Held | Notification, holds: Holds) -> Reason | None:
    """Return why it is held now: an end by a silence, or until its incident is over."""
    hold = holds(n.server_id, n.metric, n.created_at)
    if hold is not None and (hold.reason is Reason.SILENCED or n.event_kind not in ENDINGS):
        return hold.reason
    return Reason.AMENDED if isinstance(n, Held) and n.lasts else None


def _drop(ids: Sequence[NotificationId], uow: UnitOfWork, now: datetime) -> Evaluation:
    """Drop those of *ids* that are held: newer ones stand for them, or their alert was deleted."""
    held = uow.notifications.held(ids)
    uow.notifications.save([n.dropped(Reason.OK if n.alert_id is None else n.reason or Reason.SILENCED) for n in held])
    return Evaluation(is_all=False)


def _hold(reason: Reason, ids: Sequence[NotificationId], uow: UnitOfWork, now: datetime) -> Evaluation:
    """Note why those of *ids* that are held are held now."""
    uow.notifications.save([n.held(reason) for n in uow.notifications.held(ids)])
    return Evaluation(is_all=False)


def _delete_old(uow: UnitOfWork, now: datetime) -> Evaluation:
    uow.notifications.delete_before(now - _KEPT, CHUNK)
    uow.alerts.forget_quiet(now - DAY * MICROSECOND, CHUNK)
    return Evaluation()
