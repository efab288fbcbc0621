"""Rotas: who is on call when. `shifts` answers all who ask: the calendar, "now", iCal and notifications.

A turn is a number of days, each from hand-over to hand-over at the same local time. A day on which nobody is on call
counts for no turn: a turn of one day from Monday to Friday goes on with the next person on Monday.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Literal, NamedTuple, NewType, get_args
from zoneinfo import ZoneInfo

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.availability import LONGEST, Span, check_period, is_away
from monitor.domain.accounts.users import username_key
from monitor.domain.errors import Conflict, InvalidInput, Problem, check_list, check_range
from monitor.domain.oncall.limits import MAX_NAME, checked_time
from monitor.domain.text import checked_name
from monitor.domain.times import check_zone, instant

RotaId = NewType("RotaId", int)
DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY_NAMES: tuple[DayName, ...] = get_args(DayName)
MAX_USERS = 200
MAX_OVERRIDES = 500
MAX_HOURS = 20
MAX_TURN_DAYS = 366
_DAY = timedelta(days=1)


class RotaNameTaken(Conflict, reason="rota_name_taken"):
    """Another rota has this name, or one that compares equal."""


class Shift(NamedTuple):
    user_id: UserId
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """Local times on *weekdays*, 0 (Monday) to 6. An end that is not after the start is on the next day."""

    weekdays: frozenset[int]
    starts: time
    ends: time

    def __post_init__(self) -> None:
        """Raises InvalidInput."""
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise InvalidInput({"days": Problem("invalid_choice" if self.weekdays else "empty")})

    @property
    def lasts(self) -> timedelta:
        return _since_midnight(self.ends) - _since_midnight(self.starts) + (_DAY if self.ends <= self.starts else _NONE)


@dataclass(frozen=True, slots=True)
class Override:
    """This person is on call instead of whose turn it is, within the rota's hours."""

    user_id: UserId
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        """Raises InvalidInput."""
        for name in ("starts_at", "ends_at"):
            object.__setattr__(self, name, checked_time(name, getattr(self, name)))
        check_period("ends_at", self.starts_at, self.ends_at)


@dataclass(frozen=True, kw_only=True)
class Rota:
    """*hours*: None is always. *user_ids*: in the order of their turns; one may have several. *overrides*: a later one
    goes before."""

    name: str
    timezone: str
    starts_at: datetime
    turn_days: int = 7
    hours: tuple[Hours, ...] | None = None
    user_ids: tuple[UserId, ...] = ()
    overrides: tuple[Override, ...] = ()
    id: RotaId = RotaId(0)

    def __post_init__(self) -> None:
        """Raises InvalidInput."""
        object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_NAME))
        check_zone("timezone", self.timezone)
        object.__setattr__(self, "starts_at", checked_time("starts_at", self.starts_at))
        check_range("turn.days", self.turn_days, 1, MAX_TURN_DAYS)
        if self.hours is not None:
            check_list("hours", self.hours, MAX_HOURS, least=1)
        check_list("user_ids", self.user_ids, MAX_USERS)
        check_list("overrides", self.overrides, MAX_OVERRIDES)

    @property
    def key(self) -> str:
        """The form in which names are compared and unique, like the names of users."""
        return username_key(self.name)

    @property
    def people(self) -> set[UserId]:
        """Its members, and people of overrides."""
        return {*self.user_ids, *(each.user_id for each in self.overrides)}

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def begun(self) -> datetime:
        """The first hand-over, as clocks show it."""
        return self.starts_at.astimezone(self.zone).replace(tzinfo=None)

    @cached_property
    def counted(self) -> tuple[bool, ...]:
        """Whether a day that begins on this weekday has hours, by the clock alone."""
        return tuple(self._has_hours(weekday) for weekday in range(7))

    def _has_hours(self, weekday: int) -> bool:
        if self.hours is None:
            return True
        handed_over = _since_midnight(self.begun.time())
        windows = [
            (_since_midnight(each.starts) + days * _DAY, _since_midnight(each.starts) + days * _DAY + each.lasts)
            for each in self.hours
            for days in (-1, 0, 1)
            if (weekday + days) % 7 in each.weekdays
        ]
        return any(start < handed_over + _DAY and end > handed_over for start, end in windows)

    def turn(self, day: int) -> int:
        """Return which turn the *day* after the first hand-over belongs to."""
        weeks, rest = divmod(day, 7)
        first = self.begun.weekday()
        before = weeks * sum(self.counted) + sum(self.counted[(first + each) % 7] for each in range(rest))
        return before // self.turn_days


_NONE = timedelta(0)
Away = Mapping[UserId, Sequence[Span]]
"""When people are away: they are passed over, and the next in order takes their place."""


def shifts(rota: Rota, away: Away, start: datetime, end: datetime) -> list[Shift]:
    """Return who is on call from *start* to *end*, in order. A time that no shift covers is nobody's.

    Shifts of one person without a pause are one.
    """
    found: list[Shift] = []
    cuts = sorted({at for span in _exceptions(rota, away) for at in span})
    for span, turn in _open_spans(rota, start, end):
        inner = cuts[bisect_right(cuts, span.starts_at) : bisect_left(cuts, span.ends_at)]
        for begins, ends in zip([span.starts_at, *inner], [*inner, span.ends_at], strict=True):
            user_id = _holder(rota, away, turn, begins)
            if user_id is None:
                continue
            if found and found[-1].user_id == user_id and found[-1].ends_at == begins:
                begins = found.pop().starts_at
            found.append(Shift(user_id, begins, ends))
    return found


def on_call(rota: Rota, away: Away, at: datetime) -> UserId | None:
    found = shifts(rota, away, at, at + timedelta(microseconds=1))
    return found[0].user_id if found else None


def around(rota: Rota, away: Away, at: datetime) -> tuple[Shift | None, Shift | None]:
    """Return the whole shift at this time, and the first that begins later; what lies within 400 days."""
    for days in sorted({min(2 * rota.turn_days + 8, LONGEST.days), LONGEST.days}):
        start, end = at - timedelta(days=days), at + timedelta(days=days)
        found = shifts(rota, away, start, end)
        now = next((shift for shift in found if shift.starts_at <= at < shift.ends_at), None)
        later = next((shift for shift in found if shift.starts_at > at), None)
        if later is not None and later.ends_at < end and (now is None or now.starts_at > start):
            break
    return now, later


def _exceptions(rota: Rota, away: Away) -> Iterator[Span]:
    yield from (Span(each.starts_at, each.ends_at) for each in rota.overrides)
    for user_id in rota.people:
        yield from away.get(user_id, ())


def _holder(rota: Rota, away: Away, turn: int, at: datetime) -> UserId | None:
    """Return who is on call: by the newest override, or whose turn it is, or who comes next and is not away."""
    chosen = [each.user_id for each in reversed(rota.overrides) if each.starts_at <= at < each.ends_at]
    place = turn % len(rota.user_ids) if rota.user_ids else 0
    in_order = (*rota.user_ids[place:], *rota.user_ids[:place])
    return next((each for each in (*chosen, *in_order) if not is_away(away.get(each, ()), at)), None)


def _open_spans(rota: Rota, start: datetime, end: datetime) -> Iterator[tuple[Span, int]]:
    """Yield the hours of the rota between *start* and *end*, cut at each hand-over, with their turn."""
    start = max(start, rota.starts_at)
    if start >= end:
        return
    day = max(0, (start.astimezone(rota.zone).date() - rota.begun.date()).days - 2)
    until = start
    while (handed_over := _hand_over(rota, day)) < end:
        next_one = _hand_over(rota, day + 1)
        for window in _windows(rota, rota.begun.date() + day * _DAY):
            # Hours may overlap, and where clocks change, a window the one of the next day.
            begins = max(window.starts_at, handed_over, until)
            ends = min(window.ends_at, next_one, end)
            if begins < ends:
                yield Span(begins, ends), rota.turn(day)
                until = ends
        day += 1


def _hand_over(rota: Rota, day: int) -> datetime:
    return instant(rota.begun + day * _DAY, rota.zone, fold=0)


def _windows(rota: Rota, day: date) -> list[Span]:
    """Return the hours that may lie between the hand-over of *day* and the next one, in order."""
    if rota.hours is None:
        around = (datetime.combine(day + days * _DAY, time()) for days in (-1, 2))
        return [Span(*(instant(each, rota.zone, fold=0) for each in around))]
    found = []
    for days in (-1, 0, 1):
        of = day + days * _DAY
        for each in rota.hours:
            if of.weekday() in each.weekdays:
                begins = datetime.combine(of, each.starts)
                found.append(Span(instant(begins, rota.zone, fold=0), instant(begins + each.lasts, rota.zone, fold=1)))
    return sorted(found)


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
