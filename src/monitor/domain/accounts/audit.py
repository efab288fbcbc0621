"""Who did what, when, from where."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.accounts.actors import Actor, UserId

PASSWORD_CHANGES = ("user.change_password", "user.reset_password")
STOLEN_SESSIONS = ("session.refresh_reused",)
ENDED_SESSIONS = ("session.logout", "session.end", "user.update")


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


def changes(before: Mapping[str, object], after: Mapping[str, object], secret: Collection[str] = ()) -> str:
    """What differs, as "name: old -> new, …" with each value in JSON; "name changed" of what is *secret*.

    A value that is missing on one side is null there.
    """
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return ", ".join(
        f"{name} changed" if name in secret else f"{name}: {_json(before.get(name))} -> {_json(after.get(name))}"
        for name in names
    )


def made(after: Mapping[str, object], secret: Collection[str] = ()) -> str:
    """As `changes`, of a new thing: without what it does not have, and its name, which is the target."""
    return changes({}, _besides_name(after), secret)


def gone(before: Mapping[str, object], secret: Collection[str] = ()) -> str:
    """As `made`, of a thing that is deleted."""
    return changes(_besides_name(before), {}, secret)


def _besides_name(told: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in told.items() if name != "name" and value not in (None, "", [])}


def _json(value: object) -> str:
    """70 and 70.0 are the same to who reads it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)
