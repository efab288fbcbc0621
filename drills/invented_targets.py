"""One key sends scrapes of thousands of targets that do not exist."""

from functools import partial

from drills.drill import Drill
from drills.hostile_writes import beside_others
from tests.remote_writes import Series, body, host_series

REQUESTS, TARGETS = 3, 2_400


def bodies(now: int) -> list[bytes]:
    return [
        body(each for target in range(TARGETS) for each in _two_scrapes(request, target, now))
        for request in range(REQUESTS)
    ]


def _two_scrapes(request: int, target: int, now: int) -> list[Series]:
    at = now - 60_000 + target
    series = host_series(at, instance=f"t{request}-{target}", cores=1)
    later = host_series(at + 15_000, instance=f"t{request}-{target}", cores=1, seconds=15)
    return [(labels, [*first, *second]) for (labels, first), (_, second) in zip(series, later, strict=True)]


DRILL = Drill(
    attack="3 remote-writes with one server's key, each two scrapes of 2,400 invented targets",
    run=partial(beside_others, bodies=bodies, at_once=REQUESTS),
)
