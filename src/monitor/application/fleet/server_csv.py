"""Servers as CSV: `server_name,ip_address,port,tags,users`, with tags and user names joined by ";".

A user name that contains ";" is quoted inside its cell, as CSV quotes "," inside a line.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter

from monitor.application.accounts.limits import check_room, room
from monitor.application.fleet.batches import UndoServerChanges
from monitor.application.fleet.ports import OpenAlerts, Queries, ServerFilter, UnitOfWork
from monitor.application.fleet.servers import NewUow, ServerChange, store
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, in_chunks, retried
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.accounts.users import username_key
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.errors import TeamTag
from monitor.domain.fleet.servers import MAX_SERVER_NAME, Server, canonical_ip, checked_tags
from monitor.domain.text import checked_name, neutral_cell, original_cell

COLUMNS = ("server_name", "ip_address", "port", "tags", "users")
_REQUIRED = ("server_name", "ip_address")

Problems = dict[tuple[int, str], Problem]
"""By line and column; column "" is the whole line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """*port*, *tags*, *usernames* are None if the file has no such column, *port* also for an empty cell."""

    line: int
    name: str
    ip_address: str
    port: int | None
    tags: frozenset[str] | None
    usernames: tuple[str, ...] | None


def written(servers: Iterable[Server], usernames: Mapping[UserId, str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for server in servers:
        names = sorted(usernames[user_id] for user_id in server.user_ids if user_id in usernames)
        cells = (server.name, server.ip_address, str(server.port), _joined(sorted(server.tags)), _joined(names))
        writer.writerow([neutral_cell(cell) for cell in cells])
    return out.getvalue()


def parsed(text: str) -> tuple[list[Row], Problems]:
    """Return the valid rows and the problems of the others. Raises InvalidInput for a wrong header."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    problems: Problems = {}
    rows: list[Row] = []
    first_lines: dict[str, int] = {}
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_header(header)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            line = reader.line_num
            try:
                row = _row(line, header, cells)
                if (first := first_lines.setdefault(row.ip_address, line)) != line:
                    raise InvalidInput({"ip_address": Problem("repeated_in_file", {"line": first})})
                rows.append(row)
            except InvalidInput as error:
                problems |= {(line, column): problem for column, problem in error.problems.items()}
    except csv.Error:
        problems[reader.line_num, ""] = Problem("invalid_csv")
    return rows, problems


def check(problems: Problems) -> None:
    """Raises InvalidInput naming each problem as "line <n>.<column>", in file order."""
    if problems:
        raise InvalidInput(
            {
                f"line {line}.{column}".rstrip("."): problem
                for (line, column), problem in sorted(problems.items(), key=itemgetter(0))
            }
        )


def _check_header(header: list[str]) -> None:
    missing = [name for name in _REQUIRED if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing or unknown or len(set(header)) != len(header):
        raise InvalidInput({"line 1": Problem("invalid_csv_header", {"columns": ",".join(COLUMNS)})})


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        raise InvalidInput({"columns": Problem("wrong_column_count", {"expected": len(header), "got": len(cells)})})
    values = {name: original_cell(cell.strip()) for name, cell in zip(header, cells, strict=True)}
    return Row(
        line=line,
        name=checked_name("server_name", values["server_name"], longest=MAX_SERVER_NAME),
        ip_address=canonical_ip(values["ip_address"]),
        port=_port(values.get("port", "")),
        tags=checked_tags(_split(values["tags"])) if "tags" in values else None,
        usernames=_split(values["users"]) if "users" in values else None,
    )


def _port(cell: str) -> int | None:
    if not cell:
        return None
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 5 and 1 <= int(cell) <= 65535):
        raise InvalidInput({"port": Problem("out_of_range", {"low": 1, "high": 65535})})
    return int(cell)


def _joined(parts: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(parts)
    return out.getvalue()


def _split(cell: str) -> tuple[str, ...]:
    parts = next(csv.reader([cell], delimiter=";", skipinitialspace=True), [])
    return tuple(part.strip() for part in parts if part.strip())


@dataclass(frozen=True, slots=True)
class ExportServers:
    new_uow: NewUow
    queries: Queries
    clock: Clock

    @retried
    def __call__(self, actor: Actor) -> str:
        """Return the servers that *actor* sees as CSV, and note the export in the audit log."""
        servers = self.queries.servers.find(actor, ServerFilter())
        names = self.queries.servers.usernames({user_id for server in servers for user_id in server.user_ids})
        with self.new_uow() as uow:
            uow.audit.add(entry(actor, self.clock.now(), "server.export", f"{len(servers)} servers"))
            uow.commit()
        return written(servers, names)


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
    """Check all lines, then write them in chunks. A failure undoes all. A crash leaves the first chunks, and a second
    import of the same file adds the others."""

    new_uow: NewUow
    clock: Clock
    alerts: OpenAlerts
    quotas: Quotas = UNLIMITED

    def __call__(self, actor: Actor, text: str, *, dry_run: bool) -> list[ImportLine]:
        """Return what was done for each line, or with *dry_run* would be done. A known address is updated. Raises
        InvalidInput naming every bad line, and QuotaReached if the quota fills up meanwhile; then nothing is stored."""
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
            left = room(uow, self.quotas, actor, Quota.SERVERS, self.clock.now())
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
            check_room(
                uow, self.quotas, actor, Quota.SERVERS, self.clock.now(), sum(each.before is None for each in changes)
            )
            changes = store(uow, actor, self.clock, changes, detail="import")
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
        now = clock.now().replace(microsecond=0)
        held = before or Server(name=row.name, ip_address=row.ip_address, created_at=now)
        after = replace(
            held,
            name=row.name,
            port=row.port or held.port,
            tags=held.tags if row.tags is None else row.tags,
            user_ids=self._user_ids(row, held),
        )
        if before is None:
            if row.ip_address in self._reporting:
                self.problems[row.line, "ip_address"] = Problem("unregistered_host")
            after = after.with_users(after.user_ids, self._actor)
        elif not before.is_changeable_by(self._actor):
            if ServerChange(before=before, after=after).fields:
                self.problems[row.line, "ip_address"] = Problem("read_only")
            return ServerChange(before=before, after=before)
        self._check_tags(row, after.tags - held.tags)
        after = self._reach.applied(after)
        if before is not None:
            after = after.with_users(after.user_ids, self._actor)
        return ServerChange(before=before, after=after)

    def _check_tags(self, row: Row, added: Iterable[str]) -> None:
        try:
            self._reach.check_tags(added, self._actor)
        except TeamTag as error:
            self.problems[row.line, "tags"] = Problem("team_tag", {"tag": error.tag})

    def _user_ids(self, row: Row, held: Server) -> frozenset[UserId]:
        if row.usernames is None:
            return held.user_ids
        unknown = [name for name in row.usernames if username_key(name) not in self._users]
        if unknown:
            self.problems[row.line, "users"] = Problem("unknown_users", {"ids": ", ".join(unknown)})
            return frozenset()
        return frozenset(self._users[username_key(name)] for name in row.usernames)
