"""Fire many alerts at once, with as many statements as for one; and end those that no sample is compared for.

Alerts of hosts offline, checks, check-ins and clocks are never pending, and none but those of clocks escalate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from monitor.application.alerts.announcing import Announcer, Risen, silenced
from monitor.application.alerts.evaluating.series_models import Key
from monitor.application.alerts.evaluating.state_cache import States
from monitor.application.alerts.ports import StoredState
from monitor.domain.alerts.alert import Alert, fired
from monitor.domain.alerts.engine import State
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import Process
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Policy
from monitor.domain.times import microseconds

IS_DOWN, IS_UP = 1.0, 0.0


class Beginning(NamedTuple):
    """Alert that begins with *event*. *announcer*: for its time. *note*: why it fires, if values do not say it."""

    announcer: Announcer
    server: Server
    policy: Policy
    event: Event
    started_at: datetime
    processes: tuple[Process, ...] = ()
    note: str | None = None


def fire(*beginnings: Beginning) -> list[Alert]:
    """Store these alerts, each of another watch, and notify of them. All are of the same transaction."""
    if not beginnings:
        return []
    uow, alerts = beginnings[0].announcer.uow, beginnings[0].announcer.uow.alerts
    judged = _judged(beginnings)
    stored = alerts.add_all([each.alert for each in judged])
    risen = [replace(each, alert=alert) for each, alert in zip(judged, stored, strict=True)]
    each_with = zip(beginnings, risen, strict=True)
    begun = [(b, each, *b.announcer.beginning(b.server, each, b.event, b.note)) for b, each in each_with]
    written = [(b, each, one) for b, each, many, _ in begun for one in many]
    entries = alerts.add_to_timeline([one.entry for _, _, one in written])
    uow.notifications.add(
        [
            notification
            for (b, each, one), entry in zip(written, entries, strict=True)
            for notification in b.announcer.notifications(b.server, each.alert, one._replace(entry=entry), each.held_by)
        ]
    )
    if pagings := [paging for *_, pagings in begun for paging in pagings]:
        uow.pagings.save(pagings)
    return stored


def _judged(beginnings: Sequence[Beginning]) -> list[Risen]:
    """Apply silences, parents and the quiet rule."""
    new = [fired(b.server.id, b.policy, b.event, started_at=b.started_at, processes=b.processes) for b in beginnings]
    each = [(b, alert, b.announcer.held_by(alert)) for b, alert in zip(beginnings, new, strict=True)]
    alerts = beginnings[0].announcer.uow.alerts
    quiets = dict(alerts.quiets({(alert.server_id, alert.key) for _, alert, held_by in each if held_by is None}))
    risen: list[Risen] = []
    for b, alert, held_by in each:
        key = alert.server_id, alert.key
        if held_by is not None:
            risen.append(silenced(alert, held_by))
            continue
        quiets[key], judged = b.announcer.judge(alert, quiets[key], b.event.at, is_new=True)
        risen.append(judged)
    alerts.save_quiets(quiets)
    return risen


class Down(NamedTuple):
    """*since*: when it went down. *note*: why, for the timeline and notifications. *level*: None: the policy's.

    *processes*: the last that are known of a host.
    """

    since: datetime
    note: str | None
    value: float = IS_DOWN
    level: Level | None = None
    processes: tuple[Process, ...] = ()


def fire_down(
    announcer: Announcer, held: Mapping[Key, StoredState], metric: str, down: Mapping[ServerId, Down]
) -> States:
    """Fire alerts for those of *down* that a policy covers and that have none yet, and escalate those of a lower level.

    Return their stored states.
    """
    directory, now = announcer.fleet.directory, announcer.now
    beginnings, begun = list[Beginning](), list[StoredState]()
    for server_id, (since, note, value, given, processes) in sorted(down.items()):
        server = directory.watched(server_id)
        policy = None if server is None else directory.rules.policies_for(server).get(metric)
        if server is None or policy is None:
            continue
        if (stored := held.get((server_id, metric))) is not None:
            if given is not None and stored.alert_id is not None and given > stored.state.level:
                alert = announcer.uow.alerts.get(stored.alert_id, changed_by=None)
                event = Event(Change.ESCALATED, given, microseconds(now), value)
                announcer.change(server, alert, event, policy.threshold(given), is_late=False)
                begun.append(stored._replace(state=State(given, event.at)))
            continue
        level = given or (Level.WARNING if policy.critical is None else Level.CRITICAL)
        event = Event(Change.FIRED, level, microseconds(now), value)
        beginnings.append(Beginning(announcer, server, policy, event, since, processes, note))
    begun += [
        StoredState(each.server.id, metric, each.policy.id, State(each.event.level, each.event.at), alert.id)
        for each, alert in zip(beginnings, fire(*beginnings), strict=True)
    ]
    saved = announcer.uow.alert_states.save(begun) if begun else ()
    return {(stored.server_id, metric): stored for stored in saved}


def end(
    announcer: Announcer,
    held: Mapping[Key, StoredState],
    metric: str,
    up: Iterable[ServerId],
    cancelled: Iterable[ServerId] = (),
) -> States:
    """Resolve the alerts of what is *up* again, and cancel those of what is no longer watched. Return their states."""
    uow, states = announcer.uow, States()
    for server_id, is_up in sorted([*((each, True) for each in up), *((each, False) for each in cancelled)]):
        stored, server = held.get((server_id, metric)), announcer.fleet.directory.watched(server_id)
        if stored is None or server is None:
            continue
        if stored.alert_id is not None:
            alert = uow.alerts.get(stored.alert_id, changed_by=None)
            if is_up:
                value = alert.valued(IS_UP, announcer.now).value  # of a host offline, the seconds without a report
                event = Event(Change.RESOLVED, alert.level, microseconds(announcer.now), value)
                announcer.change(server, alert, event, None, is_late=False)
            else:
                announcer.cancel(server, alert, "")
        uow.alert_states.delete([stored])
        states[server_id, metric] = None
    return states
