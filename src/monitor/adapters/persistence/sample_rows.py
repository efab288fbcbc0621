"""Samples as they are read back: plain tuples and C functions all the way, since a chart takes tens of thousands."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from monitor.domain.samples import Sample
from monitor.domain.servers import ServerId

COLUMNS = "server_id, recorded_at, received_at, cpu_value, memory_value, disk_value, extra"
"""What `to_samples` takes, in order."""

# One look into the unique key per server, and one for its row. A GROUP BY would read the whole key on SQLite, and MAX()
# all of a server's on MariaDB.
NEWEST_OF_EACH = (
    "servers s JOIN monitor_data m ON m.server_id = s.id AND m.recorded_at = "
    "(SELECT n.recorded_at FROM monitor_data n WHERE n.server_id = s.id ORDER BY n.recorded_at DESC LIMIT 1)"
)
"""Of each server *s* the row *m* with the newest time."""

_decode = msgspec.json.Decoder(dict[str, float]).decode
_parse = datetime.fromisoformat


def to_samples(rows: Iterable[Sequence[Any]]) -> list[Sample]:
    """Rows of the driver's own values: times are naive on MySQL, text on SQLite, where a whole number comes as int."""
    return [
        Sample(
            ServerId(server_id),
            moment(recorded_at),
            moment(received_at),
            float(cpu),
            float(memory),
            float(disk),
            None if extra is None else _decode(extra),
        )
        for server_id, recorded_at, received_at, cpu, memory, disk, extra in rows
    ]


def moment(value: datetime | str) -> datetime:
    return _parse(f"{value}+00:00") if isinstance(value, str) else value.replace(tzinfo=UTC)
