"""Servers made and changed, many in one transaction, and how that is undone."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace

from monitor.application.announcing import Announcer
from monitor.application.ports.clock import Clock
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.servers import server_changes, told
from monitor.application.transactions import retried
from monitor.domain.actors import Actor, UserId
from monitor.domain.audit import entry, made
from monitor.domain.servers import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerChange:
    """*before* is None for a new server, and equal to *after* where nothing changes. The address stays."""

    before: Server | None
    after: Server

    @property
    def fields(self) -> tuple[str, ...]:
        """Those that an update touches."""
        if self.before is None:
            return ()
        return tuple(name for name in _DECIDED if getattr(self.before, name) != getattr(self.after, name))

    def among(self, people: Set[UserId]) -> "ServerChange":
        """The same, linked to none but *people*."""
        before = self.before and replace(self.before, user_ids=self.before.user_ids & people)
        return ServerChange(before=before, after=replace(self.after, user_ids=self.after.user_ids & people))


_DECIDED = ("name", "port", "tags", "user_ids")


def store(
    uow: UnitOfWork, actor: Actor, clock: Clock, wanted: Sequence[ServerChange], action: str, detail: str = ""
) -> list[ServerChange]:
    """Store what is new and what differs, each with its entry in the audit log: "server.create" or *action*.

    Return the same with the ids of new ones. Raises AddressTaken, NotFound, ConstraintViolated.
    """
    added = uow.servers.add_many([each.after for each in wanted if each.before is None])
    uow.unregistered_hosts.delete(*(server.ip_address for server in added))
    if not actor.is_admin:
        uow.makers.made_servers(actor.user_id, [server.id for server in added])
    known = {server.ip_address: server for server in added}
    stored = [replace(each, after=known.get(each.after.ip_address, each.after)) for each in wanted]
    differing = [(each.before, each.after) for each in stored if each.before is not None and each.fields]
    uow.servers.save_many([after for _, after in differing])
    changed = iter(server_changes(uow, differing))
    new = iter(told(uow, added))
    now = clock.now()
    uow.audit.add_many(
        [
            entry(actor, now, "server.create", each.after.name, _joined(detail, made(next(new))))
            if each.before is None
            else entry(actor, now, action, each.after.name, _joined(detail, next(changed)))
            for each in stored
            if each.before is None or each.fields
        ]
    )
    return stored


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class UndoServerChanges:
    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    announcer: Announcer

    @retried
    def __call__(self, actor: Actor, stored: Sequence[ServerChange]) -> None:
        """New ones go, changed ones are what they were. What somebody has changed since stays as they want it.

        A user who was deleted since is linked to nothing, which is no change of the servers.
        """
        at = self.clock.now()
        with self.new_uow() as uow:
            linked = (each.after.user_ids | (each.before.user_ids if each.before else set()) for each in stored)
            people = uow.users.existing(set().union(*linked))
            stored = [each.among(people) for each in stored]
            now = {server.id: server for server in uow.servers.by_addresses([each.after.ip_address for each in stored])}
            mine = [
                each
                for each in stored
                if each.after.id in now and not ServerChange(before=now[each.after.id], after=each.after).fields
            ]
            new = [each.after for each in mine if each.before is None]
            alerts = uow.alerts.open(server_ids=[server.id for server in new])
            self.announcer.cancel_all(uow, alerts, at, "server deleted")
            uow.servers.delete([server.id for server in new])
            before = [each.before for each in mine if each.before is not None and each.fields]
            uow.servers.save_many(before)
            uow.audit.add_many([entry(actor, at, "server.delete", server.name, "undone") for server in new])
            uow.audit.add_many([entry(actor, at, "server.update", server.name, "undone") for server in before])
            uow.commit()
