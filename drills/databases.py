"""A server on each kind of database, and direct access to its store for what would be slow over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.drill import Outcome, running_server
from monitor.adapters.persistence.store import SqlStore
from tests.integration.cli.running import Process
from tests.integration.mariadb import private_mariadb

SQLITE, MARIADB = "SQLite", "MariaDB"


def on_both(run: Callable[[str, Path], Outcome]) -> Callable[[Path], Outcome]:
    """Return a drill that runs on each database."""

    def both(place: Path) -> Outcome:
        outcomes = [run(database, place) for database in (SQLITE, MARIADB)]
        return Outcome(
            held=all(each.held for each in outcomes),
            **{
                name: "; ".join(filter(None, (getattr(each, name) for each in outcomes)))
                for name in ("seen", "size", "missed")
            },
        )

    return both


@contextmanager
def server_on(database: str, place: Path, **settings: str) -> Iterator[Process]:
    if database == SQLITE:
        with running_server(place, **settings) as server:
            yield server
    else:
        with (
            private_mariadb() as mariadb,
            running_server(place, mariadb.url(mariadb.create_database()), **settings) as server,
        ):
            yield server


@contextmanager
def store_of(server: Process) -> Iterator[SqlStore]:
    """Open the server's store. The server follows what is committed here."""
    url = server.settings["DATABASE_URL"] or f"sqlite:///{server.data / 'monitor.db'}"
    store = SqlStore(url, pool_size=3)
    try:
        yield store
    finally:
        store.close()
