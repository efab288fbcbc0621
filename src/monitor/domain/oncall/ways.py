"""Ways to reach a person, in their own order, and the hours in which less urgent alerts wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import NewType

from monitor.domain.accounts.actors import UserId
from monitor.domain.levels import Level
from monitor.domain.policies.silences import Recurrence

WayId = NewType("WayId", int)
MAIL, WEB_PUSH = "mail", "web_push"
"""Kinds besides those of channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """*kind*: mail, web push, or a kind of channel. *level*: the lowest that goes this way. *after*: it goes out only
    while nobody has acknowledged. *confirmed_at*: when the person last acknowledged or tested by it."""

    user_id: UserId
    kind: str
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    level: Level = Level.WARNING
    after: timedelta = timedelta(0)
    confirmed_at: datetime | None = None
    id: WayId = WayId(0)


def ways_for(ways: Iterable[Way], level: Level) -> list[Way]:
    """Return the ways that a page of *level* takes, in the order in which they go out."""
    return sorted((way for way in ways if way.level <= level), key=lambda way: way.after)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Daily local times. Alerts below *level* wait until their end. An end that is not after the start is on the next
    day. Pages to whoever is on call, or whom a step names, do not wait."""

    starts: time
    ends: time
    zone: str
    level: Level = Level.CRITICAL

    def wait_until(self, level: Level, at: datetime) -> datetime | None:
        """Return when an alert of *level* may be sent; None: now."""
        if level >= self.level:
            return None
        begins, ends = self._recurrence.window(at)
        return ends if begins <= at else None

    @property
    def _recurrence(self) -> Recurrence:
        begins, ends = (timedelta(hours=each.hour, minutes=each.minute) for each in (self.starts, self.ends))
        lasts = ends - begins if ends > begins else ends - begins + timedelta(days=1)
        return Recurrence(weekdays=frozenset(range(7)), starts=self.starts, lasts=lasts, zone=self.zone)
