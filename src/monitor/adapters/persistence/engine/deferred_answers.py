"""Statements of the intake's transaction that are sent to MySQL without waiting for their answers.

A group of samples took four or five round trips. After each the thread waits for the interpreter's lock as well. The
answers matter only when the transaction ends: if one statement failed, the transaction fails.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection


class Answer(Protocol):
    affected_rows: int
    rows: tuple[tuple[Any, ...], ...] | None


Check = Callable[[Iterator[Answer]], None]


class Deferring(ABC):
    """Connection to MySQL that pipelines statements; see `deferring_connection`."""

    @abstractmethod
    def send(self, statements: Sequence[str], check: Check) -> None:
        """Send *statements* in one message, now or with the next ones, and wait for no answer.

        *check* reads the answers before the transaction's next statement, or its end, is sent. That call raises what
        *check* raises, and the server's errors.
        """

    @abstractmethod
    def escape(self, text: str) -> str:
        """Return *text* as an SQL literal."""


def read(answers: Iterator[Answer]) -> None:
    """Check only that the statements succeeded."""
    for _ in answers:
        pass


def deferring(connection: Connection) -> Deferring | None:
    """The driver's connection, in a transaction. None if it does not pipeline: only the intake's does, on MySQL."""
    driver: object = connection.connection.dbapi_connection
    if not isinstance(driver, Deferring):
        return None
    if not connection.in_transaction():
        connection.begin()
    return driver
