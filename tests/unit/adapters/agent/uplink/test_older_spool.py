"""A spool of an agent of 26 November 2026: a newer agent must continue with it."""

import shutil
from pathlib import Path

from monitor.adapters.agent.uplink.spool import Spool

OLDER = Path(__file__).parent / "spools" / "agent.spool"
"""Five samples, the first two acknowledged, the fourth damaged, and half of a sixth."""


def test_the_samples_of_an_older_spool_are_sent_by_a_newer_agent(tmp_path):
    path = tmp_path / "agent.spool"
    shutil.copyfile(OLDER, path)
    logged: list[str] = []
    spool = Spool(str(path), logged.append)
    third, _, fifth = (line.partition(b" S ")[2] for line in OLDER.read_bytes().splitlines()[2:5])
    assert spool.oldest(10, 10**6).records == (third, fifth)
    assert logged == [f"{path}: 2 damaged lines are set aside in {path}.rejected"]

    spool.append(b"{}")
    spool.acknowledge(spool.oldest(1, 10**6))
    spool.close()
    spool = Spool(str(path), logged.append)
    assert spool.oldest(10, 10**6).records == (fifth, b"{}")
    assert len(logged) == 1
    spool.close()
