"""What `monitor db upgrade` says and does before it changes anything, and its progress."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import disk_usage

import click

from monitor.adapters.persistence.backup.backup_file import BackupRefused
from monitor.adapters.persistence.backup.before_upgrade import alone_in, client, copy_before
from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_plans import Half, Migration, described
from monitor.adapters.persistence.engine.schema_state import Progress
from monitor.adapters.persistence.engine.upgrade_estimates import COPY_SECONDS, estimate
from monitor.cli.operating.backup import one_line
from monitor.cli.output import Progress as Bar
from monitor.cli.output import span
from monitor.settings import Settings


@contextmanager
def prepared(settings: Settings, half: str | None, revision: str, *, backs_up: bool) -> Iterator[Progress | None]:
    """Say what an upgrade takes, refuse it without room, and back up. Yield what to call as it goes on.

    An empty database, and one that is up to date, need none of it. Raises CommandFailed, MigrationRefused,
    StorageUnavailable.
    """
    url = settings.database_url
    if not migrations.present_revision(url) or not migrations.steps(url):
        yield None
        return
    is_file = url.startswith("sqlite:///")
    directory = settings.backup_dir or (Path(url.removeprefix("sqlite:///")).parent if is_file else settings.data_dir)
    begun = time.monotonic()
    with one_line(directory), alone_in(directory):
        if steps := migrations.steps(url, half, revision):  # another may have been faster
            can_copy = is_file or client() is not None
            if half == "beside":  # no start fails for want of a program, or takes long for a small change
                backs_up = any(each.half is Half.CONTRACT or each.heavy() for each in steps)
                if backs_up and not can_copy:
                    _say("no backup is made, since there is no mariadb-dump here")
                    backs_up = False
            elif backs_up and not can_copy:
                raise BackupRefused(
                    "no backup can be made, since there is no mariadb-dump here: install it, or give --no-backup"
                )
            _prepare(url, steps, directory if backs_up else None)
        yield _Steps()
    _say(f"it took {span(time.monotonic() - begun)}")


def _prepare(url: str, steps: Sequence[Migration], directory: Path | None) -> None:
    """*directory*: of the backup, if there is to be one. Raises BackupRefused, StorageUnavailable, OSError."""
    found = estimate(create_migration_engine(url), steps)
    if found.is_begun:  # what is there is no whole schema, and was backed up before
        directory = None
    seconds = span(max(1, found.seconds + (COPY_SECONDS * found.size if directory else 0)))
    ends = f"{found.revision or 'base'} to {steps[-1].revision}"
    _say(f"schema {ends}, steps: {len(steps)}, about {seconds}; waiting meanwhile: {found.waits}")
    needed: dict[int, tuple[Path, int]] = {}
    for place, size in ((found.directory, found.room), (directory, found.size)):
        if place:
            disk = place.stat().st_dev
            needed[disk] = (place, size + (needed[disk][1] if disk in needed else 0))
    for place, size in needed.values():
        room = f"{size / 1e6:,.0f} MB are needed in {place}, and {disk_usage(place).free / 1e6:,.0f} MB are free"
        if disk_usage(place).free < size:
            raise BackupRefused(f"no room for the upgrade, so nothing was changed: {room}")
        _say(room)
    if not found.directory:
        _say(f"{found.room / 1e6:,.0f} MB are needed on the database server's disk, whose room is not known here")
    if directory:
        bar = Bar(sys.stderr, "MB copied")

        def copied(done: int) -> None:
            bar.step(done / max(found.size, done, 1), done // 10**6)  # the size is an estimate

        path = copy_before(url, directory, found.revision, datetime.now(UTC), copied)
        bar.end(path.stat().st_size // 10**6)
        _say(f"backed up into {path}")


class _Steps:
    """Shows a line for each step with its time, and a bar for one that takes long."""

    def __init__(self) -> None:
        self._titles = {step.revision: step.title for step in described()}
        self._begun = time.monotonic()
        self._bar: Bar | None = None

    def __call__(self, revision: str, done: int, total: int) -> None:
        if done < total:
            self._bar = self._bar or Bar(sys.stderr, f"of {total} servers")
            self._bar.step(done / total, done)
            return
        if self._bar and sys.stderr.isatty():
            click.echo(err=True)
        now, self._bar = time.monotonic(), None
        click.echo(f"{revision}  {now - self._begun:6.1f} s  {self._titles[revision]}", err=True)
        self._begun = now


def _say(text: str) -> None:
    click.echo(f"monitor: {text}", err=True)
