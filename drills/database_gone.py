"""MariaDB is killed and started again, ten times, while hosts report and alerts fire."""

import random
import time
from collections import Counter
from pathlib import Path

from drills.databases import MARIADB
from drills.drill import Drill, Outcome
from drills.load import under_load
from tests.integration.alerts.reporters import reporting
from tests.integration.cli.running import wait_for

TIMES = 10
HOSTS = 60
PERIOD = 150
LONGEST_AWAY = 10.0


def run(place: Path, times: int = TIMES, longest: float = LONGEST_AWAY) -> Outcome:
    draw = random.Random(5)  # noqa: S311 (no secret): when to kill, the same at each run
    slowest = 0.0
    with under_load(place, MARIADB, HOSTS) as load:
        pid, reporters = load.server.process.pid, load.reporters(PERIOD)
        with reporting(reporters) as agents:
            for _ in range(times):
                time.sleep(draw.uniform(0.5, longest / 2))
                load.mariadb.kill()
                time.sleep(draw.uniform(0, longest))
                load.mariadb.start()
                began, ticks = time.monotonic(), agents.ticks
                wait_for(lambda ticks=ticks: agents.ticks > ticks + len(reporters), "samples")  # type: ignore[misc]
                slowest = max(slowest, time.monotonic() - began)
            agents.finish()
        lost = load.losses(agents.acknowledged, sum((each.breaches for each in reporters), Counter()))
        is_same = load.server.is_running and load.server.process.pid == pid
        tracebacks = load.server.said.count("Traceback")
    seen = f"samples again {slowest:.1f} s after MariaDB answers at most, {tracebacks} tracebacks"
    held = lost.none and lost.doubled_mails <= times and is_same and not tracebacks and not agents.unexpected
    size = f"{times} kills, up to {longest:.0f} s away each, {HOSTS} hosts"
    return Outcome(held=held, size=size, missed=str(lost), seen=seen)


DRILL = Drill(attack="MariaDB is killed (-9) and started again, under load", run=run)
