"""The server is killed again and again while agents report."""

import random
from pathlib import Path

import pytest

from tests.integration.cli.running import server
from tests.integration.faults.senders import sending

REQUESTS = 40_000
OFTEN = 20


@pytest.mark.parametrize(
    ("database_url", "kills"),
    [("sqlite", 5), *(pytest.param(kind, OFTEN, marks=pytest.mark.nightly) for kind in ("sqlite", "mariadb"))],
    indirect=["database_url"],
)
def test_no_sample_is_lost_or_stored_twice(tmp_path: Path, database_url: str, kills: int):
    """Whenever it dies, each acknowledged sample is there once, and each other one at most once."""
    draw = random.Random(1)  # noqa: S311 (no secret): when to kill, the same at each run
    with server(tmp_path, database_url) as running, sending(running, requests=REQUESTS) as senders:
        for _ in range(kills):
            senders.wait_for_more(draw.randrange(1, 400))
            running.kill()
            running.start()
        assert senders.are_sending, "the senders ran out of requests before the last kill"
        senders.finish()
        senders.check(running)
    assert "Traceback" not in running.said
