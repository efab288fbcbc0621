"""A log-in that lasts: a short access token, renewed by a refresh token that changes at every use."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from monitor.domain.accounts.actors import SessionId, UserId

ACCESS_TTL = timedelta(minutes=15)
REFRESH_TTL = timedelta(days=14)
"""Of a session that is not used."""
SESSION_TTL = timedelta(days=90)
"""Of any session, however much it is used."""
DEVICE_TTL = timedelta(days=180)
"""Longer than any session: whoever has to log in again is known still."""
ROTATION_GRACE = timedelta(seconds=30)
"""Servers' clocks may differ, and a server may be restarted in the middle."""


class Ended(StrEnum):
    """What ended a session."""

    EXPIRED = "expired"
    ELSEWHERE = "elsewhere"
    STOLEN = "stolen"
    PASSWORD = "password"  # noqa: S105  # no password, the word for its change


class Refresh(Enum):
    ROTATE = auto()
    REPEAT = auto()
    STOLEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    id: SessionId
    user_id: UserId
    token_digest: bytes
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    previous_digest: bytes | None = None
    user_agent: str = ""
    address: str = ""

    def judge(self, token_digest: bytes, now: datetime) -> Refresh:
        """What presenting *token_digest* means.

        The token before the last one is tolerated for a moment (two tabs renew at once, or an answer got lost). Any
        other one, or that one later, can only be a copy in somebody else's hands (RFC 9700, section 4.14.2).
        """
        if token_digest == self.token_digest:
            return Refresh.ROTATE
        is_recent = token_digest == self.previous_digest and now - self.last_used_at <= ROTATION_GRACE
        return Refresh.REPEAT if is_recent else Refresh.STOLEN

    def rotated(self, token_digest: bytes, now: datetime) -> "Session":
        return replace(
            self,
            token_digest=token_digest,
            previous_digest=self.token_digest,
            last_used_at=now,
            expires_at=min(now + REFRESH_TTL, self.created_at + SESSION_TTL),
        )


def token_digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
