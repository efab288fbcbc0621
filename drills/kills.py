"""The server is killed again and again at random moments, while hosts report and alerts fire.

`KILLS=50` for how often in all, half of them on each database.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path

from drills.databases import on_both
from drills.drill import Drill, Outcome
from drills.load import Load, under_load
from tests.integration.alerts.reporters import reporting

KILLS = 1_000
HOSTS = 60
TICKS = 2
"""Of a reporter, that fit between two kills."""
LONGEST_LIFE = 2.5


def run(database: str, place: Path, kills: int = 0, hosts: int = HOSTS) -> Outcome:
    kills = kills or int(os.environ.get("KILLS") or KILLS) // 2
    draw = random.Random(7)  # noqa: S311 (no secret): when to kill, the same at each run
    with under_load(place, database, hosts) as load:
        reporters = load.reporters(max(20, kills * TICKS // 3))
        with reporting(reporters) as agents:
            for number in range(kills):
                _kill(load, number, draw)
            is_loaded = not agents.are_done  # else the last kills hurt nobody
            agents.finish()
        lost = load.losses(agents.acknowledged, sum((each.breaches for each in reporters), Counter()))
        tracebacks = load.server.said.count("Traceback")
    retries = sum(each.retries for each in reporters)
    is_loaded = is_loaded and (kills < 20 or lost.alerts > 0)
    held = is_loaded and lost.none and lost.doubled_mails <= kills and not tracebacks and not agents.unexpected
    seen = f"{database}: {retries:,} requests sent again, {len(agents.unexpected)} refused, {tracebacks} tracebacks"
    return Outcome(
        held=held, size=f"{kills} kills on {database}, {hosts} hosts", missed=f"{database}: {lost}", seen=seen
    )


def _kill(load: Load, number: int, draw: random.Random) -> None:
    """Kill it after up to 2.5 s of service; every fourth time while it starts; every fifth once a mail was taken."""
    if number % 5 == 4:
        load.mails.at_next_mail = load.server.process.kill
    life = time.monotonic() + draw.uniform(0, LONGEST_LIFE)
    while load.server.is_running and time.monotonic() < life:
        time.sleep(0.005)
    load.server.kill()
    load.mails.at_next_mail = None
    if number % 4 == 3:
        load.server.launch()
        time.sleep(draw.uniform(0, LONGEST_LIFE))
        load.server.kill()
    load.server.start()


DRILL = Drill(attack="the server is killed (-9) again and again at random moments, under load", run=on_both(run))
