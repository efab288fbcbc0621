"""`depends_on` of servers and checks, and the other direction."""

from collections.abc import Iterable
from itertools import chain
from typing import Annotated

from litestar import get
from msgspec import Meta, Struct

from monitor.adapters.http.edge.bodies import Id, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import each_of
from monitor.adapters.http.edge.supplying import Part
from monitor.application.fleet.dependencies import Parent
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.dependencies import MOST_PARENTS

MOST_DEPENDENTS = 100


class Dependency(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One of *server_id* and *check_id*. *name*: what it is called; ignored in requests."""

    server_id: Id | None = None
    check_id: Id | None = None
    name: str | None = None

    def to_domain(self) -> Parent:
        """Raises InvalidInput."""
        match self.server_id, self.check_id:
            case int(id_), None:
                return Parent(Kind.HOST, ServerId(id_))
            case None, int(id_):
                return Parent(Kind.CHECK, ServerId(id_))
        raise InvalidInput({"server_id": Problem("one_of_these", {"choices": "server_id, check_id"})})


Dependencies = Annotated[
    list[Dependency],
    Meta(
        max_length=MOST_PARENTS,
        description="Servers and checks: while one of them is down, nobody is notified that this is too. Lists what "
        "the caller sees; the rest stays when it is replaced.",
    ),
]


def parents_of(given: Iterable[Dependency]) -> tuple[Parent, ...]:
    """Raises InvalidInput."""
    return each_of("depends_on", given, Dependency.to_domain)


def shown_parents(parents: Iterable[ServerId], visible: VisibleFleet) -> list[Dependency]:
    """Return those that the caller sees, in id order."""
    found = (server for each in sorted(parents) if (server := visible.find(each)) is not None)
    return [
        Dependency(server_id=each.id, name=each.name) if each.is_host else Dependency(check_id=each.id, name=each.name)
        for each in found
    ]


@get("/servers/{server_id:int}/dependents", tags=("servers",), sync_to_thread=True)
def dependents(actor: Part[Actor], server_id: PathId, fleet: Part[Fleet]) -> Envelope[list[Dependency]]:
    """What depends on this server or check, of what the caller sees: at most 100."""
    visible = fleet.visible_to(actor)
    parent, directory = visible.get(ServerId(server_id)).id, visible.directory
    everything = chain(directory.servers.values(), directory.checks.values())
    return ok(shown_parents((each.id for each in everything if parent in each.depends_on), visible)[:MOST_DEPENDENTS])
