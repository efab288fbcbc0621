"""Servers and users."""

from collections.abc import Iterable
from typing import Any

from monitor.application.accounts.users import ChangeUser, CreateUser
from monitor.application.fleet.dependencies import Parent
from monitor.application.fleet.leaving import DeleteUser
from monitor.application.fleet.servers import CreateServer, DeleteServer, UpdateServer
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import DEFAULT_PORT, Kind, Server
from monitor.domain.intake.live import Live
from monitor.library.asked import Group, Named, Person


class Servers(Group):
    """`core.servers`: what reports, who has it, and how it is."""

    def add(
        self,
        name: str,
        ip_address: str,
        *,
        port: int = DEFAULT_PORT,
        tags: Iterable[str] = (),
        users: Iterable[Person] = (),
        depends_on: Iterable[Named] = (),
    ) -> Server:
        """Register a server, linked to *users*, who are notified of it. *depends_on*: what must be up for it to be.

        Raises InvalidInput, Conflict for an address that is known.
        """
        with self._working() as container:
            made = container.get(CreateServer)(
                self.actor,
                name=name,
                ip_address=ip_address,
                port=port,
                tags=tags,
                user_ids=[self._person(each).id for each in users],
            )
        return self.change(made, depends_on=depends_on) if depends_on else made

    def get(self, server: Named) -> Server:
        """Return a server by its id or name. Raises NotFound, NameIsAmbiguous."""
        return self._found(server, Kind.HOST)

    def watched(self, named: Named) -> Server:
        """Return a server, check or check-in by its id or name. Raises NotFound, NameIsAmbiguous."""
        return self._found(named)

    def list(self, tag: str | None = None) -> list[Server]:
        """Return the servers that the actor sees, in id order. *tag*: that have it."""
        with self._working() as container:
            servers = container.fleet.visible_to(self.actor).servers
            return sorted((each for each in servers if tag is None or tag in each.tags), key=lambda each: each.id)

    def change(self, server: Named, **changes: Any) -> Server:
        """Change a server's *name*, *port*, *tags*, *users* or *depends_on*, and return it.

        Raises InvalidInput, NotFound, Forbidden.
        """
        found = self.get(server)
        if "users" in changes:
            changes["user_ids"] = [self._person(each).id for each in changes.pop("users")]
        if "depends_on" in changes:
            changes["depends_on"] = [Parent(each.kind, each.id) for each in map(self._found, changes["depends_on"])]
        with self._working() as container:
            container.get(UpdateServer)(self.actor, found.id, **changes)
        return self.get(found.id)

    def remove(self, server: Named) -> None:
        """Delete a server with its samples, checks and alerts. Raises NotFound, Forbidden."""
        found = self.get(server)
        with self._working() as container:
            container.get(DeleteServer)(self.actor, found.id)

    def live(self, server: Named) -> Live:
        """Return the status and the newest sample of a server, check or check-in. Raises NotFound."""
        found = self._found(server)
        with self._working() as container:
            return container.fleet.live.get(found.id, Live())


class Users(Group):
    """`core.users`: people, who have servers and are notified. For administrators, but for oneself."""

    def add(self, username: str, *, password: str | None = None, admin: bool = False, email: str | None = None) -> User:
        """Create an account. *password* None: a random one, which nobody knows. Raises InvalidInput, Forbidden."""
        with self._working() as container:
            return container.get(CreateUser)(
                self.actor,
                username=username,
                password=password or container.shared.secrets().token(),
                role=Role.ADMIN if admin else Role.USER,
                email=email,
            )

    def get(self, user: Person) -> User:
        """Return a user by the id or user name. Raises NotFound, also for whom the actor may not ask about."""
        return self._person(user)

    def list(self) -> list[User]:
        """Return all users in id order; for who is no administrator, oneself."""
        return [*self._people()]

    def change(self, user: Person, **changes: Any) -> User:
        """Change *email*, *role*, *alert_level* and other fields of an account. Raises InvalidInput, Forbidden."""
        found = self.get(user)
        with self._working() as container:
            return container.get(ChangeUser)(self.actor, found.id, **changes)

    def remove(self, user: Person) -> None:
        """Delete an account. Raises Conflict for the last administrator, NotFound, Forbidden."""
        found = self.get(user)
        with self._working() as container:
            container.get(DeleteUser)(self.actor, found.id)
