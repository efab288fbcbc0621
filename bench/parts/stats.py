"""Dashboard statistics of 10,000 servers, again with ten times the history, and for four readers at once."""

from datetime import UTC, datetime, timedelta
from functools import partial

from bench.figures import Figure, Result, count, middle, milliseconds, ratio, times
from bench.parts.rounds import Runs, in_turn
from bench.stage import Stage
from bench.targets.product import Product, address
from bench.targets.yardstick import Yardstick

SERVERS, FEW_SERVERS = 10_000, 1_000
READERS = 4
BATCH = 1000
SAMPLES = 10
"""Samples of each server at first. Later ten times as many."""
UNCHANGED = 0.2


def measure(stage: Stage) -> Result:
    """Measure on MariaDB with one connection, as from one user; then with those of READERS."""
    ours, theirs = stage.product(SERVERS), stage.yardstick(SERVERS)
    runs: Runs = {}
    stored = 0
    for samples in (SAMPLES, 10 * SAMPLES):
        _fill_product(ours, SERVERS, samples - stored)
        _fill_yardstick(stage, theirs, samples - stored)
        stored = samples
        ours.log_in()
        loads = {
            f"{target.name}, {samples} samples each": partial(
                target.load, "get.lua", path="/api/monitor/stats", connections=1
            )
            for target in (ours, theirs)
        }
        runs |= in_turn(stage.rounds, loads, stage.seconds)
    few, few_theirs, many, many_theirs = runs.values()
    by_four = _by_four(stage, ours)
    runs |= by_four
    of_all, of_few, of_few_theirs = by_four.values()
    together = ratio(of_few, of_few_theirs, "rate")
    p99, growth = middle(many, "p99"), ratio(many, few, "p50")
    rate = ratio(many, many_theirs, "rate")
    figures = [
        Figure(
            what="stats of 10,000 servers, p99",
            goal="≤ 9 ms",
            measured=milliseconds(p99),
            beside=f"yardstick {milliseconds(middle(many_theirs, 'p99'))}",
            met=p99 <= 9,
        ),
        Figure(
            what="the same: requests a second",
            goal="≥ 30× the yardstick",
            measured=f"{count(middle(many, 'rate'))} = {times(rate)}",
            beside=f"yardstick {count(middle(many_theirs, 'rate'))}",
            met=rate[0] >= 30,
        ),
        Figure(
            what="the same with ten times the history, p50",
            goal="unchanged (±20 %)",
            measured=times(growth),
            beside=f"yardstick {times(ratio(many_theirs, few_theirs, 'p50'))}",
            met=abs(growth[0] - 1) <= UNCHANGED,
        ),
        Figure(
            what=f"the same, {READERS} readers at once, p99",
            goal="≤ 30 ms",
            measured=milliseconds(middle(of_all, "p99")),
            beside=f"{count(middle(of_all, 'rate'))} a second",
            met=middle(of_all, "p99") <= 30,
        ),
        Figure(
            what=f"stats of {count(FEW_SERVERS)} servers, {READERS} readers at once: requests a second",
            goal="≥ 30× the yardstick",
            measured=f"{count(middle(of_few, 'rate'))} = {times(together)}",
            beside=f"yardstick {count(middle(of_few_theirs, 'rate'))}",
            met=together[0] >= 30,
        ),
    ]
    return Result(figures=figures, rounds=runs)


def _by_four(stage: Stage, large: Product) -> Runs:
    small, theirs = stage.product(FEW_SERVERS), stage.yardstick(FEW_SERVERS)
    _fill_product(small, FEW_SERVERS, SAMPLES)
    _fill_yardstick(stage, theirs, SAMPLES)
    small.log_in()
    loads = {
        f"{name}, {READERS} readers": partial(target.load, "get.lua", path="/api/monitor/stats", connections=READERS)
        for name, target in (
            (f"{large.name}, {SERVERS} servers", large),
            (f"{small.name}, {FEW_SERVERS} servers", small),
            (f"{theirs.name}, {FEW_SERVERS} servers", theirs),
        )
    }
    return in_turn(stage.rounds, loads, stage.seconds)


def _fill_product(product: Product, servers: int, samples: int) -> None:
    """Store samples through the API."""
    start = datetime.now(UTC) - timedelta(seconds=samples)
    for number in range(samples):
        at = (start + timedelta(seconds=number)).strftime("%Y-%m-%d %H:%M:%S.%f")
        metrics = {"cpu_value": 12.5 + number % 10, "memory_value": 42.25, "disk_value": 61.0}
        for first in range(0, servers, BATCH):
            sent = [
                {"ip_address": address(i), "recorded_at": at, "metrics": metrics} for i in range(first, first + BATCH)
            ]
            product.call("POST", "/api/monitor/data/batch", json={"samples": sent}, headers={"X-API-Key": product.key})


def _fill_yardstick(stage: Stage, yardstick: Yardstick, samples: int) -> None:
    """Insert with SQL: single requests would take an hour."""
    for number in range(samples):
        stage.mariadb.execute(
            f"INSERT INTO {yardstick.database}.monitor_data "  # noqa: S608 (a name of our own, and numbers)
            "(server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at) "
            f"SELECT id, ip_address, {12.5 + number % 10}, 42.25, 61.0, "
            f"UTC_TIMESTAMP() - INTERVAL {samples - number} SECOND FROM {yardstick.database}.servers"
        )
