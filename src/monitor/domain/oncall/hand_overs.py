"""Hand-overs: another person comes on call, at the end of a turn or by a change."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from monitor.domain.accounts.actors import UserId
from monitor.domain.oncall.rotas import Away, Rota, on_call, shifts
from monitor.domain.times import MICROSECOND

_LOOKED_BACK = timedelta(days=8)
"""A longer time with nobody on call ends with a hand-over, also to who was on call before."""


class HandOver(NamedTuple):
    """*before*: who was on call last; None: nobody lately."""

    user_id: UserId
    at: datetime
    before: UserId | None


class HandedOver(NamedTuple):
    """How far the hand-overs of a rota were announced. *to*: who was on call then, or last; None: not known."""

    at: datetime | None = None
    to: UserId | None = None


def hand_overs(rota: Rota, away: Away, since: datetime, until: datetime) -> Iterator[HandOver]:
    """Yield the hand-overs after *since*, up to *until*, in order. Each day's hours of one person are one turn."""
    found = shifts(rota, away, since - _LOOKED_BACK, until + MICROSECOND)
    for last, shift in pairwise([None, *found]):
        before = None if last is None else last.user_id
        if shift is not None and since < shift.starts_at and shift.user_id != before:
            yield HandOver(shift.user_id, shift.starts_at, before)


def hand_over_now(rota: Rota, away: Away, last: UserId | None, since: datetime, now: datetime) -> HandOver | None:
    """Return the hand-over to who is on call *now*, if it came after *since*, or a change made it.

    *last*: who was on call when this was asked before; None: not known.
    """
    present = on_call(rota, away, now)
    turns = [turn for turn in hand_overs(rota, away, since, now) if turn.user_id == present]
    if turns or present is None or last in (None, present):
        return turns[-1] if turns else None
    return HandOver(present, now, last)
