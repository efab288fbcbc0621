"""Statements of a transaction whose answers nobody waits for.

A group of samples took four or five trips to MySQL. Each wait for an answer also waits for the interpreter's lock
afterwards, and whoever waits does nothing else meanwhile. What such a statement has to say is of interest only when the
transaction ends: if it failed, all fails.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, cast

from sqlalchemy import Connection


class Answer(Protocol):
    affected_rows: int
    rows: tuple[tuple[Any, ...], ...] | None


Check = Callable[[Iterator[Answer]], None]


class Deferring(Protocol):
    """What a connection to MySQL can do besides; see `deferring_connection`."""

    def send(self, statements: Sequence[str], check: Check) -> None:
        """All at once, now or together with what follows, and without waiting for the answers. *check* reads them
        before the transaction's next statement, or its end, is sent: whoever sends that gets what *check* raises, and
        what the server found wrong."""

    def escape(self, text: str) -> str: ...


def read(answers: Iterator[Answer]) -> None:
    """For statements that say nothing but that they were done."""
    for _ in answers:
        pass


def deferring(connection: Connection) -> Deferring | None:
    """The driver's connection, in a transaction; None on SQLite, where there is nothing to wait for."""
    if connection.dialect.name == "sqlite":
        return None
    if not connection.in_transaction():
        connection.begin()
    return cast(Deferring, connection.connection.dbapi_connection)
