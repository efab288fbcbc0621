"""Store sealed hours as chunks and rollups, read them, and tell their sizes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    case,
    delete,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import batches, rows_with, upsert
from monitor.adapters.persistence.history.raw_hours import read_open_hours, read_open_hours_of_all, read_raw_hours
from monitor.adapters.persistence.history.samples import by_server, read_rows
from monitor.adapters.persistence.tables.fleet import servers as s
from monitor.adapters.persistence.tables.history import history_chunks as c
from monitor.adapters.persistence.tables.history import history_rollups as r
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.application.history.blocks import StoredBlock, amended_chunk
from monitor.application.history.ports import (
    HistoryQueries,
    HistoryWriter,
    OpenHour,
    RawHour,
    RawRows,
    RawSpan,
    TierSize,
)
from monitor.domain.errors import MonitorError
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.rollups import ROLLUP_SPANS, start_of_hour

_HOUR_SECONDS = 3600
# Bytes of the pages of a table and its indexes in SQLite, if it was built with dbstat.
_PAGES = (
    "SELECT SUM(pgsize) FROM dbstat "
    "WHERE aggregate = 1 AND name IN (SELECT name FROM sqlite_master WHERE tbl_name = :name)"
)
_WHOLE_FILE = (
    "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
# Size of the file of an InnoDB table. Needs the privilege PROCESS; the name of the view differs between versions.
_FILE = "SELECT file_size FROM information_schema.{} WHERE name = CONCAT(DATABASE(), '/', :name)"
_FILES = [_FILE.format(view) for view in ("innodb_tablespaces", "innodb_sys_tablespaces")]
# The server's estimate, with indexes.
_GUESS = (
    "SELECT data_length + index_length FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_name = :name"
)


def tier_sizes(connection: Connection) -> dict[str, TierSize]:
    count, first, last = connection.execute(
        select(func.count(), func.min(m.c.recorded_at), func.max(m.c.recorded_at)).select_from(m)
    ).one()
    size, guessed = _bytes(connection, "monitor_data")
    sizes = {"samples": TierSize(count, count, size, guessed, first, last)}
    content_of_chunks = func.sum(func.length(c.c.data))
    rows, samples, held, first, last = connection.execute(
        select(func.count(), func.sum(c.c.samples), content_of_chunks, func.min(c.c.period), func.max(c.c.period))
    ).one()
    sizes["chunks"] = _tier(rows, samples, _bytes(connection, "history_chunks", held or 0), first, last, _HOUR_SECONDS)
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
    for source in [_PAGES] if is_sqlite else _FILES:
        try:
            size = connection.scalar(text(source), {"name": name})
        except (SQLAlchemyError, MonitorError):  # no such table, or no privilege
            continue
        if size is not None:
            return int(size), False
    if is_sqlite:
        return int(connection.scalar(text(_WHOLE_FILE)) if content is None else content), True
    return int(connection.scalar(text(_GUESS), {"name": name}) or 0), True


_CHUNK, _ROLLUP = (
    [t.c[name] if name in t.c else literal_column("0").label(name) for name in StoredBlock._fields] for t in (c, r)
)


def table_of(width: int) -> Table:
    return r if width else c


def is_of(width: int) -> list[ColumnElement[bool]]:
    """Return the condition for rows of *width*; none for chunks, which have a table of their own."""
    return [r.c.width == width] if width else []


def blocks_of(width: int) -> Select[Any]:
    """Select rows of *width*, with the columns of a StoredBlock."""
    return select(*(_ROLLUP if width else _CHUNK)).where(*is_of(width))


class SqlHistoryWriter(SqlRepository, HistoryWriter):
    def sealed(self, server_id: ServerId, hours: Collection[int]) -> dict[int, tuple[int, int]]:
        wanted = select(c.c.period, c.c.samples, c.c.raw_samples).where(
            c.c.server_id == server_id, c.c.period.in_(hours)
        )
        return {hour: (samples, raw_samples) for hour, samples, raw_samples in self._connection.execute(wanted)}

    def save(self, blocks: Sequence[StoredBlock]) -> None:
        chunks, rollups = [row for row in blocks if not row.width], [row for row in blocks if row.width]
        self._save(c, ("server_id", "hour"), ("samples", "data", "raw_samples"), chunks)
        self._save(r, ("server_id", "width", "period"), ("data",), rollups)

    def set_raw_samples(self, server_id: ServerId, hours: Mapping[int, int]) -> None:
        for hour, raw_samples in hours.items():
            of_hour = update(c).where(c.c.server_id == server_id, c.c.period == hour)
            self._connection.execute(of_hour.values(raw_samples=raw_samples))

    def note_amended(self, server_id: ServerId, hours: Collection[int]) -> None:
        zero: ColumnElement[int] = literal_column("0")  # see `_save`
        fewer = case((c.c.raw_samples < zero, c.c.raw_samples), else_=zero) - literal_column("1")
        statement = upsert(self._connection, c, key=("server_id", "hour"), changes=lambda _: {"raw_samples": fewer})
        names = [name for name in StoredBlock._fields if name in c.c]
        rows = [{name: getattr(amended_chunk(server_id, hour), name) for name in names} for hour in hours]
        self._connection.execute(statement, rows)

    def rollups(self, server_id: ServerId, width: int, periods: Collection[int]) -> list[StoredBlock]:
        wanted = blocks_of(width).where(r.c.server_id == server_id, r.c.period.in_(periods)).order_by(r.c.period)
        return [StoredBlock(*row) for row in self._connection.execute(wanted)]

    def _save(self, table: Table, key: Sequence[str], rest: Sequence[str], rows: Sequence[StoredBlock]) -> None:
        if rows:
            # Another content has another generation, if the archive may know of the present one.
            # Zeros without parameters, which PyMySQL cannot send beside many rows.
            zero: ColumnElement[int] = literal_column("0")
            renewed = {"archived": zero, "generation": table.c.generation + (table.c.generation > zero)}
            statement = upsert(
                self._connection, table, key=key, changes=lambda new: {name: new[name] for name in rest} | renewed
            )
            names = [name for name in StoredBlock._fields if name in table.c]
            written = [{name: getattr(row, name) for name in names} | {"generation": 0} for row in rows]
            self._connection.execute(statement, written)

    def remove_rows(self, ids: Collection[int]) -> int:
        return sum(self._connection.execute(delete(m).where(m.c.id.in_(some))).rowcount for some in batches(ids))

    def prune(self, width: int, before: int, limit: int) -> int:
        """Select keys first, since SQLite has no DELETE … LIMIT."""
        table = table_of(width)
        due = select(*table.primary_key).where(*is_of(width), table.c.period < before)
        found = self._connection.execute(due.order_by(table.c.period, table.c.server_id).limit(limit)).all()
        for row in found:
            key = [column == value for column, value in zip(table.primary_key, row, strict=True)]
            self._connection.execute(delete(table).where(*key))
        return len(found)

    def prune_rows(self, before: datetime, limit: int) -> int:
        wanted = select(m.c.id).where(m.c.recorded_at < before).order_by(m.c.recorded_at).limit(limit)
        return self.remove_rows(self._connection.scalars(wanted).all())


# One lookup in the unique key per server.
_TIMES = by_server(select(m.c.recorded_at)).where(m.c.server_id == s.c.id)
_OLDEST = _TIMES.order_by(m.c.recorded_at).limit(1).scalar_subquery()
_NEWEST = _TIMES.order_by(m.c.recorded_at.desc()).limit(1).scalar_subquery()


class SqlHistoryQueries(SqlReader, HistoryQueries):
    def raw_spans(self, after: ServerId, limit: int) -> list[RawSpan]:
        wanted = select(s.c.id, _OLDEST, _NEWEST).where(s.c.id > after, _TIMES.exists())
        rows = self._rows(wanted.order_by(s.c.id).limit(limit))
        return [RawSpan(ServerId(id_), oldest, newest) for id_, oldest, newest in rows]

    def raw_hours(self, server_id: ServerId, first: int, last: int) -> list[RawHour]:
        with connected(self._engine) as connection:
            return read_raw_hours(connection, [server_id], first, last)[server_id]

    def open_hours(self, server_id: ServerId, first: int, last: int, metric: str) -> list[OpenHour]:
        with connected(self._engine) as connection:
            return read_open_hours(connection, server_id, first, last, metric)

    def open_hours_of_all(self, metric: str, report: Callable[[float], None]) -> dict[ServerId, list[OpenHour]]:
        with connected(self._engine) as connection:
            return read_open_hours_of_all(connection, metric, report)

    def raw_rows(self, server_id: ServerId, hour: int) -> RawRows:
        with connected(self._engine) as connection:
            return RawRows(*read_rows(connection, server_id, start_of_hour(hour), start_of_hour(hour + 1)))

    def blocks(self, server_ids: Collection[ServerId], width: int, first: int, last: int) -> list[StoredBlock]:
        table = table_of(width)
        wanted = blocks_of(width).where(table.c.period >= first, table.c.period < last)
        return self._blocks(wanted.order_by(table.c.server_id, table.c.period), table.c.server_id, server_ids)

    def chunks_at(self, server_id: ServerId, hours: Collection[int]) -> list[StoredBlock]:
        wanted = blocks_of(0).where(c.c.server_id == server_id).order_by(c.c.period)
        return self._blocks(wanted, c.c.period, hours)

    def newest_hour(self, server_ids: Collection[ServerId] | None, before: int) -> int | None:
        newest = select(func.max(c.c.period)).where(c.c.period < before)
        with connected(self._engine) as connection:
            if server_ids is None:
                hour: int | None = connection.scalar(newest)
                return hour
            # One lookup in the primary key per server. On MariaDB, MAX() would read all keys of each.
            of_one = select(c.c.period).where(c.c.server_id == s.c.id, c.c.period < before).order_by(c.c.period.desc())
            of_each = select(of_one.limit(1).scalar_subquery().label("hour"))
            some = [of_each.where(s.c.id.in_(batch)).subquery() for batch in batches(server_ids)]
            found = [connection.scalar(select(func.max(each.c.hour))) for each in some]
        return max((hour for hour in found if hour is not None), default=None)

    def chunks_of_hour(self, server_ids: Collection[ServerId] | None, hour: int) -> list[StoredBlock]:
        wanted = blocks_of(0).where(c.c.period == hour, c.c.raw_samples < c.c.samples).order_by(c.c.server_id)
        if server_ids is None:
            return [StoredBlock(*row) for row in self._rows(wanted)]
        return self._blocks(wanted, c.c.server_id, server_ids)

    def _blocks(self, wanted: Select[Any], column: ColumnElement[Any], values: Collection[int]) -> list[StoredBlock]:
        with connected(self._engine) as connection:
            return [StoredBlock(*row) for row in rows_with(connection, wanted, column, sorted(set(values)))]

    def sizes(self) -> dict[str, TierSize]:
        with connected(self._engine) as connection:
            return tier_sizes(connection)
