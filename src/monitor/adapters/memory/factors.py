"""Second factors in memory."""

from collections.abc import Collection
from datetime import datetime

from monitor.adapters.memory.database import MemoryRepository
from monitor.adapters.memory.state import State
from monitor.application.accounts.ports.factors import Factors
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy, Totp


class MemoryFactors(MemoryRepository, Factors):
    def policy(self) -> SecondFactorPolicy:
        return policy_of(self._draft)

    def of(self, user_id: UserId) -> OwnFactors:
        return factors_of(self._draft, user_id)

    def totp(self, user_id: UserId) -> Totp | None:
        return self._draft.totp_secrets.get(user_id)

    def save_totp(self, totp: Totp) -> None:
        self._draft.check_user(totp.user_id)
        self._draft.totp_secrets[totp.user_id] = totp

    def replace_recovery_codes(self, user_id: UserId, digests: Collection[bytes]) -> None:
        self._draft.check_user(user_id)
        self._draft.recovery_codes.remove(lambda key, _: key[0] == user_id)
        self._draft.recovery_codes.update({(user_id, digest): None for digest in digests})

    def use_recovery_code(self, user_id: UserId, digest: bytes, at: datetime) -> bool:
        key = (user_id, digest)
        if key not in self._draft.recovery_codes or self._draft.recovery_codes[key] is not None:
            return False
        self._draft.recovery_codes[key] = at
        return True

    def delete_totp(self, user_id: UserId) -> None:
        self._draft.totp_secrets.pop(user_id, None)
        self._draft.recovery_codes.remove(lambda key, _: key[0] == user_id)

    def reencrypt(self) -> None:
        """Do nothing: memory encrypts nothing."""

    def unreadable(self) -> list[UserId]:
        return []


def policy_of(state: State) -> SecondFactorPolicy:
    return SecondFactorPolicy.of(state.preferences.get("second_factor"))


def factors_of(state: State, user_id: UserId) -> OwnFactors:
    totp = state.totp_secrets.get(user_id)
    unused = [key for key, used_at in state.recovery_codes.items() if key[0] == user_id and used_at is None]
    passkeys = [passkey for passkey in state.passkeys.values() if passkey.user_id == user_id and passkey.is_usable]
    return OwnFactors(has_totp=totp is not None and totp.is_on, recovery_codes_left=len(unused), passkeys=len(passkeys))
