"""Policies and silences in memory."""

from dataclasses import replace

from monitor.adapters.memory.database import MemoryRepository, forget_policies
from monitor.adapters.memory.state import State
from monitor.application.alerts.ports import AlertPolicies, Silences
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.policies import Policy, PolicyId
from monitor.domain.alerts.silences import Silence, SilenceId
from monitor.domain.errors import NotFound, PolicyExists


class MemoryAlertPolicies(MemoryRepository, AlertPolicies):
    def add(self, policy: Policy) -> Policy:
        self._check(policy)
        policy = replace(policy, id=PolicyId(self._draft.next_id("alert_policies")))
        self._draft.policies[policy.id] = policy
        self._draft.fleet_changed = True
        return policy

    def get(self, policy_id: PolicyId) -> Policy:
        return self._draft.policies.found(policy_id, "policy")

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
        return self._draft.policies.in_order()

    def _check(self, policy: Policy) -> None:
        others = (other for other in self._draft.policies.values() if other.id != policy.id)
        if any((other.key, other.scope) == (policy.key, policy.scope) for other in others):
            raise PolicyExists
        self._draft.check_server(policy.scope.server_id)


class MemorySilences(MemoryRepository, Silences):
    def add(self, silence: Silence) -> Silence:
        self._draft.check_server(silence.scope.server_id)
        silence = replace(silence, id=SilenceId(self._draft.next_id("silences")))
        self._draft.silences[silence.id] = silence
        self._draft.fleet_changed = True
        return silence

    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        silence = self._draft.silences.get(silence_id)
        if silence is None or not _is_visible(silence, visible_to, self._draft):
            raise NotFound(f"no silence {silence_id}")
        return silence

    def delete(self, silence_id: SilenceId) -> None:
        if self._draft.silences.pop(silence_id, None) is not None:
            self._draft.fleet_changed = True

    def all(self) -> list[Silence]:
        return self._draft.silences.in_order()


def _is_visible(silence: Silence, actor: Actor, state: State) -> bool:
    seen = (server for server in state.servers.values() if state.watches(server.id, actor))
    return actor.is_admin or any(map(silence.scope.covers, seen))
