"""Alerts as they stand at this moment."""

from datetime import datetime

from monitor.application.fleet.fleet import Fleet
from monitor.domain.alerts.alert import Alert


def present(fleet: Fleet, alert: Alert, now: datetime) -> Alert:
    """One that is open with the newest value known: of its host's newest sample, or how long that has been silent. One
    that ended keeps the value it had then."""
    if not alert.is_open:
        return alert
    live = fleet.live.get(alert.server_id)
    newest = live.sample.metric(alert.metric) if live is not None and live.sample is not None else None
    return alert.valued(alert.value if newest is None else newest, now)
