from datetime import UTC, datetime, timedelta

from monitor.application.ports.clock import Clock


class FixedClock(Clock):
    """Stands still until it is told to move."""

    def __init__(self, now: datetime = datetime(2030, 1, 1, 12, tzinfo=UTC)) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta | float) -> None:
        """*by*: a timedelta, or seconds; negative for a clock that was set back."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
