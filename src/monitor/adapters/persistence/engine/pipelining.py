"""Statements of the intake's transaction that are sent to MySQL without waiting for their results.

A group of samples took four or five round trips, and after each the thread also waits for the interpreter's lock. The
results matter only when the transaction ends: if one statement failed, the transaction fails.

`pipelining_connection` does it. It is apart, so that a server on SQLite does not load PyMySQL.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection


class StatementResult(Protocol):
    affected_rows: int
    rows: tuple[tuple[Any, ...], ...] | None


Check = Callable[[Iterator[StatementResult]], None]


class Pipelining(ABC):
    """Connection to MySQL that pipelines statements."""

    @abstractmethod
    def send(self, statements: Sequence[str], check: Check) -> None:
        """Send *statements* in one message, now or with the next ones, without waiting for results.

        *check* reads the results before the transaction's next statement, or its end, is sent. That call raises what
        *check* raises, and the server's errors.
        """

    @abstractmethod
    def escape(self, text: str) -> str:
        """Return *text* as an SQL literal."""


def read_all(results: Iterator[StatementResult]) -> None:
    """Check only that the statements succeeded."""
    for _ in results:
        pass


def pipelining(connection: Connection) -> Pipelining | None:
    """Return the driver's connection, in a transaction; None unless it is the intake's connection to MySQL."""
    driver: object = connection.connection.dbapi_connection
    if not isinstance(driver, Pipelining):
        return None
    if not connection.in_transaction():
        connection.begin()
    return driver
