"""Who is notified of the alerts of a past: the rules of notifications, folded over the alerts of a backtest.

A page is an alert of which somebody is notified when it fires, or when it reaches their level. The quiet rule and
silences hold pages back as they do live.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta

from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.quiet import MOST_HELD, Notice, Replay, Why
from monitor.domain.hindsight.replayed_alerts import ReplayedAlert
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.silences import Silence
from monitor.domain.times import microseconds, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An alert, and who was notified of it."""

    episode: ReplayedAlert
    notified: frozenset[Target]


@dataclass(slots=True)
class Notified:
    """Who is notified of the alerts of one server and metric.

    *recipients*: of a level. *silences*: that cover both. *wait*: how long a message waits for others to go with it.
    *offline*: when the host was; what is held waits until it is back. *most_held*: the time between reminders.
    """

    recipients: Callable[[Level], Collection[Target]]
    silences: Sequence[Silence]
    now: datetime
    wait: timedelta = timedelta(0)
    offline: Sequence[OfflinePeriod] = ()
    most_held: InitVar[int] = MOST_HELD
    _replay: Replay = field(init=False)
    _silenced: Event | None = None
    """How the open alert reached its level, if that is silenced: with the time when the silence ends."""
    _notified: dict[int, set[Target]] = field(default_factory=dict)

    def __post_init__(self, most_held: int) -> None:
        self._replay = Replay(most_held)

    def pages(self, episodes: Sequence[ReplayedAlert]) -> list[Page]:
        """Return the alerts that somebody is notified of. *episodes*: oldest first."""
        for place, episode in enumerate(episodes):
            for event in episode.events:
                self._pass(place, episode, event.at)
                self._see(place, episode, event)
        if episodes:
            self._pass(len(episodes) - 1, episodes[-1], microseconds(self.now) + 1)
        return [
            Page(episode=episode, notified=frozenset(notified))
            for place, episode in enumerate(episodes)
            if (notified := self._notified.get(place))
        ]

    def _see(self, place: int, episode: ReplayedAlert, event: Event) -> None:
        """A silenced alert is judged when the silence ends, as if it reached its level then."""
        if event.change in (Change.FIRED, Change.ESCALATED):
            until = microseconds(self._released(moment(event.at)))
            if until > event.at:
                self._silenced = event._replace(at=until)
                return
            self._tell(place, episode, self._judged(event))
        elif event.change is Change.RESOLVED:
            self._silenced = None
            self._tell(place, episode, self._replay.see(event))
        else:
            if self._silenced is not None:
                self._silenced = self._silenced._replace(level=event.level)
            self._tell(place, episode, self._replay.see(event))

    def _pass(self, place: int, episode: ReplayedAlert, at: int) -> None:
        """Advance to *at*: silences end, and held alerts fall due unless they are silenced or their host is offline."""
        if self._silenced is not None and self._silenced.at < at:
            event, self._silenced = self._silenced, None
            self._tell(place, episode, self._judged(event))
        if (due := self._replay.quiet.due) is not None:
            self._replay.offline = [OfflinePeriod(due, due, self._free(due))]
        self._tell(place, episode, self._replay.until(at))

    def _judged(self, event: Event) -> list[Notice]:
        return self._replay.see(event._replace(change=self._replay.quiet.rise))

    def _tell(self, place: int, episode: ReplayedAlert, notices: Iterable[Notice]) -> None:
        """Note who gets each notice. If a silence holds it back, they get it only if the alert still fires after it."""
        for notice in notices:
            if notice.why is Why.ENDED:
                continue
            due = moment(notice.at) + self.wait
            sent = self._released(due)
            is_open = episode.ended_at is None or sent < moment(episode.ended_at)
            if sent == due or (is_open and sent <= self.now):
                self._notified.setdefault(place, set()).update(self.recipients(notice.level))

    def _free(self, due: int) -> int:
        """Return the first moment from *due* on at which it is not silenced and the host is not offline."""
        while (at := self._online(microseconds(self._released(moment(due))))) > due:
            due = at
        return at

    def _online(self, at: int) -> int:
        """Return *at*, or when the host that is offline then is back: after the end if it still is."""
        place = bisect_right(self.offline, at, key=lambda period: period.until)
        if place == len(self.offline) or at < self.offline[place].offline_at:
            return at
        until = self.offline[place].until
        return until if until < microseconds(self.now) else until + 1

    def _released(self, at: datetime) -> datetime:
        """Return the first moment from *at* on that no silence covers."""
        while active := [each for each in self.silences if each.is_active(at)]:
            at = max(span[1] for each in active if (span := each.span(at)) is not None)
        return at


def added(before: Iterable[Page], after: Iterable[Page]) -> int:
    """Return how many pages *after* have none *before* at the same time. Both: of one server and metric, oldest first.

    Each is the counterpart of one at most.
    """
    old, new, found = deque(before), deque(after), 0
    while new:
        if not old or _ends_before(new[0], old[0]):
            new.popleft()
            found += 1
        elif _ends_before(old[0], new[0]):
            old.popleft()
        else:
            old.popleft()
            new.popleft()
    return found


def _ends_before(page: Page, other: Page) -> bool:
    return page.episode.ended_at is not None and page.episode.ended_at < other.episode.fired_at
