"""What callers name: things by their id, name, or the thing itself; times with a zone."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TypeVar

from monitor.container import Container
from monitor.domain.accounts.users import User
from monitor.domain.errors import Conflict, InvalidInput, NotFound, Problem
from monitor.domain.fleet.servers import Kind, Server
from monitor.domain.policies.policies import Scope
from monitor.library.base import Base

T = TypeVar("T")
Named = int | str | Server
"""A server, check or check-in: its id, its name, or itself."""
Person = int | str | User
"""A user: the id, the user name, or the user."""


class NameIsAmbiguous(Conflict, reason="name_is_ambiguous"):
    """Several have this name: ask for the id."""


class Group(Base):
    """Methods of a core about one concept."""

    def _working(self) -> AbstractContextManager[Container]:
        return self._shared.working()

    def _people(self) -> Sequence[User]:
        """Return the users that the actor may ask about, in id order: all for administrators, else oneself."""
        with self._working() as container:
            users = container.fleet.directory.users.values()
            actor = self.actor
            return sorted((each for each in users if actor.is_admin or each.id == actor.user_id), key=lambda u: u.id)

    def _person(self, user: Person) -> User:
        """Raises NotFound."""
        return only(each for each in self._people() if user in (each.id, each.username, each))

    def _found(self, named: Named, *kinds: Kind) -> Server:
        """Return the server, check or check-in. Raises NotFound, NameIsAmbiguous."""
        with self._working() as container:
            visible = container.fleet.visible_to(self.actor)
            if not isinstance(named, str):
                found = [visible.find(named.id if isinstance(named, Server) else named)]  # type: ignore[arg-type]
            else:
                every = (*visible.directory.servers.values(), *visible.directory.checks.values())
                found = [each for each in every if each.name == named and visible.sees(each.id)]
            return only(each for each in found if each is not None and (not kinds or each.kind in kinds))

    def _scope(self, server: Named | None, tags: Sequence[str]) -> Scope:
        if len(tags) > 1:
            raise InvalidInput({"tags": Problem("scope_of_one_kind")})
        server_id = None if server is None else self._found(server).id
        return Scope(server_id=server_id, tag=tags[0] if tags else None)


def only(found: Iterable[T]) -> T:
    """Return the only one. Raises NotFound, NameIsAmbiguous."""
    match [*found]:
        case [one]:
            return one
        case []:
            raise NotFound
        case _:
            raise NameIsAmbiguous


def aware(name: str, at: datetime) -> datetime:
    """Raises InvalidInput for a time without a zone."""
    if at.tzinfo is None:
        raise InvalidInput({name: Problem("time_without_zone")})
    return at


def number(name: str, value: float) -> float:
    """Raises InvalidInput for what is no number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidInput({name: Problem("not_a_number")}) from None
