"""Entries of the audit log: who did what, when and from where."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.accounts.actors import Actor, UserId

PASSWORD_CHANGES = ("user.change_password", "user.reset_password")
STOLEN_SESSIONS = ("session.refresh_reused",)
ENDED_SESSIONS = (
    "session.logout",
    "session.end",
    "session.end_others",
    "session.end_all",
    "user.update",
    "totp.off",
    "user.reset_factors",
    "user.part_sso",
    "passkey.remove",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One action. *action*: "<thing>.<verb>", such as "server.delete". *target*: the name of the thing."""

    at: datetime
    action: str
    target: str = ""
    detail: str = ""
    user_id: UserId | None = None
    username: str = ""
    address: str | None = None
    id: int = 0  # 0 until stored


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted: those that fit each field that is not None or empty.

    *action*: a whole one, or the thing before its dot. *text*: in the target, the details, the user name or the
    address, in any case. *since*, *until*: since <= at < until.
    """

    user_id: UserId | None = None
    username: str | None = None
    action: str | None = None
    target: str | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, entry: AuditEntry) -> bool:
        texts = (entry.target, entry.detail, entry.username, entry.address or "")
        return (
            self.user_id in (None, entry.user_id)
            and self.username in (None, entry.username)
            and self.action in (None, entry.action, entry.action.partition(".")[0])
            and self.target in (None, entry.target)
            and any(self.text.lower() in text.lower() for text in texts)
            and (self.since is None or self.since <= entry.at)
            and (self.until is None or entry.at < self.until)
        )


EVERYTHING = AuditFilter()


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


def values_of(thing: object, *names: str) -> dict[str, object]:
    """Return the attributes with these *names*, for `changes` and the like."""
    return {name: getattr(thing, name) for name in names}


def changes(before: Mapping[str, object], after: Mapping[str, object], secret: Collection[str] = ()) -> str:
    """Return the differences as "name: old -> new, …", each value in JSON, or as "name changed" if *secret*.

    A missing value counts as null.
    """
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return ", ".join(
        f"{name} changed" if name in secret else f"{name}: {_json(before.get(name))} -> {_json(after.get(name))}"
        for name in names
    )


def created_values(after: Mapping[str, object], secret: Collection[str] = ()) -> str:
    """Return the values of a new thing, like `changes`, without empty ones and the name, which is the target."""
    return changes({}, _without_name(after), secret)


def deleted_values(before: Mapping[str, object], secret: Collection[str] = ()) -> str:
    """Return the values of a deleted thing, like `created_values`."""
    return changes(_without_name(before), {}, secret)


def _without_name(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != "name" and value not in (None, "", [])}


def _json(value: object) -> str:
    """Return *value* in JSON. A whole float is written as an integer: 70.0 is 70 to a reader."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)
