"""Passkeys in memory."""

from dataclasses import replace

from monitor.adapters.memory.database import MemoryRepository
from monitor.application.accounts.ports.passkeys import Passkeys
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import PasskeyExists
from monitor.domain.accounts.passkeys import Passkey, PasskeyId


class MemoryPasskeys(MemoryRepository, Passkeys):
    def add(self, passkey: Passkey) -> Passkey:
        self._draft.check_user(passkey.user_id)
        if self.by_credential(passkey.credential_id) is not None:
            raise PasskeyExists
        passkey = replace(passkey, id=PasskeyId(self._draft.next_id("passkeys")))
        self._draft.passkeys[passkey.id] = passkey
        return passkey

    def of_user(self, user_id: UserId) -> list[Passkey]:
        return [passkey for passkey in self._draft.passkeys.in_order() if passkey.user_id == user_id]

    def by_credential(self, credential_id: bytes) -> Passkey | None:
        return next((p for p in self._draft.passkeys.values() if p.credential_id == credential_id), None)

    def save(self, passkey: Passkey) -> None:
        if passkey.id in self._draft.passkeys:
            self._draft.passkeys[passkey.id] = passkey

    def delete(self, passkey_id: PasskeyId) -> None:
        self._draft.passkeys.pop(passkey_id, None)

    def delete_all(self, user_id: UserId) -> int:
        before = len(self._draft.passkeys)
        self._draft.passkeys.remove(lambda _, passkey: passkey.user_id == user_id)
        return before - len(self._draft.passkeys)
