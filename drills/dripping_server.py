"""A server answers an agent with one byte per second, and works again later."""

import json
import time
from pathlib import Path

from drills.drill import Drill, Outcome
from tests.integration.agent.api import Api, serving, wait_for
from tests.integration.agent.dripping import dripping
from tests.integration.agent.running import agent, spooled

SECONDS = 40
FEWEST_ATTEMPTS = 3
LONGEST_GAP = 2.9


def run(place: Path) -> Outcome:
    with dripping(pause=1.0) as server, agent(place, API_URL=server.url) as running:
        time.sleep(SECONDS)
        attempts, waiting = server.taken, running.waiting
        running.kill()
    taken = {str(json.loads(record)["recorded_at"]) for record in spooled(running.spool)}
    with serving(Api(port=server.port)) as api, agent(place, API_URL=api.url) as running:
        wait_for(lambda: running.waiting == 0 and len(api.recorded) > waiting, "what waited")
    lost = len(taken - set(api.recorded))
    held = attempts >= FEWEST_ATTEMPTS and waiting > SECONDS / LONGEST_GAP and lost == 0
    figures = f"{attempts} attempts and {waiting} samples kept in {SECONDS} s of one byte a second"
    return Outcome(held=held, seen=f"{figures}; {len(taken)} delivered afterwards, {lost} lost")


DRILL = Drill(attack="a server answers an agent with one byte a second", run=run)
