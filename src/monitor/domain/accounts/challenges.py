"""Challenges: random values that prove that an answer belongs to a request of ours. Each is good once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.accounts.actors import UserId

CHALLENGE_TTL = timedelta(minutes=10)
"""Time in which a person may finish what they began: a log-in elsewhere, a passkey, a link."""


class Purpose(StrEnum):
    """What a challenge is for. A challenge for one thing is worth nothing for another."""

    PASSKEY_REGISTRATION = "new_passkey"
    PASSKEY_LOGIN = "passkey"
    SSO = "sso"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """*digest*: of the random value. *user_id*: None if it is not known yet who answers. *data*: what to remember."""

    digest: bytes
    purpose: Purpose
    expires_at: datetime
    user_id: UserId | None = None
    data: dict[str, str] = field(default_factory=dict)
