"""Create, change and delete policies, and say what becomes of their open alerts."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, time, timedelta
from typing import Any

from monitor.application.accounts.limits import check_room
from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluating.state_cache import AT_ONCE
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.teams import check_escalation
from monitor.application.fleet.visibility import KnownFleet, VisibleFleet
from monitor.application.history.learning import up_to
from monitor.application.history.tiers import StoredHistory
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts import audit
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.errors import NotFound, PolicyExists
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.changing import changed, checked_policy
from monitor.domain.policies.check_policies import clock_policy, default_policies
from monitor.domain.policies.policies import OWN_FIELDS, WITHOUT_SAMPLES, Policy, PolicyId, PolicyKind, Scope
from monitor.domain.policies.series_models import SeriesModel
from monitor.domain.recurrence import Recurrence

_NOT_AUDITED = {"id", "changed_at", "scope", "note", *OWN_FIELDS}
_AUDITED = (*(each.name for each in fields(Policy) if each.name not in _NOT_AUDITED), *OWN_FIELDS, "note")
"""With "scope" before them, in the order of the sentence."""
NewUow = Callable[[], UnitOfWork]


def check_may_change(uow: UnitOfWork, actor: Actor, scope: Scope) -> None:
    """Check that *actor* may change policies and silences of *scope*. Raises Forbidden, NotFound.

    A server's, and its checks', needs the right to change the server; any other scope needs an administrator.
    """
    if scope.server_id is None:
        actor.must_be_admin()
        return
    host_id = uow.servers.host_of(scope.server_id)
    if host_id is not None:
        uow.servers.get(host_id, changed_by=actor)
    elif not actor.is_admin:
        raise NotFound


def may_change(visible: VisibleFleet, scope: Scope) -> bool:
    """Tell what `check_may_change` would decide, from memory."""
    server = visible.find(scope.server_id)
    return visible.actor.is_admin or (server is not None and server.is_changeable_by(visible.actor))


def visible_policies(visible: VisibleFleet) -> Sequence[Policy]:
    """Return the policies for everything and for visible servers, in id order; all for administrators."""
    policies = visible.directory.rules.policies
    return policies.all if visible.actor.is_admin else policies.reaching(visible.all)


def to_change(uow: UnitOfWork, policy_id: PolicyId, visible: VisibleFleet) -> Policy:
    """Return a policy, locked. Raises NotFound, also if it is not visible; Forbidden if the actor may not change it."""
    policy = uow.alert_policies.get(policy_id)
    is_visible = visible.actor.is_admin or policy.scope == Scope() or any(map(policy.scope.covers, visible.all))
    if not is_visible:
        raise NotFound
    check_may_change(uow, visible.actor, policy.scope)
    return policy


@dataclass(frozen=True, slots=True)
class CreatePolicy:
    new_uow: NewUow
    clock: Clock
    quotas: Quotas = UNLIMITED

    @retried
    def __call__(self, actor: Actor, policy: Policy) -> Policy:
        """Raises Forbidden, QuotaReached, NotFound, InvalidInput, PolicyExists."""
        checked_policy(policy)
        with self.new_uow() as uow:
            check_room(uow, self.quotas, actor, Quota.POLICIES, self.clock.now())
            check_may_change(uow, actor, policy.scope)
            check_escalation(uow, policy.escalation_id)
            policy = uow.alert_policies.add(replace(policy, changed_at=self.clock.now()))
            if not actor.is_admin:
                uow.creators.note_policy(actor.user_id, policy.id)
            uow.audit.add(audit.entry(actor, self.clock.now(), "policy.create", policy.metric, describe(policy)))
            uow.commit()
        return policy


@dataclass(frozen=True, slots=True)
class UpdatePolicy:
    """Change a policy. What fires or is pending by it is evaluated anew, unless it watches nothing any more."""

    new_uow: NewUow
    clock: Clock
    fleet: KnownFleet

    @retried
    def __call__(self, actor: Actor, policy_id: PolicyId, **changes: Any) -> Policy:
        """*changes* by the names of Policy's fields. Raises Forbidden, NotFound, InvalidInput, PolicyExists."""
        visible = self.fleet.visible_to(actor)  # before the transaction: intake takes the lock of the fleet first
        with self.new_uow() as uow:
            before = to_change(uow, policy_id, visible)
            after = changed(before, **changes)
            check_may_change(uow, actor, after.scope)
            check_escalation(uow, after.escalation_id)
            if after != before:
                now = self.clock.now()
                if compares_otherwise(before, after):
                    after = replace(after, changed_at=now)
                uow.alert_policies.save(after)
                if not after.enabled or after.key != before.key:
                    cancel_alerts_of(policy_id, Announcer(self.fleet, uow, now), "policy changed")
                elif compares_otherwise(before, after):
                    evaluate_anew(uow, after, now)
                uow.audit.add(audit.entry(actor, now, "policy.update", after.metric, _changes(before, after)))
            uow.commit()
        return after


@dataclass(frozen=True, slots=True)
class DeletePolicy:
    new_uow: NewUow
    clock: Clock
    fleet: KnownFleet

    @retried
    def __call__(self, actor: Actor, policy_id: PolicyId) -> None:
        """Raises Forbidden, NotFound."""
        visible = self.fleet.visible_to(actor)  # before the transaction, as in UpdatePolicy
        with self.new_uow() as uow:
            policy, now = to_change(uow, policy_id, visible), self.clock.now()
            cancel_alerts_of(policy_id, Announcer(self.fleet, uow, now), "policy deleted")
            uow.alert_policies.delete(policy_id)
            uow.audit.add(audit.entry(actor, now, "policy.delete", policy.metric, describe(policy)))
            uow.commit()


@dataclass(frozen=True, slots=True)
class ShowOutlooks:
    """Show what forecast and range policies see now, or how much they still need to know."""

    stored: StoredHistory
    fleet: Fleet

    def __call__(self, actor: Actor, server_id: ServerId) -> list[SeriesModel]:
        """Return them, as of the newest sample, by metric and kind, also of a check. Raises NotFound."""
        visible = self.fleet.visible_to(actor)
        policies = visible.directory.rules.policies_for(visible.get(server_id))
        wanted = [policies[key] for key in sorted(policies) if policies[key].kind.model is not None]
        live = self.fleet.live.get(server_id)
        newest = live.sample.recorded_at if live is not None and live.sample is not None else None
        return [up_to(self.stored, server_id, policy, newest) for policy in wanted]


_WITH_CLOCK = 2
"""The default policies with the one on clocks."""


@dataclass(frozen=True, slots=True)
class EnsureDefaultPolicies:
    """Store the default policies that the database lacks: once, so that deleted ones stay deleted."""

    new_uow: NewUow

    @retried
    def __call__(self) -> None:
        with self.new_uow() as uow:
            stored = float(uow.preferences.all().get("default_policies", 0))
            if stored >= _WITH_CLOCK:
                return
            try:
                for policy in [clock_policy()] if stored else default_policies():
                    uow.alert_policies.add(policy)
            except PolicyExists:  # made by a person, or by another process that started at the same time
                return
            uow.preferences.save({"default_policies": _WITH_CLOCK})
            uow.commit()


def cancel_alerts_of(policy_id: PolicyId, announcer: Announcer, note: str) -> None:
    """Cancel `AT_ONCE` of its alerts. The alert maintenance cancels the others, as many in a transaction."""
    uow = announcer.uow
    held = uow.alert_states.of_policy(policy_id, AT_ONCE)
    uow.alert_states.delete(held)
    found = uow.alerts.get_many({each.alert_id for each in held if each.alert_id is not None}, changed_by=None)
    announcer.cancel_all([alert for alert in found.values() if alert.is_open], note)


def compares_otherwise(before: Policy, after: Policy) -> bool:
    """Tell whether more than the note, the scope or the escalation differs."""
    same: dict[str, Any] = {"note": "", "scope": Scope(), "escalation_id": None}
    return replace(before, **same) != replace(after, **same)


def evaluate_anew(uow: UnitOfWork, policy: Policy, now: datetime) -> None:
    """Note all that fires or is pending by *policy*. Whether hosts report does not depend on what it compares."""
    if policy.metric not in WITHOUT_SAMPLES:
        held = uow.alert_states.of_policy(policy.id)
        uow.due_evaluations.add(
            [DueEvaluation(each.server_id, Cause.EDITED, now, now, now, each.metric) for each in held]
        )


def _changes(before: Policy, after: Policy) -> str:
    return f"{scope_text(after.scope)}; {audit.changes(_audit_details(before), _audit_details(after))}"


def _audit_details(policy: Policy) -> dict[str, object]:
    return {"scope": scope_text(policy.scope)} | {name: written(getattr(policy, name)) for name in _AUDITED}


def written(value: object) -> object:
    """Return the value of a field for the audit log."""
    match value:
        case timedelta():
            return value.total_seconds()
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case time():
            return f"{value:%H:%M}"
        case Level() | PolicyKind():
            return value.name.lower()
        case frozenset():
            return sorted(value)
        case Recurrence():
            return json.dumps({each.name: written(getattr(value, each.name)) for each in fields(Recurrence)})
    return value


def scope_text(scope: Scope) -> str:
    """Return *scope* for the audit log."""
    return f"server {scope.server_id}" if scope.server_id else f"tag {scope.tag}" if scope.tag else "everything"


def describe(policy: Policy) -> str:
    """Return *policy* for the audit log."""
    thresholds = f"{scope_text(policy.scope)}: warning={policy.warning} critical={policy.critical} {policy.direction}"
    return ", ".join(filter(None, (thresholds, policy.kind.described(policy), "" if policy.enabled else "off")))
