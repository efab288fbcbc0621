"""All parts, by name and in order. To add a part, write one file and one line here."""

from collections.abc import Callable

from bench.figures import Result
from bench.parts import (
    agent,
    backlog,
    backtest,
    batches,
    check_ins,
    checks,
    cluster,
    costs,
    fleet,
    intake,
    mass_outage,
    memory,
    remote_write,
    sealing,
    series,
    sizes,
    sqlite,
    stats,
)
from bench.stage import Stage

Part = Callable[[Stage], Result]

PARTS: dict[str, Part] = {
    "intake": intake.measure,
    "batches": batches.measure,
    "remote_write": remote_write.measure,
    "stats": stats.measure,
    "series": series.measure,
    "bytes": sizes.measure,
    "sealing": sealing.measure,
    "backlog": backlog.measure,
    "checks": checks.measure,
    "check_ins": check_ins.measure,
    "backtest": backtest.measure,
    "sqlite": sqlite.measure,
    "memory": memory.measure,
    "agent": agent.measure,
    "fleet": fleet.measure,
    "mass_outage": mass_outage.measure,
    "cluster": cluster.measure,
    "costs": costs.measure,
}
