"""Size of each tier: counted rows, and bytes of the table's pages if the database reports them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, column, func, select, table, true
from sqlalchemy.exc import SQLAlchemyError

from monitor.adapters.persistence.tables.history import history_chunks as c
from monitor.adapters.persistence.tables.history import history_rollups as r
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.application.history.ports import TierSize
from monitor.domain.errors import MonitorError
from monitor.domain.history.rollups import ROLLUP_SPANS

_HOUR = 3600
_SOURCES = ("innodb_tablespaces", "innodb_sys_tablespaces")


def _pages(name: str) -> Select[Any]:
    """Select the bytes of a table's and its indexes' pages in SQLite, if built with dbstat."""
    stat, master = table("dbstat"), table("sqlite_master")
    parts: Select[Any] = select(column("name")).select_from(master).where(column("tbl_name") == name)
    whole = column("aggregate") == true()
    return select(func.sum(column("pgsize"))).select_from(stat).where(whole, column("name").in_(parts))


def _file(name: str, source: str) -> Select[Any]:
    """Select the file size of an InnoDB table. Needs the privilege PROCESS; *source* differs between versions."""
    spaces = table(source, column("file_size"), column("name"), schema="information_schema")
    return select(spaces.c.file_size).where(spaces.c.name == func.concat(func.database(), "/", name))


def _whole_file() -> Select[Any]:
    used = _pragma("page_count") - _pragma("freelist_count")
    return select(used * _pragma("page_size"))


def _pragma(name: str) -> Any:
    return select(column(name)).select_from(table(f"pragma_{name}")).scalar_subquery()


def _guess(name: str) -> Select[Any]:
    """Select the server's estimate, with indexes."""
    columns = ("data_length", "index_length", "table_schema", "table_name")
    t = table("tables", *[column(each) for each in columns], schema="information_schema")
    ours = t.c.table_schema == func.database(), t.c.table_name == name
    return select(t.c.data_length + t.c.index_length).where(*ours)


def tier_sizes(connection: Connection) -> dict[str, TierSize]:
    count, first, last = connection.execute(
        select(func.count(), func.min(m.c.recorded_at), func.max(m.c.recorded_at)).select_from(m)
    ).one()
    size, guessed = _bytes(connection, "monitor_data")
    sizes = {"samples": TierSize(count, count, size, guessed, first, last)}
    content_of_chunks = func.sum(func.length(c.c.data))
    rows, samples, held, first, last = connection.execute(
        select(func.count(), func.sum(c.c.samples), content_of_chunks, func.min(c.c.hour), func.max(c.c.hour))
    ).one()
    sizes["chunks"] = _tier(rows, samples, _bytes(connection, "history_chunks", held or 0), first, last, _HOUR)
    by_period = func.sum(func.length(r.c.data)), func.min(r.c.period), func.max(r.c.period)
    found = connection.execute(select(r.c.width, func.count(), *by_period).group_by(r.c.width)).all()
    by_width = {row[0]: row[1:] for row in found}
    content = sum(int(row[2]) for row in found)
    whole, guessed = _bytes(connection, "history_rollups", content)
    for width, span in ROLLUP_SPANS.items():
        rows, held, first, last = by_width.get(width, (0, 0, None, None))
        # All widths share a table: its bytes are divided in proportion to their content.
        share = round(whole * int(held) / content) if content and whole else int(held or 0)
        sizes[str(width)] = _tier(rows, 0, (share, guessed), first, last, span)
    return sizes


def _tier(rows: int, samples: Any, size: tuple[int, bool], first: int | None, last: int | None, span: int) -> TierSize:
    begin = None if first is None else datetime.fromtimestamp(first * span, UTC)
    end = None if last is None else datetime.fromtimestamp((last + 1) * span, UTC)
    return TierSize(rows, int(samples or 0), *size, begin, end)


def _bytes(connection: Connection, name: str, content: Any = None) -> tuple[int, bool]:
    """Return the bytes of a table with its indexes, and whether they are an estimate.

    The estimate is *content* on SQLite (None: of the whole file), and the server's own on MySQL.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    sources = [_pages(name)] if is_sqlite else [_file(name, source) for source in _SOURCES]
    for source in sources:
        try:
            size = connection.scalar(source)
        except (SQLAlchemyError, MonitorError):  # no such table, or no privilege
            continue
        if size is not None:
            return int(size), False
    if is_sqlite:
        return int(connection.scalar(_whole_file()) if content is None else content), True
    return int(connection.scalar(_guess(name)) or 0), True
