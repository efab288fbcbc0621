"""Decide which alerts of a metric people are notified of at once, and which are held. See decision 56.

Functions without side effects: times and durations are whole microseconds, and time is an argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change
from monitor.domain.times import SECOND

MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
"""A stretch ends after a day without an alert."""
AT_ONCE = 2
"""This many alerts of a stretch are not held."""
SHORTEST_WAIT, LONGEST_WAIT = 15 * MINUTE, 60 * MINUTE
MOST_HELD = 4 * 60 * MINUTE
"""Time that held alerts may fire in all before one is notified of: by default that between reminders."""


class Why(StrEnum):
    """Why people are notified now. FIRST, SECOND: of the stretch, at the level. HIGHER: worse than anything in the
    stretch so far. DAILY: none was notified of for a day. LASTED: it has lasted long for its metric. ADDED_UP: the held
    ones fired for long in all. REMINDED: it still fires. ENDED: an alert ended that people were notified of."""

    FIRST = "first"
    SECOND = "second"
    HIGHER = "higher"
    DAILY = "daily"
    LASTED = "lasted"
    ADDED_UP = "added_up"
    REMINDED = "reminded"
    ENDED = "ended"


class Notice(NamedTuple):
    """What people are notified of. *level*: who wants to hear of this level or a lower one gets it; of an ENDED one,
    the highest level that was notified.

    *held*, *held_from*, *held_longest*: the number of alerts that ended without a notice since the last one, when the
    first of them fired, and how long the longest lasted.
    """

    at: int
    level: Level
    why: Why
    held: int = 0
    held_from: int | None = None
    held_longest: int = 0


class Acknowledged(NamedTuple):
    """Acknowledgement of the alert that fires."""

    at: int


class Open(NamedTuple):
    """Alert that fires. *notified*: the highest level people were notified of. *known*: that, or the acknowledged
    level: only a higher one needs a notice. *held_since*, *due*: from when it is held, and at most until when."""

    fired_at: int
    level: Level
    notified: Level = Level.OK
    known: Level = Level.OK
    held_since: int | None = None
    due: int | None = None
    due_why: Why = Why.LASTED
    last_before: tuple[int | None, int | None] = (None, None)


class Ended(NamedTuple):
    at: int
    lasted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What the rule keeps of one host and what is watched there. Only one alert is open at a time.

    *ended_at*: of the last alert. *counts*, *last*: by level (warning, critical), how many alerts of the stretch were
    notified of at that level or a higher one, and when the last one was. *held_time*: since the last notice, how long
    alerts fired while they were held; *held*, *held_from*, *held_longest*: see `Notice`. *recent*: alerts that ended
    within a day, oldest first, as far as they may decide how long the next one waits.
    """

    stretch_from: int | None = None
    ended_at: int | None = None
    counts: tuple[int, int] = (0, 0)
    last: tuple[int | None, int | None] = (None, None)
    held_time: int = 0
    held: int = 0
    held_from: int | None = None
    held_longest: int = 0
    recent: tuple[Ended, ...] = ()
    open: Open | None = None

    @property
    def due(self) -> int | None:
        """Return when people are notified of the open alert if it still fires then; None if it is not held."""
        return None if self.open is None else self.open.due

    @property
    def rise(self) -> Change:
        """Return how an alert counts that is judged now: because it fires, or its silence has ended."""
        return Change.FIRED if self.open is None else Change.ESCALATED

    def after(self, change: Change, level: Level, at: int, most_held: int = MOST_HELD) -> "tuple[Quiet, Notice | None]":
        """Return what follows when an alert changes to *level*, or ends. *most_held*: the time between reminders."""
        if change is Change.FIRED:
            is_over = self.open is None and (self.ended_at is None or at - self.ended_at >= DAY)
            return (Quiet(stretch_from=at) if is_over else self)._judged(Open(at, level), at, most_held)
        if self.open is None:
            return self, None
        if change is Change.RESOLVED:
            return self.ended(at)
        open_ = self.open._replace(level=level)
        if change is Change.ESCALATED:
            return self._judged(open_, at, most_held)
        return replace(self, open=open_) if level > open_.known else self._released(open_, at), None

    def fell_due(self, at: int) -> "tuple[Quiet, Notice | None]":
        """Return the notice of the held alert, which has fired up to *at*."""
        if self.open is None or self.open.due is None:
            return self, None
        return self._notified(self.open, self.open.due_why, at)

    def reminded(self, at: int) -> "tuple[Quiet, Notice | None]":
        """Return the notice that the open alert still fires."""
        return self._reset(), None if self.open is None else Notice(at, self.open.level, Why.REMINDED)

    def acknowledged(self, at: int) -> "Quiet":
        """Return what follows when somebody acknowledges the open alert: no notice of it but of a higher level."""
        if self.open is None:
            return self
        open_ = self.open._replace(known=max(self.open.known, self.open.level))
        return replace(self._released(open_, at), held_time=0)

    def expired(self, at: int) -> "Quiet":
        """Return what follows when the acknowledgement of the open alert ends: people are notified of it."""
        return self if self.open is None else self._notified(self.open, Why.REMINDED, at)[0]

    def ended(self, at: int) -> "tuple[Quiet, Notice | None]":
        """Return what follows when the open alert resolves or is cancelled."""
        if self.open is None:
            return self, None
        lasted = max(0, at - self.open.fired_at)
        recent = _with(self.recent, Ended(at, lasted))
        this = replace(self._released(self.open, at), open=None, ended_at=at, recent=recent)
        if self.open.notified:
            return this._reset(), Notice(at, self.open.notified, Why.ENDED)
        return replace(
            this,
            held=this.held + 1,
            held_from=self.open.fired_at if this.held_from is None else this.held_from,
            held_longest=max(this.held_longest, lasted),
        ), None

    def dropped(self) -> "Quiet":
        """Return what follows when the open alert ends before people got its notices: it counts for nothing."""
        if self.open is None:
            return self
        warned, critical = (self.open.notified >= rank for rank in (Level.WARNING, Level.CRITICAL))
        counts = self.counts[0] - warned, self.counts[1] - critical
        return replace(self, counts=counts, last=self.open.last_before if warned else self.last, open=None)

    def _judged(self, open_: Open, at: int, most_held: int) -> "tuple[Quiet, Notice | None]":
        """Return what follows for *open_*, which has just reached its level."""
        if open_.level <= open_.known:
            return replace(self, open=open_), None
        if (why := self._why_now(open_, at)) is not None:
            return self._notified(open_, why, at)
        if open_.held_since is not None:
            return replace(self, open=open_), None
        left = most_held - self.held_time
        if left <= 0:
            return self._notified(open_, Why.ADDED_UP, at)
        wait = self._wait(at)
        due_why = Why.LASTED if wait <= left else Why.ADDED_UP
        return replace(self, open=open_._replace(held_since=at, due=at + min(wait, left), due_why=due_why)), None

    def _why_now(self, open_: Open, at: int) -> Why | None:
        """Return why *open_*, at its level, is not held; None if it is."""
        count, last = self.counts[open_.level - 1], self.last[open_.level - 1]
        if count < AT_ONCE:
            others = self.counts[0] - bool(open_.notified)
            if count == 0 and others >= AT_ONCE:
                return Why.HIGHER
            return Why.SECOND if others else Why.FIRST
        return Why.DAILY if last is None or at - last >= DAY else None

    def _wait(self, at: int) -> int:
        """Return how long an alert that begins *at* is held at most: twice the longest of the last day."""
        longest = max((each.lasted for each in self.recent if at - each.at < DAY), default=0)
        return min(max(2 * longest, SHORTEST_WAIT), LONGEST_WAIT)

    def _notified(self, open_: Open, why: Why, at: int) -> "tuple[Quiet, Notice]":
        new = [open_.notified < rank <= open_.level for rank in (Level.WARNING, Level.CRITICAL)]
        warnings, criticals = (count + is_new for count, is_new in zip(self.counts, new, strict=True))
        warned_at, critical_at = (at if rank <= open_.level else last for rank, last in enumerate(self.last, 1))
        this = replace(
            self._reset(),
            counts=(warnings, criticals),
            last=(warned_at, critical_at),
            open=Open(
                open_.fired_at,
                open_.level,
                notified=open_.level,
                known=open_.level,
                last_before=open_.last_before if open_.notified else self.last,
            ),
        )
        return this, Notice(at, open_.level, why, self.held, self.held_from, self.held_longest)

    def _reset(self) -> "Quiet":
        """Return it without what was held: people have just had a notice."""
        return replace(self, held_time=0, held=0, held_from=None, held_longest=0)

    def _released(self, open_: Open, at: int) -> "Quiet":
        """Return it with *open_* no longer held, and with the time that it was."""
        if open_.held_since is None:
            return replace(self, open=open_)
        held_time = self.held_time + max(0, at - open_.held_since)
        return replace(self, held_time=held_time, open=open_._replace(held_since=None, due=None))


def _with(recent: Sequence[Ended], ended: Ended) -> tuple[Ended, ...]:
    """Return *recent* with *ended*, and only with alerts that are longer than all after them and lengthen a wait."""
    ended = ended._replace(lasted=min(ended.lasted, LONGEST_WAIT // 2))
    kept = [each for each in recent if ended.at - each.at < DAY and each.lasted > ended.lasted]
    return (*kept, ended) if 2 * ended.lasted > SHORTEST_WAIT else tuple(kept)
