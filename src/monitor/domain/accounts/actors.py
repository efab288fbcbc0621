"""The actor: the user on whose behalf something is read or changed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from monitor.domain.errors import Forbidden

UserId = NewType("UserId", int)
SessionId = NewType("SessionId", str)


class Role(StrEnum):
    ADMIN = "admin"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A logged-in user. *address*: where the request came from, for the audit log."""

    user_id: UserId
    username: str
    role: Role
    session_id: SessionId | None = None
    address: str | None = None

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def must_be_admin(self) -> None:
        """Raises Forbidden."""
        if not self.is_admin:
            raise Forbidden


SYSTEM = Actor(user_id=UserId(0), username="monitor", role=Role.ADMIN)
"""Reads for the product itself."""
