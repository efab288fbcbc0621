"""`monitor backup` and `monitor restore`."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click

from monitor.adapters.persistence.backup.backup_file import BackupReader, BackupRefused
from monitor.adapters.persistence.backup.taking import Progress, back_up, note
from monitor.adapters.system import SystemClock
from monitor.application.operations.backups import LONGEST, SCHEDULE, TAKEN
from monitor.cli.chosen import chosen_settings
from monitor.cli.operating.keys import usable_keys
from monitor.cli.output import CommandFailed, database_of
from monitor.cli.output import Progress as Bar
from monitor.settings.kept_secrets import kept_keys

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_file
@click.option("--without-secrets", is_flag=True, help="Leave out the keys: what is encrypted stays unreadable.")
@click.option("--scheduled", is_flag=True, hidden=True)  # of a server that runs
def backup(file: Path, without_secrets: bool, scheduled: bool) -> None:
    """Write a backup of everything into FILE, while the server runs. Only another backup is replaced.

    The file is read back and compared before it appears. It holds all secrets, so keep it like them.
    """
    if scheduled:  # the server does not wait for it
        os.nice(10)
        signal.alarm(round(LONGEST.total_seconds()))
    progress = _nowhere if scheduled else _progress()  # the server reads no more than the last line
    settings, now = chosen_settings(), SystemClock().now()
    with one_line(file), database_of(settings):
        keys = {} if without_secrets else kept_keys(settings)
        made = back_up(settings.database_url, file, keys, now=now, version=version("monitor"), progress=progress)
        detail = f"{made.rows} rows" + (", without secrets" if without_secrets else "")
        note(settings.database_url, now, TAKEN, str(file), detail, SCHEDULE if scheduled else "command line")
    if not without_secrets and len(keys) < 2:
        click.echo("the keys of the server are not here: keep MONITOR_SECRETS_KEY and JWT_SECRET_KEY too", err=True)
    click.echo(f"{file}: {made.rows:,} rows, {file.stat().st_size / 1e6:,.1f} MB, read back and equal")


@click.command()
@_file
def restore(file: Path) -> None:
    """Fill an empty database from the backup FILE: SQLite or MySQL, whichever the settings name.

    The schema is made, and brought up to date. If anything is wrong, nothing is changed.
    """
    from monitor.adapters.persistence.backup import restoring  # loads alembic

    settings, now = chosen_settings(), SystemClock().now()
    with one_line(file), database_of(settings), file.open("rb") as opened:
        reader = BackupReader(opened)
        keep = usable_keys(settings, reader.header.keys)
        url = settings.database_url
        found = restoring.restore(url, reader, target=str(file), now=now, progress=_progress(), before_end=keep)
    taken_at = reader.header.taken_at
    click.echo(f"restored what monitor {reader.header.version} had on {taken_at} UTC")
    if not reader.header.keys:
        click.echo("the backup has no keys: without the ones of then, enter the secrets of channels anew", err=True)
    last = _time(found.last_sample, taken_at)
    click.echo(f"{found.servers:,} servers, {found.users:,} users, last sample {last}")


def _time(at: datetime | None, taken_at: str) -> str:
    """Return hours and minutes, after the day if the backup was taken on another one."""
    if at is None:
        return "none"
    return f"{at:%H:%M}" if taken_at.startswith(f"{at:%Y-%m-%d}") else f"{at:%Y-%m-%d %H:%M}"


@contextmanager
def one_line(file: Path) -> Iterator[None]:
    """Raises CommandFailed."""
    try:
        yield
    except BackupRefused as refused:
        raise CommandFailed(str(refused)) from None
    except OSError as error:
        raise CommandFailed(f"{error.filename or file}: {error.strerror}") from None


def _nowhere(_what: str, _done: int, _total: int) -> None: ...


def _progress() -> Progress:
    """Return a function that shows a bar for each thing that happens to the rows."""
    bars: dict[str, Bar] = {}

    def show(what: str, done: int, total: int) -> None:
        bar = bars.setdefault(what, Bar(sys.stderr, f"rows {what}"))
        if done == total:
            bar.end(done)
        else:
            bar.step(done / total, done)

    return show
