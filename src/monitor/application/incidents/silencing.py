"""Silence an incident: its tag, and each of its servers and checks that still fire and lack that tag."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from monitor.application.accounts.limits import check_room
from monitor.application.fleet.fleet import Fleet
from monitor.application.incidents.acknowledging import changeable
from monitor.application.incidents.ports import Queries, UnitOfWork
from monitor.application.policies.silences import add_silences
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.alerts.alert import IncidentId
from monitor.domain.incidents.causes import CauseKind
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence, SilenceId


@dataclass(frozen=True, slots=True)
class SilenceIncident:
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
        own = changeable(found, visible)
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
