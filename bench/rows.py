"""A past in the yardstick's table."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bench.database import connected
from bench.pieces import Piece
from bench.targets.product import address
from bench.targets.yardstick import Yardstick
from monitor.domain.alert_engine import SECOND

_LOAD = """LOAD DATA LOCAL INFILE %s INTO TABLE monitor_data
(server_id, ip_address, cpu_value, memory_value, disk_value, @at) SET recorded_at = FROM_UNIXTIME(@at)"""


def fill(yardstick: Yardstick, slots: Iterable[Sequence[Piece]], directory: Path) -> int:
    """In the order of time, as they would have come; one by one would take days. How many rows it now has."""
    file, count = directory / "rows", 0
    with closing(connected(yardstick.database_url)) as connection, connection.cursor() as cursor:
        for pieces in slots:
            file.write_text("".join(lines(pieces)))
            count += cursor.execute(_LOAD, (str(file),))
    return count


def lines(pieces: Sequence[Piece]) -> Iterator[str]:
    """Of one slot, tab-separated."""
    rows = sorted(
        (at // SECOND, piece.server.id, *values)
        for piece in pieces
        for at, *values in zip(piece.frame.times, *piece.frame.columns.values(), strict=True)
    )
    # Both count their servers from 1.
    return (f"{id_}\t{address(id_ - 1)}\t{cpu}\t{memory}\t{disk}\t{at}\n" for at, id_, cpu, memory, disk in rows)
