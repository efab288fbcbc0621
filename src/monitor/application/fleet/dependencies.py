"""What servers and checks depend on."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet.ports import UnitOfWork
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, entry
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.dependencies import MOST_HOPS, MOST_PARENTS, has_cycle

_ACTIONS = {Kind.HOST: "server.update", Kind.CHECK: "check.update"}
_NONE = frozenset[ServerId]()


class Parent(NamedTuple):
    """What something depends on. *kind*: a server or a check, as the client says."""

    kind: Kind
    id: ServerId


def depend_on(uow: UnitOfWork, actor: Actor, now: datetime, child_id: ServerId, wanted: Iterable[Parent]) -> None:
    """Have a server or check depend on these. What it depends on already, and the actor does not see, stays.

    Raises InvalidInput for what does not exist or they do not see, for too many, and if it would depend on itself.
    """
    asked, before = {*wanted}, uow.servers.parents([child_id]).get(child_id, _NONE)
    seen = uow.servers.seen([*before, *(each.id for each in asked)], actor)
    if unknown := sorted(each.id for each in asked if seen.get(each.id) is not each.kind):
        raise InvalidInput({"depends_on": Problem("unknown_ids", {"ids": ", ".join(map(str, unknown))})})
    depend(uow, actor, now, {child_id: {each.id for each in asked} | (before - seen.keys())})


def depend(uow: UnitOfWork, actor: Actor, now: datetime, wanted: Mapping[ServerId, Collection[ServerId]]) -> None:
    """Replace what these servers and checks depend on, each with an audit entry. Raises as `depend_on`."""
    before = uow.servers.parents(wanted)
    changed = {each: after for each, after in wanted.items() if {*after} != before.get(each, _NONE)}
    if not changed:
        return
    if any(len(after) > MOST_PARENTS for after in changed.values()):
        raise InvalidInput({"depends_on": Problem("too_many", {"limit": MOST_PARENTS})})
    uow.servers.depend(changed)
    if has_cycle(_above(uow, changed)):
        raise InvalidInput({"depends_on": Problem("depends_on_itself")})
    names = uow.servers.names({*changed}.union(*changed.values(), *(before.get(each, _NONE) for each in changed)))
    kinds = uow.servers.seen(changed, actor)
    for each, after in changed.items():
        was, now_on = ({"depends_on": sorted(names[id_] for id_ in ids)} for ids in (before.get(each, _NONE), after))
        uow.audit.add(entry(actor, now, _ACTIONS[kinds[each]], names[each], changes(was, now_on)))


def _above(uow: UnitOfWork, child_ids: Iterable[ServerId]) -> dict[ServerId, Collection[ServerId]]:
    """Return what these depend on, what that does, and so on: one read for each hop. Raises InvalidInput."""
    known, waiting, hops = dict[ServerId, Collection[ServerId]](), {*child_ids}, 0
    while waiting:
        if (hops := hops + 1) > MOST_HOPS + 1:
            raise InvalidInput({"depends_on": Problem("too_many_hops", {"limit": MOST_HOPS})})
        known |= dict.fromkeys(waiting, _NONE) | uow.servers.parents(waiting)
        waiting = {parent for each in waiting for parent in known[each]} - known.keys()
    return known
