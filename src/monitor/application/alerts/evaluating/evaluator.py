"""The state of one rule after one sample, and the alert that changes by it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluating.firing import Beginning, fire
from monitor.application.alerts.evaluating.sample_rules import SampleRule
from monitor.application.alerts.evaluating.series_models import Judged, ModelChanges
from monitor.application.alerts.evaluating.state_cache import LOOKED_BACK
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.alert import AlertId
from monitor.domain.alerts.engine import State, observe
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Server
from monitor.domain.history.frames import DECLARED
from monitor.domain.intake.intervals import least_gap, longest_gap
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.times import MICROSECOND, microseconds, moment

_IDLE = State()


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluate samples in the transaction *uow*."""

    fleet: Fleet
    stored: StoredHistory
    uow: UnitOfWork
    models: ModelChanges
    _peaks: dict[AlertId, tuple[float, datetime]] = field(default_factory=dict)
    """New worst values, with their times, of alerts that keep firing."""
    _expected: dict[AlertId, datetime | None] = field(default_factory=dict)
    """When alerts of forecasts that keep firing will reach their threshold."""
    _begun: list[Beginning] = field(default_factory=list)
    _stored: list[AlertId] = field(default_factory=list)
    """Ids of the alerts that began, in order. Until they are stored, their ids are -1 for the first, -2 and so on."""

    def store_begun(self) -> bool:
        """Store the alerts that have begun, which wait for one another. Tell whether any began at all."""
        self._stored.extend(alert.id for alert in fire(*self._begun))
        self._begun.clear()
        return bool(self._stored)

    def save_alerts(self) -> None:
        """Store what samples changed of alerts that keep firing."""
        if self._peaks:
            self.uow.alerts.save_peaks(self._peaks)
        if self._expected:
            self.uow.alerts.save_expected(self._expected)

    def with_stored_alert(self, held: StoredState) -> StoredState:
        """Return *held* with the id of its alert, which is stored now if it was not."""
        if held.alert_id is None or held.alert_id > 0:
            return held
        self.store_begun()
        return held._replace(alert_id=self._stored[-held.alert_id - 1])

    def evaluate(
        self, rule: SampleRule, sample: Sample, value: float, held: StoredState | None, watermark: datetime | None
    ) -> StoredState | None:
        """Return the state after *sample*; None if it is idle.

        *held*: the state before it. *watermark*: the time of the newest sample evaluated before it.
        """
        if rule.policy.kind.model is None:
            return self._evaluate(rule, Judged(sample, value), held, watermark)
        for judged in self.models.judged((sample.server_id, rule.key), rule.policy, sample, value):
            if held is not None or judged.prediction.compared * rule.compares.sign >= rule.floor:
                held = self._evaluate(rule, judged, held, watermark if judged.sample is sample else None)
        return held

    def _evaluate(
        self, rule: SampleRule, judged: Judged, held: StoredState | None, watermark: datetime | None
    ) -> StoredState | None:
        sample = judged.sample
        at, seen, longest = microseconds(sample.recorded_at), None, 0
        if held is not None and held.policy_id != rule.policy.id:
            self.store_begun()
            held = self.with_stored_alert(held)
            cancel(Announcer(self.fleet, self.uow, sample.received_at), self._server_of(sample), held)
            held = None
        if held is not None and (seen := held.state.seen) is not None:
            longest = self._longest_gap(sample, at, seen)
        if seen is not None and at - seen > longest and watermark is not None:
            for missed, value in self._stored_elsewhere(rule, sample, seen, watermark):
                # A line or range is that of now: the database held these samples when it was read.
                known = judged._replace(sample=missed, value=value, prediction=judged.prediction.of(value))
                held = self._evaluate(rule, known, held, None)
            longest = 0 if held is None else self._longest_gap(sample, at, held.state.seen)
        return self._observe(rule, judged, held, at, longest)

    def _stored_elsewhere(
        self, rule: SampleRule, sample: Sample, seen: int, watermark: datetime
    ) -> Sequence[tuple[Sample, float]]:
        """Return samples, with their values, that another process may have stored where a run seems interrupted.

        Samples up to the *watermark* were evaluated before, or arrived too late for it.
        """
        since = max(moment(seen + 1), watermark + MICROSECOND, sample.recorded_at - LOOKED_BACK)
        metric = rule.policy.metric
        missed = self.stored.frame(sample.server_id, [metric, DECLARED], since, sample.recorded_at)
        rows = zip(missed.times, missed.column(metric), missed.column(DECLARED), strict=True)
        return [
            (sample._replace(recorded_at=moment(then), interval=declared), value)
            for then, value, declared in rows
            if value is not None
        ]

    def _observe(
        self, rule: SampleRule, judged: Judged, held: StoredState | None, at: int, longest: int
    ) -> StoredState | None:
        """*at*: the time of the sample. *longest*: the longest gap before it, both in microseconds."""
        key, _, _, compares, policy = rule
        sample, value, prediction, is_new = judged
        compared, middle = (None, None) if policy.kind.model is None else (prediction.compared, prediction.middle)
        before, alert_id, version = _IDLE, None, 0
        if held is not None:
            held = self.with_stored_alert(held)
            before, alert_id, version = held.state, held.alert_id, held.version
        after, event = observe(compares, before, at, value, longest, compared, middle)
        if event is not None:
            alert_id = self._announce(rule, sample, after, prediction.explained(event, policy), alert_id)
            self._peaks.pop(alert_id, None)
            self._expected.pop(alert_id, None)
        elif alert_id is not None:
            if after.worst is not None and after.worst_at not in (None, before.worst_at):
                self._peaks[alert_id] = after.worst, moment(after.worst_at)
            if is_new and policy.kind.expects:
                expected = prediction.expected(policy, after.level)
                self._expected[alert_id] = None if expected is None else moment(expected)
        if after.is_idle:
            return None
        return StoredState(sample.server_id, key, policy.id, after, alert_id if after.level else None, version)

    def _announce(
        self, rule: SampleRule, sample: Sample, after: State, event: Event, alert_id: AlertId | None
    ) -> AlertId:
        server = self._server_of(sample)
        announcer = Announcer(self.fleet, self.uow, sample.received_at)
        if event.change is not Change.FIRED and alert_id is not None:
            self.store_begun()
            lag = microseconds(sample.received_at) - event.at
            is_late = lag > self._longest_gap(sample, microseconds(sample.recorded_at), event.at - lag)
            alert = self.uow.alerts.get(alert_id, changed_by=None).peaked(after.worst, after.worst_at)
            limit = rule.policy.threshold(event.level) if event.threshold is None else event.threshold
            return announcer.change(server, alert, event, limit, is_late=is_late).id
        started_at = moment(after.breached_since(event))
        self._begun.append(Beginning(announcer, server, rule.policy, event, started_at, sample.processes))
        return AlertId(-len(self._stored) - len(self._begun))

    def _server_of(self, sample: Sample) -> Server:
        server = self.fleet.directory.watched(sample.server_id)
        if server is None:  # no rule covers what is not there
            raise NotFound
        return server

    def _longest_gap(self, sample: Sample, at: int, seen: int | None) -> int:
        """Return the longest gap that does not interrupt a run, in microseconds. Reads history only if it matters."""
        if seen is None:
            return 0
        live = self.fleet.live.get(sample.server_id)
        declared = sample.interval if sample.interval is not None or live is None else live.interval
        least = least_gap(declared)
        if at - seen <= least:
            return least
        times = self.stored.recent_times(self.uow, [sample.server_id], sample.recorded_at)
        return longest_gap(declared, times[sample.server_id])


def cancel(announcer: Announcer, server: Server, stored: StoredState, note: str = "") -> None:
    """Cancel the alert of *stored*, if it is open."""
    if stored.alert_id is not None:
        for alert in announcer.uow.alerts.get_many([stored.alert_id], changed_by=None).values():  # none: deleted
            if alert.is_open:
                announcer.cancel(server, alert, note)
