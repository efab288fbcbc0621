"""One action on many servers, in chunks: all are looked up before the first is changed, and a failure undoes all."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from monitor.application.fleet.ports import OpenAlerts
from monitor.application.fleet.servers import NewUow, ServerChange, check_users_exist, delete, still_theirs, store
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, in_chunks, retried
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import entry
from monitor.domain.fleet.servers import Server, ServerId, checked_tags


@dataclass(frozen=True, slots=True)
class UndoServerChanges:
    new_uow: NewUow
    clock: Clock
    alerts: OpenAlerts

    @retried
    def __call__(self, actor: Actor, stored: Sequence[ServerChange]) -> None:
        """Delete new servers and restore changed ones, except those changed since. Skip links to deleted users."""
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
        """Return how many were deleted, also by others meanwhile. Servers that the actor may no longer change stay. A
        crash leaves the last ones. Raises NotFound, Forbidden before the first, as `check_changeable`."""
        wanted = sorted(set(server_ids))
        check_changeable(self.new_uow, actor, wanted)
        return sum(self._delete(actor, some) for some in chunks(wanted, DELETED_AT_ONCE))

    @retried
    def _delete(self, actor: Actor, server_ids: Sequence[ServerId]) -> int:
        """Return how many no longer exist."""
        with self.new_uow() as uow:
            servers = uow.servers.find_many(server_ids, changed_by=actor)
            delete(uow, self.alerts, actor, self.clock.now(), servers)
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
        """Return the number of servers. Raises NotFound, Forbidden, InvalidInput, TeamTag; then none is changed."""
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
