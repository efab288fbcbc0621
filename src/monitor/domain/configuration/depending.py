"""How a file has what servers and checks depend on: by name, those that depend on anything."""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.domain.configuration import values
from monitor.domain.configuration.references import CHECK, SERVER, References
from monitor.domain.configuration.values import Plain, Unread
from monitor.domain.errors import Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.dependencies import MOST_PARENTS, Dependencies, has_cycle

DEPENDS_SECTION = "depends_on"
_LISTS = {"servers": SERVER, "checks": CHECK}


def parents_of(given: Plain, refs: References) -> Mapping[ServerId, frozenset[ServerId]]:
    """Read the section, such as {servers: {web-1: {servers: [switch]}}}. Raises Unread."""
    found = dict(_entries(given, refs))
    if has_cycle(found):
        raise Unread(Problem("depends_on_itself"))
    is_missing = {each for each in found if each < 0 and refs.kind_of(each) == SERVER}  # files have no new servers
    return {each: parents for each, parents in found.items() if parents and each not in is_missing}


def _entries(given: Plain, refs: References) -> Iterator[tuple[ServerId, frozenset[ServerId]]]:
    for of, kind in _lists(given or {}).items():
        with values.at(of):
            for name, parents in values.mapping(given[of] or {}).items():
                path = (DEPENDS_SECTION, of, name)
                with values.at(name):
                    yield ServerId(refs.id_of(kind, name, path)), _named(parents, refs, path)


def _named(given: Plain, refs: References, path: tuple[str, ...]) -> frozenset[ServerId]:
    found = frozenset[ServerId]()
    for of, kind in _lists(given).items():
        with values.at(of):
            found |= values.all_named(kind).read(given[of], refs, (*path, of))
    if len(found) > MOST_PARENTS:
        raise Unread(Problem("too_many", {"limit": MOST_PARENTS}))
    return found


def _lists(given: Plain) -> dict[str, str]:
    values.known(values.mapping(given), tuple(_LISTS))
    return {name: kind for name, kind in _LISTS.items() if name in given}


def written_parents(depends_on: Dependencies, refs: References) -> dict[str, Plain]:
    """Write the section: the same text for the same content."""
    return {
        of: dict(sorted(_written(depends_on, kind, refs)))
        for of, kind in _LISTS.items()
        if any(refs.kind_of(each) == kind for each in depends_on)
    }


def _written(depends_on: Dependencies, kind: str, refs: References) -> Iterator[tuple[str, Any]]:
    for child, parents in depends_on.items():
        if refs.kind_of(child) == kind:
            names = {
                of: [refs.name_of(each, id_) for id_ in parents if refs.kind_of(id_) == each]
                for of, each in _LISTS.items()
            }
            yield refs.name_of(kind, child), {of: sorted(own) for of, own in names.items() if own}


def name_of(watched_id: ServerId, refs: References) -> str:
    return refs.name_of(refs.kind_of(watched_id), watched_id)
