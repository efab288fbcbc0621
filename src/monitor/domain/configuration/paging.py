"""Who is notified of the alerts of a past: the rules of notifications, folded over the alerts of a backtest.

A page is an alert of which somebody is notified when it fires, when it reaches their level, or by a step of an
escalation. The quiet rule and silences hold pages back as they do live. Nobody acknowledges before the alert's end.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.quiet import MOST_HELD, Notice, Why
from monitor.domain.alerts.quiet_replay import Replay
from monitor.domain.alerts.reasons import Reason
from monitor.domain.hindsight.replayed_alerts import ReplayedAlert
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall.escalations import Escalation, Progress, Step, begun, run
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.silences import Silence
from monitor.domain.times import MICROSECOND, microseconds, moment

_WHY = (
    *(Reason.UNREACHABLE, Reason.NO_ADDRESS, Reason.AWAY, Reason.NOT_ON_CALL),
    *(Reason.QUIET_HOURS, Reason.BELOW_LEVEL, Reason.NOT_LINKED),
)
"""Why nobody was notified, the reason that says most first."""
_AT_ONCE = None, None


class Reached(NamedTuple):
    """Whom a page, or a step, is for. *delays*: until when a target's message waits, and why; it is sent only if the
    alert still fires then. *left_out*: why others are not notified."""

    targets: Collection[Target]
    delays: Mapping[Target, tuple[datetime, Reason | None]] = MappingProxyType({})
    left_out: Collection[Reason] = ()


class Asked(NamedTuple):
    """A page at that time: for the people linked, or of a *step* of an escalation (None: the last resort), or for
    *newcomer*, who comes on call."""

    level: Level
    at: datetime
    escalation: Escalation | None = None
    step: Step | None = None
    newcomer: UserId | None = None


def _nobody(escalation: Escalation, ran: Mapping[int, datetime], until: datetime) -> Iterable[tuple[datetime, UserId]]:
    return ()


class Sent(NamedTuple):
    at: datetime
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An alert, and who was notified of it: people and channels, and all messages. *why*: nobody was notified; None:
    somebody was."""

    episode: ReplayedAlert
    notified: frozenset[Target]
    sent: tuple[Sent, ...] = ()
    why: Reason | None = None


@dataclass(slots=True)
class Notified:
    """Who is notified of the alerts of one server and metric.

    *whom*: a page is for. *escalations*: whose steps say who is notified; none: `whom` alone. *newcomers*: who comes
    on call when, up to a time, by rotas of steps that *ran* first at that time. *silences*: that cover both. *wait*:
    how long a message waits for others to go with it. *offline*: when the host was; what is held waits until it is
    back. *most_held*: the time between reminders. *suppressed*: when something that it depends on was down, up to after
    *now* if it still is; that holds back as a silence does.
    """

    whom: Callable[[Asked], Reached]
    silences: Sequence[Silence]
    now: datetime
    wait: timedelta = timedelta(0)
    offline: Sequence[OfflinePeriod] = ()
    escalations: Sequence[Escalation] = ()
    newcomers: Callable[[Escalation, Mapping[int, datetime], datetime], Iterable[tuple[datetime, UserId]]] = _nobody
    most_held: InitVar[int] = MOST_HELD
    suppressed: Sequence[tuple[int, int]] = ()
    _replay: Replay = field(init=False)
    _silenced: Event | None = None
    """How the open alert reached its level, if that is silenced: with the time when the silence ends."""
    _notices: dict[int, list[Notice]] = field(default_factory=dict)

    def __post_init__(self, most_held: int) -> None:
        self._replay = Replay(most_held)

    def pages(self, episodes: Sequence[ReplayedAlert]) -> list[Page]:
        """Return the alerts that somebody is notified of, or should be. *episodes*: oldest first."""
        for place, episode in enumerate(episodes):
            for event in episode.events:
                self._pass(place, event.at)
                self._see(place, event)
        if episodes:
            self._pass(len(episodes) - 1, microseconds(self.now) + 1)
        found = (self._page(episode, self._notices.get(place, ())) for place, episode in enumerate(episodes))
        return [page for page in found if page is not None]

    def _see(self, place: int, event: Event) -> None:
        """A silenced alert is judged when the silence ends, as if it reached its level then."""
        if event.change in (Change.FIRED, Change.ESCALATED):
            until = microseconds(self._released(moment(event.at)))
            if until > event.at:
                self._silenced = event._replace(at=until)
                return
            self._note(place, self._judged(event))
        elif event.change is Change.RESOLVED:
            self._silenced = None
            self._note(place, self._replay.see(event))
        else:
            if self._silenced is not None:
                self._silenced = self._silenced._replace(level=event.level)
            self._note(place, self._replay.see(event))

    def _pass(self, place: int, at: int) -> None:
        """Advance to *at*: silences end, and held alerts fall due unless they are silenced or their host is offline."""
        if self._silenced is not None and self._silenced.at < at:
            event, self._silenced = self._silenced, None
            self._note(place, self._judged(event))
        if (due := self._replay.quiet.due) is not None:
            self._replay.offline = [OfflinePeriod(due, due, self._free(due))]
        self._note(place, self._replay.until(at))

    def _judged(self, event: Event) -> list[Notice]:
        return self._replay.see(event._replace(change=self._replay.quiet.rise))

    def _note(self, place: int, notices: Iterable[Notice]) -> None:
        self._notices.setdefault(place, []).extend(each for each in notices if each.why is not Why.ENDED)

    def _page(self, episode: ReplayedAlert, notices: Sequence[Notice]) -> Page | None:
        sent: list[Sent] = []
        missed: list[Reason] = []
        for place, notice in enumerate(notices):
            until = notices[place + 1].at if place + 1 < len(notices) else episode.ended_at
            for at, reached in self._asked(episode, notice, self.now if until is None else moment(until)):
                is_later = bool(self.escalations) and microseconds(at) > notice.at
                fates = {
                    each: self._fate(episode, at, *reached.delays.get(each, _AT_ONCE), is_later=is_later)
                    for each in reached.targets
                }
                sent += [Sent(fate, target) for target, fate in fates.items() if isinstance(fate, datetime)]
                missed += [fate for fate in fates.values() if isinstance(fate, Reason)]
                if not fates:
                    missed += reached.left_out or (Reason.NOT_LINKED,)
        people = frozenset(each.target.receiver for each in sent)
        why = None if people else next((each for each in _WHY if each in missed), None)
        return Page(episode=episode, notified=people, sent=tuple(sent), why=why) if people or why else None

    def _asked(self, episode: ReplayedAlert, notice: Notice, until: datetime) -> Iterator[tuple[datetime, Reached]]:
        """Yield whom a page is for: at once, at each step that runs before *until*, and at each hand-over."""
        begins = moment(notice.at)
        if not self.escalations:
            yield begins, self.whom(Asked(notice.level, begins))
        for escalation in self.escalations:
            coming: Progress | None = begun(escalation, begins)
            ran = dict[int, datetime]()
            while coming is not None and (at := self._free_at(coming.due_at)) < max(until, begins + MICROSECOND):
                found: list[Reached] = []
                runs, coming = run(escalation, coming, at, partial(self._reach, found, episode, escalation, at))
                ran = {each.step: at for each in runs} | ran
                yield from ((at, each) for each in found)
            for at, newcomer in self.newcomers(escalation, ran, until):
                if self._free_at(at) == at:
                    yield at, self.whom(Asked(_level_at(episode, at), at, escalation, newcomer=newcomer))

    def _reach(
        self, found: list[Reached], episode: ReplayedAlert, escalation: Escalation, at: datetime, step: Step | None
    ) -> Collection[Target]:
        """Return whom a step is for, and add the whole answer to *found*."""
        found.append(self.whom(Asked(_level_at(episode, at), at, escalation, step)))
        return found[-1].targets

    def _fate(
        self, episode: ReplayedAlert, at: datetime, until: datetime | None, reason: Reason | None, *, is_later: bool
    ) -> datetime | Reason:
        """Return when a message of that time goes out, or why it never does. *until*: it waits, because of *reason*.

        What waits, is of a later step, or is held back by a silence, goes out only if the alert still fires then.
        """
        due = max(at + self.wait, until or at)
        sent = self._released(due)
        is_open = episode.ended_at is None or sent < moment(episode.ended_at)
        if (sent == due and until is None and not is_later) or (is_open and sent <= self.now):
            return sent
        if is_open:
            return Reason.PENDING
        return Reason.SILENCED if sent > due else reason or Reason.OK

    def _free_at(self, due: datetime) -> datetime:
        return moment(self._free(microseconds(due)))

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
        """Return the first moment from *at* on that no silence covers, and at which nothing it depends on is down."""
        while ends := [*self._ends(at)]:
            at = max(ends)
        return at

    def _ends(self, at: datetime) -> Iterator[datetime]:
        """Yield when what holds back *at* that time ends."""
        yield from (span[1] for each in self.silences if each.is_active(at) and (span := each.span(at)) is not None)
        now = microseconds(at)
        yield from (moment(until) for begin, until in self.suppressed if begin <= now < until)


def _level_at(episode: ReplayedAlert, at: datetime) -> Level:
    levels = [event.level for event in episode.events if event.at <= microseconds(at)]
    return levels[-1] if levels else episode.level


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
