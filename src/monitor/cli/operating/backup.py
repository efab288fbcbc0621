"""`monitor backup` and `monitor restore`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click

from monitor.adapters.persistence.backup.backup_file import BackupReader, BackupRefused
from monitor.adapters.persistence.backup.taking import back_up, note
from monitor.adapters.system import SystemClock
from monitor.application.operations.backups import SCHEDULE, TAKEN
from monitor.cli.data_dir import check_keys, keep_keys, kept_keys
from monitor.cli.output import CommandFailed, Progress, database_of
from monitor.settings import load

_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_FILE
@click.option("--without-secrets", is_flag=True, help="Leave out the keys: what is encrypted stays unreadable.")
@click.option("--scheduled", is_flag=True, hidden=True)  # of a server: who takes it, in the audit log
def backup(file: Path, without_secrets: bool, scheduled: bool) -> None:
    """Write a backup of everything into FILE, while the server runs. What FILE held is replaced.

    The file is read back and compared before it appears. It holds all secrets, so keep it like them.
    """
    settings, now = load(), SystemClock().now()
    with _refusals(file), database_of(settings):
        keys = {} if without_secrets else kept_keys(settings)
        with _Phases() as progress:
            made = back_up(settings.database_url, file, keys, now=now, version=version("monitor"), progress=progress)
        detail = f"{made.rows} rows" + (", without secrets" if without_secrets else "")
        note(settings.database_url, now, TAKEN, str(file), detail, SCHEDULE if scheduled else "command line")
    if not without_secrets and len(keys) < 2:
        click.echo("the keys of the server are not here: keep MONITOR_SECRETS_KEY and JWT_SECRET_KEY too", err=True)
    click.echo(f"{file}: {made.rows:,} rows, {file.stat().st_size / 1e6:,.1f} MB, read back and equal")


@click.command()
@_FILE
def restore(file: Path) -> None:
    """Fill an empty database from the backup FILE: SQLite or MySQL, whichever the settings name.

    The schema is made, and brought up to date. If anything is wrong, nothing is changed.
    """
    from monitor.adapters.persistence.backup.restoring import restore as restored  # loads alembic

    settings, now = load(), SystemClock().now()
    with _refusals(file), database_of(settings), file.open("rb") as opened:
        reader = BackupReader(opened)
        check_keys(settings, reader.keys)
        with _Phases() as progress:
            content = restored(
                settings.database_url,
                reader,
                target=str(file),
                now=now,
                progress=progress,
                before_end=lambda: keep_keys(settings, reader.keys),
            )
    manifest = reader.manifest
    click.echo(f"restored what monitor {manifest.version} had on {manifest.taken_at} UTC")
    if manifest.keys is None:
        click.echo("the backup has no keys: without the ones of then, enter the secrets of channels anew", err=True)
    last = _time(content.last_sample, manifest.taken_at)
    click.echo(f"{content.servers:,} servers, {content.users:,} users, last sample {last}")


def _time(at: datetime | None, taken_at: str) -> str:
    """Return hours and minutes, after the day if the backup was taken on another one."""
    if at is None:
        return "none"
    return f"{at:%H:%M}" if taken_at.startswith(f"{at:%Y-%m-%d}") else f"{at:%Y-%m-%d %H:%M}"


@contextmanager
def _refusals(file: Path) -> Iterator[None]:
    """Raises CommandFailed."""
    try:
        yield
    except BackupRefused as refused:
        raise CommandFailed(str(refused)) from None
    except OSError as error:
        raise CommandFailed(f"{error.filename or file}: {error.strerror}") from None


class _Phases:
    """Shows what happens to the rows, one phase after the other."""

    def __init__(self) -> None:
        self._what, self._rows = "", 0
        self._shown: Progress | None = None

    def __enter__(self) -> "_Phases":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            self._end()

    def _end(self) -> None:
        if self._shown is not None:
            self._shown.end(self._rows)

    def __call__(self, what: str, share: float, rows: int) -> None:
        if what != self._what:
            self._end()
            self._what, self._shown = what, Progress(sys.stderr, f"rows {what}")
        self._rows = rows
        if self._shown is not None:
            self._shown.step(share, rows)
