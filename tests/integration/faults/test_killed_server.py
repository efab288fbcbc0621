"""The server is killed again and again while agents report."""

import random
from pathlib import Path

import pytest

from tests.integration.cli.running import server
from tests.integration.faults.senders import sending

KILLS = 20
REQUESTS = 40_000


@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("mariadb", marks=pytest.mark.nightly)], indirect=True)
def test_no_sample_is_lost_or_stored_twice(tmp_path: Path, database_url: str):
    """Whenever it dies, each acknowledged sample is there once, and each other one at most once."""
    draw = random.Random(1)  # noqa: S311 (no secret): when to kill, the same at each run
    with server(tmp_path, database_url) as running, sending(running, requests=REQUESTS) as senders:
        for _ in range(KILLS):
            senders.wait_for_more(draw.randrange(1, 400))
            running.kill()
            running.start()
        assert senders.are_sending, "the senders ran out of requests before the last kill"
        senders.finish()
        senders.check(running)
    assert "Traceback" not in running.said
