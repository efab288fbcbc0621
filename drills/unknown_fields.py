"""One key sends messages of millions of fields that remote-write does not have."""

from functools import partial

from drills.drill import Drill
from drills.hostile_writes import beside_others
from tests.remote_writes import packed

REQUESTS = 3
FIELDS = 15_900_000


def bodies(_: int) -> list[bytes]:
    return [packed(b"\x78\x01" * FIELDS)] * REQUESTS


DRILL = Drill(
    attack="3 remote-writes of 1.5 MB, each with 15.9 million unknown fields",
    run=partial(beside_others, bodies=bodies, at_once=REQUESTS),
)
