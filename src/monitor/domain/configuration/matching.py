"""Which entry of a file is which stored thing: a rename is a rename, though files hold no ids."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.domain.configuration.values import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Entry of a file, or a stored thing as a file would have it. *was*: the key of the thing that it renames.

    *key*: its key in the file; of a policy what it is about, of a silence all of it. *name*: None for these two.
    *fixed*: what cannot change; another value makes it another thing.
    """

    key: Hashable
    content: Mapping[str, Plain]
    name: str | None = None
    was: str | None = None
    fixed: Hashable = None


def matches(entries: Sequence[Entry], stored: Sequence[Entry]) -> list[int | None]:
    """Return for each entry the place of its stored thing, None if it is new.

    In this order: the thing that `was` names, the one with the same key, one of the same name, and the only one left
    with the same content if there is one entry alone for it.
    """
    found: list[int | None] = [None] * len(entries)
    taken: set[int] = set()

    def take(wanted: Callable[[Entry], Hashable], held: Callable[[Entry], Hashable], *, alone: bool = False) -> None:
        free = [(held(each), place) for place, each in enumerate(stored) if place not in taken]
        asking = [(wanted(each), place) for place, each in enumerate(entries) if found[place] is None]
        several = _repeated(free) | _repeated(asking) if alone else set()
        places: dict[Hashable, list[int]] = {}
        for key, place in reversed(free):
            places.setdefault(key, []).append(place)
        for key, place in asking:
            if key is not None and key not in several and places.get(key):
                found[place] = places[key].pop()
                taken.add(found[place] or 0)

    take(lambda each: each.was and (each.was, each.fixed), lambda each: (each.key, each.fixed))
    take(lambda each: (each.key, each.fixed), lambda each: (each.key, each.fixed))
    take(lambda each: each.name and (each.name, each.fixed), lambda each: (each.name, each.fixed))
    take(lambda each: (frozen(each.content), each.fixed), lambda each: (frozen(each.content), each.fixed), alone=True)
    return found


def _repeated(keyed: Iterable[tuple[Hashable, int]]) -> set[Hashable]:
    return {key for key, count in Counter(key for key, _ in keyed).items() if count > 1}


def frozen(value: Any) -> Hashable:
    """Return a plain value as one that can be a key."""
    if isinstance(value, Mapping):
        return frozenset((name, frozen(each)) for name, each in value.items())
    if isinstance(value, list):
        return tuple(map(frozen, value))
    found: Hashable = value
    return found
