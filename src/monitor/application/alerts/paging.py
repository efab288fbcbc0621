"""Page again for an open alert: a step is due, or its acknowledgement has expired."""

from collections.abc import Iterable
from dataclasses import replace

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.escalating import each_once, run_due
from monitor.application.oncall.ports import Paging
from monitor.domain.alerts.alert import Alert, EventKind
from monitor.domain.fleet.servers import Server
from monitor.domain.notifications.outbox import Target
from monitor.domain.times import microseconds


def expire(announcer: Announcer, server: Server, alert: Alert) -> None:
    """End an acknowledgement that nobody has ended in time, and notify as if the alert began."""
    alert, alerts = alert.unacknowledged(), announcer.uow.alerts
    if alert.last_notified_at is not None:  # a reminder is not due as well
        alert = replace(alert, last_notified_at=announcer.now)
    alerts.save(alert)
    quiet = alerts.quiet(server.id, alert.key).expired(microseconds(announcer.now))
    alerts.save_quiet(server.id, alert.key, quiet)
    announcer.begin(server, alert, announcer.entry(announcer.present(alert), EventKind.ACK_EXPIRED))


def run_steps(announcer: Announcer, server: Server, alert: Alert, pagings: Iterable[Paging]) -> None:
    """Run the steps that are due. If a silence covered the firing, the alert begins now, or the quiet rule holds it."""
    open_ = announcer.uow.alerts.quiet(server.id, alert.key).open
    if open_ is not None and open_.notified >= alert.level:
        _run(announcer, server, alert, pagings)
        return
    is_notified, notice = announcer.release(alert)
    if is_notified:
        entry = announcer.entry(announcer.present(alert), EventKind.DUE)
        announcer.begin(server, alert, replace(entry, notice=notice))
    else:
        announcer.replace_pagings(alert)


def _run(announcer: Announcer, server: Server, alert: Alert, pagings: Iterable[Paging]) -> None:
    directory, now, known = announcer.fleet.directory, announcer.now, set[Target]()
    for paging in pagings:
        escalation = directory.roster.escalations.get(paging.escalation_id)
        if escalation is None or paging.progress.due_at > now:  # None: deleted a moment ago, with its pagings
            continue
        runs, coming = run_due(directory, server, alert, escalation, paging.progress, now)
        if coming is None:
            announcer.uow.pagings.delete([alert.id], only=escalation.id)
        else:
            announcer.uow.pagings.save([paging._replace(progress=coming)])
        runs = each_once(runs, known)
        known.update(target for each in runs for target in each.present.targets)
        announcer.announce(server, alert, *announcer.as_written(alert, runs, EventKind.STEP))
