"""Compare what a policy, its neighbours and people's verdicts say, over all servers."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from monitor.domain.alerts.alert import Verdict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.neighbours import Neighbour
from monitor.domain.hindsight.replayed_alerts import LONG, Counts, Found, Span
from monitor.domain.times import SECOND

_Ended = tuple[int, int]
"""When an alert fired and ended; one that still fires ends with the window."""


@dataclass(slots=True, kw_only=True)
class Comparison(Counts):
    """What one neighbour of a policy would have caused, added up server after server.

    *long_lost*: how many alerts of the policy that lasted over an hour it would not have noticed at all.
    """

    neighbour: Neighbour
    long_lost: int = 0
    _delays: "array[int]" = field(default_factory=lambda: array("q"))

    @property
    def median_delay(self) -> float | None:
        """By how many seconds it notices the long alerts of the policy later; None: it notices none."""
        return median(self._delays) / SECOND if self._delays else None

    def add(self, own: Found, found: Found) -> None:
        """Add what one server has *found* with the neighbour; *own*: with the policy itself."""
        self.add_counts(found)
        # What fires when the window begins may fire later with a neighbour: so it is no delay.
        if own.already is not None and _is_long(own.already):
            self.long_lost += _noticed(found, own.already) is None
        for span in _long_ones(own):
            at = _noticed(found, span)
            if at is None:
                self.long_lost += 1
            else:
                self._delays.append(max(0, at - span[0]))


def _long_ones(found: Found) -> Iterator[_Ended]:
    return (span for span in zip(found.fired, found.ended, strict=True) if _is_long(span))


def _is_long(span: _Ended) -> bool:
    return span[1] - span[0] > LONG


def _noticed(found: Found, span: _Ended) -> int | None:
    """Return when the first alert fired that overlaps *span*; None: there is none."""
    if found.already is not None and found.already[1] >= span[0]:
        return found.already[0]
    place = bisect_left(found.ended, span[0])
    return found.fired[place] if place < len(found.fired) and found.fired[place] <= span[1] else None


def quietest(comparisons: Sequence[Comparison]) -> int | None:
    """Return the place of the one with the fewest messages that loses no long alert; of equal ones the nearest."""
    kept = [place for place, each in enumerate(comparisons) if not each.long_lost]
    return min(kept, key=lambda n: (comparisons[n].messages, comparisons[n].neighbour.steps), default=None)


class Judged(NamedTuple):
    """Alert of which somebody said whether it was useful."""

    server_id: ServerId
    verdict: Verdict
    span: Span


class VerdictCounts(NamedTuple):
    useful_kept: int = 0
    useful_lost: int = 0
    noise_kept: int = 0
    noise_removed: int = 0


def counted(judged: Iterable[Judged], by_server: Mapping[ServerId, Sequence[Span]]) -> VerdictCounts:
    """Count the *judged* alerts during which one of *by_server* would have fired on the same server, and the others."""
    found = [0, 0, 0, 0]
    for server_id, verdict, span in judged:
        is_kept = any(span.meets(other) for other in by_server.get(server_id, ()))
        found[2 * (verdict is Verdict.NOISE) + (not is_kept)] += 1
    return VerdictCounts(*found)
