"""Charts of one server: a day, a week, a month, a year."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from bench import copies, past, rows
from bench.figures import Figure, Result, count, middle, milliseconds, ratio, times
from bench.parts.rounds import Runs, in_turn
from bench.stage import Stage
from bench.targets.product import Product
from bench.targets.target import Target
from monitor.domain.history.rollups import HOUR
from monitor.domain.times import microseconds

ASKED, SERVERS, COPIES = 2, 12, 2
YEAR, MONTH = 365, 30
EVERY_SAMPLE = 6000
"""Points that hold all samples of a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A requested chart. *least*: goal as a multiple of the yardstick's rate, which holds a month."""

    name: str
    days: int
    points: int = 1000
    least: int | None = None


CHARTS = (
    Chart(name="24 h", days=1, least=20),
    Chart(name="24 h, every sample", days=1, points=EVERY_SAMPLE, least=20),
    Chart(name="7 d", days=7, least=50),
    Chart(name="30 d", days=30, least=200),
    Chart(name="1 y", days=365),
)


def measure(stage: Stage) -> Result:
    """Measure on MariaDB, one request after the other, as from one user."""
    url = stage.mariadb.url(stage.mariadb.create_database())
    past.simulate(stage, url, servers=ASKED, days=YEAR)
    past.simulate(stage, url, servers=SERVERS, days=MONTH)
    whole = SERVERS * (1 + COPIES)
    theirs, peer = stage.yardstick(whole), stage.victoria(whole)
    end = datetime.now(UTC)
    with past.core(url, stage.directory) as container:
        past.seal(container)
        servers = past.servers_of(container)
        month = end - timedelta(days=MONTH)
        stored = rows.fill(
            theirs, past.slots(container, servers, month, end), stage.directory, servers=SERVERS, copies=COPIES
        )
        if peer is not None:
            for asked, start in ((servers[:ASKED], end - timedelta(days=YEAR)), (servers[ASKED:], month)):
                for pieces in past.slots(container, asked, start, end):
                    peer.take(pieces)
            peer.settle()
    copies.copy_product(url, SERVERS, COPIES, microseconds(month) // HOUR)
    ours = stage.product(0, url)
    names = {server.id: server.name for server in servers[:ASKED]}
    runs: Runs = {}
    for chart in CHARTS:
        ours.log_in()
        start = end - timedelta(days=chart.days)
        between = {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
        paths = [f"/api/servers/{id_}/series?{urlencode(between | {'points': chart.points})}" for id_ in names]
        loads = {f"monitor {chart.name}": _asking(ours, paths)}
        if chart.least is not None:
            hours = 24 * chart.days
            loads[f"yardstick {chart.name}"] = _asking(
                theirs, [f"/api/monitor/data?server_id={id_}&hours={hours}" for id_ in names]
            )
        if peer is not None:
            step = _resolution(ours, paths[0])
            loads[f"VictoriaMetrics {chart.name}"] = _asking(
                peer, [f"/api/v1/query_range?{urlencode(_rollup(name, start, end, step))}" for name in names.values()]
            )
        runs |= in_turn(stage.rounds, loads, stage.seconds / 2)
    figures = [figure for chart in CHARTS for figure in _figures(chart, runs)]
    sizes = (
        f"series: the product held {ASKED} servers' samples of a year and {whole - ASKED} others' of {MONTH} days, the "
        f"yardstick the same {whole} servers' last {MONTH} days: {count(stored)} rows in order of time. {SERVERS} "
        "servers were simulated, which VictoriaMetrics held, and the others are copies. The yardstick responds with "
        "every sample, in seconds, from a table that is indexed by server and by time, but not by both. "
        "VictoriaMetrics responds with as many points as the product, each with minimum, mean and maximum (`rollup`), "
        "without its cache."
    )
    return Result(figures=figures, rounds=runs, notes=[sizes, *_slower(runs)])


def _asking(target: Target, paths: list[str]) -> Any:
    return partial(target.ask, paths)


def _resolution(product: Product, path: str) -> int:
    """Return the seconds of a point, or the usual interval of samples."""
    return int(max(1, round(product.call("GET", path)["resolution"])))


def _rollup(name: str, start: datetime, end: datetime, step: int) -> dict[str, Any]:
    """Return a query for what the product responds: minimum, mean and maximum of the three metrics."""
    query = f'rollup({{__name__=~"cpu|memory|disk",server="{name}"}}[{step}s])'
    return {"query": query, "start": start.timestamp(), "end": end.timestamp(), "step": step, "nocache": 1}


def _slower(runs: Runs) -> list[str]:
    """Return a note on charts at which the peer is faster."""
    asked = [chart for chart in CHARTS if f"VictoriaMetrics {chart.name}" in runs]
    found = {
        chart.name: ratio(runs[f"VictoriaMetrics {chart.name}"], runs[f"monitor {chart.name}"], "rate")
        for chart in asked
    }
    said = [f"{name} {times(each)}" for name, each in found.items() if each[0] > 1]
    return [f"VictoriaMetrics draws charts faster than the product: {', '.join(said)}."] if said else []


def _figures(chart: Chart, runs: Runs) -> list[Figure]:
    ours = runs[f"monitor {chart.name}"]
    theirs, peers = runs.get(f"yardstick {chart.name}"), runs.get(f"VictoriaMetrics {chart.name}")
    beside = [("yardstick", theirs), ("VictoriaMetrics", peers)]
    p99 = middle(ours, "p99")
    first = Figure(
        what=f"series of one server, {chart.name}, p99",
        goal="≤ 20 ms",
        measured=milliseconds(p99),
        beside=", ".join(f"{name} {milliseconds(middle(found, 'p99'))}" for name, found in beside if found),
        met=p99 <= 20,
    )
    if theirs is None or chart.least is None:
        return [first]
    found = ratio(ours, theirs, "rate")
    second = Figure(
        what="the same: answers a second",
        goal=f"≥ {chart.least}× the yardstick",
        measured=f"{count(middle(ours, 'rate'))} = {times(found)}",
        beside=", ".join(f"{name} {count(middle(found, 'rate'))}" for name, found in beside if found),
        met=found[0] >= chart.least,
    )
    return [first, second]
