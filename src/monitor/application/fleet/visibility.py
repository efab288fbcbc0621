"""Who sees what of the fleet that is read from memory. For changes, SQL decides the same (`conditions.py`)."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.application.fleet.directory import Directory
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.intake.live import Live


@dataclass(frozen=True, slots=True)
class VisibleIds:
    """What a query may read: these servers, checks and check-ins; None: all. Only `VisibleFleet` makes it."""

    ids: Collection[ServerId] | None


@dataclass(frozen=True, slots=True)
class VisibleFleet:
    """What *actor* sees of *directory*. What they do not see is not there."""

    directory: Directory
    actor: Actor

    @property
    def servers(self) -> Collection[Server]:
        held, who = self.directory, self.actor.user_id
        if self.actor.is_admin:
            return held.servers.values()
        if who not in held.reach.members:
            return held.servers_of.get(who, ())
        if who not in held.seen_by_members:
            held.seen_by_members[who] = [server for server in held.servers.values() if server.is_visible_to(self.actor)]
        return held.seen_by_members[who]

    @property
    def server_ids(self) -> list[ServerId]:
        if self.actor.is_admin:  # the keys are there: a hundred thousand servers need not be touched
            return list(self.directory.servers)
        return [server.id for server in self.servers]

    @property
    def checks(self) -> list[Server]:
        """Checks and check-ins in id order."""
        return [check for check in self.directory.checks.values() if check.is_visible_to(self.actor)]

    @property
    def all(self) -> Sequence[Server]:
        """Servers, then checks and check-ins."""
        return (*self.servers, *self.checks)

    def find(self, id_: ServerId | None) -> Server | None:
        """Return the server, check or check-in with this id."""
        found = None if id_ is None else self.directory.watched(id_)
        return found if found is not None and found.is_visible_to(self.actor) else None

    def sees(self, id_: ServerId) -> bool:
        return self.find(id_) is not None

    def get(self, id_: ServerId, kind: Kind | None = None) -> Server:
        """Return the one with this id. *kind*: what it must be; None: anything. Raises NotFound."""
        found = self.find(id_)
        if found is None or kind not in (None, found.kind):
            raise NotFound
        return found

    def ids(self, among: Iterable[Server] | None = None) -> VisibleIds:
        """Return the ids of what is visible among these servers and checks (None: among all)."""
        if among is None:
            return VisibleIds(None if self.actor.is_admin else {each.id for each in self.all})
        return VisibleIds({each.id for each in among if each.is_visible_to(self.actor)})


class Tally:
    """How many of *server_ids*, each as often as it is there, each person sees. Counted once for all people."""

    def __init__(self, directory: Directory, server_ids: Iterable[ServerId]) -> None:
        self._total = 0
        self._of_users: Counter[UserId] = Counter()
        for server_id in server_ids:
            if (server := directory.watched(server_id)) is not None:
                self._total += 1
                self._of_users.update(server.people)

    def of(self, actor: Actor) -> int:
        return self._total if actor.is_admin else self._of_users[actor.user_id]


class KnownFleet(ABC):
    """What use cases need of the fleet: `Fleet`, or the fleet as it was before a transaction."""

    directory: Directory
    live: Mapping[ServerId, Live]

    @abstractmethod
    def visible_to(self, actor: Actor) -> VisibleFleet:
        """Return what *actor* sees. Raises StorageUnavailable."""
