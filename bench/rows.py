"""History in the yardstick's table."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bench.copies import without_indexes
from bench.database import connected
from bench.pieces import Piece
from bench.targets.yardstick import Yardstick
from monitor.domain.times import SECOND

_INDEXES = {"ix_monitor_data_server_id": "KEY {} (server_id)", "ix_monitor_data_recorded_at": "KEY {} (recorded_at)"}
_COLUMNS = "cpu_value, memory_value, disk_value, recorded_at"
_SLOT = f"CREATE TEMPORARY TABLE slot SELECT server_id, {_COLUMNS} FROM monitor_data WHERE FALSE"  # noqa: S608 (our own)
_LOAD = f"""LOAD DATA LOCAL INFILE %s INTO TABLE slot
(server_id, {_COLUMNS.replace("recorded_at", "@at")}) SET recorded_at = FROM_UNIXTIME(@at)"""
# One statement can read a sequence twice, but not a temporary table.
_SPREAD = f"""INSERT INTO monitor_data (server_id, ip_address, {_COLUMNS})
SELECT s.id, s.ip_address, {_COLUMNS} FROM slot STRAIGHT_JOIN seq_0_to_{{last}} k
STRAIGHT_JOIN servers s ON s.id = slot.server_id + k.seq * %s ORDER BY recorded_at"""  # noqa: S608 (our own)


def fill(
    yardstick: Yardstick, slots: Iterable[Sequence[Piece]], directory: Path, *, servers: int, copies: int = 0
) -> int:
    """Insert in order of time, as samples would have arrived, in bulk since single inserts would take days.

    *copies*: additional copies of each of *servers*, numbered as in `copies`. Returns the number of rows.
    """
    file, count = directory / "rows", 0
    with closing(connected(yardstick.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(_SLOT)
        with without_indexes(cursor, "monitor_data", _INDEXES):
            for pieces in slots:
                file.write_text("".join(lines(pieces)))
                cursor.execute("DELETE FROM slot")
                cursor.execute(_LOAD, (str(file),))
                count += cursor.execute(_SPREAD.format(last=copies), (servers,))
    return count


def lines(pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield the rows of one slot, tab-separated. Both systems number their servers from 1."""
    rows = sorted(
        (at // SECOND, piece.server.id, *values)
        for piece in pieces
        for at, *values in zip(piece.frame.times, *piece.frame.columns.values(), strict=True)
    )
    return (f"{id_}\t{cpu}\t{memory}\t{disk}\t{at}\n" for at, id_, cpu, memory, disk in rows)
