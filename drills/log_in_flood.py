"""Strangers at ever new addresses send wrong log-ins without a pause, and everybody else waits."""

import threading
import time
from itertools import count
from pathlib import Path

import httpx

from drills.drill import Drill, Outcome, running_server
from tests.integration.cli.running import PASSWORD

STRANGERS = 24
SECONDS = 10.0
LONGEST = 1.0


def run(place: Path) -> Outcome:
    over, tried, numbers = threading.Event(), [0] * STRANGERS, count()
    with running_server(place, MONITOR_TRUSTED_PROXIES="127.0.0.1") as server, server.admin() as admin:

        def guess(stranger: int) -> None:
            with httpx.Client(base_url=server.origin, timeout=60.0) as client:
                while not over.is_set():
                    number = next(numbers)
                    address = f"198.51.{number // 250 % 250}.{number % 250}"
                    body = {"username": f"somebody-{number}", "password": PASSWORD}
                    client.post("/api/auth/login", json=body, headers={"X-Forwarded-For": address})
                    tried[stranger] += 1

        strangers = [threading.Thread(target=guess, args=(number,)) for number in range(STRANGERS)]
        for stranger in strangers:
            stranger.start()
        took, began = [], time.monotonic()
        while time.monotonic() - began < SECONDS:
            asked = time.monotonic()
            if admin.get("/api/servers").status != 200:
                return Outcome(held=False, seen="a request of somebody who is logged in was refused")
            took.append(time.monotonic() - asked)
        over.set()
        for stranger in strangers:
            stranger.join()
    took.sort()
    figures = f"{sum(tried)} log-ins; {len(took)} other requests: half in {took[len(took) // 2]:.3f} s"
    return Outcome(held=took[-1] < LONGEST, seen=f"{figures}, the slowest took {took[-1]:.2f} s")


DRILL = Drill(attack="24 connections of wrong log-ins from ever new addresses, for 10 s", run=run)
