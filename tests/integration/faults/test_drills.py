"""Small versions of `make drills`, so that they cannot rot unseen."""

from pathlib import Path

import pytest

from drills import disk_full, kills, smtp_dead_day
from drills.databases import MARIADB, SQLITE
from drills.drill import NotHere


@pytest.mark.nightly
def test_kills(tmp_path: Path):
    outcome = kills.run(SQLITE, tmp_path, kills=2, hosts=6)
    assert outcome.held, outcome
    assert "2 kills on SQLite, 6 hosts" == outcome.size


@pytest.mark.parametrize("database", [SQLITE, pytest.param(MARIADB, marks=pytest.mark.nightly)])
def test_a_full_disk(database: str, tmp_path: Path):
    try:
        outcome = disk_full.run(database, tmp_path, times=1, full=1.0)
    except NotHere as reason:  # only root can mount a small disk
        pytest.skip(str(reason))
    assert outcome.held, outcome


@pytest.mark.nightly
def test_a_dead_mail_server(tmp_path: Path):
    outcome = smtp_dead_day.run(tmp_path, hours=2, hangs=0)
    assert outcome.held, outcome
