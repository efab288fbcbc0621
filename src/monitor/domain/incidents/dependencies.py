"""What depends on what: a server or a check on servers and checks. One hop counts."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from graphlib import CycleError, TopologicalSorter

from monitor.domain.fleet.servers import ServerId

MOST_PARENTS, MOST_HOPS = 20, 20
"""Of one thing, and from it up to the last that it depends on through others."""
_PATIENCE, LONGEST_PATIENCE = timedelta(minutes=1), timedelta(hours=1)
"""The first: the longest pause of an agent that could not send."""
Dependencies = Mapping[ServerId, Collection[ServerId]]
"""By server or check, what it depends on directly."""


def has_cycle(known: Dependencies) -> bool:
    """Tell whether something depends on itself, directly or through others."""
    try:
        TopologicalSorter(known).prepare()
    except CycleError:
        return True
    return False


def patience(interval: float | None) -> timedelta:
    """Return how long something waits to recover after what it depends on. *interval*: of its reports, in seconds."""
    return min(max(_PATIENCE, timedelta(seconds=interval or 0.0)), LONGEST_PATIENCE)
