"""Fire and resolve the alerts of offline hosts. They are never pending and never change their level."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor.application.alerts.alert_changes import States
from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.firing import Beginning
from monitor.application.alerts.outages import store_begun
from monitor.application.alerts.state_cache import Evaluation
from monitor.domain.alerts.engine import Change, Event
from monitor.domain.alerts.offline import seconds_without_report
from monitor.domain.alerts.policies import OFFLINE
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.times import microseconds


def fire_offline(
    announcer: Announcer, states: States, last_reports: Mapping[ServerId, datetime], evaluation: Evaluation
) -> None:
    """Fire alerts for servers of *last_reports* that a policy covers and that have none yet."""
    directory, now = announcer.fleet.directory, announcer.now
    beginnings: list[Beginning] = []
    for server_id, last_report_at in sorted(last_reports.items()):
        server = directory.servers.get(server_id)
        if server is None or (server_id, OFFLINE) in states:
            continue
        policy = directory.rules.policies_for(server).get(OFFLINE)
        if policy is None:
            continue
        event = Event(Change.FIRED, Level.CRITICAL, microseconds(now), seconds_without_report(last_report_at, now))
        beginnings.append(Beginning(announcer, server, policy, event, last_report_at))
    store_begun(beginnings, OFFLINE, evaluation)


def resolve_offline(
    announcer: Announcer, states: States, server_ids: Iterable[ServerId], evaluation: Evaluation
) -> None:
    uow, now = announcer.uow, announcer.now
    for server_id in sorted(server_ids):
        stored, server = states.get((server_id, OFFLINE)), announcer.fleet.directory.servers.get(server_id)
        if stored is None or server is None:
            continue
        if stored.alert_id is not None:
            alert = uow.alerts.get(stored.alert_id, changed_by=None)
            value = seconds_without_report(alert.started_at, now)
            event = Event(Change.RESOLVED, Level.CRITICAL, microseconds(now), value)
            announcer.change(server, alert, event, None, is_late=False)
        uow.alert_states.delete([stored])
        evaluation.states[server_id, OFFLINE] = None
