"""Unknown clients send wrong log-ins from ever new addresses without a pause, while others use the server."""

import threading
import time
from itertools import count
from pathlib import Path

import httpx

from drills.drill import Drill, Outcome, running_server
from tests.integration.cli.running import PASSWORD

CLIENTS = 24
SECONDS = 10.0
LONGEST = 1.0


def run(place: Path) -> Outcome:
    over, tried, numbers = threading.Event(), [0] * CLIENTS, count()
    with running_server(place, MONITOR_TRUSTED_PROXIES="127.0.0.1") as server, server.admin() as admin:

        def guess(client_number: int) -> None:
            with httpx.Client(base_url=server.origin, timeout=60.0) as client:
                while not over.is_set():
                    number = next(numbers)
                    address = f"198.51.{number // 250 % 250}.{number % 250}"
                    body = {"username": f"somebody-{number}", "password": PASSWORD}
                    client.post("/api/auth/login", json=body, headers={"X-Forwarded-For": address})
                    tried[client_number] += 1

        threads = [threading.Thread(target=guess, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        took, began = [], time.monotonic()
        while time.monotonic() - began < SECONDS:
            asked = time.monotonic()
            if admin.get("/api/servers").status != 200:
                return Outcome(held=False, seen="a request of a logged-in user was refused")
            took.append(time.monotonic() - asked)
        over.set()
        for thread in threads:
            thread.join()
    took.sort()
    figures = f"{sum(tried)} log-ins; {len(took)} other requests: half in {took[len(took) // 2]:.3f} s"
    return Outcome(held=took[-1] < LONGEST, seen=f"{figures}, the slowest took {took[-1]:.2f} s")


DRILL = Drill(attack="24 connections of wrong log-ins from ever new addresses, for 10 s", run=run)
