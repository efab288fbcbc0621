"""The whole process is stopped for longer than the report timeout, and repeatedly for a little less."""

import signal
import time
from pathlib import Path

from drills.drill import Drill, Outcome, running_server
from drills.reporting import healthy_host, offline_alerts

STOPS = (50.0, 15.0)
"""Seconds. A host without reports is offline after 45."""
BETWEEN = 3.0


def run(place: Path) -> Outcome:
    with running_server(place, MONITOR_OFFLINE_AFTER="1") as server, healthy_host(server) as seen:
        for seconds in STOPS:
            server.signal(signal.SIGSTOP)
            time.sleep(seconds)
            server.signal(signal.SIGCONT)
            time.sleep(BETWEEN)
        offline = offline_alerts(server)
        before = seen.stored
        time.sleep(BETWEEN)
        goes_on = seen.stored > before
    held = goes_on and not offline
    return Outcome(
        held=held, seen=f"stopped for {sum(STOPS):.0f} s in all; {seen.figures}; {offline} false offline alerts"
    )


DRILL = Drill(attack="stops of the whole process, of up to 50 s", run=run)
