"""Store the alerts that an imported history would have caused, without notifications."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.application.alerts.learning import up_to
from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.alerts.series_models import Key
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.application.transactions import retried
from monitor.domain.alerts.alert import Alert, AlertId
from monitor.domain.alerts.past_alerts import PastAlert, PastState, Watcher
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.live import of_server
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.check_policies import applicable
from monitor.domain.policies.policies import WITHOUT_SAMPLES, Policy, WatchKey
from monitor.domain.policies.series_models import SeriesModel


@dataclass(frozen=True, slots=True)
class WatchThePast:
    """Make a watcher for each server, which continues from the states that the database holds."""

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    stored: StoredHistory
    offline_after: timedelta

    def __call__(self, servers: Sequence[Server], policies: Iterable[Policy]) -> list[Watcher]:
        policies = list(policies)
        states: dict[ServerId, list[StoredState]] = {server.id: [] for server in servers}
        with self.new_uow() as uow:
            for stored in uow.alert_states.of_servers(list(states)):
                states[stored.server_id].append(stored)
            alert_ids = [each.alert_id for found in states.values() for each in found if each.alert_id is not None]
            alerts = uow.alerts.get_many(alert_ids, changed_by=None)
            return [
                self._watcher(uow, server, dict(applicable(policies, server)), states[server.id], alerts)
                for server in servers
            ]

    def _watcher(
        self,
        uow: UnitOfWork,
        server: Server,
        policies: dict[str, Policy],
        stored_states: Iterable[StoredState],
        alerts: dict[AlertId, Alert],
    ) -> Watcher:
        states = {}
        for stored in stored_states:
            policy = policies.get(stored.metric)
            alert = None if stored.alert_id is None else alerts.get(stored.alert_id)
            if stored.metric in WITHOUT_SAMPLES:
                continue
            if policy is None or policy.id != stored.policy_id or (alert is None) is bool(stored.state.level):
                policies.pop(stored.metric, None)  # `Alerting.reconcile` is about to close it
            else:
                past = None if alert is None else PastAlert(alert=alert)
                states[stored.metric] = PastState(state=stored.state, past=past)
        live = self.fleet.live.get(server.id, of_server(server))
        newest = live.sample
        times = [] if newest is None else self.stored.recent_times(uow, server.id, newest.recorded_at)
        return Watcher(
            server_id=server.id,
            policies=policies,
            outlooks=self._outlooks(server.id, policies.values(), newest),
            offline_after=self.fleet.directory.preferences.offline_after_or(self.offline_after),
            states=states,
            last_report_at=live.last_report_at,
            times=times,
            declared=live.interval,
        )

    def _outlooks(
        self, server_id: ServerId, policies: Iterable[Policy], newest: Sample | None
    ) -> dict[WatchKey, SeriesModel]:
        """Return what forecasts and ranges know after the *newest* sample."""
        if newest is None:
            return {}
        looking = [policy for policy in policies if policy.kind.model is not None]
        return {policy.key: up_to(self.stored, server_id, policy, newest.recorded_at) for policy in looking}


@dataclass(frozen=True, slots=True)
class KeepPastAlerts:
    new_uow: Callable[[], UnitOfWork]

    @retried
    def __call__(self, watchers: Sequence[Watcher]) -> None:
        """Store what the watchers found, in one transaction. Call it once for each watcher."""
        with self.new_uow() as uow:
            before = {_key(state): state for state in uow.alert_states.of_servers([w.server_id for w in watchers])}
            open_alerts = _keep_all(uow, watchers)
            states = {
                key: StoredState(
                    server_id=watcher.server_id,
                    metric=metric,
                    policy_id=watcher.policies[metric].id,
                    state=held.state,
                    alert_id=open_alerts.get(key),
                    version=before[key].version if key in before else 0,
                )
                for watcher in watchers
                for metric, held in watcher.states.items()
                if (key := (watcher.server_id, metric))
            }
            watched = {(watcher.server_id, metric) for watcher in watchers for metric in watcher.policies}
            gone = [key for key in before if key in watched and key not in states and key[1] not in WITHOUT_SAMPLES]
            uow.alert_states.save(list(states.values()), ended=[before[key] for key in gone])
            uow.commit()


def _key(state: StoredState) -> Key:
    return state.server_id, state.metric


def _keep_all(uow: UnitOfWork, watchers: Sequence[Watcher]) -> dict[Key, AlertId]:
    """Store alerts in the order in which they fired, and return the ids of those that still fire."""
    seen = [past for watcher in watchers for past in watcher.closed]
    seen += [held.past for watcher in watchers for held in watcher.states.values() if held.past]
    open_alerts = {}
    for past in sorted(seen, key=lambda past: past.alert.fired_at):
        alert_id = _keep(uow, past)
        if past.alert.is_open:
            open_alerts[past.alert.server_id, past.alert.key] = alert_id
    return open_alerts


def _keep(uow: UnitOfWork, past: PastAlert) -> AlertId:
    alert_id = past.alert.id or uow.alerts.add(past.alert).id
    if past.alert.id and past.timeline:
        uow.alerts.save(past.alert)
    elif past.alert.id:
        uow.alerts.save_peaks({alert_id: (past.alert.peak_value, past.alert.peak_at)})
        uow.alerts.save_expected({alert_id: past.alert.expected_at})
    if past.timeline:
        uow.alerts.add_to_timeline([replace(entry, alert_id=alert_id) for entry in past.timeline])
    return alert_id
