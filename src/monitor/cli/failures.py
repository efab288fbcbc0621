"""The one line that a failed command prints. It never contains a secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from monitor.adapters.http.edge.messages import failure, problem, use_language
from monitor.domain.errors import InvalidInput, MonitorError, StorageUnavailable
from monitor.settings import Settings


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
    return f"{parts.path.strip('/')!r} at {host} as {name!r}"


def sentence_of(error: MonitorError) -> str:
    """Return the English sentence that the API has for *error*."""
    use_language("en")
    if isinstance(error, InvalidInput):
        return failure(error.reason, {name: problem(found) for name, found in error.problems.items()})
    return failure(error.reason)
