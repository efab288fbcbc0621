"""Migrations on a cluster: once, whichever nodes the processes that start at the same time use."""

import subprocess
import sys

import pytest

from monitor.adapters.persistence.engine import migrations
from tests.integration.cluster.conftest import Database

pytestmark = pytest.mark.nightly

ONE_UPGRADE = "import sys; from monitor.adapters.persistence.engine.migrations import upgrade; upgrade(sys.argv[1])"


def test_processes_may_upgrade_at_once_through_different_nodes(database: Database):
    """With GET_LOCK all but one ended with an error, that a table exists or does not."""
    command = [sys.executable, "-c", ONE_UPGRADE]
    running = [subprocess.Popen([*command, url]) for url in (*database.urls, *database.urls)]
    assert [0] * 6 == [process.wait(120) for process in running]
    for url in database.urls:
        migrations.check(url)
