"""Live samples beside a day's backlog of a hundred agents, all of which were cut off together."""

from datetime import UTC, datetime
from typing import Any

from bench import paced
from bench.figures import Figure, Result, count, middle, milliseconds, ratio, times
from bench.parts.rounds import in_turn
from bench.stage import Stage
from bench.targets.product import Product
from bench.waiting import WaitingAgents

SERVERS, INTERVAL = 1000, 15
AGENTS, HOURS = 100, 24
LEAST_SECONDS = 10.0


def measure(stage: Stage) -> Result:
    """On MariaDB. Each time others were cut off: a sample is stored once."""
    times_taken = stage.rounds + 1  # one to warm up
    product, end = stage.product(SERVERS + AGENTS * times_taken), datetime.now(UTC)
    firsts = iter(range(SERVERS, SERVERS + AGENTS * times_taken, AGENTS))
    loads = {
        "beside a backlog": lambda seconds: _beside(product, next(firsts), end),
        "live samples alone": lambda seconds: _live(product, lambda so_far: so_far >= seconds),
    }
    runs = in_turn(stage.rounds, loads, max(stage.seconds, LEAST_SECONDS))
    ours, usual = runs.values()
    found, rate = ratio(ours, usual, "p99"), middle(ours, "backlog") / middle(ours, "lasted")
    figure = Figure(
        what=f"{count(SERVERS)} servers at {INTERVAL} s beside {HOURS} h of {AGENTS} agents' backlog: p99 of a sample",
        goal="< 2× that without",
        measured=f"{milliseconds(middle(ours, 'p99'))} = {times(found)}",
        beside=f"without {milliseconds(middle(usual, 'p99'))}; {count(middle(ours, 'backlog'))} samples of backlog in "
        f"{middle(ours, 'lasted'):.1f} s, {count(rate)} a second",
        met=found[0] < 2,
    )
    return Result(figures=[figure], rounds=runs)


def _beside(product: Product, first: int, end: datetime) -> dict[str, Any]:
    agents = WaitingAgents(product, first=first, count=AGENTS, hours=HOURS, end=end)
    agents.let_go()
    found = _live(product, lambda so_far: agents.are_done)
    told = agents.outcome()
    return found | {"backlog": told["samples"], "lasted": told["seconds"]}


def _live(product: Product, until: Any) -> dict[str, Any]:
    return paced.live(product, servers=SERVERS, interval=INTERVAL, until=until)
