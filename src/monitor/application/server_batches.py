"""One action on many servers, all or nothing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from monitor.application.announcing import Announcer
from monitor.application.ports.clock import Clock
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.servers import check_users_exist, server_changes
from monitor.application.transactions import retried
from monitor.domain.actors import Actor, UserId
from monitor.domain.audit import entry
from monitor.domain.servers import Server, ServerId, checked_tags

NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class DeleteServers:
    """Its open alerts are cancelled, which is told to those who were told of them."""

    new_uow: NewUow
    clock: Clock
    announcer: Announcer

    @retried
    def __call__(self, actor: Actor, server_ids: Collection[ServerId]) -> int:
        """How many. Raises NotFound where any is not there or not the actor's to see; then none is deleted."""
        with self.new_uow() as uow:
            servers = uow.servers.get_many(server_ids, visible_to=actor)
            alerts = uow.alerts.open(server_ids=[server.id for server in servers])
            self.announcer.cancel_all(uow, alerts, self.clock.now(), "server deleted")
            uow.servers.delete([server.id for server in servers])
            for server in servers:
                uow.audit.add(entry(actor, self.clock.now(), "server.delete", server.name, server.ip_address))
            uow.commit()
        return len(servers)


@dataclass(frozen=True, slots=True)
class ChangeServers:
    """Links, unlinks, tags: each a function from one server to the changed one."""

    new_uow: NewUow
    clock: Clock

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

    @retried
    def _change(
        self,
        actor: Actor,
        server_ids: Collection[ServerId],
        action: str,
        change: Callable[[Server], Server],
        user_ids: Collection[UserId] = (),
    ) -> int:
        """How many servers were named. Raises NotFound, InvalidInput; then none is changed."""
        with self.new_uow() as uow:
            check_users_exist(uow, user_ids)
            servers = uow.servers.get_many(server_ids, visible_to=actor)
            for before in servers:
                after = change(before)
                if after != before:
                    uow.servers.save(after)
                    detail = server_changes(uow, before, after)
                    uow.audit.add(entry(actor, self.clock.now(), f"server.{action}", after.name, detail))
            uow.commit()
        return len(servers)
