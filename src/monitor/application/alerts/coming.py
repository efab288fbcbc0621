"""What people will be sent of an alert: who, by which way, when, and why not sooner."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.application.alerts.escalating import opened
from monitor.application.alerts.ports import Queries
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.called import escalations_of, refusal_now, step_audience
from monitor.application.notifications.deciding import Hold, Holds, HoldsBack
from monitor.application.notifications.recipients import Audience, receiver_of, way_of
from monitor.application.ports import Clock
from monitor.domain.alerts.alert import Alert, TimelineEntry
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.hindsight.past_state import Phase
from monitor.domain.notifications.explanation import Facts, steps_at
from monitor.domain.notifications.outbox import (
    ENDINGS,
    UNSENT,
    Decision,
    DeliveryState,
    Notification,
    Target,
    decide,
)

MOST = 100
"""Of one alert: enough to read, and few enough to find each time that somebody looks."""


class Coming(NamedTuple):
    """Notification that was not sent yet. *at*: when it is sent if nothing changes; None: once what holds it back is
    over. *reason*: why not sooner: PENDING for the next message of its incident, AMENDED for the incident's end; None:
    it is on its way. *parent_id*: what holds it back. *step*: of *escalation*, from 1; 0: of none. *error*: of the last
    attempt. *is_queued*: it is in the outbox."""

    target: Target
    at: datetime | None
    reason: Reason | None
    parent_id: ServerId | None = None
    escalation: str = ""
    step: int = 0
    error: str = ""
    is_queued: bool = False


@dataclass(frozen=True, slots=True)
class ComingNotifications:
    queries: Queries
    fleet: Fleet
    holds_back: HoldsBack
    clock: Clock

    def __call__(self, alert: Alert, timeline: Sequence[TimelineEntry]) -> list[Coming]:
        """Return the first MOST, each target's next one, by when they are sent. Raises StorageUnavailable."""
        server = self.fleet.directory.watched(alert.server_id)
        if server is None:
            return []
        outbox = self.queries.notifications.of_alert(alert.id)
        found = _Finder(self.fleet.directory, server, alert, self.holds_back(), self.clock.now())
        first: dict[tuple[Target, int], Coming] = {}
        for each in (*found.queued(outbox), *found.held(), *found.steps(timeline, outbox)):
            first.setdefault((each.target, each.step), each)
            if len(first) == MOST:
                break
        return sorted(first.values(), key=lambda each: (each.at is None, each.at, each.step))


@dataclass(frozen=True, slots=True)
class _Finder:
    directory: Directory
    server: Server
    alert: Alert
    holds: Holds
    now: datetime

    def queued(self, outbox: Sequence[Notification]) -> Iterator[Coming]:
        """Yield what is in the outbox and still worth sending, by the decision that delivery makes."""
        sent = {n.target for n in outbox if n.delivery is DeliveryState.SENT}
        beginning = {n.target for n in outbox if n.delivery in UNSENT and n.event_kind not in ENDINGS}
        for n in outbox:
            receiver = receiver_of(self.directory, n.target)
            if n.delivery not in UNSENT or refusal_now(self.directory, receiver, n) is not None:
                continue
            hold = self.holds(self.server.id, n.metric, n.created_at)
            decided = decide(
                n,
                is_open=self.alert.is_open,
                is_acknowledged=self.alert.acknowledged_at is not None,
                held_by=None if hold is None else hold.reason,
                was_notified=n.target in sent,
                notified_now=n.target in beginning,
            )
            if decided.decision is Decision.DROP:
                continue
            found = self._coming(n.target, n.not_before, self._reason(n), hold)
            if n.delivery is DeliveryState.HELD and n.reason is Reason.AMENDED:
                found = found._replace(at=None, reason=Reason.AMENDED)
            yield found._replace(error=n.last_error, is_queued=True)

    def _reason(self, n: Notification) -> Reason | None:
        """Return why it was planned for later."""
        if n.not_before <= self.now or n.attempts:
            return None
        if n.reason is not Reason.PENDING:
            return n.reason
        way = way_of(self.directory, n.target)
        return Reason.LATER_WAY if way is not None and n.created_at + way.after >= n.not_before else Reason.PENDING

    def held(self) -> Iterator[Coming]:
        """Yield who is notified when the quiet rule lets the alert go."""
        due_at = self.alert.due_at
        if self.alert.is_open and due_at is not None:
            found = opened(self.directory, self.server, self.alert, due_at)
            for present in (found.present, *(step.present for step in found.steps)):
                yield from self._at(due_at, present, Reason.HELD)

    def steps(self, timeline: Sequence[TimelineEntry], outbox: Sequence[Notification]) -> Iterator[Coming]:
        """Yield whom the later steps of escalations notify if nobody acknowledges."""
        alert = self.alert
        if not alert.is_open or alert.acknowledged_at is not None or alert.due_at is not None:
            return
        facts = Facts(at=self.now, phase=Phase.FIRING, timeline=timeline, outbox=outbox, is_now=True)
        for escalation in escalations_of(self.directory, self.server, alert.key):
            due = [(step.number, step.due_at) for step in steps_at(facts, escalation) if step.number and step.due_at]
            late = self._begins_again(due[0][1]) - due[0][1] if due else timedelta(0)
            for number, due_at in due:
                own, at = escalation.steps[number - 1], due_at + late
                present = step_audience(self.directory, self.server, alert.level, escalation, own, at)
                for each in self._at(at, present, Reason.STEP_NOT_DUE):
                    yield each._replace(escalation=escalation.name, step=number)

    def _begins_again(self, due_at: datetime) -> datetime:
        """Return when a step runs that is due at *due_at*: the gaps to the next ones stay."""
        hold = self._hold()
        return max(due_at, self.now, *filter(None, [None if hold is None else self._end(hold)]))

    def _at(self, at: datetime, present: Audience, reason: Reason) -> Iterator[Coming]:
        hold = self._hold()
        for target in present.targets:
            delay = present.delays.get(target)
            is_later = delay is not None and delay.until > at
            until, why = (delay.until, delay.reason or reason) if is_later and delay else (at, reason)
            yield self._coming(target, until, why, hold)

    def _hold(self) -> Hold | None:
        return self.holds(self.server.id, self.alert.metric, self.alert.fired_at)

    def _coming(self, target: Target, at: datetime, reason: Reason | None, hold: Hold | None) -> Coming:
        """Return it as planned, or with what holds it back beyond that time."""
        over_at = None if hold is None else self._end(hold)
        if hold is None or (over_at is not None and over_at < at):
            return Coming(target, max(at, self.now), reason)
        return Coming(target, over_at, hold.reason, hold.parent_id)

    def _end(self, hold: Hold) -> datetime | None:
        """Return when *hold* ends; None: nobody knows."""
        if hold.reason is not Reason.SILENCED:
            return None
        acting = self.directory.rules.silencing.at(self.now).on(self.server)
        ends: Iterable[datetime] = (each.until for each in acting if each.silence.metric in (None, self.alert.metric))
        return max(ends, default=None)
