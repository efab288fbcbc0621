"""Sessions and their tokens, and challenges: random values that prove that an answer belongs to a request of ours.

A short-lived access token is renewed by a refresh token that changes at every use.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from monitor.domain.accounts.actors import SessionId, UserId

ACCESS_TTL = timedelta(minutes=15)
REFRESH_TTL = timedelta(days=14)
"""Lifetime of a session that is not used."""
SESSION_TTL = timedelta(days=90)
"""Lifetime of any session."""
SSO_SESSION_TTL = timedelta(hours=24)
"""Lifetime of a session that single sign-on began. Who loses the account at the issuer is out within a day."""
MAX_SESSIONS = 100
"""Of one person. Another log-in ends the one that was used least recently."""
DEVICE_TTL = timedelta(days=180)
"""Longer than any session: the device is still known when its user must log in again."""
ROTATION_GRACE = timedelta(seconds=30)
"""Time in which the previous refresh token still works: clocks differ, and a restart may lose a response."""


class Ended(StrEnum):
    """What ended a session."""

    EXPIRED = "expired"
    ELSEWHERE = "elsewhere"
    STOLEN = "stolen"
    PASSWORD = "password"  # noqa: S105  # not a password, but the word for its change


class SignIn(StrEnum):
    """How a session was begun."""

    PASSWORD = "password"  # noqa: S105  # not a password, but the word for this way
    PASSKEY = "passkey"
    SSO = "sso"
    LINK = "link"


def is_let_in(
    sign_in: SignIn, authenticated_at: datetime | None, *, has_second_factor: bool, takes_passwords: bool
) -> bool:
    """Return whether a session counts: its way in is open, and it left out no second factor.

    *authenticated_at*: as in `Session`. *takes_passwords*: false with single sign-on alone.
    """
    is_open = takes_passwords or sign_in in {SignIn.SSO, SignIn.LINK}
    return is_open and (authenticated_at is not None or not has_second_factor)


class Refresh(Enum):
    """What the use of a refresh token means."""

    ROTATE = auto()
    REPEAT = auto()
    STOLEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open session.

    *authenticated_at*: when its user last proved who they are; None if a version opened it that knows no second factor.
    *id_token*: what the issuer of single sign-on wants to see at the log-out.
    """

    id: SessionId
    user_id: UserId
    token_digest: bytes
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    authenticated_at: datetime | None
    sign_in: SignIn = SignIn.PASSWORD
    previous_digest: bytes | None = None
    user_agent: str = ""
    address: str = ""
    id_token: str | None = field(default=None, repr=False)

    def judge(self, token_digest: bytes, now: datetime) -> Refresh:
        """Return what the use of the token with *token_digest* means.

        The previous token works for ROTATION_GRACE: two tabs may renew at once, or a response may get lost. Any other
        token, or a later use, means that somebody has a copy (RFC 9700, section 4.14.2).
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
            expires_at=expiry(self.sign_in, self.created_at, now),
        )


def expiry(sign_in: SignIn, created_at: datetime, used_at: datetime) -> datetime:
    """Return when a session ends that is not used again."""
    return min(used_at + REFRESH_TTL, created_at + (SSO_SESSION_TTL if sign_in is SignIn.SSO else SESSION_TTL))


def token_digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


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
    """A random value that is good once, stored as its *digest*.

    *user_id*: None if it is not known yet who answers. *data*: what to remember.
    """

    digest: bytes
    purpose: Purpose
    expires_at: datetime
    user_id: UserId | None = None
    data: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: str, purpose: Purpose, now: datetime, user_id: UserId | None = None, **data: str) -> "Challenge":
        """Return the challenge with this random *value*, which expires after CHALLENGE_TTL."""
        expires_at = now + CHALLENGE_TTL
        return cls(digest=token_digest(value), purpose=purpose, expires_at=expires_at, user_id=user_id, data=data)
