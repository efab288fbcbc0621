"""One action on many servers: all are looked for before the first is changed, in steps."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from monitor.application.announcing import Announcer
from monitor.application.ports.clock import Clock
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.server_steps import ServerChange, UndoServerChanges, store
from monitor.application.servers import check_users_exist, told
from monitor.application.steps import in_steps, parts
from monitor.application.transactions import retried
from monitor.domain.actors import Actor, UserId
from monitor.domain.audit import entry, gone
from monitor.domain.servers import Server, ServerId, checked_tags

NewUow = Callable[[], UnitOfWork]
DELETED_AT_ONCE = 10
"""A server takes its samples along: two days of them in some 20 ms."""


@retried
def _check_visible(new_uow: NewUow, actor: Actor, server_ids: Sequence[ServerId]) -> None:
    """Raises NotFound."""
    with new_uow() as uow:
        uow.servers.get_many(server_ids, visible_to=actor)


def check_visible(new_uow: NewUow, actor: Actor, server_ids: Sequence[ServerId]) -> None:
    """Raises NotFound where any is not there or not the actor's to see."""
    for some in parts(server_ids):
        _check_visible(new_uow, actor, some)


@dataclass(frozen=True, slots=True)
class DeleteServers:
    """Its open alerts are cancelled, which is told to those who were told of them."""

    new_uow: NewUow
    clock: Clock
    announcer: Announcer

    def __call__(self, actor: Actor, server_ids: Collection[ServerId]) -> int:
        """How many. Raises NotFound where any is not there or not the actor's to see; then none is deleted.

        What is interrupted leaves the last of them. One that somebody else deletes meanwhile is deleted; one that the
        actor may no longer see is left alone.
        """
        wanted = sorted(set(server_ids))
        check_visible(self.new_uow, actor, wanted)
        return sum(self._delete(actor, some) for some in parts(wanted, DELETED_AT_ONCE))

    @retried
    def _delete(self, actor: Actor, server_ids: Sequence[ServerId]) -> int:
        """How many are gone now."""
        with self.new_uow() as uow:
            servers = uow.servers.find_many(server_ids, visible_to=actor)
            alerts = uow.alerts.open(server_ids=[server.id for server in servers])
            self.announcer.cancel_all(uow, alerts, self.clock.now(), "server deleted")
            now, values = self.clock.now(), zip(servers, told(uow, servers), strict=True)
            uow.audit.add_many([entry(actor, now, "server.delete", each.name, gone(was)) for each, was in values])
            uow.servers.delete([server.id for server in servers])
            left = uow.servers.existing(server_ids)
            uow.commit()
        return len(server_ids) - len(left)


@dataclass(frozen=True, slots=True)
class ChangeServers:
    """Links, unlinks, tags: each a function from one server to the changed one."""

    new_uow: NewUow
    clock: Clock
    announcer: Announcer

    def link_users(self, actor: Actor, server_ids: Collection[ServerId], user_ids: Collection[UserId]) -> int:
        return self._change(
            actor, server_ids, "link_users", lambda s: s.with_users(s.user_ids | set(user_ids), actor), user_ids
        )

    def unlink_users(self, actor: Actor, server_ids: Collection[ServerId], user_ids: Collection[UserId]) -> int:
        return self._change(
            actor, server_ids, "unlink_users", lambda s: s.with_users(s.user_ids - set(user_ids), actor), user_ids
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
        """How many servers were named. Raises NotFound, InvalidInput; then none is changed."""
        wanted = sorted(set(server_ids))
        check_visible(self.new_uow, actor, wanted)
        undo = UndoServerChanges(self.new_uow, self.clock, self.announcer)
        in_steps(wanted, partial(self._step, actor, action, change, user_ids), partial(undo, actor))
        return len(wanted)

    @retried
    def _step(
        self,
        actor: Actor,
        action: str,
        change: Callable[[Server], Server],
        user_ids: Collection[UserId],
        server_ids: Sequence[ServerId],
    ) -> list[ServerChange]:
        with self.new_uow() as uow:
            check_users_exist(uow, user_ids)
            servers = uow.servers.get_many(server_ids, visible_to=actor)
            changes = [ServerChange(before=server, after=change(server)) for server in servers]
            changes = store(uow, actor, self.clock, changes, f"server.{action}")
            uow.commit()
        return changes
