from dataclasses import replace

from monitor.adapters.memory.cascades import forget_policies
from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.alert_policies import AlertPolicies
from monitor.domain.errors import ConstraintViolated, NotFound, PolicyExists
from monitor.domain.policies import Policy, PolicyId


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
