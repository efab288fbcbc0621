"""Compare one value with one policy: the next state, and the alert that it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.alerts.state_cache import LOOKED_BACK, Peaks, Watch
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.alert import AlertId, threshold
from monitor.domain.alerts.engine import Change, Event, State, observe
from monitor.domain.fleet.servers import Server
from monitor.domain.history.frames import DECLARED
from monitor.domain.intake.intervals import least_gap, longest_gap
from monitor.domain.intake.samples import Sample
from monitor.domain.times import MICROSECOND, microseconds, moment

_IDLE = State()


@dataclass(frozen=True, slots=True)
class Evaluator:
    fleet: Fleet
    announcer: Announcer
    stored: StoredHistory

    def evaluate(
        self,
        uow: UnitOfWork,
        watch: Watch,
        sample: Sample,
        value: float,
        held: StoredState | None,
        watermark: datetime | None,
        peaks: Peaks,
    ) -> StoredState | None:
        """Return the state after *sample*; None if it is idle.

        *held*: the state before it. *watermark*: the time of the newest sample evaluated before it. New worst values of
        alerts that do not change otherwise are added to *peaks*.
        """
        if held is not None:
            if held.policy_id != watch.policy.id:
                self.cancel(uow, self.fleet.directory.servers[sample.server_id], held, sample.received_at)
                held = None
            elif watermark is not None:
                for missed, missed_value in self._stored_elsewhere(uow, watch, sample, held, watermark):
                    held = self._observe(uow, watch, missed, missed_value, held, peaks)
        return self._observe(uow, watch, sample, value, held, peaks)

    def cancel(self, uow: UnitOfWork, server: Server, stored: StoredState, now: datetime) -> None:
        """Cancel the alert of *stored*, if it is open."""
        if stored.alert_id is not None:
            alert = uow.alerts.get(stored.alert_id, visible_to=None)
            if alert.is_open:
                self.announcer.cancel(uow, server, alert, now, "")

    def _stored_elsewhere(
        self, uow: UnitOfWork, watch: Watch, sample: Sample, held: StoredState, watermark: datetime
    ) -> Sequence[tuple[Sample, float]]:
        """Return samples, with their values, that another process may have stored where a run seems interrupted.

        Samples up to the *watermark* were evaluated before, or arrived too late for it.
        """
        at, seen = microseconds(sample.recorded_at), held.state.seen
        if seen is None or at - seen <= self._longest_gap(uow, sample, at, seen):
            return ()
        since = max(moment(seen + 1), watermark + MICROSECOND, sample.recorded_at - LOOKED_BACK)
        missed = self.stored.frame(sample.server_id, [watch.metric, DECLARED], since, sample.recorded_at)
        rows = zip(missed.times, missed.column(watch.metric), missed.column(DECLARED), strict=True)
        return [
            (sample._replace(recorded_at=moment(then), interval=declared), value)
            for then, value, declared in rows
            if value is not None
        ]

    def _observe(
        self,
        uow: UnitOfWork,
        watch: Watch,
        sample: Sample,
        value: float,
        held: StoredState | None,
        peaks: Peaks,
    ) -> StoredState | None:
        metric, _, _, rule, policy = watch
        at = microseconds(sample.recorded_at)
        before, alert_id, version = (held.state, held.alert_id, held.version) if held is not None else (_IDLE, None, 0)
        after, event = observe(rule, before, at, value, self._longest_gap(uow, sample, at, before.seen))
        if event is not None:
            alert_id = self._announce(uow, watch, sample, after, event, alert_id)
            peaks.pop(alert_id, None)
        elif alert_id is not None and after.worst is not None and after.worst_at not in (None, before.worst_at):
            peaks[alert_id] = after.worst, moment(after.worst_at)
        if after.is_idle:
            return None
        return StoredState(sample.server_id, metric, policy.id, after, alert_id if after.level else None, version)

    def _announce(
        self,
        uow: UnitOfWork,
        watch: Watch,
        sample: Sample,
        after: State,
        event: Event,
        alert_id: AlertId | None,
    ) -> AlertId:
        server = self.fleet.directory.servers[sample.server_id]
        now = sample.received_at
        if event.change is not Change.FIRED and alert_id is not None:
            lag = microseconds(now) - event.at
            is_late = lag > self._longest_gap(uow, sample, microseconds(sample.recorded_at), event.at - lag)
            alert = uow.alerts.get(alert_id, visible_to=None).peaked(after.worst, after.worst_at)
            limit = threshold(watch.policy, event.level)
            return self.announcer.change(uow, server, alert, event, limit, is_late=is_late, now=now).id
        return self.announcer.fire(
            uow,
            server,
            watch.policy,
            event,
            started_at=moment(after.breached_since(event)),
            now=now,
            processes=sample.processes,
        ).id

    def _longest_gap(self, uow: UnitOfWork, sample: Sample, at: int, seen: int | None) -> int:
        """Return the longest gap that does not interrupt a run, in microseconds. Reads history only if it matters."""
        if seen is None:
            return 0
        live = self.fleet.live.get(sample.server_id)
        declared = sample.interval if sample.interval is not None or live is None else live.interval
        least = least_gap(declared)
        if at - seen <= least:
            return least
        return longest_gap(declared, self.stored.recent_times(uow, sample.server_id, sample.recorded_at))
