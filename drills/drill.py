"""What a drill is: it hurts a server, and tells what was seen."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.cli.running import Process, server


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """*held*: whether the promise was kept. *seen*: the figures that show it, in one line."""

    held: bool
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """*attack*: what is done, in one line. *run* gets an empty directory; what it starts, it ends."""

    attack: str
    run: Callable[[Path], Outcome]


@contextmanager
def running_server(place: Path, database_url: str = "", **settings: str) -> Iterator[Process]:
    """`monitor serve` with its data below *place*, answering. On SQLite unless *database_url* says else."""
    home = Path(tempfile.mkdtemp(dir=place))
    with server(home, database_url, **settings) as process:
        yield process
