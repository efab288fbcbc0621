"""Count the reminders of an alert that nobody acknowledges, by the rules for live alerts."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from monitor.domain.alerts.alert import CALM_AFTER, reminder_pause
from monitor.domain.alerts.engine import Change
from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.times import MICROSECOND

_CALM_AFTER = CALM_AFTER // MICROSECOND


class Notice(NamedTuple):
    """Notification of an alert *at* a time (microseconds). *flapping*: whether it flaps from then on."""

    at: int
    flapping: bool


class Notices:
    """When recipients are notified of the changes of one alert."""

    def __init__(self) -> None:
        self._given: list[Notice] = []

    def change(self, change: Change, at: int, *, flapping: bool) -> None:
        """Add what *change* causes. *flapping*: whether the metric flaps after it.

        That it flaps causes one, and that it is calm again another.
        """
        given = self._given
        if given and given[-1].at > at:  # it changed before it was calm
            given.pop()
        if flapping:
            if not given or not given[-1].flapping:
                given.append(Notice(at, flapping=True))
            given.append(Notice(at + _CALM_AFTER, flapping=False))
        elif change is not Change.DEESCALATED:
            given.append(Notice(at, flapping=False))

    def reminders(self, until: int, reminder_after: timedelta, offline: Sequence[OfflinePeriod] = ()) -> int:
        """Return how many reminders are due before the alert ends. While the host is *offline* they wait."""
        found = 0
        given = [notice for notice in self._given if notice.at < until]
        for notice, following in pairwise([*given, Notice(until, flapping=False)]):
            pause = reminder_pause(reminder_after, flapping=notice.flapping) // MICROSECOND
            if following.at - notice.at > pause:
                found += _repeats(notice.at + pause, following.at, pause, offline)
        return found


def _repeats(due: int, until: int, pause: int, offline: Sequence[OfflinePeriod]) -> int:
    """Return how often something is done before *until*, first when *due*, then after each *pause*."""
    found = 0
    while due < until:
        place = bisect_right(offline, due, key=lambda period: period.until)
        held = offline[place] if place < len(offline) else None
        if held is not None and held.offline_at <= due:
            due = held.until
            if due >= until:
                break
            count = 1
        else:
            free = until if held is None else min(until, held.offline_at)
            count = (free - due - 1) // pause + 1
        found += count
        due += count * pause
    return found
