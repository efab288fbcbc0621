"""Identities of single sign-on in memory."""

from dataclasses import replace

from monitor.adapters.memory.database import MemoryRepository
from monitor.application.accounts.ports.identities import Identities
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import IdentityTaken
from monitor.domain.accounts.identities import JoinedIdentity


class MemoryIdentities(MemoryRepository, Identities):
    def add(self, identity: JoinedIdentity) -> JoinedIdentity:
        self._draft.check_user(identity.user_id)
        if self.find(identity.issuer, identity.subject) is not None:
            raise IdentityTaken
        identity = replace(identity, id=self._draft.next_id("identities"))
        self._draft.identities[identity.id] = identity
        return identity

    def find(self, issuer: str, subject: str) -> JoinedIdentity | None:
        rows = self._draft.identities.values()
        return next((row for row in rows if (row.issuer, row.subject) == (issuer, subject)), None)

    def of_user(self, user_id: UserId) -> list[JoinedIdentity]:
        return [row for row in self._draft.identities.in_order() if row.user_id == user_id]

    def save(self, identity: JoinedIdentity) -> bool:
        if identity.id not in self._draft.identities:
            return False
        self._draft.identities[identity.id] = identity
        return True

    def delete_all(self, user_id: UserId) -> None:
        self._draft.identities.remove(lambda _, row: row.user_id == user_id)
