"""What may yet fire, from memory: without an id and without pages."""

from datetime import datetime

from monitor.adapters.http import times
from monitor.adapters.http.levels import LEVELS
from monitor.adapters.http.shown_alerts import AlertOut
from monitor.application.alerting import Alerting
from monitor.application.fleet import Fleet
from monitor.application.ports.alert_states import StoredState
from monitor.application.ports.queries import AlertFilter
from monitor.domain.actors import Actor
from monitor.domain.alert_engine import Level, moment
from monitor.domain.alerts import threshold
from monitor.domain.errors import NotFound
from monitor.domain.servers import Server


def pending(actor: Actor, fleet: Fleet, alerting: Alerting, wanted: AlertFilter, now: datetime) -> list[AlertOut]:
    """Raises NotFound for a server the actor may not see."""
    visible = {server.id: server for server in fleet.directory.visible(actor)}
    if wanted.server_id is not None and wanted.server_id not in visible:
        raise NotFound
    if wanted.acknowledged:
        return []
    found = [
        _shown(stored, visible[stored.server_id], fleet, now)
        for stored in alerting.pending()
        if stored.server_id in visible
        and wanted.metric in (None, stored.metric)
        and wanted.may_be_of(visible[stored.server_id])
    ]
    return [out for out in found if wanted.level is None or out.level == LEVELS[wanted.level]]


def _shown(stored: StoredState, server: Server, fleet: Fleet, now: datetime) -> AlertOut:
    state, live = stored.state, fleet.live.get(server.id)
    is_critical = state.critical_since is not None
    since = state.critical_since if state.warning_since is None else state.warning_since
    return AlertOut(
        id=None,
        server_id=server.id,
        server_name=server.name,
        policy_id=stored.policy_id,
        metric=stored.metric,
        level="critical" if is_critical else "warning",
        state="pending",
        value=live.sample.metric(stored.metric) if live is not None and live.sample is not None else None,
        threshold=_threshold(stored, fleet, Level.CRITICAL if is_critical else Level.WARNING),
        started_at=times.written(moment(since or 0)),
        fired_at=None,
        resolved_at=None,
        acknowledged_by=None,
        acknowledged_at=None,
        silenced=fleet.directory.is_silenced(server.id, stored.metric, now),
        late=False,
        flapping=False,
        peak_level=None,
        peak_value=None,
        peak_at=None,
    )


def _threshold(stored: StoredState, fleet: Fleet, level: Level) -> float | None:
    policy = next((policy for policy in fleet.directory.policies if policy.id == stored.policy_id), None)
    return threshold(policy, level) if policy is not None else None
