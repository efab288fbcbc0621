"""Samples on their way to the compared systems, in the formats of VictoriaMetrics and Prometheus."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from monitor.domain.fleet.servers import Server
from monitor.domain.history.frames import Frame

_MILLISECOND = 1000
_SECOND = 1_000_000


class Piece(NamedTuple):
    """Some hours of one server, with the three percentages of each sample."""

    server: Server
    frame: Frame


def as_json_lines(piece: Piece) -> str:
    """Return text for VictoriaMetrics' /api/v1/import: a line per metric."""
    times = [time // _MILLISECOND for time in piece.frame.times]
    lines = (
        {"metric": {"__name__": name, "server": piece.server.name}, "values": values, "timestamps": times}
        for name, values in piece.frame.columns.items()
    )
    return "".join(json.dumps(line) + "\n" for line in lines)


def as_text(piece: Piece) -> Iterator[str]:
    """Yield OpenMetrics: a line per value."""
    times = [f"{time / _SECOND:.3f}" for time in piece.frame.times]
    for name, values in piece.frame.columns.items():
        series = f'{name}{{server="{piece.server.name}"}}'
        yield from (f"{series} {value} {at}\n" for at, value in zip(times, values, strict=True))
