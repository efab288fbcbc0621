"""Live samples while a hundred agents deliver a day's backlog after a common outage."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from bench import paced
from bench.figures import Result, count
from bench.parts.rounds import in_turn, rate_beside, slowdown
from bench.stage import Stage
from bench.targets.product import Product
from bench.waiting import WaitingAgents

SERVERS, INTERVAL = 1000, 15
AGENTS, HOURS = 100, 24
LEAST_SECONDS = 20.0


def measure(stage: Stage) -> Result:
    """Measure on MariaDB. The backlog pauses while live samples are measured alone."""
    product = stage.product(SERVERS + AGENTS)
    agents = WaitingAgents(product, first=SERVERS, count=AGENTS, hours=HOURS, end=datetime.now(UTC))
    stage.stack.callback(agents.stop)
    loads = {"beside a backlog": partial(_beside, product, agents), "live samples alone": partial(_live, product)}
    runs = in_turn(stage.rounds, loads, max(stage.seconds, LEAST_SECONDS))
    rate = rate_beside(runs, "delivered")
    what = f"{count(SERVERS)} servers at {INTERVAL} s beside {HOURS} h of {AGENTS} agents' backlog: p99 of a sample"
    note = f"{count(rate)} samples of backlog a second, which is the rate that the agents set"
    return Result(figures=[slowdown(runs, what, note)], rounds=runs)


def _beside(product: Product, agents: WaitingAgents, *, seconds: float) -> dict[str, Any]:
    before = agents.delivered()
    agents.resume()
    try:
        found = _live(product, seconds=seconds)
    finally:
        agents.hold()
    return found | {"delivered": agents.delivered() - before}


def _live(product: Product, *, seconds: float) -> dict[str, Any]:
    return paced.live(product, servers=SERVERS, interval=INTERVAL, seconds=seconds)
