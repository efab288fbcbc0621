"""Who did what, when, from where."""

from dataclasses import dataclass
from datetime import datetime

from monitor.domain.actors import Actor, UserId

PASSWORD_CHANGES = ("user.change_password", "user.reset_password")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """*action* is "<thing>.<verb>", such as "server.delete"; *target* names the thing as people know it."""

    at: datetime
    action: str
    target: str = ""
    detail: str = ""
    user_id: UserId | None = None
    username: str = ""
    address: str | None = None
    id: int = 0  # 0 until stored


def entry(actor: Actor, at: datetime, action: str, target: str = "", detail: str = "") -> AuditEntry:
    return AuditEntry(
        at=at,
        action=action,
        target=target,
        detail=detail,
        user_id=actor.user_id,
        username=actor.username,
        address=actor.address,
    )
