"""The policies and silences in force, found by server without a search through all of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.check_policies import applicable, ranked
from monitor.domain.policies.policies import Policy, PolicyId, Scope, WatchKey
from monitor.domain.policies.silences import Silence
from monitor.domain.policies.silencing import Silencing


class Scoped(Protocol):
    """Rule with an id, for all servers, those with a tag, or one server."""

    @property
    def scope(self) -> Scope: ...

    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=Scoped)
Group = tuple[frozenset[str], tuple[ServerId, ...]]
_id: Callable[[Scoped], int] = attrgetter("id")


class ByScope(Generic[T]):
    """Rules in an index by scope."""

    def __init__(self, items: Sequence[T]) -> None:
        """*items*: in id order."""
        self.all = items
        self._by_scope: dict[Scope, list[T]] = {}
        for item in items:
            self._by_scope.setdefault(item.scope, []).append(item)
        self._tags = {scope.tag for scope in self._by_scope if scope.tag is not None}
        self._server_ids = {scope.server_id for scope in self._by_scope if scope.server_id is not None}

    def covering(self, server: Server) -> Sequence[T]:
        """Return the rules for *server*, in id order."""
        return self.reaching([server])

    def reaching(self, servers: Iterable[Server]) -> Sequence[T]:
        """Return the rules for all servers and those for any of *servers*, in id order."""
        scopes = {Scope()}
        for server in servers:
            scopes.update(Scope(server_id=own) for own in server.own_ids)
            scopes.update(Scope(tag=tag) for tag in server.tags & self._tags)
        found = [self._by_scope[scope] for scope in scopes if scope in self._by_scope]
        return found[0] if len(found) == 1 else sorted((item for items in found for item in items), key=_id)

    def group(self, server: Server) -> Group:
        """Return what servers have in common that the same rules cover."""
        return server.tags & self._tags, tuple(own for own in server.own_ids if own in self._server_ids)

    def alike(self, servers: Iterable[Server]) -> Iterable[tuple[Server, int]]:
        """Return one server of each group that the same rules cover, and the number of servers in the group."""
        first: dict[Group, Server] = {}
        sizes = Counter[Group]()
        for server in servers:
            group = self.group(server)
            first.setdefault(group, server)
            sizes[group] += 1
        return [(first[group], size) for group, size in sizes.items()]


@dataclass(frozen=True, slots=True)
class Rules:
    policies: ByScope[Policy]
    silences: ByScope[Silence]
    silencing: Silencing
    _decided: dict[tuple[Any, ...], Mapping[WatchKey, Policy]] = field(default_factory=dict, compare=False, repr=False)
    """Cache of `policies_for`: it is asked for each of a hundred thousand servers, which are of few groups."""

    @staticmethod
    def of(policies: Sequence[Policy], silences: Sequence[Silence], before: "Rules | None" = None) -> "Rules":
        """*before*: the rules that these replace. Unchanged policies, and what was computed from silences, are kept."""
        if before is None:
            return Rules(ByScope(policies), ByScope(silences), Silencing(silences))
        silencing = Silencing(silences, before.silencing)
        if before.policies.all != policies:
            return Rules(ByScope(policies), ByScope(silences), silencing)
        return Rules(before.policies, ByScope(silences), silencing, before._decided)

    def group(self, server: Server) -> tuple[Any, ...]:
        """Return what servers have in common on which the same policies are in force."""
        alike = self.policies.group(server), server.kind
        # What `built_in` and `applicable` read.
        return alike if server.is_host else (*alike, server.attempts, server.report_interval, server.paused)

    def policies_for(self, server: Server) -> Mapping[WatchKey, Policy]:
        """Return the policies in force on *server* by what they watch. Disabled policies are left out."""
        alike = self.group(server)
        decided = self._decided.get(alike)
        if decided is None:
            decided = self._decided[alike] = applicable(self.policies.covering(server), server)
        return decided

    def note_of(self, policy_id: PolicyId | None) -> str:
        """Return what a policy says is to be done; "" if it says nothing, or does not exist."""
        return next((policy.note for policy in self.policies.all if policy.id == policy_id), "") if policy_id else ""

    def reach(self, servers: Iterable[Server]) -> Mapping[PolicyId, int]:
        """Return on how many of *servers* each policy decides: a disabled one decides that nothing fires."""
        reached = Counter[PolicyId]()
        for server, size in self.policies.alike(servers):
            for first, *_ in ranked(self.policies.covering(server), server).values():
                reached[first.id] += size
        return reached
