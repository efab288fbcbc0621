"""PyMySQL's connection with pipelining (see `pipelining`), and every use of PyMySQL's private parts.

`PRIVATE_PARTS` names them, a test looks for each, and `pyproject.toml` allows only the release that was tested.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT, COMMAND

from monitor.adapters.persistence.engine.errors import of_mysql
from monitor.adapters.persistence.engine.pipelining import Check, Pipelining, StatementResult, read_all

PRIVATE_PARTS = ("_execute_command", "_read_query_result", "_result", "_sock")
_LARGE = 16_000
"""Characters that are worth a message of their own: the server works on them while this process goes on."""
_Driver: Any = Connection  # the type stubs leave out the private parts


class PipeliningConnection(_Driver, Pipelining):  # type: ignore[misc]  # see above
    """At most one message is under way: servers, and proxies before them, see nothing unusual."""

    def __init__(self, *, client_flag: int = 0, **settings: Any) -> None:
        self._held: list[tuple[Sequence[str], Check]] = []
        self._size = 0
        self._under_way: list[tuple[Sequence[str], Check]] = []
        self._error: Exception | None = None
        super().__init__(client_flag=client_flag | CLIENT.MULTI_STATEMENTS, **settings)

    def send(self, statements: Sequence[str], check: Check) -> None:
        self._held.append((statements, check))
        self._size += sum(map(len, statements))
        if self._size > _LARGE:
            try:
                self._send()
            except Exception as error:  # raised in SQLAlchemy's next call, which handles broken connections
                self._error = error

    def commit(self) -> None:
        try:
            self._settle()
        except BaseException:
            # After a failed commit SQLAlchemy takes the transaction as ended, and the next user would continue it.
            with suppress(pymysql.err.Error):
                super().rollback()
            raise
        super().commit()

    def rollback(self) -> None:
        self._held, self._size = [], 0
        with suppress(Exception):  # the rollback undoes it
            self._settle()
        super().rollback()

    def _execute_command(self, command: int, sql: Any) -> None:
        """Called by PyMySQL for each message to the server."""
        self._settle()
        super()._execute_command(command, sql)

    def _settle(self) -> None:
        """Send what is held and read all results. Raises the first error."""
        if self._held:
            self._send()
        self._read()

    def _send(self) -> None:
        held, self._held, self._size = self._held, [], 0
        self._read()
        super()._execute_command(COMMAND.COM_QUERY, ";".join(each for statements, _ in held for each in statements))
        self._under_way = held

    def _read(self) -> None:
        under_way, error, self._under_way, self._error = self._under_way, self._error, [], None
        if error is not None:
            raise error
        results = self._results() if under_way else iter(())
        try:
            for statements, check in under_way:
                own = islice(results, len(statements))
                check(own)
                read_all(own)
        except Exception:
            with suppress(Exception):  # the first error is enough
                read_all(results)
            raise

    def _results(self) -> Iterator[StatementResult]:
        while True:
            try:
                self._read_query_result()
            except pymysql.err.IntegrityError as error:  # a check may handle it
                raise of_mysql(error) or error from error
            yield self._result
            if not self._result.has_next:
                return


def socket_of(connection: Any) -> Any:
    """Return the socket of a PyMySQL connection; None if it is closed, or if this release keeps it elsewhere."""
    return getattr(connection, "_sock", None)


def cut(connection: Any) -> None:
    """End a PyMySQL connection that another thread may be waiting on: it gets an error at once."""
    if (found := socket_of(connection)) is not None:
        with suppress(OSError):  # it has ended already
            # The plain socket's own: that of a TLS connection would change what the other thread is using.
            socket.socket.shutdown(found, socket.SHUT_RDWR)
