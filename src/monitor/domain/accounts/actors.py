"""The actor: the user on whose behalf something is read or changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from monitor.domain.accounts.errors import ReauthenticationRequired
from monitor.domain.errors import Forbidden

UserId = NewType("UserId", int)
SessionId = NewType("SessionId", str)
PersonalTokenId = NewType("PersonalTokenId", int)

FRESH = timedelta(minutes=10)
"""For so long a log-in counts as proof where a change asks for a fresh one."""


class Role(StrEnum):
    ADMIN = "admin"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A logged-in user. *address*: where the request came from, for the audit log.

    *session_id*, *authenticated_at*: of a session, and when its user last proved who they are, if that is known.
    *token_id*: of a personal token. None of them: the command line.
    """

    user_id: UserId
    username: str
    role: Role
    session_id: SessionId | None = None
    token_id: PersonalTokenId | None = None
    authenticated_at: datetime | None = None
    address: str | None = None

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def must_be_admin(self) -> None:
        """Raises Forbidden."""
        if not self.is_admin:
            raise Forbidden

    def must_be_fresh(self, now: datetime) -> None:
        """Check that the session's user proved who they are within FRESH. Tokens and the command line can't be asked.

        Raises ReauthenticationRequired.
        """
        if self.session_id is not None and fresh_until(self.authenticated_at, now) is None:
            raise ReauthenticationRequired


def fresh_until(authenticated_at: datetime | None, now: datetime) -> datetime | None:
    """Return until when this proof is fresh; None if there is none, or it is not any more."""
    if authenticated_at is None:
        return None
    until = authenticated_at + FRESH
    return until if now <= until else None


SYSTEM = Actor(user_id=UserId(0), username="monitor", role=Role.ADMIN)
"""Reads for the product itself."""
