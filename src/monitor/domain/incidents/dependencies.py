"""What depends on what: a server or a check on servers and checks. One hop counts."""

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from monitor.domain.fleet.servers import ServerId

MOST_PARENTS = 20
Dependencies = Mapping[ServerId, Collection[ServerId]]
"""By server or check, what it depends on directly."""


def has_cycle(known: Dependencies) -> bool:
    """Tell whether something depends on itself, directly or through others."""
    try:
        TopologicalSorter(known).prepare()
    except CycleError:
        return True
    return False


def down_parents(parents: Collection[ServerId], down: Collection[ServerId]) -> list[ServerId]:
    """Return the *parents* that are down, in id order."""
    return sorted(each for each in parents if each in down)
