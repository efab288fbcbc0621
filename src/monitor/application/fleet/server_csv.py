"""Servers as CSV: `server_name,ip_address,port,tags,users`, with tags and user names joined by ";".

A user name that contains ";" is quoted inside its cell, as CSV quotes "," inside a line.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from monitor.application.fleet.ports import Queries, ServerFilter, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import entry
from monitor.domain.errors import InvalidInput, Problem
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
    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock

    @retried
    def __call__(self, actor: Actor) -> str:
        """Return all servers that *actor* may see as CSV, and record the export in the audit log."""
        servers = self.queries.servers.find(actor, ServerFilter())
        names = self.queries.servers.usernames({user_id for server in servers for user_id in server.user_ids})
        with self.new_uow() as uow:
            uow.audit.add(entry(actor, self.clock.now(), "server.export", f"{len(servers)} servers"))
            uow.commit()
        return written(servers, names)
