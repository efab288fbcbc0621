"""What depends on what: a server or a check on servers and checks. One hop counts."""

from collections.abc import Collection, Iterable, Mapping

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId

MOST_PARENTS = 20
Dependencies = Mapping[ServerId, Collection[ServerId]]
"""By server or check, what it depends on directly."""


def check_dependencies(of: ServerId, parents: Collection[ServerId], known: Dependencies) -> None:
    """Raises InvalidInput if *of* would depend on itself, directly or through others, or on too many."""
    if len(parents) > MOST_PARENTS:
        raise InvalidInput({"depends_on": Problem("too_many", {"limit": MOST_PARENTS})})
    if of in reached(parents, known):
        raise InvalidInput({"depends_on": Problem("depends_on_itself")})


def reached(start: Iterable[ServerId], known: Dependencies) -> set[ServerId]:
    """Return *start*, and all that these depend on, over any number of hops."""
    found, waiting = set[ServerId](), [*start]
    while waiting:
        if (each := waiting.pop()) not in found:
            found.add(each)
            waiting.extend(known.get(each, ()))
    return found


def down_parents(parents: Collection[ServerId], down: Collection[ServerId]) -> list[ServerId]:
    """Return the *parents* that are down, in id order. What has no other cause depends on all of them."""
    return sorted(each for each in parents if each in down)
