"""Acknowledge an incident, or silence it: all of its alerts that fire and that one may change."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from monitor.application.accounts.limits import check_room
from monitor.application.alerts.acknowledging import AcknowledgeAlerts
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.incidents.ports import Member, Queries, ShownIncident, UnitOfWork
from monitor.application.policies.silences import add_silences
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.errors import Forbidden
from monitor.domain.incidents.causes import CauseKind
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence, SilenceId


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
        own = _changeable(found, self.fleet.visible_to(actor))
        new = [each for each in own if not each.is_acknowledged]  # the others keep who saw to them, and when
        return self.acknowledge_alerts(actor, [each.id for each in new], note)[0]


@dataclass(frozen=True, slots=True)
class SilenceIncident:
    """Silence its tag, and each of its servers and checks that still fire and lack that tag."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock
    quotas: Quotas = UNLIMITED

    @retried
    def __call__(self, actor: Actor, incident_id: IncidentId, lasts: timedelta, reason: str) -> list[SilenceId]:
        """Return the new silences: first of the tag that is the cause, for who may silence a tag; none if it has ended.

        Raises NotFound, InvalidInput, QuotaReached; Forbidden if the actor may change none of what fires.
        """
        found, now = self.queries.incidents.get(actor, incident_id), self.clock.now()
        visible, cause = self.fleet.visible_to(actor), found.incident.cause
        own = _changeable(found, visible)
        scopes = list[Scope]()
        if own and actor.is_admin and cause is not None and cause.group.kind is CauseKind.TAG:
            scopes = [Scope(tag=cause.group.value)]
        firing = [visible.get(each) for each in sorted({member.server_id for member in own})]
        scopes += [Scope(server_id=each.id) for each in firing if not any(scope.covers(each) for scope in scopes)]
        silences = [
            Silence(scope=scope, starts_at=now, ends_at=now + lasts, reason=reason, created_at=now) for scope in scopes
        ]
        with self.new_uow() as uow:
            check_room(uow, self.quotas, actor, Quota.SILENCES, now, len(silences))
            uow.alerts.get_many([each.id for each in own], changed_by=actor)  # they may no longer be theirs
            added = add_silences(uow, actor, now, silences)
            uow.commit()
        return [each.id for each in added]


def _changeable(found: ShownIncident, visible: VisibleFleet) -> Collection[Member]:
    """Return what fires and the actor may change; nothing if it has ended. Raises Forbidden if they may change none."""
    firing = [each for each in found.members if each.fires]
    servers = {each: visible.find(each) for each in {member.server_id for member in firing}}
    may = {each for each, server in servers.items() if server is not None and server.is_changeable_by(visible.actor)}
    if firing and not may:
        raise Forbidden
    return [each for each in firing if each.server_id in may]
