"""When a person is away, and the hours in which less urgent alerts wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from monitor.domain.levels import Level
from monitor.domain.recurrence import Recurrence

MAX_ABSENCES = 100


class Span(NamedTuple):
    """starts_at <= time < ends_at."""

    starts_at: datetime
    ends_at: datetime


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
        self._recurrence  # noqa: B018 - it checks the zone

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
