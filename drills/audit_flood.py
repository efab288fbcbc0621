"""A user makes thousands of forbidden requests, and unknown clients guess passwords, while a host reports."""

import threading
import time
from pathlib import Path

from drills.drill import Drill, Outcome, running_server
from drills.steady_agent import steady_agent
from tests.integration.cli.running import Process

ATTEMPTS = 4000
CLIENTS = 4
EVE = "a word of four to remember"
GUESSES = 200
LONGEST_WAIT = 1.0
"""Seconds for a report, while clients use all CPU of a machine with two cores."""
MOST_ROWS = 150
"""Rows of a minute: 20 attempts of each of four actions, and the others. Doubled, as the drill may span two."""


def run(place: Path) -> Outcome:
    with running_server(place) as server, server.admin() as admin, server.client() as eve:
        admin.make_user("eve", EVE)
        eve.log_in("eve", EVE)
        before = len(admin.pages("/api/audit?limit=1000")) + 2  # the host and its key
        refused: list[int] = []
        with steady_agent(server, admin) as waits:
            began = time.monotonic()
            threads = [threading.Thread(target=_ask, args=(server, eve.token, refused)) for _ in range(CLIENTS)]
            threads.append(threading.Thread(target=_guess, args=(server, refused)))
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.monotonic() - began
        admin.close()
        server.stop()  # writes what is counted but not yet written
        server.start()
        rows = admin.pages("/api/audit?limit=1000")[:-before]
    counted = sum(_times(row["detail"]) for row in rows)
    held = len(rows) <= MOST_ROWS and counted == len(refused) and max(waits) < LONGEST_WAIT
    worst = f"the slowest of {len(waits)} reports took {max(waits):.3f} s"
    return Outcome(
        held=held, seen=f"{len(refused)} refused in {took:.0f} s, {counted} recorded in {len(rows)} rows; {worst}"
    )


def _ask(server: Process, token: str | None, refused: list[int]) -> None:
    with server.client() as client:
        client.use(token or "")
        for attempt in range(ATTEMPTS // CLIENTS):
            route = f"/api/users/{attempt}" if attempt % 2 else f"/api/channels/{attempt}"
            refused += [status for status in [client.delete(route).status] if status == 403]


def _guess(server: Process, refused: list[int]) -> None:
    with server.client() as client:
        for attempt in range(GUESSES):
            body = {"username": f"nobody {attempt}", "password": "wrong"}
            refused += [status for status in [client.post("/api/auth/login", body).status] if status in (401, 429)]


def _times(detail: str) -> int:
    number, _, unit = detail.rpartition(", ")[2].partition(" ")
    return int(number) if unit == "times" else 1


DRILL = Drill(attack=f"{ATTEMPTS} requests that are forbidden and {GUESSES} guesses, while a host reports", run=run)
