"""Which times this server was deaf in: a report that was sent then would not have reached it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LONGEST_WAIT = timedelta(seconds=10)
"""Between two proofs: as long as an agent waits for its answer."""
BEGINS_ANEW = timedelta(seconds=20)
"""After a longer deafness agents pause, for up to a minute, before they try again."""
GAPS_KEPT = 300

Gap = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Nobody is silent before *since*, after *until* (the last proof), or in one of the *gaps* between."""

    since: datetime
    until: datetime
    gaps: tuple[Gap, ...] = ()

    def proved(self, at: datetime) -> "Hearing":
        """A report that was sent at *at* has been heard, and so have all before it that were heard at all."""
        gap = at - self.until
        if gap > BEGINS_ANEW or gap < -LONGEST_WAIT:  # or the clock was set
            return Hearing(since=at, until=at)
        if gap <= LONGEST_WAIT:
            return replace(self, until=max(self.until, at))
        gaps = (*self.gaps, (self.until, at))
        since = gaps[-GAPS_KEPT - 1][1] if len(gaps) > GAPS_KEPT else self.since
        return Hearing(since=since, until=at, gaps=gaps[-GAPS_KEPT:])

    def deaf(self, start: datetime, end: datetime) -> timedelta:
        """How much of that time this server was deaf, after *since*; what follows *until* counts as such."""
        gaps = (*self.gaps, (self.until, max(self.until, end)))
        overlaps = (min(last, end) - max(first, start) for first, last in gaps)
        return sum((overlap for overlap in overlaps if overlap > timedelta(0)), timedelta(0))
