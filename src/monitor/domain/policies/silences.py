"""Silences: times in which alerts fire without notifications, once or every week."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NewType, Self

from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import InvalidInput, NotBegun, Problem
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import METRIC_NAME
from monitor.domain.policies.policies import Scope
from monitor.domain.recurrence import Recurrence
from monitor.domain.text import has_control_characters

SilenceId = NewType("SilenceId", int)
MAX_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Times without notifications: starts_at <= time < ends_at, and only within the windows of *recurrence*, if any.

    *readable*: False if the stored recurrence is invalid here; then it is never active.
    """

    scope: Scope
    metric: str | None = None
    starts_at: datetime
    ends_at: datetime
    recurrence: Recurrence | None = None
    reason: str
    created_at: datetime
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

    def ended(self, now: datetime) -> Self:
        """Return it with its end at *now*; as it is if it has ended before. Raises NotBegun."""
        if self.starts_at >= now:
            raise NotBegun(f"it starts at {self.starts_at:%Y-%m-%d %H:%M} UTC")
        return self if self.ends_at <= now else replace(self, ends_at=now)

    def is_active(self, at: datetime) -> bool:
        inside = self.starts_at <= at.astimezone(UTC) < self.ends_at
        return self.readable and inside and (self.recurrence is None or self.recurrence.covers(at))

    def span(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Return start and end of its present or next active time; None if there is none."""
        return next(self.spans(at), None)

    def spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield start and end of its active times that have not ended at *at*."""
        if not self.readable or at >= self.ends_at:
            return
        if self.recurrence is None:
            yield self.starts_at, self.ends_at
            return
        with suppress(OverflowError):  # it starts at the end of the calendar
            for begin, end in self.recurrence.windows(max(at, self.starts_at)):
                first, last = max(begin, self.starts_at), min(end, self.ends_at)
                if first >= last:
                    return
                yield first, last

    def covers(self, server: Server, metric: str, at: datetime) -> bool:
        return (self.metric is None or self.metric == metric) and self.scope.covers(server) and self.is_active(at)
