"""The clock and the randomness of the operating system."""

import secrets
from datetime import UTC, datetime

from monitor.application.ports import Clock, Secrets


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)


_BYTES = 32


class SystemSecrets(Secrets):
    """Tokens have 256 bits, as 43 characters."""

    def token(self) -> str:
        return secrets.token_urlsafe(_BYTES)

    def version(self) -> int:
        return 1 + secrets.randbelow(2**31 - 1)
