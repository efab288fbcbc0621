"""One key sends scrapes whose labels are as long as they may be."""

from functools import partial

from drills.drill import Drill
from drills.hostile_writes import beside_others
from tests.remote_writes import body

REQUESTS, SERIES, LENGTH = 12, 10_000, 1_800
NAME = {"__name__": "node_network_receive_bytes_total", "instance": "x", "job": "node"}


def bodies(now: int) -> list[bytes]:
    devices = [f"{number:06}".ljust(LENGTH, "x") for number in range(SERIES)]
    return [
        body((NAME | {"device": device}, [(now - 15_000 * request, 1.0)]) for device in devices)
        for request in range(REQUESTS)
    ]


DRILL = Drill(
    attack="12 remote-writes of one scrape with 10,000 series whose labels have 1,800 bytes",
    run=partial(beside_others, bodies=bodies, at_once=REQUESTS),
)
