"""What commands print: progress, and one line for a failure, which never contains a secret."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO
from urllib.parse import parse_qs, unquote, urlsplit

from monitor.adapters.http.edge.words.messages import failure, problem, use_language
from monitor.domain.errors import InvalidInput, MonitorError, StorageUnavailable
from monitor.settings import Settings

PART_OF_RESTORE = "a restore into this database has not ended: run `monitor restore` again"


class CommandFailed(Exception):
    """A failure that ends the command with exit code 1. Its text is the line to print."""


@contextmanager
def database_of(settings: Settings) -> Iterator[None]:
    """Turn StorageUnavailable into a CommandFailed that names the database and the variable that chose it."""
    try:
        yield
    except StorageUnavailable as error:
        why = " ".join(str(error).split()) or "it does not answer"
        raise CommandFailed(
            f"{settings.database_variable}: can't use the database {_shown(settings.database_url)}: {why}"
        ) from None


def _shown(database_url: str) -> str:
    """Return the path of an SQLite file, or host, name and user of a server's database, without the password."""
    parts = urlsplit(database_url)
    if parts.scheme == "sqlite":
        return database_url.removeprefix("sqlite:///")
    user, _, host = parts.netloc.rpartition("@")
    name = unquote(user.partition(":")[0])
    host = host or ", ".join(parse_qs(parts.query)["host"])
    return f"{parts.path.strip('/')!r} at {host} as {name!r}"


def shown_address(settings: Settings) -> str:
    """Return where people find this server."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.base_url or f"http://{host}:{settings.port}"


def sentence_of(error: MonitorError) -> str:
    """Return the English sentence that the API has for *error*."""
    use_language("en")
    if isinstance(error, InvalidInput):
        return failure(error.reason, {name: problem(found) for name, found in error.problems.items()})
    return failure(error.reason)


_ON_TERMINAL = 0.2
_ELSEWHERE = 10.0
"""Seconds between lines."""


@dataclass(slots=True)
class Progress:
    """*what*: the name of the counted things, such as "samples"."""

    out: TextIO
    what: str
    started: float = field(default_factory=time.monotonic)
    _next: float = 0.0
    _width: int = 0

    def step(self, share: float, done: int) -> None:
        """Show that a *share* of the work, 0 to 1, is done: *done* things."""
        now = time.monotonic()
        if now < self._next:
            return
        is_terminal = self.out.isatty()
        self._next = now + (_ON_TERMINAL if is_terminal else _ELSEWHERE)
        line = status(share, done, self.what, now - self.started)
        if is_terminal:
            line = f"[{'#' * round(20 * share):.<20}] {line}"
            self.out.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self.out.write(line + "\n")
        self.out.flush()

    def end(self, done: int) -> None:
        seconds = time.monotonic() - self.started
        line = f"{done:,} {self.what} in {span(seconds)} ({done / max(seconds, 0.001):,.0f}/s)"
        self.out.write(("\r" if self._width else "") + line.ljust(self._width) + "\n")
        self.out.flush()


def status(share: float, done: int, what: str, seconds: float) -> str:
    """Return the line after *seconds* of work, with the rate and the time that is left."""
    left = seconds * (1 - share) / share if share > 0 else 0.0
    return f"{100 * share:5.1f} %  {done:,} {what}  {done / max(seconds, 0.001):,.0f}/s  {span(left)} left"


def span(seconds: float) -> str:
    """Return text such as "1 h 20 min", "3 min 20 s" or "7 s"."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
