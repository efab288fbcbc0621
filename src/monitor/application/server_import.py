"""Many servers from a CSV file: all or nothing, and a preview of what would change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from monitor.application.ports.clock import Clock
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.quotas import room
from monitor.application.server_csv import Problems, Row, check, parsed
from monitor.application.servers import server_changes
from monitor.application.transactions import retried
from monitor.domain.actors import Actor, UserId
from monitor.domain.audit import entry
from monitor.domain.errors import Problem
from monitor.domain.quotas import UNLIMITED, Quota, Quotas
from monitor.domain.servers import DEFAULT_PORT, Server
from monitor.domain.users import username_key

_COMPARED = ("name", "port", "tags", "user_ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """*action* is "create", "update" or "unchanged"; *changes* names the fields an update touches."""

    line: int
    action: str
    server: Server
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportServers:
    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    quotas: Quotas = UNLIMITED

    @retried
    def __call__(self, actor: Actor, text: str, *, dry_run: bool) -> list[ImportLine]:
        """What was done to each line, or with *dry_run* would be. A server whose address is known is updated.

        Raises InvalidInput naming every bad line; nothing is stored then.
        """
        rows, problems = parsed(text)
        with self.new_uow() as uow:
            plan = _Plan(uow, actor, rows, problems)
            lines = [plan.line(row, self.clock) for row in rows]
            created = [line.line for line in lines if line.action == "create"]
            if (left := room(uow, self.quotas, actor, Quota.SERVERS)) is not None:
                too_many = Problem("quota_reached", {"limit": self.quotas.servers})
                plan.problems |= {(line, ""): too_many for line in created[left:]}
            check(plan.problems)
            if dry_run:
                return lines
            done = [replace(line, server=self._apply(uow, actor, line)) for line in lines]
            uow.commit()
        return done

    def _apply(self, uow: UnitOfWork, actor: Actor, line: ImportLine) -> Server:
        server, detail = line.server, "import"
        if line.action == "create":
            server = uow.servers.add(server)
            if not actor.is_admin:
                uow.makers.made_servers(actor.user_id, [server.id])
            uow.unregistered_hosts.delete(server.ip_address)
        elif line.action == "update":
            detail = f"import, {server_changes(uow, uow.servers.get(server.id, visible_to=actor), server)}"
            uow.servers.save(server)
        else:
            return server
        uow.audit.add(entry(actor, self.clock.now(), f"server.{line.action}", server.name, detail))
        return server


class _Plan:
    """What each row means, given what is stored; looks everything up once."""

    def __init__(self, uow: UnitOfWork, actor: Actor, rows: Sequence[Row], problems: Problems) -> None:
        self._actor = actor
        self._known = {server.ip_address: server for server in uow.servers.by_addresses([r.ip_address for r in rows])}
        # As `check_may_have` has it.
        self._reporting = set() if actor.is_admin else uow.unregistered_hosts.known([r.ip_address for r in rows])
        wanted = {name for row in rows for name in row.usernames or ()}
        self._users = {username_key(user.username): user.id for user in uow.users.by_usernames(sorted(wanted))}
        self.problems = problems

    def line(self, row: Row, clock: Clock) -> ImportLine:
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
            return ImportLine(line=row.line, action="create", server=server)
        after = replace(
            before,
            name=row.name,
            port=row.port or before.port,
            tags=before.tags if row.tags is None else row.tags,
        ).with_users(before.user_ids if user_ids is None else user_ids, self._actor)
        changes = tuple(field for field in _COMPARED if getattr(before, field) != getattr(after, field))
        return ImportLine(line=row.line, action="update" if changes else "unchanged", server=after, changes=changes)

    def _user_ids(self, row: Row) -> set[UserId] | None:
        if row.usernames is None:
            return None
        unknown = [name for name in row.usernames if username_key(name) not in self._users]
        if unknown:
            self.problems[row.line, "users"] = Problem("unknown_users", {"ids": ", ".join(unknown)})
            return set()
        return {self._users[username_key(name)] for name in row.usernames}
