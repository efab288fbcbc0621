"""Servers as CSV: `server_name,ip_address,port,tags,users`, tags and user names joined by ";"."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.domain.actors import UserId
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.servers import MAX_SERVER_NAME, Server, canonical_ip, checked_tags
from monitor.domain.text import checked_name

COLUMNS = ("server_name", "ip_address", "port", "tags", "users")
_REQUIRED = ("server_name", "ip_address")
# A spreadsheet would run these as formulas (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """*port*, *tags*, *usernames* are None where the file has no such column, or the port's cell is empty."""

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
        cells = (server.name, server.ip_address, str(server.port), ";".join(sorted(server.tags)), ";".join(names))
        writer.writerow([_neutral(cell) for cell in cells])
    return out.getvalue()


def parsed(text: str) -> list[Row]:
    """Raises InvalidInput with a problem for each bad line, named "line <n>.<column>"."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    problems: dict[str, Problem] = {}
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
                problems |= on_line(line, error)
    except csv.Error:
        problems[f"line {reader.line_num}"] = Problem("invalid_csv")
    if problems:
        raise InvalidInput(problems)
    return rows


def on_line(line: int, error: InvalidInput) -> dict[str, Problem]:
    return {f"line {line}.{field}": problem for field, problem in error.problems.items()}


def _check_header(header: list[str]) -> None:
    missing = [name for name in _REQUIRED if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing or unknown or len(set(header)) != len(header):
        raise InvalidInput({"line 1": Problem("invalid_csv_header", {"columns": ",".join(COLUMNS)})})


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        raise InvalidInput({"columns": Problem("wrong_column_count", {"expected": len(header), "got": len(cells)})})
    values = {name: _original(cell.strip()) for name, cell in zip(header, cells, strict=True)}
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
    if not (cell.isascii() and cell.isdigit() and 1 <= int(cell[:6]) <= 65535):
        raise InvalidInput({"port": Problem("out_of_range", {"low": 1, "high": 65535})})
    return int(cell)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _neutral(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _original(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell
