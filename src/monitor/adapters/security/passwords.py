"""argon2id, with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.

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

# Costs what every other hash costs, and no password is known to have it: salt and digest are all zeros.
_NOBODYS = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"


class Argon2PasswordHasher(PasswordHasher):
    """At most two hashes are made at once, so that a burst of log-ins takes 38 MiB and two cores, and then waits."""

    def __init__(self) -> None:
        self._turn = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """Raises ValueError for what `check_password` refuses: a lone surrogate, or more than 4,096 characters."""
        with self._turn:
            return str(self._argon2.hash(password))

    def verify(self, password: str, password_hash: str | None) -> bool:
        """False too for a hash that is none of ours, and for a password that cannot be hashed."""
        with self._turn:
            if password_hash is not None:
                try:
                    return bool(self._argon2.verify(password, password_hash))
                except ValueError:  # after no time at all, hence the detour
                    pass
            self._argon2.verify("", _NOBODYS)
            return False

    @cached_property
    def _argon2(self) -> Any:
        # Imported at the first use: it takes 40 ms, which no command that hashes nothing should pay.
        from passlib.hash import argon2

        return argon2.using(type="ID", memory_cost=_MEMORY_KIB, time_cost=_PASSES, parallelism=_LANES)
