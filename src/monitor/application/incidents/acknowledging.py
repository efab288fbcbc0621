"""Acknowledge an incident: all of its alerts that fire and that one may change."""

from collections.abc import Collection
from dataclasses import dataclass

from monitor.application.alerts.acknowledging import AcknowledgeAlerts
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.incidents.ports import Member, Queries, ShownIncident
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
        own = changeable(found, self.fleet.visible_to(actor))
        new = [each for each in own if not each.is_acknowledged]  # the others keep who saw to them, and when
        return self.acknowledge_alerts(actor, [each.id for each in new], note)[0]


def changeable(found: ShownIncident, visible: VisibleFleet) -> Collection[Member]:
    """Return what fires and the actor may change; nothing if it has ended. Raises Forbidden if they may change none."""
    firing = [each for each in found.members if each.fires]
    servers = {each: visible.find(each) for each in {member.server_id for member in firing}}
    may = {each for each, server in servers.items() if server is not None and server.is_changeable_by(visible.actor)}
    if firing and not may:
        raise Forbidden
    return [each for each in firing if each.server_id in may]
