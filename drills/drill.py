"""A drill: an attack on a server, and its outcome."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.cli.running import Process, server


class NotHere(Exception):
    """The drill cannot run on this machine, or by this account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """*held*: True if the server kept its promise. *size*: of the attack. *missed*: what was lost or came twice.

    *seen*: other figures. All in one line each.
    """

    held: bool
    seen: str
    size: str = ""
    missed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """*attack*: description in one line. *run*: takes an empty directory, and stops all that it starts."""

    attack: str
    run: Callable[[Path], Outcome]


@contextmanager
def running_server(place: Path, database_url: str = "", **settings: str) -> Iterator[Process]:
    """Run `monitor serve` with its data below *place*, until it answers. On SQLite unless *database_url* is given."""
    home = Path(tempfile.mkdtemp(dir=place))
    with server(home, database_url, **settings) as process:
        yield process
