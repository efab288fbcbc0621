"""Policies and silences in memory."""

from collections.abc import Iterable
from dataclasses import replace

from monitor.adapters.memory.database import Database, forget_policies
from monitor.adapters.memory.state import Draft
from monitor.application.alerts.ports import AlertPolicies, Silences
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.policies import Policy, PolicyId
from monitor.domain.alerts.silences import Silence, SilenceId
from monitor.domain.errors import ConstraintViolated, NotFound, PolicyExists
from monitor.domain.fleet.servers import Server


class MemoryAlertPolicies(AlertPolicies):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, policy: Policy) -> Policy:
        self._check(policy)
        policy = replace(policy, id=PolicyId(self._database.next_id("alert_policies")))
        self._draft.policies[policy.id] = policy
        self._draft.fleet_changed = True
        return policy

    def get(self, policy_id: PolicyId) -> Policy:
        if (policy := self._draft.policies.get(policy_id)) is None:
            raise NotFound(f"no policy {policy_id}")
        return policy

    def save(self, policy: Policy) -> None:
        self.get(policy.id)
        self._check(policy)
        self._draft.policies[policy.id] = policy
        self._draft.fleet_changed = True

    def delete(self, policy_id: PolicyId) -> None:
        self.get(policy_id)
        forget_policies(self._draft, {policy_id})
        self._draft.fleet_changed = True

    def all(self) -> list[Policy]:
        return [policy for _, policy in sorted(self._draft.policies.items())]

    def _check(self, policy: Policy) -> None:
        others = (other for other in self._draft.policies.values() if other.id != policy.id)
        if any((other.metric, other.scope) == (policy.metric, policy.scope) for other in others):
            raise PolicyExists
        if policy.scope.server_id is not None and policy.scope.server_id not in self._draft.servers:
            raise ConstraintViolated("the server is gone")


class MemorySilences(Silences):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, silence: Silence) -> Silence:
        if silence.scope.server_id is not None and silence.scope.server_id not in self._draft.servers:
            raise ConstraintViolated("the server is gone")
        silence = replace(silence, id=SilenceId(self._database.next_id("silences")))
        self._draft.silences[silence.id] = silence
        self._draft.fleet_changed = True
        return silence

    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        silence = self._draft.silences.get(silence_id)
        if silence is None or not _is_visible(silence, visible_to, self._draft.servers.values()):
            raise NotFound(f"no silence {silence_id}")
        return silence

    def delete(self, silence_id: SilenceId) -> None:
        if self._draft.silences.pop(silence_id, None) is not None:
            self._draft.fleet_changed = True

    def all(self) -> list[Silence]:
        return [silence for _, silence in sorted(self._draft.silences.items())]


def _is_visible(silence: Silence, actor: Actor, servers: Iterable[Server]) -> bool:
    return actor.is_admin or any(s.is_visible_to(actor) and silence.scope.covers(s) for s in servers)
