"""The quiet rule, folded over the events of one host and watch: for backtests and explanations."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.quiet import MOST_HELD, Acknowledged, Notice, Quiet
from monitor.domain.policies.comparing import Change, Event


class Replay:
    """Say what people hear of one host and watch, event by event.

    *offline*: when the host was offline: what falls due waits for its return. May be replaced as it grows.
    *remind_after*: the time between reminders; None: without reminders.
    """

    def __init__(
        self, most_held: int = MOST_HELD, offline: Sequence[OfflinePeriod] = (), remind_after: int | None = None
    ) -> None:
        self.quiet = Quiet()
        self.offline = offline
        self._most_held = most_held
        self._remind_after = remind_after
        self._notified_at: int | None = None
        """Of the open alert; None if nobody is to be reminded of it."""
        self._seen = 0

    def heard(self, events: Iterable[Event | Acknowledged], until: int) -> list[Notice]:
        """Return all that people hear up to *until* because of *events*, oldest first."""
        return [*(notice for event in events for notice in self.see(event)), *self.until(until)]

    def until(self, at: int) -> list[Notice]:
        """Return the notices that fall due before *at*."""
        notices: list[Notice] = []
        while (due := self._due()) is not None and due < at:
            step = self.quiet.reminded if self.quiet.due is None else self.quiet.fell_due
            self.quiet, notice = step(due)
            self._add(notice, notices)
        self._seen = at
        return notices

    def see(self, event: Event | Acknowledged) -> list[Notice]:
        """Return what people hear up to *event*, and because of it."""
        notices = self.until(event.at)
        due = self.quiet.due
        if isinstance(event, Event) and due is not None and due < event.at == self._due():  # its host is back with this
            self.quiet, notice = self.quiet.fell_due(due)
            self._add(notice, notices)
        if isinstance(event, Acknowledged):
            self.quiet, self._notified_at = self.quiet.acknowledged(event.at), None
            return notices
        if event.change is Change.FIRED:
            self._notified_at = None
        self.quiet, notice = self.quiet.after(event.change, event.level, event.at, self._most_held)
        self._add(notice, notices)
        return notices

    def _add(self, notice: Notice | None, notices: list[Notice]) -> None:
        if notice is not None:
            self._notified_at = notice.at
            notices.append(notice)

    def _due(self) -> int | None:
        """Return when the open alert causes a notice, if nothing happens before."""
        if self.quiet.open is None:
            return None
        due = self.quiet.due
        if due is None:
            if self._remind_after is None or self._notified_at is None:
                return None
            due = max(self._notified_at + self._remind_after, self._seen)
        place = bisect_right(self.offline, due, key=lambda period: period.until)
        is_offline = place < len(self.offline) and self.offline[place].offline_at <= due
        return self.offline[place].until if is_offline else due
