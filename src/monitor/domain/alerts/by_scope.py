"""Index of policies or silences by the servers that they cover."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from monitor.domain.alerts.policies import Scope
from monitor.domain.fleet.servers import Server


class Scoped(Protocol):
    """Item with an id that covers everything, a tag, or one server."""

    @property
    def scope(self) -> Scope: ...

    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=Scoped)
_id: Callable[[Scoped], int] = attrgetter("id")


class ByScope(Generic[T]):
    """Index of *items* by scope. Results are in id order."""

    def __init__(self, items: Iterable[T]) -> None:
        self._held: dict[Scope, list[T]] = {}
        for item in items:
            self._held.setdefault(item.scope, []).append(item)
        self._tags = {scope.tag for scope in self._held if scope.tag is not None}

    def covering(self, server: Server) -> Sequence[T]:
        """Return the items that cover *server*."""
        return self.reaching([server])

    def reaching(self, servers: Iterable[Server]) -> Sequence[T]:
        """Return the items that cover at least one of *servers*, and those for everything."""
        scopes = {Scope()}
        for server in servers:
            scopes.add(Scope(server_id=server.id))
            scopes.update(Scope(tag=tag) for tag in server.tags & self._tags)
        found = [self._held[scope] for scope in scopes if scope in self._held]
        return found[0] if len(found) == 1 else sorted((item for held in found for item in held), key=_id)
