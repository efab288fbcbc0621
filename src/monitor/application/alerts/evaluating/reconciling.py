"""Make the recorded alerts equal to those that the stored samples give, in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluating.firing import Beginning, fire
from monitor.application.alerts.evaluating.state_cache import Evaluation
from monitor.application.alerts.ports import StoredState
from monitor.domain.alerts.alert import Alert, AlertId, AlertState
from monitor.domain.alerts.anew import AlertFold, Difference, FoundAlert, differences, overlaps_any
from monitor.domain.alerts.engine import State
from monitor.domain.fleet.servers import Server
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Policy
from monitor.domain.times import microseconds

NO_BREACH = "no breach since the edit"
_TIMES_AND_PEAK = "started_at", "fired_at", "peak_level", "peak_value", "peak_at", "expected_at"
_END = "level", "value", "threshold", "state", "resolved_at"


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Reconciles the alerts of one *policy* on a *server*. *held*: the stored state, if there is one."""

    announcer: Announcer
    evaluation: Evaluation
    server: Server
    policy: Policy
    held: StoredState | None

    def edited(self, alert: Alert | None, state: State) -> None:
        """Let *alert* go on if the changed policy is still breached, else resolve it. *state*: by that policy."""
        if alert is None:  # the next sample fires what has lasted long enough
            self._save(state._replace(level=Level.OK, worst=None, worst_at=None), None)
            return
        value = self.announcer.present(alert).value
        if not state.level:
            self._change(alert, Change.RESOLVED, alert.level, self.announcer.now, value, None, NO_BREACH)
            self._save(state, None)
            return
        before = self.held.state if self.held is not None else state
        limit = self.policy.threshold(state.level) if self.policy.thresholds else alert.threshold
        if state.level is alert.level:
            self.announcer.uow.alerts.save(replace(alert, threshold=limit))
        else:
            change = Change.ESCALATED if state.level > alert.level else Change.DEESCALATED
            self._change(alert, change, state.level, self.announcer.now, value, limit)
        self._save(state._replace(worst=before.worst, worst_at=before.worst_at), alert.id)

    def late(self, recorded: Iterable[Alert], fold: AlertFold, since: datetime) -> None:
        """Add, change and take away alerts that lasted till *since* or longer, so that they are those of *fold*."""

        def lasts(alert: Alert) -> bool:
            return alert.resolved_at is None or alert.resolved_at >= since

        same = [alert for alert in recorded if alert.key == self.policy.key and lasts(alert)]
        own = [each for each in same if each.policy_id == self.policy.id and each.state is not AlertState.CANCELLED]
        # Those of another policy, and what people ended, stay as they were.
        others = [each for each in same if each not in own and not each.late]
        found = [each for each in fold.alerts if lasts(each.alert) and not overlaps_any(each.alert, others)]
        if fold.firing is not None and fold.firing not in found:
            return
        firing = None if fold.firing is None else fold.firing.alert.id
        for difference in differences(own, found):
            alert_id = self._reconcile(difference)
            firing = firing or alert_id
        if fold.firing is not None and not firing:
            firing = next(alert.id for alert in own if alert.is_open)  # it differs in nothing
        self._save(fold.state or State(), firing)

    def _reconcile(self, difference: Difference) -> AlertId | None:
        """Return the id of the alert that fires then, None if none does."""
        alert, found = difference
        if found is None:
            if alert is not None:
                self.announcer.take_away(self.server, alert)
            return None
        if alert is not None:
            self._correct(alert, found)
            return alert.id if found.alert.is_open else None
        if found.alert.is_open:
            return self._fire(found.alert)
        self.announcer.found(self.server, found.alert, found.timeline)
        return None

    def _fire(self, new: Alert) -> AlertId:
        expected = None if new.expected_at is None else microseconds(new.expected_at)
        event = Event(Change.FIRED, new.level, microseconds(new.fired_at), new.value, expected, new.threshold)
        [stored] = fire(Beginning(self.announcer, self.server, self.policy, event, new.started_at))
        merged = _with(stored, new, _TIMES_AND_PEAK)
        self.announcer.uow.alerts.save(merged)
        if new.peak_level is not new.level:  # it was worse, and is no more
            self.announcer.report_found(self.server, merged, notifies=False)
        return stored.id

    def _correct(self, alert: Alert, found: FoundAlert) -> None:
        """Give *alert* the times, levels and values of the one that was *found*."""
        new, announcer = found.alert, self.announcer
        merged = _with(alert, new, _TIMES_AND_PEAK)
        is_worse = new.peak_level > alert.peak_level
        if alert.is_open:
            announcer.uow.alerts.save(merged)
            if not new.is_open:
                merged = replace(merged, level=new.level)
                self._change(merged, Change.RESOLVED, new.level, new.resolved_at or announcer.now, new.value, None)
            elif new.level is not alert.level:
                change = Change.ESCALATED if new.level > alert.level else Change.DEESCALATED
                at = found.timeline[-1].at if found.timeline else announcer.now
                self._change(merged, change, new.level, at, new.value, new.threshold)
            if (merged.fired_at, merged.peak_level) != (alert.fired_at, alert.peak_level):
                announcer.report_found(self.server, merged, notifies=False)
            return
        ended = _with(merged, new, _END)
        if new.is_open:  # what ended it was no end
            ended = replace(ended, acknowledged_by=None, acknowledged_at=None, late=False)
        announcer.uow.alerts.save(ended)
        differs = (alert.fired_at, alert.resolved_at, alert.level) != (new.fired_at, new.resolved_at, new.level)
        if is_worse or differs:
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
        # If nobody was notified of the alert yet, they are notified of its end as of an alert that was found late.
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


def _with(alert: Alert, new: Alert, names: Iterable[str]) -> Alert:
    """Return *alert* with the fields *names* of *new*."""
    return replace(alert, **{name: getattr(new, name) for name in names})
