from collections.abc import Collection

from monitor.adapters.memory.state import Draft
from monitor.application.ports.makers import Makers
from monitor.domain.actors import UserId
from monitor.domain.errors import ConstraintViolated
from monitor.domain.policies import PolicyId
from monitor.domain.quotas import Quota
from monitor.domain.servers import ServerId


class MemoryMakers(Makers):
    """There is one writer at a time: nobody else counts meanwhile."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def count(self, user_id: UserId, what: Quota) -> int:
        draft = self._draft
        match what:
            case Quota.SERVERS:
                made = [draft.server_makers.get(server_id) for server_id in draft.servers]
            case Quota.POLICIES:
                made = [draft.policy_makers.get(policy_id) for policy_id in draft.policies]
            case Quota.SILENCES:
                made = [silence.created_by for silence in draft.silences.values()]
            case _:
                made = [key.owner_id for key in draft.api_keys.values()]
        return made.count(user_id)

    def made_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        self._must_exist(user_id)
        for server_id in server_ids:
            self._draft.server_makers[server_id] = user_id

    def made_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        self._must_exist(user_id)
        self._draft.policy_makers[policy_id] = user_id

    def _must_exist(self, user_id: UserId) -> None:
        if user_id not in self._draft.users:
            raise ConstraintViolated("the maker is gone")
