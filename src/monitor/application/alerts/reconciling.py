"""Make what is recorded of alerts equal to what the stored samples give, in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.firing import Beginning, fire
from monitor.application.alerts.ports import StoredState
from monitor.application.alerts.state_cache import Evaluation
from monitor.domain.alerts.alert import Alert, AlertId, AlertState
from monitor.domain.alerts.anew import Difference, differences, overlaps_any
from monitor.domain.alerts.engine import State
from monitor.domain.alerts.past_alerts import PastAlert, PastState
from monitor.domain.fleet.servers import Server
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Policy
from monitor.domain.times import microseconds

NO_BREACH = "no breach since the edit"


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Reconciles the alerts of one *policy* on a *server*. *held*: the stored state, if there is one."""

    announcer: Announcer
    evaluation: Evaluation
    server: Server
    policy: Policy
    held: StoredState | None

    def edited(self, alert: Alert | None, now: PastState | None) -> None:
        """Let *alert* go on if the changed policy is still breached, else resolve it. *now*: by that policy."""
        state = State() if now is None else now.state
        if alert is None:  # the next sample fires what has lasted long enough
            self._save(state._replace(level=Level.OK, worst=None, worst_at=None), None)
            return
        if not state.level:
            self._change(alert, Change.RESOLVED, alert.level, self.announcer.now, alert.value, None, NO_BREACH)
            self._save(state, None)
            return
        before = self.held.state if self.held is not None else state
        limit = self.policy.threshold(state.level) if self.policy.thresholds else alert.threshold
        if state.level is alert.level:
            self.announcer.uow.alerts.save(replace(alert, threshold=limit))
        else:
            change = Change.ESCALATED if state.level > alert.level else Change.DEESCALATED
            self._change(alert, change, state.level, self.announcer.now, alert.value, limit)
        self._save(state._replace(worst=before.worst, worst_at=before.worst_at), alert.id)

    def late(
        self, recorded: Iterable[Alert], found: Iterable[PastAlert], now: PastState | None, since: datetime
    ) -> None:
        """Add, change and take away alerts that lasted till *since* or longer.

        *found*: those that ended. *now*: what fires or is pending.
        """

        def lasts(alert: Alert) -> bool:
            return alert.resolved_at is None or alert.resolved_at >= since

        same = [alert for alert in recorded if alert.key == self.policy.key and lasts(alert)]
        own = [each for each in same if each.policy_id == self.policy.id and each.state is not AlertState.CANCELLED]
        # Those of another policy, and what people ended, stay as they were.
        others = [each for each in same if each not in own and not each.late]
        every = [past for past in found if lasts(past.alert)]
        every += [now.past] if now is not None and now.past is not None else []
        mine = [past for past in every if not overlaps_any(past.alert, others)]
        if now is not None and now.past is not None and now.past not in mine:
            return
        firing = None if now is None or now.past is None else now.past.alert.id
        for difference in differences(own, mine):
            alert_id = self._reconcile(difference)
            firing = firing or alert_id
        if now is not None and now.past is not None and not firing:
            firing = next(alert.id for alert in own if alert.is_open)  # it differs in nothing
        self._save(State() if now is None else now.state, firing)

    def _reconcile(self, difference: Difference) -> AlertId | None:
        """Return the id of the alert that fires then, None if none does."""
        alert, past = difference
        if past is None:
            if alert is not None:
                self.announcer.take_away(self.server, alert)
            return None
        if alert is not None:
            self._correct(alert, past)
            return alert.id if past.alert.is_open else None
        if past.alert.is_open:
            return self._fire(past)
        self.announcer.found(self.server, past.alert, past.timeline)
        return None

    def _fire(self, past: PastAlert) -> AlertId:
        new = past.alert
        event = Event(
            Change.FIRED, new.level, microseconds(new.fired_at), new.value, _at(new.expected_at), new.threshold
        )
        [stored] = fire(Beginning(self.announcer, self.server, self.policy, event, new.started_at))
        merged = _with_times(stored, new)
        self.announcer.uow.alerts.save(merged)
        if new.peak_level is not new.level:  # it was worse, and is no more
            self.announcer.report_found(self.server, merged, notifies=False)
        return stored.id

    def _correct(self, alert: Alert, past: PastAlert) -> None:
        """Give *alert* the times, levels and values of *past*."""
        new, announcer = past.alert, self.announcer
        merged = _with_times(alert, new)
        is_worse = new.peak_level > alert.peak_level
        if alert.is_open:
            announcer.uow.alerts.save(merged)
            if not new.is_open:
                merged = replace(merged, level=new.level)
                self._change(merged, Change.RESOLVED, new.level, new.resolved_at or announcer.now, new.value, None)
            elif new.level is not alert.level:
                change = Change.ESCALATED if new.level > alert.level else Change.DEESCALATED
                at = past.timeline[-1].at if past.timeline else announcer.now
                self._change(merged, change, new.level, at, new.value, new.threshold)
            if merged.fired_at != alert.fired_at or is_worse:
                announcer.report_found(self.server, merged, notifies=False)
            return
        ended = replace(
            merged,
            level=new.level,
            value=new.value,
            threshold=new.threshold,
            state=new.state,
            resolved_at=new.resolved_at,
        )
        if new.is_open:  # what ended it was no end
            ended = replace(ended, acknowledged_by=None, acknowledged_at=None, late=False)
        announcer.uow.alerts.save(ended)
        was, found = ((each.fired_at, each.resolved_at, each.level) for each in (alert, new))
        if is_worse or was != found:
            announcer.report_found(self.server, ended, notifies=is_worse or new.is_open)

    def _change(
        self,
        alert: Alert,
        change: Change,
        level: Level,
        at: datetime,
        value: float,
        limit: float | None,
        note: str | None = None,
    ) -> None:
        event = Event(change, level, microseconds(at), value)
        # Of the end of an alert that nobody was notified of yet they are notified as of one found late.
        is_late = change is Change.RESOLVED and note is None
        self.announcer.change(self.server, alert, event, limit, is_late=is_late, note=note)

    def _save(self, state: State, alert_id: AlertId | None) -> None:
        held, uow, key = self.held, self.announcer.uow, (self.server.id, self.policy.key)
        if state.is_idle:
            uow.alert_states.delete([] if held is None else [held])
            self.evaluation.states[key] = None
            return
        version = 0 if held is None else held.version
        stored = StoredState(self.server.id, self.policy.key, self.policy.id, state, alert_id, version)
        self.evaluation.states[key] = uow.alert_states.save([stored])[0]


def _with_times(alert: Alert, new: Alert) -> Alert:
    return replace(
        alert,
        started_at=new.started_at,
        fired_at=new.fired_at,
        peak_level=new.peak_level,
        peak_value=new.peak_value,
        peak_at=new.peak_at,
        expected_at=new.expected_at,
    )


def _at(at: datetime | None) -> int | None:
    return None if at is None else microseconds(at)
