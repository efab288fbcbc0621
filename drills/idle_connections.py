"""1,100 idle connections, with the usual limit of 1,024 descriptors."""

import socket
import time
from contextlib import suppress
from pathlib import Path

from drills.drill import Drill, Outcome
from drills.reporting import healthy_host, offline_alerts
from tests.integration.cli.running import process

COUNT = 1_100
DESCRIPTORS = 1_024
SECONDS = 56.0
"""Seconds. A host without reports is offline after 45."""


def run(place: Path) -> Outcome:
    with process(place, "serve", "--migrate", MONITOR_OFFLINE_AFTER="1") as server:
        server.descriptors = f"-n {DESCRIPTORS}"
        server.start()
        with healthy_host(server) as seen:
            _hold(server.port)
        offline = offline_alerts(server)
    held = not (seen.failed or seen.unready or offline) and seen.stored > SECONDS / 2
    return Outcome(held=held, seen=f"{seen.figures}; {offline} false offline alerts")


def _hold(port: int) -> None:
    """Keep all connections open, and open closed ones again."""
    give_up = time.monotonic() + SECONDS
    held: dict[int, socket.socket] = {}
    while time.monotonic() < give_up:
        for number in range(COUNT):
            if number in held and not _is_ended(held[number]):
                continue
            source = "127.0.0.1" if number % 2 else f"127.1.{number // 250}.{number % 250 + 1}"
            with suppress(OSError):
                held[number] = socket.create_connection(("127.0.0.1", port), 0.5, source_address=(source, 0))
                held[number].setblocking(False)
        time.sleep(1.0)
    for connection in held.values():
        connection.close()


def _is_ended(connection: socket.socket) -> bool:
    try:
        return not connection.recv(1)
    except BlockingIOError:
        return False
    except OSError:
        return True


DRILL = Drill(attack="1,100 idle connections, from one address and from many, at 1,024 descriptors", run=run)
