"""Compare what a policy and its neighbours would have caused, over all servers."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from monitor.domain.hindsight.episodes import LONG, Found
from monitor.domain.hindsight.neighbours import Neighbour
from monitor.domain.times import SECOND

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What one neighbour would have caused.

    *usual_margin*: the margin that its thresholds have by default.
    *messages*: how often people would have been notified that one fires or is worse, by the quiet rule; of one that
    fires when the window begins, once. *long_lost*: how many alerts of the policy that lasted over an hour it would not
    have noticed at all. *median_delay*: by how many seconds it notices the others later; None: there are none.
    """

    warning: float | None
    critical: float | None
    sustained_for: timedelta
    clear_margin: float
    usual_margin: float
    total: int
    messages: int
    escalations: int
    reminders: int
    ended_within_hour: int
    long_lost: int
    median_delay: float | None


@dataclass(slots=True)
class Comparison:
    """Sums of one neighbour, server after server."""

    neighbour: Neighbour
    total: int = 0
    messages: int = 0
    escalations: int = 0
    reminders: int = 0
    ended_within_hour: int = 0
    long_lost: int = 0
    _delays: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, own: Found, found: Found) -> None:
        """Add what one server has *found* with the neighbour; *own*: with the policy itself."""
        self.total += found.total
        # What fires when the window begins may fire later with a neighbour: so it counts for both.
        self.messages += found.notices + (found.already is not None)
        self.escalations += found.escalations
        self.reminders += found.reminders
        self.ended_within_hour += found.ended_within_hour
        if own.already is not None and _is_long(own.already):
            self.long_lost += _noticed(found, own.already) is None
        for span in long_ones(own):
            at = _noticed(found, span)
            if at is None:
                self.long_lost += 1
            else:
                self._delays.append(max(0, at - span[0]))

    def sweep(self) -> Sweep:
        policy = self.neighbour.policy
        return Sweep(
            warning=policy.warning,
            critical=policy.critical,
            sustained_for=policy.sustained_for,
            clear_margin=policy.clear_margin,
            usual_margin=policy.kind.usual_margin(policy),
            total=self.total,
            messages=self.messages,
            escalations=self.escalations,
            reminders=self.reminders,
            ended_within_hour=self.ended_within_hour,
            long_lost=self.long_lost,
            median_delay=median(self._delays) / SECOND if self._delays else None,
        )


def long_ones(found: Found) -> Iterator[Span]:
    """Yield (fired, ended) of the alerts that lasted more than an hour. One that still fires has lasted until now."""
    return (span for span in zip(found.fired, found.ended, strict=True) if _is_long(span))


def _is_long(span: Span) -> bool:
    return span[1] - span[0] > LONG


def _noticed(found: Found, span: Span) -> int | None:
    """Return when the first alert fired that overlaps *span*; None: there is none."""
    if found.already is not None and found.already[1] >= span[0]:
        return found.already[0]
    place = bisect_left(found.ended, span[0])
    return found.fired[place] if place < found.total and found.fired[place] <= span[1] else None


def quietest(comparisons: Sequence[Comparison]) -> int | None:
    """Return the place of the one with the fewest messages that loses no long alert; of equal ones the nearest."""
    kept = [place for place, each in enumerate(comparisons) if not each.long_lost]
    return min(kept, key=lambda n: (comparisons[n].messages, comparisons[n].neighbour.steps), default=None)
