"""Times in which an alert fires without anybody being told."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NewType
from zoneinfo import ZoneInfo

from monitor.domain.actors import UserId
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.policies import Scope
from monitor.domain.samples import METRIC_NAME
from monitor.domain.servers import Server
from monitor.domain.text import has_control_characters

SilenceId = NewType("SilenceId", int)
MAX_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """*weekdays* 0 (Monday) to 6; from *starts* for *lasts*, by the wall clock of *zone* (an IANA name)."""

    weekdays: frozenset[int]
    starts: time
    lasts: timedelta
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise InvalidInput({"recurrence": Problem("invalid_recurrence")})
        if not timedelta(minutes=1) <= self.lasts <= timedelta(days=1):
            raise InvalidInput({"recurrence": Problem("invalid_recurrence")})
        if self.starts.tzinfo is not None:
            raise InvalidInput({"recurrence": Problem("invalid_recurrence")})
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError):
            raise InvalidInput({"recurrence": Problem("unknown_zone")}) from None

    def covers(self, at: datetime) -> bool:
        """Windows are whole on the wall clock: where it jumps, they are that much shorter or longer."""
        zone = ZoneInfo(self.zone)
        local = at.astimezone(zone).replace(tzinfo=None)
        for days_back in (-1, 0, 1):
            begin = datetime.combine(local.date() - timedelta(days=days_back), self.starts)
            end = begin + self.lasts
            if begin.weekday() in self.weekdays and (begin <= local < end or _is_between(begin, at, end, zone)):
                return True
        return False


def _is_between(begin: datetime, at: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """From the first time that the wall clock shows *begin* to the last that it shows *end*.

    Where it is put back, it shows less than *begin* once more: a window is not interrupted by that.
    """
    first = begin.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return first <= at < end.replace(tzinfo=zone, fold=1).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """From *starts_at* up to, not including, *ends_at*; with a *recurrence* only within its windows. One that is not
    *readable* has a recurrence that nobody here understands, and never acts."""

    scope: Scope
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_at: datetime
    metric: str | None = None
    recurrence: Recurrence | None = None
    created_by: UserId | None = None
    readable: bool = True
    id: SilenceId = SilenceId(0)  # 0 until stored

    def __post_init__(self) -> None:
        problems: dict[str, Problem] = {}
        if self.starts_at >= self.ends_at:
            problems["ends_at"] = Problem("not_after_start")
        if self.metric is not None and not METRIC_NAME.fullmatch(self.metric):
            problems["metric"] = Problem("invalid_metric_name")
        if len(self.reason) > MAX_REASON:
            problems["reason"] = Problem("too_long", {"limit": MAX_REASON})
        elif has_control_characters(self.reason):
            problems["reason"] = Problem("control_characters")
        if problems:
            raise InvalidInput(problems)

    def is_active(self, at: datetime) -> bool:
        inside = self.starts_at <= at.astimezone(UTC) < self.ends_at
        return self.readable and inside and (self.recurrence is None or self.recurrence.covers(at))

    def covers(self, server: Server, metric: str, at: datetime) -> bool:
        return (self.metric is None or self.metric == metric) and self.scope.covers(server) and self.is_active(at)
