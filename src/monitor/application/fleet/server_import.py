"""Import of servers from CSV, and its preview."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from monitor.application.accounts.limits import check_room, room
from monitor.application.fleet.batches import ServerChange, UndoServerChanges, store
from monitor.application.fleet.ports import OpenAlerts, UnitOfWork
from monitor.application.fleet.server_csv import Problems, Row, check, parsed
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, in_chunks, retried
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.accounts.users import username_key
from monitor.domain.errors import Problem
from monitor.domain.fleet.errors import TeamTag
from monitor.domain.fleet.servers import DEFAULT_PORT, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """*action*: "create", "update" or "unchanged". *changes*: names of the fields that an update changes."""

    line: int
    action: str
    server: Server
    changes: tuple[str, ...] = ()

    @staticmethod
    def of(row: Row, change: ServerChange) -> "ImportLine":
        changed = change.fields
        action = "create" if change.before is None else "update" if changed else "unchanged"
        return ImportLine(line=row.line, action=action, server=change.after, changes=changed)


@dataclass(frozen=True, slots=True)
class ImportServers:
    """Check all lines, then write them in chunks.

    A failure undoes all. A crash leaves the first chunks, and a second import of the same file adds the others.
    """

    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    alerts: OpenAlerts
    quotas: Quotas = UNLIMITED

    def __call__(self, actor: Actor, text: str, *, dry_run: bool) -> list[ImportLine]:
        """Return what was done for each line, or with *dry_run* would be done. A known address is updated.

        Raises InvalidInput naming every bad line, and QuotaReached if the quota fills up meanwhile; then nothing is
        stored.
        """
        rows, problems = parsed(text)
        changes = [change for some in chunks(rows) for change in self._planned(actor, some, problems)]
        self._check_room(actor, [row for row, change in zip(rows, changes, strict=True) if not change.before], problems)
        check(problems)
        if not dry_run:
            undo = UndoServerChanges(self.new_uow, self.clock, self.alerts)
            changes = in_chunks(rows, partial(self._write, actor), partial(undo, actor))
        return [ImportLine.of(row, change) for row, change in zip(rows, changes, strict=True)]

    @retried
    def _planned(self, actor: Actor, rows: Sequence[Row], problems: Problems) -> list[ServerChange]:
        with self.new_uow() as uow:
            plan = _Plan(uow, actor, rows, problems)
        return [plan.change(row, self.clock) for row in rows]

    @retried
    def _check_room(self, actor: Actor, new: Sequence[Row], problems: Problems) -> None:
        with self.new_uow() as uow:
            left = room(uow, self.quotas, actor, Quota.SERVERS)
        if left is not None:
            too_many = Problem("quota_reached", {"limit": self.quotas.servers})
            problems |= {(row.line, ""): too_many for row in new[left:]}

    @retried
    def _write(self, actor: Actor, rows: Sequence[Row]) -> list[ServerChange]:
        """Plan again and write: the servers may have changed since the check."""
        problems: Problems = {}
        with self.new_uow() as uow:
            known = uow.servers.by_addresses([row.ip_address for row in rows])
            uow.servers.get_many([s.id for s in known if s.is_changeable_by(actor)], changed_by=actor)  # locks them
            plan = _Plan(uow, actor, rows, problems)
            changes = [plan.change(row, self.clock) for row in rows]
            check(problems)
            check_room(uow, self.quotas, actor, Quota.SERVERS, sum(each.before is None for each in changes))
            changes = store(uow, actor, self.clock, changes, "server.update", "import")
            uow.commit()
        return changes


class _Plan:
    """Turns rows into changes of the stored servers, which it loads at the start."""

    def __init__(self, uow: UnitOfWork, actor: Actor, rows: Sequence[Row], problems: Problems) -> None:
        self._actor = actor
        known = uow.servers.by_addresses([row.ip_address for row in rows])
        self._known = {server.ip_address: server for server in known}
        tags = frozenset().union(*(server.tags for server in known), *(row.tags or () for row in rows))
        self._reach = uow.teams.reaching({server.id for server in known}, tags)
        # See `check_may_have`.
        self._reporting = set() if actor.is_admin else uow.unregistered_hosts.known([r.ip_address for r in rows])
        wanted = {name for row in rows for name in row.usernames or ()}
        self._users = {username_key(user.username): user.id for user in uow.users.by_usernames(sorted(wanted))}
        self.problems = problems

    def change(self, row: Row, clock: Clock) -> ServerChange:
        before = self._known.get(row.ip_address)
        if before is not None and not before.is_visible_to(self._actor):
            self.problems[row.line, "ip_address"] = Problem("taken")
            before = None
        user_ids = self._user_ids(row)
        if before is None:
            if row.ip_address in self._reporting:
                self.problems[row.line, "ip_address"] = Problem("unregistered_host")
            server = Server(
                name=row.name,
                ip_address=row.ip_address,
                port=row.port or DEFAULT_PORT,
                tags=row.tags or frozenset(),
                created_at=clock.now().replace(microsecond=0),
            ).with_users(user_ids or (), self._actor)
            self._check_tags(row, server.tags)
            return ServerChange(before=None, after=self._reach.applied(server))
        after = replace(
            before,
            name=row.name,
            port=row.port or before.port,
            tags=before.tags if row.tags is None else row.tags,
            user_ids=before.user_ids if user_ids is None else frozenset(user_ids),
        )
        if not before.is_changeable_by(self._actor):
            if ServerChange(before=before, after=after).fields:
                self.problems[row.line, "ip_address"] = Problem("read_only")
            return ServerChange(before=before, after=before)
        self._check_tags(row, after.tags - before.tags)
        after = self._reach.applied(after).with_users(after.user_ids, self._actor)
        return ServerChange(before=before, after=after)

    def _check_tags(self, row: Row, added: Iterable[str]) -> None:
        try:
            self._reach.check_tags(added, self._actor)
        except TeamTag as error:
            self.problems[row.line, "tags"] = Problem("team_tag", {"tag": error.tag})

    def _user_ids(self, row: Row) -> set[UserId] | None:
        if row.usernames is None:
            return None
        unknown = [name for name in row.usernames if username_key(name) not in self._users]
        if unknown:
            self.problems[row.line, "users"] = Problem("unknown_users", {"ids": ", ".join(unknown)})
            return set()
        return {self._users[username_key(name)] for name in row.usernames}
