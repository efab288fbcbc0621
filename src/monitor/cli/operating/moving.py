"""`monitor history move`: sealed hours and rollups into VictoriaMetrics, or back into the database."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click

from monitor.adapters.victoria.address import parsed_address
from monitor.application.history.archiving import ArchiveHistory, ReturnHistory
from monitor.cli.chosen import chosen_settings
from monitor.cli.core import opened
from monitor.cli.output import CommandFailed, Progress
from monitor.container import Container
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.history.rollups import ROLLUP_SPANS
from monitor.domain.preferences import Preferences
from monitor.settings import Settings, SettingsError, history_at
from monitor.settings.environment import Environment

_EVERYTHING = 2**31 - 1
_PAUSE = 0.2
"""Seconds between two looks whether the archive has settled."""


@click.command()
@click.option("--to", "target", required=True, metavar="URL", help='Address as in HISTORY_URL, or "database".')
def move(target: str) -> None:
    """Move the sealed history to another place: into VictoriaMetrics, or back with `--to database`.

    What is younger than the raw samples stays in the database. A server may run at the same time, and stopping this
    command at any point loses nothing: the next call goes on.
    """
    settings = chosen_settings()
    if target == "database":
        if settings.history is None:
            raise SettingsError("HISTORY_URL: required, to know where the history lies")
        with _opened(settings) as container:
            _bring_back(container)
        return
    try:
        address = history_at(Environment(os.environ), parsed_address(target))
    except ValueError as error:
        raise CommandFailed(f"--to: {error}") from None
    if settings.history not in (None, address):
        with _opened(settings) as container:
            _bring_back(container)
    with _opened(replace(settings, history=address)) as container:
        _move(container)
    if settings.history != address and address is not None:
        click.echo(
            f"now set HISTORY_URL to {address.shown} for every server: without it they can't read this", err=True
        )


@contextmanager
def _opened(settings: Settings) -> Iterator[Container]:
    """Raises CommandFailed."""
    with opened(settings) as container:
        try:
            yield container
        except HistoryUnavailable as error:
            raise CommandFailed(f"HISTORY_URL: {error}. What was moved is safe; call this again to go on") from None


def counts(container: Container, due: list[tuple[int, int]]) -> tuple[int, int]:
    """Return how many blocks are still to be moved, and how many lie in the archive."""
    with container.uow() as uow:
        found = [uow.blocks.count(width, before) for width, before in due]
    return sum(here for here, _ in found), sum(moved for _, moved in found)


def _move(container: Container) -> None:
    container.fleet.refresh()
    kept, archiving = container.fleet.directory.preferences, container.get(ArchiveHistory)
    due = archiving.due(kept)
    total, _ = counts(container, due)
    progress, moved = Progress(sys.stderr, "blocks"), 0
    # What was refused is offered once more under another name.
    for _ in range(2):
        moved += _pass(archiving, kept, progress, moved, total)
        left, there = counts(container, due)
        if not left:
            break
    progress.end(moved)
    click.echo(f"{moved:,} blocks moved and read back equal, {there:,} lie there now", err=True)
    if len(due) <= len(ROLLUP_SPANS):
        click.echo("some of the history stays: VictoriaMetrics would delete it too early (-retentionPeriod)", err=True)
    if left:
        raise CommandFailed(f"{left:,} blocks could not be moved, and stay in the database")


def _pass(archiving: ArchiveHistory, kept: Preferences, progress: Progress, before: int, total: int) -> int:
    moved = 0
    for step in archiving(kept, in_turn=False):
        moved += step.moved
        progress.step(min(1.0, (before + moved) / max(total, 1)), before + moved)
        if step.waits:
            time.sleep(_PAUSE)
    return moved


def _bring_back(container: Container) -> None:
    _, total = counts(container, [(width, _EVERYTHING) for width in (0, *ROLLUP_SPANS)])
    progress, returned, lost = Progress(sys.stderr, "blocks"), 0, 0
    for step in container.get(ReturnHistory)():
        returned, lost = returned + step.returned, lost + step.lost
        progress.step(min(1.0, (returned + lost) / max(total, 1)), returned)
    progress.end(returned)
    click.echo(f"{returned:,} blocks are in the database again", err=True)
    if lost:
        raise CommandFailed(f"{lost:,} blocks are not in VictoriaMetrics any more")
