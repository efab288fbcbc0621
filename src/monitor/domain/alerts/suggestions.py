"""The smallest edit of a policy that halves its alerts on a server, and what it would lose and delay."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.alerts.policies import Policy
from monitor.domain.alerts.verdicts import Span
from monitor.domain.times import SECOND

_SECONDS = ("sustained_for", "clear_for")
_EDITED = ("warning", "critical", "clear_margin", *_SECONDS)
_LEAST = 1.0
"""Sizes of edits are relative to the values, or to this where a value is smaller; to minutes for durations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """*change*: the new values by the names of the policy's fields, durations in seconds.

    *removed*: how many alerts fewer. *useful_lost*: how many of those that were called useful would be among them.
    *added_delay*: the longest time (seconds) by which one that is kept would fire later.
    """

    change: dict[str, float | None]
    removed: int
    useful_lost: int
    added_delay: float


Tried = tuple[Policy, Sequence[Span]]


def suggested(own: Tried, tried: Sequence[Tried], useful: Sequence[Span]) -> Suggestion | None:
    """Return the smallest of the edits *tried* with at most half of the alerts of *own*; None: there is none.

    *useful*: when alerts fired that somebody called useful.
    """
    policy, fired = own
    quieter = [each for each in tried if fired and 2 * len(each[1]) <= len(fired)]
    if not quieter:
        return None
    edited, kept = min(quieter, key=lambda each: (_size(policy, each[0]), -len(each[1])))
    delays = [later for span in fired if (later := _delay(span, kept)) is not None]
    return Suggestion(
        change=_change(policy, edited),
        removed=len(fired) - len(kept),
        useful_lost=sum(not any(span.meets(other) for other in kept) for span in useful),
        added_delay=max(delays, default=0.0),
    )


def _delay(span: Span, kept: Sequence[Span]) -> float | None:
    """Return how many seconds after *span* begins the first of *kept* fires within it; None: none does."""
    starts = [max(0, other.fired_at - span.fired_at) for other in kept if span.meets(other)]
    return min(starts) / SECOND if starts else None


def _values(policy: Policy) -> dict[str, float | None]:
    durations = {name: getattr(policy, name).total_seconds() for name in _SECONDS}
    return {name: durations.get(name, getattr(policy, name, None)) for name in _EDITED}


def _change(before: Policy, after: Policy) -> dict[str, float | None]:
    old = _values(before)
    return {name: value for name, value in _values(after).items() if value != old[name]}


def _size(before: Policy, after: Policy) -> float:
    """Return how much *after* differs, summed over the values."""
    old, size = _values(before), 0.0
    for name, value in _change(before, after).items():
        was, now = old[name] or 0.0, value or 0.0
        size += abs(now - was) / max(abs(was), 60.0 if name in _SECONDS else _LEAST)
    return size
