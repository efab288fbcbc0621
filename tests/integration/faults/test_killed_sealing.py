"""Sealing is killed repeatedly while agents deliver a day of backlog."""

import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cli.running import run, server
from tests.integration.faults.senders import sending

pytestmark = pytest.mark.nightly

KILLS = int(os.environ.get("SEALING_KILLS", "4"))
REQUESTS = 10_000 * KILLS
SPACING = 15
DAYS_AGO = timedelta(days=60)
"""The server also seals them as soon as they arrive."""


def test_no_sample_is_lost_or_doubled(tmp_path: Path, database_url: str) -> None:
    """Agents send forwards and backwards, so that many samples arrive after their hour was sealed."""
    draw = random.Random(1)  # noqa: S311 (no secret: times of kills, equal in each run)
    steps = 0
    with (
        server(tmp_path, database_url) as running,
        sending(running, requests=REQUESTS, spacing=SPACING, since=DAYS_AGO) as senders,
    ):
        url = database_url or f"sqlite:///{running.data / 'monitor.db'}"
        for _ in range(KILLS):
            senders.wait_for_more(200)
            steps += killed_after(url, draw.randrange(1, 6))
        senders.finish()
        sealed = run(tmp_path, "history", "seal", "--before", "2100-01-01 00:00:00", settings={"DATABASE_URL": url})
        assert (0, "") == (sealed.returncode, sealed.stdout), sealed.stderr
        status = run(tmp_path, "history", "status", settings={"DATABASE_URL": url})
        senders.check(running)
    assert steps >= KILLS
    assert "Traceback" not in running.said + sealed.stderr
    assert count(status.stdout.splitlines()[2]) == senders.acknowledged  # every hour has ended long ago


def killed_after(url: str, steps: int) -> int:
    """Two at once, in addition to the server's."""
    with sealer(url) as one, sealer(url) as other:
        assert one.stdout is not None
        seen = [one.stdout.readline() for _ in range(steps)]
        one.kill()
        other.kill()
    return len([line for line in seen if line])


def sealer(url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.integration.faults.sealer", url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[3])


def count(line: str) -> int:
    """Return the number of samples of a tier in the status output."""
    return int(line[34:50].replace(",", "") or 0)
