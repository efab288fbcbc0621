"""Find the smallest edit of a policy that halves its notifications, and what it would lose and delay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.domain.hindsight.replayed_alerts import Span
from monitor.domain.policies.policies import Policy
from monitor.domain.times import SECOND

_SECONDS = ("sustained_for", "clear_for")
_EDITED = ("warning", "critical", "clear_margin", *_SECONDS)
_LEAST = 1.0
"""Sizes of edits are relative to the values, or to this where a value is smaller; to minutes for durations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """*change*: the new values by the names of the policy's fields, durations in seconds.

    *removed*: how many notifications fewer people and channels would have had, of those they had: as many as a replay
    of both policies by the quiet rule says, or the same part of them if it has more than there were.
    *useful_lost*: how many of the alerts that were called useful would not have fired. *added_delay*: the longest time
    (seconds) by which people would have heard later of one that is kept. *people*: by name, how many each would have
    had by the replay, and would have with the edit.
    """

    change: dict[str, float | None]
    removed: int
    useful_lost: int
    added_delay: float
    people: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Tried(NamedTuple):
    """A policy, when it would have fired, and when people would have been notified of that. *pages*: in how many
    notifications, each for one person or channel. *people*: those of each, by name."""

    policy: Policy
    spans: Sequence[Span]
    heard: Sequence[int] = ()
    pages: int = 0
    people: Mapping[str, int] = {}


def suggested(own: Tried, tried: Sequence[Tried], useful: Sequence[Span], pages: int) -> Suggestion | None:
    """Return the smallest of the edits *tried* that halves the notifications; None: there is none.

    *useful*: when alerts fired that somebody called useful. *pages*: how many notifications there really were. If they
    are more than with *own*, as after an edit, half of them has to go nevertheless.
    """
    most = own.pages - max(own.pages, pages) / 2
    quieter = [each for each in tried if own.pages and each.pages <= most]
    if not quieter:
        return None
    edited = min(quieter, key=lambda each: (_size(own.policy, each.policy), -each.pages))
    spared = own.pages - edited.pages
    names = sorted(own.people.keys() | edited.people.keys())
    return Suggestion(
        change=_change(own.policy, edited.policy),
        removed=-(-spared * min(pages, own.pages) // own.pages),
        useful_lost=sum(not any(span.meets(other) for other in edited.spans) for span in useful),
        added_delay=max(_delays(own, edited), default=0) / SECOND,
        people={name: (own.people.get(name, 0), edited.people.get(name, 0)) for name in names},
    )


def _delays(own: Tried, edited: Tried) -> Iterator[int]:
    """Yield how much later people hear of each alert that also fires with the edit, in microseconds.

    If that alert is held until its end, they hear of the next one that is not.
    """
    for at in own.heard:
        span = next((each for each in reversed(own.spans) if each.fired_at <= at), None)
        if span is None or not any(span.meets(other) for other in edited.spans):
            continue
        later = next((each for each in edited.heard if each >= span.fired_at), None)
        if later is not None:
            yield max(0, later - at)


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


class Better(NamedTuple):
    """*change*: as of a `Suggestion`. *sooner*: by how many seconds people would have been notified earlier; negative:
    later. *pages*: how many notifications, without and with the edit."""

    change: dict[str, float | None]
    sooner: float
    pages: tuple[int, int]


def better(own: Tried, tried: Sequence[Tried], at: Span) -> Better | None:
    """Return the smallest of the edits *tried* by which people hear earlier of what fired *at* that time with no more
    notifications, or hear of it with fewer; None: there is none."""
    first = _first_heard(own, at)
    found: list[tuple[float, int, Tried, float]] = []
    for each in tried:
        heard = _first_heard(each, at)
        if heard is not None and each.pages <= own.pages:
            sooner = 0.0 if first is None else (first - heard) / SECOND
            if sooner > 0 or each.pages < own.pages:
                found.append((_size(own.policy, each.policy), each.pages, each, sooner))
    if not found:
        return None
    _, pages, edited, sooner = min(found, key=lambda each: each[:2])
    return Better(_change(own.policy, edited.policy), sooner, (own.pages, pages))


def _first_heard(tried: Tried, at: Span) -> int | None:
    fired_at = next((span.fired_at for span in tried.spans if span.meets(at)), None)
    return None if fired_at is None else next((each for each in tried.heard if each >= fired_at), None)
