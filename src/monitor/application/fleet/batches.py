"""One action on many servers, in chunks: all are looked up before the first is changed, and a failure undoes all."""

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

from monitor.application.fleet.ports import OpenAlerts, UnitOfWork
from monitor.application.fleet.servers import audit_details, check_users_exist, server_changes, still_theirs
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, in_chunks, retried
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import created_values, deleted_values, entry
from monitor.domain.fleet.servers import Server, ServerId, checked_tags


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerChange:
    """*before*: None for a new server, equal to *after* if nothing changes. The address never changes."""

    before: Server | None
    after: Server

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that an update changes."""
        if self.before is None:
            return ()
        return tuple(name for name in _DECIDED if getattr(self.before, name) != getattr(self.after, name))

    def among(self, people: Set[UserId]) -> "ServerChange":
        """Return the same change without links to other users than *people*."""
        before = self.before and replace(self.before, user_ids=self.before.user_ids & people)
        return ServerChange(before=before, after=replace(self.after, user_ids=self.after.user_ids & people))


_DECIDED = ("name", "port", "tags", "user_ids")


def store(
    uow: UnitOfWork, actor: Actor, clock: Clock, wanted: Sequence[ServerChange], action: str, detail: str = ""
) -> list[ServerChange]:
    """Store new and changed servers, each with an audit entry: "server.create" or *action*.

    Return the changes with the ids of new servers. Raises AddressTaken, NotFound, ConstraintViolated.
    """
    added = uow.servers.add_many([each.after for each in wanted if each.before is None])
    uow.unregistered_hosts.delete(*(known for server in added for known in server.reported_as))
    if not actor.is_admin:
        uow.creators.note_servers(actor.user_id, [server.id for server in added])
    known = {server.ip_address: server for server in added}
    stored = [replace(each, after=known.get(each.after.ip_address, each.after)) for each in wanted]
    differing = [(each.before, each.after) for each in stored if each.before is not None and each.fields]
    uow.servers.save_many([after for _, after in differing])
    changed = iter(server_changes(uow, differing))
    new = iter(audit_details(uow, added))
    now = clock.now()
    uow.audit.add(
        *(
            entry(actor, now, "server.create", each.after.name, _joined(detail, created_values(next(new))))
            if each.before is None
            else entry(actor, now, action, each.after.name, _joined(detail, next(changed)))
            for each in stored
            if each.before is None or each.fields
        )
    )
    return stored


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class UndoServerChanges:
    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    alerts: OpenAlerts

    @retried
    def __call__(self, actor: Actor, stored: Sequence[ServerChange]) -> None:
        """Delete new servers and restore changed ones, except those that were changed again since.

        Links to users deleted since are ignored.
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
            self.alerts.cancel_of(uow, [server.id for server in new], at)
            uow.servers.delete([server.id for server in new])
            before = [each.before for each in mine if each.before is not None and each.fields]
            uow.servers.save_many(before)
            uow.audit.add(*(entry(actor, at, "server.delete", server.name, "undone") for server in new))
            uow.audit.add(*(entry(actor, at, "server.update", server.name, "undone") for server in before))
            uow.commit()


NewUow = Callable[[], UnitOfWork]
DELETED_AT_ONCE = 10
"""Servers deleted in one transaction. Two days of one server's samples take some 20 ms."""


def check_changeable(new_uow: NewUow, actor: Actor, server_ids: Sequence[ServerId]) -> None:
    """Raises NotFound if one does not exist or the actor may not see it, Forbidden if they may only see it."""
    for some in chunks(server_ids):
        _check_chunk(new_uow, actor, some)


@retried
def _check_chunk(new_uow: NewUow, actor: Actor, server_ids: Sequence[ServerId]) -> None:
    with new_uow() as uow:  # one for each chunk: it locks the servers
        uow.servers.get_many(server_ids, changed_by=actor)


@dataclass(frozen=True, slots=True)
class DeleteServers:
    """Delete servers and cancel their open alerts, which notifies recipients already notified."""

    new_uow: NewUow
    clock: Clock
    alerts: OpenAlerts

    def __call__(self, actor: Actor, server_ids: Collection[ServerId]) -> int:
        """Return how many were deleted. Raises NotFound, Forbidden before the first, as `check_changeable`.

        A crash leaves the last ones. Servers deleted meanwhile count as deleted; servers that the actor may no longer
        change are left alone.
        """
        wanted = sorted(set(server_ids))
        check_changeable(self.new_uow, actor, wanted)
        return sum(self._delete(actor, some) for some in chunks(wanted, DELETED_AT_ONCE))

    @retried
    def _delete(self, actor: Actor, server_ids: Sequence[ServerId]) -> int:
        """Return how many no longer exist."""
        with self.new_uow() as uow:
            servers = uow.servers.find_many(server_ids, changed_by=actor)
            now, values = self.clock.now(), zip(servers, audit_details(uow, servers), strict=True)
            self.alerts.cancel_of(uow, [server.id for server in servers], now)
            uow.audit.add(*(entry(actor, now, "server.delete", each.name, deleted_values(was)) for each, was in values))
            uow.servers.delete([server.id for server in servers])
            left = uow.servers.existing(server_ids)
            uow.commit()
        return len(server_ids) - len(left)


@dataclass(frozen=True, slots=True)
class ChangeServers:
    """Change the linked users or tags of many servers."""

    new_uow: NewUow
    clock: Clock
    alerts: OpenAlerts

    def link_users(self, actor: Actor, server_ids: Collection[ServerId], user_ids: Collection[UserId]) -> int:
        linked = frozenset(user_ids)
        return self._change(
            actor, server_ids, "link_users", lambda s: replace(s, user_ids=s.user_ids | linked), user_ids
        )

    def unlink_users(self, actor: Actor, server_ids: Collection[ServerId], user_ids: Collection[UserId]) -> int:
        unlinked = frozenset(user_ids)
        return self._change(
            actor, server_ids, "unlink_users", lambda s: replace(s, user_ids=s.user_ids - unlinked), user_ids
        )

    def add_tags(self, actor: Actor, server_ids: Collection[ServerId], tags: Collection[str]) -> int:
        added = checked_tags(tags)
        return self._change(actor, server_ids, "add_tags", lambda s: replace(s, tags=s.tags | added))

    def remove_tags(self, actor: Actor, server_ids: Collection[ServerId], tags: Collection[str]) -> int:
        removed = checked_tags(tags)
        return self._change(actor, server_ids, "remove_tags", lambda s: replace(s, tags=s.tags - removed))

    def _change(
        self,
        actor: Actor,
        server_ids: Collection[ServerId],
        action: str,
        change: Callable[[Server], Server],
        user_ids: Collection[UserId] = (),
    ) -> int:
        """Return how many servers were named.

        Raises NotFound, Forbidden, InvalidInput, TeamTag; then none is changed.
        """
        wanted = sorted(set(server_ids))
        check_changeable(self.new_uow, actor, wanted)
        undo = UndoServerChanges(self.new_uow, self.clock, self.alerts)
        in_chunks(wanted, partial(self._change_chunk, actor, action, change, user_ids), partial(undo, actor))
        return len(wanted)

    @retried
    def _change_chunk(
        self,
        actor: Actor,
        action: str,
        change: Callable[[Server], Server],
        user_ids: Collection[UserId],
        server_ids: Sequence[ServerId],
    ) -> list[ServerChange]:
        with self.new_uow() as uow:
            check_users_exist(uow, user_ids)
            servers = uow.servers.get_many(server_ids, changed_by=actor)
            after = still_theirs(uow, actor, [(server, change(server)) for server in servers])
            changes = [ServerChange(before=was, after=server) for was, server in zip(servers, after, strict=True)]
            changes = store(uow, actor, self.clock, changes, f"server.{action}")
            uow.commit()
        return changes
