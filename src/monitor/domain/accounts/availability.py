"""When a person is away, and the hours in which less urgent alerts wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.levels import Level
from monitor.domain.recurrence import Recurrence
from monitor.domain.times import check_zone

MAX_ABSENCES = 100
LONGEST = timedelta(days=400)
"""Of an absence, an override and a calendar."""


class Span(NamedTuple):
    """starts_at <= time < ends_at."""

    starts_at: datetime
    ends_at: datetime


def check_period(field: str, start: datetime, end: datetime) -> None:
    """Raises InvalidInput that names *field*, where the end stands."""
    if end <= start:
        raise InvalidInput({field: Problem("not_after_start")})
    if end - start > LONGEST:
        raise InvalidInput({field: Problem("too_long_after_start", {"days": LONGEST.days})})


def check_absences(given: Sequence[Span], stored: Sequence[Span], now: datetime) -> None:
    """Raises InvalidInput if a new one is over."""
    for place, span in enumerate(given):
        if span.ends_at <= now and span not in stored:
            raise InvalidInput({f"away.{place}.ends_at": Problem("not_in_future")})


def is_away(spans: Sequence[Span], at: datetime) -> bool:
    return any(span.starts_at <= at < span.ends_at for span in spans)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Daily local times. Alerts below *level* wait until their end. An end that is not after the start is on the next
    day. Pages of the steps of escalations do not wait."""

    starts: time
    ends: time
    zone: str
    level: Level = Level.CRITICAL

    def __post_init__(self) -> None:
        """Raises InvalidInput."""
        check_zone("timezone", self.zone)
        if self.starts == self.ends:  # what never ends would never be sent
            raise InvalidInput({"to": Problem("same_as_start")})

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}-{self.ends:%H:%M} {self.zone}, below {self.level.name.lower()}"

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
