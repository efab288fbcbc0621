"""Weekly windows of local time, as silences and quiet hours have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.times import check_zone, instant

_DAY = timedelta(days=1)
_ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Weekly windows on *weekdays*, 0 (Monday) to 6, from *starts* for *lasts*, in the time zone *zone* (IANA name)."""

    weekdays: frozenset[int]
    starts: time
    lasts: timedelta
    zone: str = "UTC"

    def __post_init__(self) -> None:
        are_weekdays = bool(self.weekdays) and self.weekdays <= set(range(7))
        if not are_weekdays or not timedelta(minutes=1) <= self.lasts <= _DAY or self.starts.tzinfo is not None:
            raise InvalidInput({"recurrence": Problem("invalid_recurrence")})
        check_zone("recurrence", self.zone)

    def covers(self, at: datetime) -> bool:
        return self.window(at)[0] <= at

    def window(self, at: datetime) -> tuple[datetime, datetime]:
        """Return start and end of the first window that has not ended at *at*."""
        return next(self.windows(at))

    def windows(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield start and end of each window that has not ended at *at*, for ever. Adjacent windows are one.

        Windows are whole in local time: those in which clocks change are shorter or longer.
        """
        if self.lasts == _DAY and len(self.weekdays) == 7:
            yield _ALWAYS
            return
        windows = self._windows(at)
        begin, end = next(windows)
        for next_begin, next_end in windows:
            if next_begin > end:
                yield begin, end
                begin = next_begin
            end = next_end

    def _windows(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield all windows that end after *at*, without those that clocks skip when they go forward. Never ends."""
        yesterday = at.astimezone(ZoneInfo(self.zone)).date() - _DAY  # its window may last until now
        for days in count():
            day = yesterday + timedelta(days=days)
            if day.weekday() in self.weekdays:
                begin, end = self._window_of(day)
                if begin < end and end > at:
                    yield begin, end

    def _window_of(self, day: date) -> tuple[datetime, datetime]:
        """Return the window of *day*: from the first time that clocks show its start to the last for its end.

        So clocks that go back within a window do not interrupt it.
        """
        begin = datetime.combine(day, self.starts)
        zone = ZoneInfo(self.zone)
        return instant(begin, zone, fold=0), instant(begin + self.lasts, zone, fold=1)


class Windows:
    """Tells of many moments whether *recurrence* covers them; None covers all.

    It keeps the last window: most moments are in it, and to find one takes a tenth of a millisecond.
    """

    def __init__(self, recurrence: Recurrence | None) -> None:
        self._recurrence = recurrence
        self._since = self._begin = self._end = _ALWAYS[0]

    def end_of(self, at: datetime) -> datetime | None:
        """Return the end of the window that covers *at*; None if none does."""
        if self._recurrence is None:
            return _ALWAYS[1]
        return self._end if self.cover(at) else None

    def cover(self, at: datetime) -> bool:
        if self._recurrence is None:
            return True
        if not self._since <= at < self._end:
            self._since, (self._begin, self._end) = at, self._recurrence.window(at)
        return self._begin <= at
