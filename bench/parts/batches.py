"""A hundred samples per request, as relays and agents with a backlog send."""

from functools import partial

from bench.figures import Figure, Result, count, middle, milliseconds, ratio, times
from bench.parts.rounds import in_turn
from bench.stage import Stage

SERVERS = 1000
BATCH = 100
VALUES = 3
"""Values of a sample, the unit of VictoriaMetrics."""


def measure(stage: Stage) -> Result:
    """Measure on MariaDB with 8 connections. The yardstick has no batches and takes single samples."""
    ours, yardstick = stage.product(SERVERS), stage.yardstick(SERVERS)
    victoria = stage.victoria(SERVERS)
    loads = {
        "monitor": partial(ours.load, "batch.lua", connections=8),
        "yardstick, single samples": partial(yardstick.load, "single.lua", connections=8),
    }
    if victoria is not None:
        loads["VictoriaMetrics 1"] = partial(victoria.load, "victoria.lua", connections=1)
        loads["VictoriaMetrics 8"] = partial(victoria.load, "victoria.lua", connections=8)
    runs = in_turn(stage.rounds, loads, stage.seconds)
    theirs = runs["yardstick, single samples"]
    found = ratio(runs["monitor"], theirs, "rate")
    against = tuple(value * BATCH for value in found)
    p99, samples = middle(runs["monitor"], "p99"), middle(runs["monitor"], "rate") * BATCH
    figures = [
        Figure(
            what="batches of 100, 8 connections: samples a second",
            goal="≥ 200× the yardstick",
            measured=f"{count(samples)} = {times((against[0], against[1], against[2]))}",
            beside=f"yardstick {count(middle(theirs, 'rate'))}, in single samples: it has no batches",
            met=against[0] >= 200,
        ),
        Figure(what="the same, p99", goal="≤ 25 ms", measured=milliseconds(p99), met=p99 <= 25),
    ]
    if victoria is None:
        return Result(figures=figures, rounds=runs, notes=["VictoriaMetrics was not available"])
    for connections, least in ((1, 0.4), (8, None)):
        name = f"VictoriaMetrics {connections}"
        share = ratio(runs["monitor"], runs[name], "rate")
        figures.append(
            Figure(
                what=f"the same in values a second, beside VictoriaMetrics on {connections} at once",
                goal="" if least is None else f"≥ {least}× of it",
                measured=f"{count(samples * VALUES)} = {times(share)}",
                beside=f"VictoriaMetrics {count(middle(runs[name], 'rate') * BATCH * VALUES)}",
                met=None if least is None else share[0] >= least,
            )
        )
    note = "VictoriaMetrics responds before data is on disk, and loses the last seconds in a crash."
    return Result(figures=figures, rounds=runs, notes=[note])
