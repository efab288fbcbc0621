"""Acknowledge an incident: all of its alerts that fire and that one may change."""

from dataclasses import dataclass

from monitor.application.alerts.acknowledging import AcknowledgeAlerts
from monitor.application.fleet.fleet import Fleet
from monitor.application.incidents.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.errors import Forbidden


@dataclass(frozen=True, slots=True)
class AcknowledgeIncident:
    queries: Queries
    fleet: Fleet
    acknowledge_alerts: AcknowledgeAlerts

    def __call__(self, actor: Actor, incident_id: IncidentId, note: str = "") -> list[AlertId]:
        """Return the alerts that are acknowledged now; none if it has ended.

        Raises NotFound, InvalidInput; Forbidden if the actor may change none of what fires.
        """
        found = self.queries.incidents.get(actor, incident_id)
        visible = self.fleet.visible_to(actor)
        firing = [each.alert for each in found.alerts if each.alert.is_open]
        own = [
            alert.id
            for alert in firing
            if (watched := visible.find(alert.server_id)) is not None and watched.is_changeable_by(actor)
        ]
        if firing and not own:
            raise Forbidden
        return self.acknowledge_alerts(actor, own, note)[0] if own else []
