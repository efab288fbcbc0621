"""A server that takes its backups by itself (docs/backup.md): a turn that was missed, and a directory without room."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import insert

from monitor.adapters.persistence.tables.operations import audit_log
from monitor.application.operations.backups import SCHEDULE, TAKEN
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, call, ready, wait_for
from tests.integration.persistence.backup.scene import changing

OLD = "monitor-2026-01-01-020000.backup"
NO_ROOM = "-f 100"
"""Of 512 bytes: no file grows beyond it, as on a full disk. The database is MariaDB's."""


def note_backup(url: str, filler: int = 0) -> None:
    """Store that the last backup was taken three days ago, and *filler* kilobytes that no program can pack."""
    old = {"at": datetime.now(UTC) - timedelta(days=3), "action": TAKEN, "target": OLD, "username": SCHEDULE}
    random = Random(1)  # noqa: S311 (no secret)
    other = [old | {"action": "x.y", "detail": random.randbytes(500).hex()} for _ in range(filler)]
    with changing(url) as connection:
        connection.execute(insert(audit_log), [old | {"detail": ""}, *other])


def taken(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("*.backup"))


def noted(admin: Client) -> list[tuple[str, str]]:
    """Return user and file of each backup in the audit log, the newest first."""
    return [(each["username"], each["target"]) for each in admin.get(f"/api/audit?action={TAKEN}").data]


def failures(running: Process) -> list[str]:
    """Return what the log says of backups that failed. Other jobs may fail on a busy machine."""
    return [line for line in running.said.splitlines() if "job fails" in line and "job='back up'" in line]


def test_a_turn_that_was_missed_is_made_up_for_at_the_start(tmp_path: Path):
    directory = tmp_path / "backups"
    directory.mkdir()
    (directory / OLD).touch()
    chosen = {"MONITOR_BACKUP_DIR": str(directory), "MONITOR_BACKUP_KEEP": "1"}
    with ready(tmp_path, "serve", **chosen) as running:
        note_backup(f"sqlite:///{running.data}/monitor.db")
        running.start()
        wait_for(lambda: taken(directory) and OLD not in taken(directory), "the backup, and the end of the old one")
        [name] = taken(directory)
        with running.admin() as admin:
            assert [(SCHEDULE, str(directory / name)), (SCHEDULE, OLD)] == noted(admin)
        assert [] == failures(running)
    assert [name] == [path.name for path in directory.iterdir()]
    assert 0o600 == (directory / name).stat().st_mode & 0o777
    there = {"MONITOR_DATA_DIR": str(tmp_path / "there")}
    restored = call(tmp_path, "restore", str(directory / name), settings=there)
    assert (0, "0 servers, 1 users, last sample none") == (restored.returncode, restored.stdout.splitlines()[-1])


@pytest.mark.nightly
@pytest.mark.parametrize("fault", ["no directory", "no room"])
def test_a_backup_that_fails_is_said_and_made_up_for_at_the_next_start(
    tmp_path: Path, ready_mariadb_url: str, fault: str
):
    directory = tmp_path / "backups"
    note_backup(ready_mariadb_url, filler=200)
    with ready(tmp_path, "serve", database_url=ready_mariadb_url, MONITOR_BACKUP_DIR=str(directory)) as running:
        if fault == "no room":
            running.descriptors = NO_ROOM
        else:
            directory.touch()
        running.start()
        wait_for(lambda: failures(running), lambda: running.said)
        [line] = failures(running)
        assert f"the backup failed: {directory}" in line
        assert ("File too large" if fault == "no room" else "File exists") in line
        with running.admin() as admin:
            assert [(SCHEDULE, OLD)] == noted(admin)
        assert [] == [*directory.glob("*")]
        running.stop()
        running.descriptors = ""
        if directory.is_file():
            directory.unlink()
        running.start()
        wait_for(lambda: taken(directory), "the backup")
        [name] = taken(directory)
        # It is noted after the file has its name.
        with running.admin() as admin:
            wait_for(lambda: (SCHEDULE, str(directory / name)) == noted(admin)[0], "the entry in the audit log")
