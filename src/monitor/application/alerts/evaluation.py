"""One value against one rule: what becomes of the state, and what is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.open_alerts import LOOKED_BACK, Peaks, Watch
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.alert import AlertId, threshold
from monitor.domain.alerts.engine import Change, Event, State, observe
from monitor.domain.fleet.servers import Server
from monitor.domain.history.frames import DECLARED
from monitor.domain.intake.intervals import least_gap, longest_gap
from monitor.domain.intake.samples import Sample
from monitor.domain.times import microseconds, moment

_IDLE = State()
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Steps:
    fleet: Fleet
    announcer: Announcer
    stored: StoredHistory

    def step(
        self,
        uow: UnitOfWork,
        watch: Watch,
        sample: Sample,
        value: float,
        held: StoredState | None,
        watermark: datetime | None,
        peaks: Peaks,
    ) -> StoredState | None:
        """*held*: what stands so far; *watermark*: of the newest sample that was evaluated before. None: idle. Into
        *peaks* goes what is worse than before of an alert that is not saved for anything else."""
        if held is not None:
            if held.policy_id != watch.policy.id:
                self.cancel(uow, self.fleet.directory.servers[sample.server_id], held, sample.received_at)
                held = None
            elif watermark is not None:
                for missed, of_then in self._taken_elsewhere(uow, watch, sample, held, watermark):
                    held = self._observe(uow, watch, missed, of_then, held, peaks)
        return self._observe(uow, watch, sample, value, held, peaks)

    def cancel(self, uow: UnitOfWork, server: Server, stored: StoredState, now: datetime) -> None:
        """The alert, where it is open still."""
        if stored.alert_id is not None:
            alert = uow.alerts.get(stored.alert_id, visible_to=None)
            if alert.is_open:
                self.announcer.cancel(uow, server, alert, now, "")

    def _taken_elsewhere(
        self, uow: UnitOfWork, watch: Watch, sample: Sample, held: StoredState, watermark: datetime
    ) -> Sequence[tuple[Sample, float]]:
        """Where a run seems interrupted: the samples, and their values, that another process may have stored since.
        What is not newer than the *watermark* was evaluated, or came too late for it."""
        at, seen = microseconds(sample.recorded_at), held.state.seen
        if seen is None or at - seen <= self._longest_gap(uow, sample, at, seen):
            return ()
        since = max(moment(seen + 1), watermark + _MICROSECOND, sample.recorded_at - LOOKED_BACK)
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
        """The history is read only where the answer depends on it."""
        if seen is None:
            return 0
        live = self.fleet.live.get(sample.server_id)
        declared = sample.interval if sample.interval is not None or live is None else live.interval
        least = least_gap(declared)
        if at - seen <= least:
            return least
        return longest_gap(declared, self.stored.recent_times(uow, sample.server_id, sample.recorded_at))
