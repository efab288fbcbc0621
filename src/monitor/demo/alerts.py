"""Find the alerts that a simulated history would have caused, and store them without notifications."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.application.alerts.ports import StoredState, UnitOfWork, Watched
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.learning import up_to
from monitor.application.history.tiers import StoredHistory
from monitor.application.transactions import retried
from monitor.domain.alerts.alert import Alert, AlertId
from monitor.domain.alerts.anew import AlertFold, FoundAlert, ServerFold, found_alert
from monitor.domain.alerts.offline import is_offline, offline_periods, seconds_without_report
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.intake.intervals import longest_silence
from monitor.domain.intake.live import of_server
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import applicable
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import OFFLINE, Policy, WatchKey
from monitor.domain.policies.series_models import SeriesModel
from monitor.domain.times import MICROSECOND, microseconds, moment


@dataclass(slots=True)
class Watcher:
    """Compare samples of one server, in order of time, with its policies.

    *offline*: the policy on hosts that are offline. *last_report_at*: when the last report was received.
    """

    server_id: ServerId
    fold: ServerFold
    offline: Policy | None
    offline_after: timedelta
    last_report_at: datetime | None
    _offline_alerts: list[FoundAlert] = field(default_factory=list)

    @property
    def alerts(self) -> list[FoundAlert]:
        return [*self._offline_alerts, *(found for fold in self.fold.folds.values() for found in fold.alerts)]

    def see(self, frame: Frame, late: timedelta) -> None:
        """Evaluate samples, each received *late* after it was recorded."""
        if not frame.times:
            return
        if self.offline is not None:
            self._offline_alerts += self._times_offline(self.offline, frame, late)
        self.fold.see(frame)
        self.last_report_at = moment(frame.times[-1]) + late

    def is_offline(self, now: datetime) -> bool:
        """True if the last report was longer ago than allowed."""
        return self.last_report_at is not None and is_offline(
            last_report_at=self.last_report_at,
            now=now,
            offline_after=self.offline_after,
            longest_silence=longest_silence(self.fold.declared, self.fold.times),
        )

    def _times_offline(self, policy: Policy, frame: Frame, late: timedelta) -> Iterable[FoundAlert]:
        """Yield an alert for each time offline that ended with a sample of *frame*."""
        intervals, first = self.fold.intervals(frame), len(self.fold.times)
        reports = [at + late // MICROSECOND for at in frame.times]
        if first and self.last_report_at is not None:
            reports.insert(0, microseconds(self.last_report_at))
            first -= 1
        for period in offline_periods(reports, intervals, self.offline_after, first):
            since = moment(period.last_report)
            begin, end = (
                Event(change, Level.CRITICAL, at, seconds_without_report(since, moment(at)))
                for change, at in ((Change.FIRED, period.offline_at), (Change.RESOLVED, period.until))
            )
            yield found_alert(self.server_id, policy, begin, period.last_report).changed(end, policy)


@dataclass(frozen=True, slots=True)
class PastAlerts:
    """Alerts of an imported history, which continue those that the database holds."""

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    stored: StoredHistory
    offline_after: timedelta

    def watch(self, servers: Sequence[Server], policies: Sequence[Policy]) -> list[Watcher]:
        """Return a watcher for each server, with the states that are stored."""
        with self.new_uow() as uow:
            states = uow.alert_states.of_servers([server.id for server in servers])
            alert_ids = [each.alert_id for each in states if each.alert_id is not None]
            alerts = uow.alerts.get_many(alert_ids, changed_by=None)
            held = {(each.server_id, each.metric): each for each in states}
            return [self._watcher(uow, server, policies, held, alerts) for server in servers]

    def _watcher(
        self,
        uow: UnitOfWork,
        server: Server,
        policies: Iterable[Policy],
        states: Mapping[Watched, StoredState],
        alerts: Mapping[AlertId, Alert],
    ) -> Watcher:
        live = self.fleet.live.get(server.id, of_server(server))
        newest, folds, offline = live.sample, dict[WatchKey, AlertFold](), None
        for key, policy in applicable(policies, server).items():
            stored = states.get((server.id, key))
            alert = None if stored is None or stored.alert_id is None else alerts.get(stored.alert_id)
            if key == OFFLINE:
                offline = policy
            elif stored is None:
                folds[key] = AlertFold(server.id, policy, outlook=self._outlook(server.id, policy, newest))
            elif stored.policy_id == policy.id and (alert is not None) is bool(stored.state.level):
                firing = None if alert is None else FoundAlert(alert=alert)
                outlook = self._outlook(server.id, policy, newest)
                folds[key] = AlertFold(server.id, policy, stored.state, firing, outlook)
            # else `Alerting.reconcile` is about to close it
        times = [] if newest is None else self.stored.recent_times(uow, [server.id], newest.recorded_at)[server.id]
        offline_after = self.fleet.directory.preferences.offline_after_or(self.offline_after)
        fold = ServerFold(folds, times, live.interval)
        return Watcher(server.id, fold, offline, offline_after, live.last_report_at)

    def _outlook(self, server_id: ServerId, policy: Policy, newest: Sample | None) -> SeriesModel | None:
        """Return what a forecast or range knows after the *newest* sample."""
        if newest is None or policy.kind.model is None:
            return None
        return up_to(self.stored, server_id, policy, newest.recorded_at)

    @retried
    def keep(self, watchers: Sequence[Watcher]) -> None:
        """Store what the watchers found, in one transaction. Call it once for each watcher."""
        with self.new_uow() as uow:
            held = uow.alert_states.of_servers([watcher.server_id for watcher in watchers])
            before = {(each.server_id, each.metric): each for each in held}
            firing = _keep_all(uow, watchers)
            folds = {(w.server_id, key): fold for w in watchers for key, fold in w.fold.folds.items()}
            states = [
                StoredState(
                    *key, fold.policy.id, fold.state, firing.get(key), before[key].version if key in before else 0
                )
                for key, fold in folds.items()
                if fold.state is not None
            ]
            gone = [before[key] for key, fold in folds.items() if fold.state is None and key in before]
            uow.alert_states.save(states, ended=gone)
            uow.commit()


def _keep_all(uow: UnitOfWork, watchers: Sequence[Watcher]) -> dict[Watched, AlertId]:
    """Store alerts in the order in which they fired, and return the ids of those that still fire."""
    firing = {}
    for found in sorted((each for w in watchers for each in w.alerts), key=lambda each: each.alert.fired_at):
        alert = found.alert
        alert_id = alert.id or uow.alerts.add(alert).id
        if alert.id and found.timeline:
            uow.alerts.save(alert)
        elif alert.id:
            uow.alerts.save_peaks({alert_id: (alert.peak_value, alert.peak_at)})
            uow.alerts.save_expected({alert_id: alert.expected_at})
        uow.alerts.add_to_timeline([replace(entry, alert_id=alert_id) for entry in found.timeline])
        if alert.is_open:
            firing[alert.server_id, alert.key] = alert_id
    return firing
