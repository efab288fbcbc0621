"""Fire, resolve and cancel alerts of hosts, checks, check-ins and clocks: no sample is compared. They have one level,
and are never pending."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.application.alerts import firing
from monitor.application.alerts.alert_changes import States
from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.firing import Beginning
from monitor.application.alerts.ports import StoredState
from monitor.application.alerts.state_cache import Evaluation
from monitor.domain.alerts.engine import State
from monitor.domain.alerts.offline import seconds_without_report
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import OFFLINE
from monitor.domain.times import microseconds

IS_DOWN, IS_UP = 1.0, 0.0


class Down(NamedTuple):
    """*since*: when it went down. *note*: why, in the timeline and in notifications. *level*: None: that of the
    policy."""

    since: datetime
    note: str | None
    value: float = IS_DOWN
    level: Level | None = None


def fire(
    announcer: Announcer, states: States, metric: str, down: Mapping[ServerId, Down], evaluation: Evaluation
) -> None:
    """Fire alerts for those of *down* that a policy covers and that have none yet."""
    directory, now = announcer.fleet.directory, announcer.now
    beginnings: list[Beginning] = []
    for server_id, (since, note, value, given) in sorted(down.items()):
        server = directory.watched(server_id)
        policy = None if server is None else directory.rules.policies_for(server).get(metric)
        if server is None or policy is None or (server_id, metric) in states:
            continue
        level = given or (Level.WARNING if policy.critical is None else Level.CRITICAL)
        event = Event(Change.FIRED, level, microseconds(now), value)
        beginnings.append(Beginning(announcer, server, policy, event, since, note=note))
    store_begun(beginnings, metric, evaluation)


def store_begun(beginnings: Sequence[Beginning], metric: str, evaluation: Evaluation) -> None:
    """Fire the alerts, and store their states."""
    begun = [
        StoredState(each.server.id, metric, each.policy.id, State(each.event.level, each.event.at), alert.id)
        for each, alert in zip(beginnings, firing.fire(*beginnings), strict=True)
    ]
    if begun:
        saved = beginnings[0].announcer.uow.alert_states.save(begun)
        evaluation.states |= {(stored.server_id, metric): stored for stored in saved}


def end(
    announcer: Announcer,
    states: States,
    metric: str,
    up: Iterable[ServerId],
    cancelled: Iterable[ServerId],
    evaluation: Evaluation,
) -> None:
    """Resolve the alerts of what is *up* again, and cancel those of what is no longer watched."""
    uow = announcer.uow
    for server_id, is_up in sorted([*((each, True) for each in up), *((each, False) for each in cancelled)]):
        stored, server = states.get((server_id, metric)), announcer.fleet.directory.watched(server_id)
        if stored is None or server is None:
            continue
        if stored.alert_id is not None:
            alert = uow.alerts.get(stored.alert_id, changed_by=None)
            if is_up:
                event = Event(Change.RESOLVED, alert.level, microseconds(announcer.now), IS_UP)
                announcer.change(server, alert, event, None, is_late=False)
            else:
                announcer.cancel(server, alert, "")
        uow.alert_states.delete([stored])
        evaluation.states[server_id, metric] = None


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
