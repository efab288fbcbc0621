"""How large each tier is: the rows are counted; bytes are those of the table's pages where the database tells them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.adapters.persistence.sample_rows import moment
from monitor.application.ports.history import TierSize
from monitor.domain.errors import MonitorError
from monitor.domain.history.rollups import BLOCK_SPANS

_HOUR = 3600
_PAGES = text(
    "SELECT SUM(pgsize) FROM dbstat WHERE aggregate = TRUE "
    "AND name IN (SELECT name FROM sqlite_master WHERE tbl_name = :table)"
)
# The file's own size: InnoDB tells it in a table that versions name differently, to who has the right PROCESS.
_FILES = [
    text(f"SELECT file_size FROM information_schema.{source} WHERE name = CONCAT(DATABASE(), '/', :table)")  # noqa: S608 (ours)
    for source in ("innodb_tablespaces", "innodb_sys_tablespaces")
]
_WHOLE_FILE = text(
    "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
_GUESS = text(
    "SELECT data_length + index_length FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_name = :table"
)


def tier_sizes(connection: Connection) -> dict[str, TierSize]:
    count, first, last = connection.execute(
        text("SELECT COUNT(*), MIN(recorded_at), MAX(recorded_at) FROM monitor_data")
    ).one()
    size, guessed = _bytes(connection, "monitor_data")
    sizes = {"samples": TierSize(count, count, size, guessed, first and moment(first), last and moment(last))}
    rows, samples, held, first, last = connection.execute(
        text("SELECT COUNT(*), SUM(samples), SUM(LENGTH(data)), MIN(hour), MAX(hour) FROM history_chunks")
    ).one()
    sizes["chunks"] = _tier(rows, samples, _bytes(connection, "history_chunks", held or 0), first, last, _HOUR)
    found = connection.execute(
        text("SELECT width, COUNT(*), SUM(LENGTH(data)), MIN(period), MAX(period) FROM history_rollups GROUP BY width")
    ).all()
    by_width = {row[0]: row[1:] for row in found}
    content = sum(int(row[2]) for row in found)
    whole, guessed = _bytes(connection, "history_rollups", content)
    for width, span in BLOCK_SPANS.items():
        rows, held, first, last = by_width.get(width, (0, 0, None, None))
        # Both widths share a table: its pages are told apart by what each has in them.
        share = round(whole * int(held) / content) if content and whole else int(held or 0)
        sizes[str(width)] = _tier(rows, 0, (share, guessed), first, last, span)
    return sizes


def _tier(rows: int, samples: Any, size: tuple[int, bool], first: int | None, last: int | None, span: int) -> TierSize:
    begin = None if first is None else datetime.fromtimestamp(first * span, UTC)
    end = None if last is None else datetime.fromtimestamp((last + 1) * span, UTC)
    return TierSize(rows, int(samples or 0), *size, begin, end)


def _bytes(connection: Connection, table: str, content: Any = None) -> tuple[int, bool]:
    """Of its pages, indexes included; and whether that is only an estimate: of its *content*, of all that the file
    holds where that is not told, or the server's."""
    questions = [_PAGES] if connection.dialect.name == "sqlite" else _FILES
    for question in questions:
        try:
            size = connection.scalar(question, {"table": table})
        except (SQLAlchemyError, MonitorError):  # this database has no such table, or keeps it from us
            continue
        if size is not None:
            return int(size), False
    if connection.dialect.name == "sqlite":
        return int(connection.scalar(_WHOLE_FILE) if content is None else content), True
    return int(connection.scalar(_GUESS, {"table": table}) or 0), True
