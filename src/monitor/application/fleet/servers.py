"""Create, change, share and delete one server."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict, Unpack

from monitor.application.accounts.limits import check_room
from monitor.application.fleet.dependencies import Parent, depend_on
from monitor.application.fleet.ports import OpenAlerts, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry, values_of
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.errors import HostReports
from monitor.domain.fleet.servers import DEFAULT_PORT, Server, ServerId

NewUow = Callable[[], UnitOfWork]


def check_users_exist(uow: UnitOfWork, user_ids: Collection[UserId]) -> None:
    """Raises InvalidInput naming "user_ids"."""
    if unknown := set(user_ids) - uow.users.existing(user_ids):
        raise InvalidInput({"user_ids": Problem("unknown_users", {"ids": ", ".join(map(str, sorted(unknown)))})})


def check_may_have(uow: UnitOfWork, actor: Actor, ip_address: str) -> None:
    """Raises HostReports if an unregistered host reports from *ip_address* and the actor is no administrator. Its agent
    uses an administrator's fleet key, which finds the server by its address: the samples go to the address's owner."""
    if not actor.is_admin and uow.unregistered_hosts.known([ip_address]):
        raise HostReports


def still_theirs(uow: UnitOfWork, actor: Actor, changed: Sequence[tuple[Server, Server]]) -> list[Server]:
    """Return the servers after a change, linked to *actor* where they would lose write access. *changed*: before and
    after. Raises TeamTag."""
    both = [server for pair in changed for server in pair]
    reach = uow.teams.reaching({server.id for server in both}, {tag for server in both for tag in server.tags})
    for before, after in changed:
        reach.check_tags(after.tags - before.tags, actor)
    return [reach.applied(after).with_users(after.user_ids, actor) for _, after in changed]


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
    uow: UnitOfWork,
    actor: Actor,
    clock: Clock,
    wanted: Sequence[ServerChange],
    action: str = "server.update",
    detail: str = "",
) -> list[ServerChange]:
    """Store new and changed servers, each with an audit entry: "server.create" or *action*. Return the changes with the
    ids of new servers. Raises AddressTaken, NotFound, ConstraintViolated."""
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


def delete(uow: UnitOfWork, alerts: OpenAlerts, actor: Actor, now: datetime, servers: Sequence[Server]) -> None:
    """Delete servers with their samples, links and keys, and cancel their open alerts."""
    ids, values = [server.id for server in servers], zip(servers, audit_details(uow, servers), strict=True)
    alerts.cancel_of(uow, ids, now)
    entries = [entry(actor, now, "server.delete", server.name, deleted_values(was)) for server, was in values]
    uow.audit.add(*entries)
    uow.servers.delete(ids)


@dataclass(frozen=True, slots=True)
class CreateServer:
    new_uow: NewUow
    clock: Clock
    quotas: Quotas = UNLIMITED

    def __call__(
        self,
        actor: Actor,
        *,
        name: str,
        ip_address: str,
        port: int = DEFAULT_PORT,
        user_ids: Iterable[UserId] = (),
        tags: Iterable[str] = (),
        depends_on: Iterable[Parent] = (),
    ) -> Server:
        """Link a user who is no administrator to it. Raises InvalidInput, QuotaReached, AddressTaken, HostReports,
        TeamTag."""
        created_at = self.clock.now().replace(microsecond=0)
        server = Server(
            name=name, ip_address=ip_address, port=port, tags=frozenset(tags), created_at=created_at
        ).with_users(user_ids, actor)
        return self._store(actor, server, [*depends_on])

    @retried
    def _store(self, actor: Actor, server: Server, depends_on: Collection[Parent]) -> Server:
        with self.new_uow() as uow:
            check_room(uow, self.quotas, actor, Quota.SERVERS, self.clock.now())
            check_users_exist(uow, server.user_ids)
            check_may_have(uow, actor, server.ip_address)
            reach = uow.teams.reaching((), server.tags)
            reach.check_tags(server.tags, actor)
            [stored] = store(uow, actor, self.clock, [ServerChange(before=None, after=reach.applied(server))])
            server = stored.after
            if depends_on:
                depend_on(uow, actor, self.clock.now(), server.id, depends_on)
                server = replace(server, depends_on=frozenset(each.id for each in depends_on))
            uow.commit()
        return server


class ServerChanges(TypedDict, total=False):
    name: str
    ip_address: str
    port: int


@dataclass(frozen=True, slots=True)
class UpdateServer:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(
        self,
        actor: Actor,
        server_id: ServerId,
        *,
        user_ids: Collection[UserId] | None = None,
        tags: Collection[str] | None = None,
        depends_on: Collection[Parent] | None = None,
        **given: Unpack[ServerChanges],
    ) -> Server:
        """Raises NotFound, Forbidden, InvalidInput, AddressTaken, HostReports, TeamTag."""
        with self.new_uow() as uow:
            before = uow.servers.get(server_id, changed_by=actor)
            server = replace(
                before,
                tags=before.tags if tags is None else frozenset(tags),
                user_ids=before.user_ids if user_ids is None else frozenset(user_ids),
                **given,
            )
            [server] = still_theirs(uow, actor, [(before, server)])
            check_users_exist(uow, server.user_ids)
            if server.ip_address != before.ip_address:
                check_may_have(uow, actor, server.ip_address)
            uow.servers.save(server)
            uow.unregistered_hosts.delete(*server.reported_as)
            [detail] = server_changes(uow, [(before, server)])
            now = self.clock.now()
            if detail or depends_on is None:
                uow.audit.add(entry(actor, now, "server.update", server.name, detail))
            if depends_on is not None:
                depend_on(uow, actor, now, server_id, depends_on)
                server = replace(server, depends_on=uow.servers.parents([server_id]).get(server_id, frozenset()))
            uow.commit()
        return server


@dataclass(frozen=True, slots=True)
class DeleteServer:
    """Delete a server and cancel its open alerts. Recipients who were notified of these are notified."""

    new_uow: NewUow
    clock: Clock
    alerts: OpenAlerts

    @retried
    def __call__(self, actor: Actor, server_id: ServerId) -> None:
        """Raises NotFound, Forbidden."""
        with self.new_uow() as uow:
            server = uow.servers.get(server_id, changed_by=actor)
            delete(uow, self.alerts, actor, self.clock.now(), [server])
            uow.commit()


def server_changes(uow: UnitOfWork, changed: Sequence[tuple[Server, Server]]) -> list[str]:
    """Return the audit detail of each changed server, given before and after."""
    linked = [before.user_ids | after.user_ids for before, after in changed if before.user_ids != after.user_ids]
    names = uow.users.names(set().union(*linked)) if linked else {}
    return [changes(_details(before, names), _details(after, names)) for before, after in changed]


def audit_details(uow: UnitOfWork, servers: Sequence[Server]) -> list[dict[str, object]]:
    """Return the audited values of each server."""
    linked = set().union(*(server.user_ids for server in servers))
    names = uow.users.names(linked) if linked else {}
    return [_details(server, names) for server in servers]


def _details(server: Server, names: Mapping[UserId, str]) -> dict[str, object]:
    users = sorted(names[user_id] for user_id in server.user_ids if user_id in names)
    return values_of(server, "name", "ip_address", "port") | {"tags": sorted(server.tags), "user_ids": users}
