"""Fire many alerts at once, with as many statements as for one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from monitor.application.alerts.announcing import Announcer, Risen, silenced
from monitor.domain.alerts.alert import Alert, fired
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import Process
from monitor.domain.policies.comparing import Event
from monitor.domain.policies.policies import Policy


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
    written = [b.announcer.entry_and_targets(b.server, each, b.event, b.note) for b, each in each_with]
    entries = alerts.add_to_timeline([entry for entry, _ in written])
    uow.notifications.add(
        [
            notification
            for b, each, entry, (_, targets) in zip(beginnings, risen, entries, written, strict=True)
            for notification in b.announcer.notifications(
                b.server, each.alert, entry, targets, is_silenced=each.is_silenced
            )
        ]
    )
    return stored


def _judged(beginnings: Sequence[Beginning]) -> list[Risen]:
    """Apply silences and the quiet rule."""
    new = [fired(b.server.id, b.policy, b.event, started_at=b.started_at, processes=b.processes) for b in beginnings]
    each = list(zip(beginnings, new, strict=True))
    alerts = beginnings[0].announcer.uow.alerts
    quiets = dict(alerts.quiets({(a.server_id, a.key) for b, a in each if not b.announcer.is_silenced(b.server, a)}))
    risen: list[Risen] = []
    for b, alert in each:
        key = alert.server_id, alert.key
        if key not in quiets:
            risen.append(silenced(alert))
            continue
        quiets[key], judged = b.announcer.judge(alert, quiets[key], b.event.at, is_new=True)
        risen.append(judged)
    alerts.save_quiets(quiets)
    return risen
