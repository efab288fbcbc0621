"""What a command says when it can't do what it was asked: one line, without a secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from monitor.adapters.http.edge.messages import failure, problem, use_language
from monitor.domain.errors import InvalidInput, MonitorError, StorageUnavailable
from monitor.settings import Settings


class CommandFailed(Exception):
    """Its text is the one line; the exit code is 1."""


@contextmanager
def database_of(settings: Settings) -> Iterator[None]:
    """Says which database it was that did not work, and which variable chose it. Raises CommandFailed."""
    try:
        yield
    except StorageUnavailable as error:
        why = " ".join(str(error).split()) or "it does not answer"
        raise CommandFailed(
            f"{settings.database_variable}: can't use the database {shown(settings.database_url)}: {why}"
        ) from None


def shown(database_url: str) -> str:
    """A file's path, or host and database of a server, without the password."""
    parts = urlsplit(database_url)
    if parts.scheme == "sqlite":
        return database_url.removeprefix("sqlite:///")
    user, _, host = parts.netloc.rpartition("@")
    name = unquote(user.partition(":")[0])
    return f"{parts.path.strip('/')!r} at {host} as {name!r}"


def said(error: MonitorError) -> str:
    use_language("en")
    if isinstance(error, InvalidInput):
        return failure(error.reason, {name: problem(found) for name, found in error.problems.items()})
    return failure(error.reason)
