"""One metric of one server over a long time, as plain numbers: what a backtest of a month folds.

Read like samples (see `sample_rows`): a text for each row, and one call of a C decoder for all of them.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from monitor.adapters.persistence.sample_inserts import written
from monitor.domain.samples import COLUMN_METRICS
from monitor.domain.servers import ServerId

# Microseconds since 1970, worked out by the database: in Python a month of them takes longer than all the rest.
_AT = {
    "sqlite": "(strftime('%s', recorded_at) * 1000000 + substr(recorded_at, 21))",
    "mysql": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', recorded_at)",
}
_PAIR = {"sqlite": "'[' || {at} || ',' || {value} || ']'", "mysql": "CONCAT('[', {at}, ',', {value}, ']')"}
_decode = msgspec.json.Decoder(list[tuple[int, float]]).decode


def metric_values(
    connection: Connection, server_id: ServerId, metric: str, start: datetime, end: datetime
) -> list[tuple[int, float]]:
    """(microseconds since the epoch, value) of the samples that have it, start <= recorded_at < end, oldest first."""
    limits = {"server_id": server_id, "start": written(start), "end": written(end)}
    if metric in COLUMN_METRICS:
        return _decode(_pairs(connection, f"{metric}_value", limits))
    extra: Any = msgspec.defstruct("Extra", [("value", float | None, None)], rename={"value": metric})
    pairs = msgspec.json.decode(_pairs(connection, "extra", limits), type=list[tuple[int, extra]])
    return [(at, found.value) for at, found in pairs if found.value is not None]


def _pairs(connection: Connection, column: str, limits: dict[str, Any]) -> str:
    """A JSON list of [time, value of *column*, which holds JSON]."""
    dialect = connection.dialect.name
    pair = _PAIR[dialect].format(at=_AT[dialect], value=column)
    wanted = text(
        f"SELECT {pair} FROM monitor_data WHERE server_id = :server_id "  # noqa: S608 (our own)
        f"AND recorded_at >= :start AND recorded_at < :end AND {column} IS NOT NULL ORDER BY recorded_at"
    )
    return f"[{','.join(connection.scalars(wanted, limits))}]"
