"""One key sends thousands of scrapes without neighbours, and then requests that reach from the oldest to now."""

from functools import partial

from drills.drill import Drill
from drills.hostile_writes import beside_others
from tests.remote_writes import body

REQUESTS, SCRAPES, SMALL = 4, 4_900, 20
APART = 7 * 60_000 + 30_000
LABELS = {"__name__": "node_load1", "instance": "x", "job": "node"}


def bodies(now: int) -> list[bytes]:
    oldest = now - REQUESTS * SCRAPES * APART
    filling = [
        body([(LABELS, [(oldest + (first + number) * APART, 1.0) for number in range(SCRAPES)])])
        for first in range(0, REQUESTS * SCRAPES, SCRAPES)
    ]
    return [*filling, *(body([(LABELS, [(oldest + number, 1.0), (now + number, 1.0)])]) for number in range(SMALL))]


DRILL = Drill(
    attack="4 remote-writes of 4,900 isolated scrapes each, then 20 small ones of the oldest time and of now",
    run=partial(beside_others, bodies=bodies, at_once=1),
)
