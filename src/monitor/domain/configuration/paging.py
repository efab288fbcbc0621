"""Who is notified of the alerts of a past: the rules of notifications, folded over the alerts of a backtest.

A page is an alert of which somebody is notified when it fires, or when it reaches their level. Flapping and silences
hold pages back as they do live.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from monitor.domain.alerts.alert import CALM_AFTER, FLAPPING_LOOKED_BACK, is_calm, is_flapping
from monitor.domain.alerts.engine import Change, Event
from monitor.domain.alerts.episodes import Episode
from monitor.domain.alerts.silences import Silence
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target
from monitor.domain.times import moment

_OPENINGS = (Change.FIRED, Change.ESCALATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An alert, and who was notified of it."""

    episode: Episode
    notified: frozenset[Target]


@dataclass(slots=True)
class Notified:
    """Who is notified of the alerts of one server and metric.

    *recipients*: of a level. *silences*: that cover both. *wait*: how long a message waits for others to go with it.
    """

    recipients: Callable[[Level], Collection[Target]]
    silences: Sequence[Silence]
    now: datetime
    wait: timedelta = timedelta(0)
    _changes: list[datetime] = field(default_factory=list)
    _noticed: Level | None = None
    """The level of the notice that it flaps, OK if nobody got it; None while it does not flap."""
    _notified: dict[int, set[Target]] = field(default_factory=dict)

    def pages(self, episodes: Sequence[Episode]) -> list[Page]:
        """Return the alerts that somebody is notified of. *episodes*: oldest first."""
        last: tuple[int, Event] | None = None
        for place, episode in enumerate(episodes):
            for event in episode.events:
                self._calm(last, episodes, moment(event.at))
                self._see(place, episode, event)
                last = place, event
        self._calm(last, episodes, self.now)
        return [
            Page(episode=episode, notified=frozenset(notified))
            for place, episode in enumerate(episodes)
            if (notified := self._notified.get(place))
        ]

    def _see(self, place: int, episode: Episode, event: Event) -> None:
        at = moment(event.at)
        self._changes = [*(each for each in self._changes if each >= at - FLAPPING_LOOKED_BACK), at]
        if self._noticed is None and not is_flapping(self._changes):
            if event.change in _OPENINGS:
                self._tell(place, episode, event.level, at)
        elif self._noticed is None or self._noticed < event.level:
            is_notified = self._tell(place, episode, event.level, at)
            self._noticed = event.level if is_notified else self._noticed or Level.OK

    def _calm(self, last: tuple[int, Event] | None, episodes: Sequence[Episode], now: datetime) -> None:
        """End the flapping if it is over *now*. Recipients of the last alert are notified if it still fires."""
        if last is None or self._noticed is None or not is_calm(moment(last[1].at), now):
            return
        self._noticed = None
        place, event = last
        if event.change is not Change.RESOLVED:
            self._tell(place, episodes[place], event.level, moment(event.at) + CALM_AFTER)

    def _tell(self, place: int, episode: Episode, level: Level, at: datetime) -> bool:
        """Tell the recipients, if any, of what happened *at* that time: after a silence only if it still fires then."""
        due = at + self.wait
        sent = self._released(due)
        is_open = episode.ended_at is None or sent < moment(episode.ended_at)
        if sent != due and not (is_open and sent <= self.now):
            return False
        recipients = self.recipients(level)
        self._notified.setdefault(place, set()).update(recipients)
        return bool(recipients)

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


def tally(pages: Iterable[Page]) -> dict[Target, int]:
    """Return of how many alerts each is notified."""
    counts: dict[Target, int] = {}
    for target in chain.from_iterable(page.notified for page in pages):
        counts[target] = counts.get(target, 0) + 1
    return counts
