"""Asking for a backtest, and hosts to ask for."""

import threading
import time
from datetime import timedelta
from typing import Any

from monitor.application.hindsight.backtest import Backtests
from monitor.application.hindsight.backtest_result import Backtest
from monitor.application.jobs import Job
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.fleet.servers import Server
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World
from tests.unit.domain.alerts.test_alert_engine import CPU

MINUTE = timedelta(minutes=1)


DEADLINE = 30.0


SOMEBODY = Actor(user_id=UserId(4711), username="somebody", role=Role.USER)


def begun(world: World, policy: Policy = CPU, days: int = 1, actor: Actor = ROOT) -> Backtest | str:
    return world.process.get(Backtests).start(actor, policy, days)


def result(world: World, policy: Policy = CPU, days: int = 1) -> Backtest:
    found = begun(world, policy, days)
    assert isinstance(found, Backtest)
    return found


def finished(backtests: Backtests, job_id: str) -> Job[Backtest]:
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        job = backtests.get(ROOT, job_id)
        if job.result is not None or job.error is not None:
            return job
        threading.Event().wait(0.005)
    raise AssertionError("the job doesn't end")


def fill(world: World, server: Server, samples: list[tuple[float, float]], **more: Any) -> None:
    """Store (seconds after now, cpu) one by one, and advance the clock to each."""
    start = world.now
    for after, cpu in samples:
        world.clock.advance(start + timedelta(seconds=after) - world.now)
        world.report(server.id, cpu, **more)
