"""Product and yardstick on SQLite, the product's default, with durable commits too."""

from functools import partial

from bench.figures import Figure, Result, count, middle, ratio, times
from bench.parts.rounds import in_turn
from bench.stage import Stage

SERVERS = 1000
BATCH = 100


def measure(stage: Stage) -> Result:
    ours = stage.product(SERVERS, stage.sqlite("monitor"))
    theirs = stage.yardstick(SERVERS, stage.sqlite("yardstick"))
    loads = {
        "monitor": partial(ours.load, "single.lua", connections=64),
        "yardstick": partial(theirs.load, "single.lua", connections=64),
        "batches": partial(ours.load, "batch.lua", connections=8),
    }
    runs = in_turn(stage.rounds, loads, stage.seconds)
    rate, samples = ratio(runs["monitor"], runs["yardstick"], "rate"), middle(runs["batches"], "rate") * BATCH
    figures = [
        Figure(
            what="on SQLite, single samples, 64 connections: requests a second",
            goal="≥ 20× the yardstick",
            measured=f"{count(middle(runs['monitor'], 'rate'))} = {times(rate)}",
            beside=f"yardstick on SQLite {count(middle(runs['yardstick'], 'rate'))}",
            met=rate[0] >= 20,
        ),
        Figure(
            what="on SQLite, batches of 100, 8 connections: samples a second",
            goal="≥ 100,000",
            measured=count(samples),
            met=samples >= 100_000,
        ),
    ]
    return Result(figures=figures, rounds=runs)
