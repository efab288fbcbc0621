"""Bytes per sample of three values in each system."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import merge
from pathlib import Path

from bench import past, peers, rows
from bench.figures import Figure, Result, count
from bench.pages import bytes_used
from bench.pieces import Piece, as_text
from bench.stage import Stage
from monitor.application.history.sealing import prepared, write
from monitor.application.simulation.fleet import SetUpSimulation
from monitor.application.simulation.history import sealable_hours
from monitor.container import Container
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.simulation.samples import frames
from monitor.domain.times import microseconds

SERVERS, DAYS = 20, 14
INTERVAL = 15


def measure(stage: Stage) -> Result:
    """Measure on MariaDB: one hour of every server, then the next, as the background job seals them."""
    url = stage.mariadb.url(stage.mariadb.create_database())
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(days=DAYS)
    theirs, victoria = stage.yardstick(SERVERS), stage.victoria(SERVERS)
    data = stage.mariadb.directory / "data"
    with past.core(url, stage.directory) as container:
        _seal(container, start, end)
        servers = past.servers_of(container)
        slots = partial(past.slots, container, servers, start, end)
        sealed = rows.fill(theirs, slots(), stage.directory, servers=SERVERS)
        sizes = {
            "monitor, chunks": bytes_used(url, "history_chunks", data),
            "monitor, rollups": bytes_used(url, "history_rollups", data),
            "yardstick": bytes_used(theirs.database_url, "monitor_data", data),
        }
        if victoria is not None:
            for pieces in slots():
                victoria.take(pieces)
            victoria.settle()
            sizes["VictoriaMetrics"] = victoria.bytes_held()
        prometheus = _prometheus(stage, slots())
        if prometheus is not None:
            sizes["Prometheus"] = prometheus
        held = container.queries.history.chunks
        content = sum(len(chunk.data) for each in servers for chunk in held(each.id, 0, 2**31 - 1)) / sealed
    each = {name: size / sealed for name, size in sizes.items()}
    note = (
        f"bytes: {count(sealed)} samples of {SERVERS} simulated hosts of all kinds, {DAYS} days at {INTERVAL} s: CPU "
        "with a jitter of a few percent, slow changes of memory and disk, times off by some milliseconds. Tables: used "
        "pages of the file, with indexes. VictoriaMetrics: after a flush and a merge. Prometheus: blocks of its own "
        "tool, of the longest duration that it makes, without its write-ahead log."
    )
    rounds = {name: [{"bytes": size}] for name, size in each.items()}
    return Result(figures=_figures(each, content), rounds=rounds, notes=[note])


def _seal(container: Container, start: datetime, end: datetime) -> None:
    """Seal samples that have only the three values."""
    actor = past.administrator(container)
    simulated = container.get(SetUpSimulation)(actor, seed=1, count=SERVERS, created_at=start)
    container.fleet.refresh()
    last = microseconds(end) // HOUR
    each = (_hours(server.id, frames(of, start, end, INTERVAL), last) for of, server in simulated)
    for hour, server_id, found in merge(*each, key=lambda each: each[0]):
        sealing = prepared(container.queries, server_id, {hour: found})
        with container.uow() as uow:
            write(uow, sealing)
            uow.commit()


def _hours(server_id: ServerId, made: Iterator[Frame], last: int) -> Iterator[tuple[int, ServerId, Frame]]:
    three = (Frame(frame.times, {name: frame.column(name) for name in COLUMN_METRICS}) for frame in made)
    return ((hour, server_id, found) for hour, found in sealable_hours(three, last))


def _prometheus(stage: Stage, slots: Iterator[list[Piece]]) -> int | None:
    """Return the bytes of its blocks, None if not available."""
    tool = peers.program(peers.PROMTOOL, stage.directory)
    if tool is None:
        return None
    text, blocks = stage.directory / "openmetrics", stage.directory / "blocks"
    with text.open("w") as file:
        for pieces in slots:
            for piece in pieces:
                file.writelines(as_text(piece))
        file.write("# EOF\n")
    longest = f"--max-block-duration={24 * DAYS}h"
    command = [tool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", longest, str(text), str(blocks)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    size = sum(_size(path) for path in blocks.rglob("*"))
    shutil.rmtree(blocks)
    text.unlink()
    return size


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _figures(each: dict[str, float], content: float) -> list[Figure]:
    chunks, rollups, table = each["monitor, chunks"], each["monitor, rollups"], each["yardstick"]
    others = ", ".join(f"{name} {each[name]:.2f}" for name in ("VictoriaMetrics", "Prometheus") if name in each)
    figures = [
        Figure(
            what="bytes a sample of three values: sealed chunks",
            goal="≤ 3.6",
            measured=f"{chunks:.2f}, of which {content:.2f} are their content",
            beside=others,
            met=chunks <= 3.6,
        ),
        Figure(what="the same: rollups", goal="≤ 2 more", measured=f"{rollups:.2f}", met=rollups <= 2),
        Figure(
            what="the same: chunks, of the yardstick's table",
            goal="≤ 1/25",
            measured=f"1/{table / chunks:.1f}",
            beside=f"yardstick {table:.0f}",
            met=chunks <= table / 25,
        ),
    ]
    if "Prometheus" in each:
        share = each["Prometheus"] / chunks
        figures.append(
            Figure(
                what="the same: chunks, of Prometheus' blocks",
                goal="≤ ⅓",
                measured=f"1/{share:.1f}",
                beside=f"Prometheus {each['Prometheus']:.2f}",
                met=share >= 3,
            )
        )
    return figures
