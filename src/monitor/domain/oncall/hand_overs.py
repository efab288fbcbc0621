"""Hand-overs: when another person comes on call."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from monitor.domain.accounts.actors import UserId
from monitor.domain.oncall.rotas import Away, Rota, shifts
from monitor.domain.times import MICROSECOND

_LOOKED_BACK = timedelta(days=8)
"""A longer time with nobody on call ends with a hand-over, also to who was on call before."""


class HandOver(NamedTuple):
    """*before*: who was on call last; None: nobody lately."""

    user_id: UserId
    at: datetime
    before: UserId | None


def hand_overs(rota: Rota, away: Away, since: datetime, until: datetime) -> Iterator[HandOver]:
    """Yield the hand-overs after *since*, up to *until*, in order. Each day's hours of one person are one turn."""
    found = shifts(rota, away, since - _LOOKED_BACK, until + MICROSECOND)
    for last, shift in pairwise([None, *found]):
        before = None if last is None else last.user_id
        if shift is not None and since < shift.starts_at and shift.user_id != before:
            yield HandOver(shift.user_id, shift.starts_at, before)
