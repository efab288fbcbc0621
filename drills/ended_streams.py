"""A session ends while it has open live streams in two processes."""

import time
from contextlib import ExitStack
from pathlib import Path

from drills.drill import Drill, Outcome, running_server
from tests.integration.cli.running import PASSWORD, Process, wait_for
from tests.integration.faults.live_stream import LiveStream
from tests.integration.mariadb import private_mariadb

ROUNDS = 20
PROMISED = 2.0
GIVEN_UP = 5.0
SETTINGS = {"JWT_SECRET_KEY": "a secret that both of the processes sign with"}


def run(place: Path) -> Outcome:
    with ExitStack() as stack:
        database = stack.enter_context(private_mariadb())
        url = database.url(database.create_database())
        one, other = (stack.enter_context(running_server(place, url, **SETTINGS)) for _ in range(2))
        took = [_closing_time(one, other) for _ in range(ROUNDS)]
    late = sum(seconds > PROMISED for seconds in took)
    seen = f"worst closing time of {2 * ROUNDS} streams {max(took):.2f} s, {late} of {ROUNDS} pairs late"
    return Outcome(held=not late, seen=seen)


def _closing_time(one: Process, other: Process) -> float:
    """End a session, and return the seconds until both streams have closed."""
    with one.client() as client:
        client.log_in("admin", PASSWORD)
        sessions = client.get("/api/auth/sessions").data
        session_id = next(session["id"] for session in sessions if session["current"])
        with LiveStream(one.port, client) as here, LiveStream(other.port, client) as there:
            began = time.monotonic()
            client.delete(f"/api/auth/sessions/{session_id}")
            try:
                wait_for(lambda: not (here.is_open or there.is_open), "the end of both streams", GIVEN_UP)
            except AssertionError:
                return GIVEN_UP
            return time.monotonic() - began


DRILL = Drill(attack="20 sessions are ended, each with a live stream in each of two processes on one MariaDB", run=run)
