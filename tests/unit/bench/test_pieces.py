"""The same samples in the format of each compared system."""

import json
from datetime import UTC, datetime

from bench.pieces import Piece, as_json_lines, as_text
from bench.rows import lines
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.frames import Frame

AT = datetime(2026, 11, 25, 13, tzinfo=UTC)
FIRST = int(AT.timestamp()) * 1_000_000


def piece(number: int, *milliseconds: int) -> Piece:
    server = Server(id=ServerId(number), name=f"host-{number}", ip_address=f"10.0.0.{number}", created_at=AT)
    times = [FIRST + 1000 * each for each in milliseconds]
    columns = {name: [n + share for n in range(len(times))] for name, share in (("cpu", 0.25), ("memory", 0.5))}
    return Piece(server, Frame(times, {**columns, "disk": [61.5] * len(times)}))


def test_json_lines_hold_one_series_each():
    found = [json.loads(line) for line in as_json_lines(piece(1, 7, 15_012)).splitlines()]
    assert [line["metric"] for line in found] == [
        {"__name__": name, "server": "host-1"} for name in ("cpu", "memory", "disk")
    ]
    assert found[0]["values"] == [0.25, 1.25]
    assert found[0]["timestamps"] == [FIRST // 1000 + 7, FIRST // 1000 + 15_012]


def test_text_holds_one_value_per_line_with_milliseconds():
    assert list(as_text(piece(1, 7, 15_012)))[:3] == [
        f'cpu{{server="host-1"}} 0.25 {FIRST // 1_000_000}.007\n',
        f'cpu{{server="host-1"}} 1.25 {FIRST // 1_000_000 + 15}.012\n',
        f'memory{{server="host-1"}} 0.5 {FIRST // 1_000_000}.007\n',
    ]


def test_rows_are_in_order_of_time_across_servers():
    first = FIRST // 1_000_000
    assert list(lines([piece(1, 0, 20_000), piece(2, 10_000)])) == [
        f"1\t0.25\t0.5\t61.5\t{first}\n",
        f"2\t0.25\t0.5\t61.5\t{first + 10}\n",
        f"1\t1.25\t1.5\t61.5\t{first + 20}\n",
    ]
