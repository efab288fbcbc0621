"""Ways to reach a person, in their own order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NewType

from monitor.domain.accounts.actors import UserId
from monitor.domain.levels import Level

WayId = NewType("WayId", int)
MAIL, WEB_PUSH = "mail", "web_push"
"""Kinds besides those of channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """*kind*: mail, web push, or a kind of channel. *level*: the lowest that goes this way. *after*: since the page;
    then it goes out only while nobody has acknowledged. *confirmed_at*: when the person last acknowledged by it.
    *readable*: False if the stored secrets cannot be decrypted; *settings* then lack them. *failed*: why the last
    message by it could not be sent for good, "" if it was."""

    user_id: UserId
    kind: str
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    level: Level = Level.WARNING
    after: timedelta = timedelta(0)
    confirmed_at: datetime | None = None
    readable: bool = True
    failed: str = ""
    id: WayId = WayId(0)


def ways_for(ways: Iterable[Way], level: Level) -> list[Way]:
    """Return the ways that a page of *level* takes, in the order in which they go out."""
    return sorted((way for way in ways if way.level <= level), key=lambda way: way.after)
