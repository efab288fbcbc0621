"""Fire and resolve the alerts of offline hosts. They are never pending and never change their level."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.ports import StoredState
from monitor.application.alerts.state_cache import AT_ONCE, Evaluation, States
from monitor.application.fleet.fleet import Fleet
from monitor.domain.alerts.engine import Change, Event, State
from monitor.domain.alerts.offline import seconds_without_report
from monitor.domain.alerts.policies import OFFLINE
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.levels import Level
from monitor.domain.times import microseconds


def fire_offline(
    announcer: Announcer, states: States, last_reports: Mapping[ServerId, datetime], evaluation: Evaluation
) -> None:
    """Fire alerts for servers of *last_reports* that a policy covers and that have none yet; at most `AT_ONCE`."""
    directory, now, fired = announcer.fleet.directory, announcer.now, 0
    for server_id, last_report_at in sorted(last_reports.items()):
        server = directory.servers.get(server_id)
        if server is None or (server_id, OFFLINE) in states:
            continue
        policy = directory.rules.policies_for(server).get(OFFLINE)
        if policy is None:
            continue
        if fired == AT_ONCE:
            evaluation.is_all = False
            return
        fired += 1
        event = Event(Change.FIRED, Level.CRITICAL, microseconds(now), seconds_without_report(last_report_at, now))
        alert = announcer.fire(server, policy, event, started_at=last_report_at)
        stored = StoredState(
            server_id=server_id,
            metric=OFFLINE,
            policy_id=policy.id,
            state=State(Level.CRITICAL, event.at),
            alert_id=alert.id,
        )
        evaluation.states[server_id, OFFLINE] = announcer.uow.alert_states.save([stored])[0]


def resolve_offline(
    announcer: Announcer, states: States, server_ids: Iterable[ServerId], evaluation: Evaluation
) -> None:
    uow, now = announcer.uow, announcer.now
    for server_id in sorted(server_ids):
        stored, server = states.get((server_id, OFFLINE)), announcer.fleet.directory.servers.get(server_id)
        if stored is None or server is None:
            continue
        if stored.alert_id is not None:
            alert = uow.alerts.get(stored.alert_id, visible_to=None)
            value = seconds_without_report(alert.started_at, now)
            event = Event(Change.RESOLVED, Level.CRITICAL, microseconds(now), value)
            announcer.change(server, alert, event, None, is_late=False)
        uow.alert_states.delete([stored])
        evaluation.states[server_id, OFFLINE] = None


def without_offline_alert(fleet: Fleet, states: States) -> dict[ServerId, datetime]:
    """Return offline hosts without an offline alert, with the time of their last report."""
    return {
        server_id: live.last_report_at
        for server_id, live in fleet.live.items()
        if live.status is Status.OFFLINE and live.last_report_at and (server_id, OFFLINE) not in states
    }
