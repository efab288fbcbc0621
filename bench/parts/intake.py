"""Single samples, each answered after its commit, with authentication, validation and alerts."""

from functools import partial

from bench.figures import Figure, Result, count, middle, milliseconds, ratio, times
from bench.parts.rounds import in_turn
from bench.stage import Stage

SERVERS = 1000


def measure(stage: Stage) -> Result:
    """Measure on MariaDB with 64 and 16 connections."""
    targets = {"monitor": stage.product(SERVERS), "yardstick": stage.yardstick(SERVERS)}
    loads = {
        f"{name} {connections}": partial(target.load, "single.lua", connections=connections)
        for connections in (64, 16)
        for name, target in targets.items()
    }
    runs = in_turn(stage.rounds, loads, stage.seconds)
    ours, theirs, ours_16, theirs_16 = (runs[name] for name in loads)
    rate, per_cpu = ratio(ours, theirs, "rate"), ratio(ours, theirs, "per_cpu_second")
    with_database = ratio(ours, theirs, "per_cpu_second_all")
    p99, share = middle(ours, "p99"), ratio(ours_16, theirs_16, "p99")
    figures = [
        Figure(
            what="single samples, 64 connections: requests a second",
            goal="≥ 24× the yardstick",
            measured=f"{count(middle(ours, 'rate'))} = {times(rate)}",
            beside=f"yardstick {count(middle(theirs, 'rate'))}",
            met=rate[0] >= 24,
        ),
        Figure(
            what="the same for each CPU second of the server process",
            goal="≥ 40× the yardstick",
            measured=f"{count(middle(ours, 'per_cpu_second'))} = {times(per_cpu)}",
            beside=f"yardstick {count(middle(theirs, 'per_cpu_second'))}",
            met=per_cpu[0] >= 40,
        ),
        Figure(
            what="the same with the database's CPU counted too",
            goal="",
            measured=f"{count(middle(ours, 'per_cpu_second_all'))} = {times(with_database)}",
            beside=f"yardstick {count(middle(theirs, 'per_cpu_second_all'))}",
        ),
        Figure(
            what="the same, p99",
            goal="≤ 10 ms",
            measured=milliseconds(p99),
            beside=f"yardstick {milliseconds(middle(theirs, 'p99'))}",
            met=p99 <= 10,
        ),
        Figure(
            what="single samples, 16 connections, p99",
            goal="≤ ⅓ of the yardstick's",
            measured=f"{milliseconds(middle(ours_16, 'p99'))} = {times(share)}",
            beside=f"yardstick {milliseconds(middle(theirs_16, 'p99'))}",
            met=share[0] <= 1 / 3,
        ),
    ]
    return Result(figures=figures, rounds=runs)
