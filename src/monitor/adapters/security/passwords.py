"""Password hashes by argon2id, with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

import threading
from functools import cached_property
from typing import Any

from monitor.application.accounts.credentials import PasswordHasher

_MEMORY_KIB = 19_456
_PASSES = 2
_LANES = 1
_AT_ONCE = 2

# Takes as long as any hash to verify. Salt and digest are zeros, so no known password matches.
_OF_NO_PASSWORD = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"


class Argon2PasswordHasher(PasswordHasher):
    """Hashes at most two passwords at once, so that many log-ins take no more than 38 MiB and two cores."""

    def __init__(self) -> None:
        self._turn = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """Raises ValueError for a lone surrogate or more than 4,096 characters, which `check_password` refuses."""
        with self._turn:
            return str(self._argon2.hash(password))

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Return False also for a hash in another format, and for a password that can't be hashed."""
        with self._turn:
            if password_hash:
                try:
                    return bool(self._argon2.verify(password, password_hash))
                except ValueError:  # raised at once; the verification below takes the usual time
                    pass
            self._argon2.verify("", _OF_NO_PASSWORD)
            return False

    @cached_property
    def _argon2(self) -> Any:
        # Imported at the first use: it takes 40 ms, and most commands hash nothing.
        from passlib.hash import argon2

        return argon2.using(type="ID", memory_cost=_MEMORY_KIB, time_cost=_PASSES, parallelism=_LANES)
